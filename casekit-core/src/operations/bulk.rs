//! One action on many cases.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::patch::decided;
#[cfg(feature = "schema")]
use super::patch::decided_schema;
use super::{CaseRef, Operation, Staff};
use crate::desk::{Call, Context, Run};
use crate::error::{Error, ErrorKind, Result, WireError};
use crate::model::{AgentId, Case, CaseId, Kind, Version, What};
use crate::port::Access;
use crate::rules::edit::{Edit, refuse_unread};
use crate::send::BoxFuture;

/// The most cases of one call, and how many are committed together.
const MAX_CASES: usize = 10_000;
const CHUNK: usize = 100;

/// Does one thing to up to 10,000 cases. What fails for one does not stop the others: every case has
/// a result of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BulkCases {
    /// The cases. One that is named twice is done once, and has two results.
    pub cases: Vec<CaseRef>,
    /// What to do.
    pub action: BulkAction,
}

tagged! {
    /// What to do to many cases.
    #[derive(Debug, Clone, Serialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields, expecting = "an object with `type`")]
    pub enum BulkAction as "BulkAction" {
        /// Assign them.
        Assign {
            /// To whom; null for nobody.
            #[serde(deserialize_with = "decided")]
            #[cfg_attr(
                feature = "schema",
                schemars(schema_with = "decided_schema::<AgentId>")
            )]
            to: Option<AgentId>,
        },
        /// Add and remove tags.
        Tag {
            /// Tags to add.
            #[serde(default)]
            add: BTreeSet<String>,
            /// Tags to remove.
            #[serde(default)]
            remove: BTreeSet<String>,
        },
        /// Close them. One that is closed already is a conflict.
        Close {
            /// Why, for staff only.
            #[serde(default)]
            reason: String,
            /// The versions that were seen, by the ids of the cases: a case is left open if its customer
            /// wrote or called since, or if it was merged into another.
            #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
            seen: BTreeMap<CaseId, Version>,
        },
        /// Flag them, or take the flag away.
        Flag {
            /// Whether they are flagged from now on.
            flagged: bool,
        },
    }
}

/// What became of one case of a bulk call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BulkResult {
    /// The case, as it was named.
    pub case: CaseRef,
    /// Why it was not done; null if it was.
    pub error: Option<WireError>,
}

impl Operation for BulkCases {
    const NAME: &'static str = "bulk_cases";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Vec<BulkResult>;

    /// All at once.
    async fn run(&self, cx: &mut Context) -> Result<Vec<BulkResult>> {
        let whole = self.chunk(&self.cases, BTreeMap::new());
        Ok(whole.run(cx).await?.results)
    }

    fn perform<'a>(run: &'a mut Run<Self>, call: &'a Call) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let results = run.operation().by_chunks(call).await?;
            run.answer(results);
            Ok(())
        })
    }
}

impl BulkCases {
    /// Chunk by chunk; where others keep getting in the way of a chunk, case by case. Once the store is away,
    /// the rest is left for another call.
    async fn by_chunks(&self, call: &Call) -> Result<Vec<BulkResult>> {
        if self.cases.len() > MAX_CASES {
            return Err(Error::new(
                ErrorKind::Limit,
                format!(
                    "at most {MAX_CASES} cases in one call, not {}",
                    self.cases.len()
                ),
            ));
        }
        let distinct: BTreeSet<CaseRef> = self.cases.iter().copied().collect();
        let distinct: Vec<CaseRef> = distinct.into_iter().collect();
        let mut waiting: Vec<&[CaseRef]> = distinct.chunks(CHUNK).rev().collect();
        let mut results = BTreeMap::new();
        let mut done = BTreeMap::new();
        let mut away = None;
        while let Some(cases) = waiting.pop() {
            let mut chunk = Run::of(self.chunk(cases, done.clone()));
            let committed = call.atomically(&mut chunk).await;
            match committed.and_then(|()| chunk.answered()) {
                Ok(chunk) => {
                    results.extend(
                        chunk
                            .results
                            .into_iter()
                            .map(|result| (result.case, result.error)),
                    );
                    done = chunk.done;
                }
                Err(error)
                    if error.kind() == ErrorKind::Denied
                        || results.is_empty() && error.is_away() =>
                {
                    return Err(error);
                }
                Err(error) if error.is_away() => {
                    away = Some(error.to_wire());
                    break;
                }
                Err(error) => match cases {
                    [case] => drop(results.insert(*case, Some(error.to_wire()))),
                    _ => waiting.extend(cases.chunks(1).rev()),
                },
            }
        }
        let result = |case: &CaseRef| BulkResult {
            case: *case,
            error: results.get(case).cloned().unwrap_or_else(|| away.clone()),
        };
        Ok(self.cases.iter().map(result).collect())
    }

    fn chunk(&self, cases: &[CaseRef], done: Outcomes) -> Chunk {
        Chunk {
            cases: cases.to_vec(),
            action: self.action.clone(),
            done,
        }
    }
}

/// What became of each case: why it was not done, or none if it was.
type Outcomes = BTreeMap<CaseId, Option<WireError>>;

/// The cases of a bulk call that are committed together.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct Chunk {
    cases: Vec<CaseRef>,
    action: BulkAction,
    /// What became of the cases of earlier chunks: one that was merged goes by several names.
    done: Outcomes,
}

/// What became of the cases of a chunk, and of those before.
#[derive(Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
struct DoneChunk {
    results: Vec<BulkResult>,
    done: Outcomes,
}

impl Operation for Chunk {
    const NAME: &'static str = BulkCases::NAME;
    const ACCESS: Access = BulkCases::ACCESS;
    type For = Staff;
    type Output = DoneChunk;

    async fn run(&self, cx: &mut Context) -> Result<DoneChunk> {
        let (mut ids, mut numbers) = (Vec::new(), Vec::new());
        for case in &self.cases {
            match case {
                CaseRef::Id(id) => ids.push(cx.key(Kind::Case, id.0)),
                CaseRef::Number(number) => numbers.push(*number),
            }
        }
        // In one round trip each; the loop below finds them loaded.
        cx.load(&ids).await?;
        let numbered = cx.cases_by_number(&numbers).await?;
        let mut results = Vec::with_capacity(self.cases.len());
        let mut done = self.done.clone();
        for reference in &self.cases {
            let id = match reference {
                CaseRef::Number(number) => numbered.get(number).map(|case| case.id),
                CaseRef::Id(id) => Some(*id),
            };
            let seen = id.and_then(|id| self.action.seen(id));
            let known = id.map_or(*reference, CaseRef::Id);
            let error = match cx.case_as_seen(known, seen).await {
                Ok(case) => match done.get(&case.id) {
                    Some(outcome) => outcome.clone(),
                    None => {
                        let id = case.id;
                        let outcome = outcome(self.action.apply(cx, case).await)?;
                        done.insert(id, outcome.clone());
                        outcome
                    }
                },
                Err(error) => outcome(Err(error))?,
            };
            let case = *reference;
            results.push(BulkResult { case, error });
        }
        Ok(DoneChunk { results, done })
    }
}

/// What becomes of a case. That the store is away is no result for a case: the chunk has to be tried again.
fn outcome(done: Result<()>) -> Result<Option<WireError>> {
    match done {
        Ok(()) => Ok(None),
        Err(error) if error.is_retryable() => Err(error),
        Err(error) => Ok(Some(error.to_wire())),
    }
}

impl BulkAction {
    /// The version of a case that was seen.
    fn seen(&self, case: CaseId) -> Option<Version> {
        match self {
            Self::Close { seen, .. } => seen.get(&case).copied(),
            Self::Assign { .. } | Self::Tag { .. } | Self::Flag { .. } => None,
        }
    }

    async fn apply(&self, cx: &mut Context, mut case: Case) -> Result<()> {
        match self {
            Self::Assign { to } => cx.assign(&mut case, *to).await,
            Self::Tag { add, remove } => cx.tag(&mut case, add, remove),
            Self::Close { reason, .. } => {
                refuse_unread(&case, self.seen(case.id))?;
                cx.close_case(&mut case, reason)
            }
            Self::Flag { flagged } => {
                let mut edit = Edit::new(case.version, case.version, &mut case.edited)?;
                edit.set("flagged", &mut case.flagged, Some(flagged))?;
                let changes = edit.finish();
                if !changes.is_empty() {
                    cx.changed(&mut case, What::Changed, changes);
                }
                Ok(())
            }
        }
    }
}
