//! One action on many cases.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::patch::decided;
#[cfg(feature = "schema")]
use super::patch::decided_schema;
use super::{CaseRef, Operation, Staff};
use crate::desk::{Call, Context};
use crate::error::{Error, ErrorKind, Result, WireError};
use crate::model::{AgentId, CaseId, Kind, Version, What};
use crate::port::Access;
use crate::rules::edit::{Edit, refuse_unread};

/// The most cases of one call, and how many are committed together.
const MAX_CASES: usize = 10_000;
const CHUNK: usize = 100;

/// Does one thing to up to 10,000 cases. What fails for one does not stop the others: every case has
/// a result of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BulkCases {
    /// The cases. One that is named twice in the same way is done once, and has two results.
    pub cases: Vec<CaseRef>,
    /// What to do.
    pub action: BulkAction,
}

/// What to do to many cases.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    tag = "type",
    rename_all = "snake_case",
    deny_unknown_fields,
    expecting = "an object with `type`"
)]
pub enum BulkAction {
    /// Assign them.
    Assign {
        /// To whom; null for nobody.
        #[serde(deserialize_with = "decided")]
        #[cfg_attr(feature = "schema", schemars(schema_with = "decided_schema::<AgentId>"))]
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
        /// wrote or called since.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        seen: BTreeMap<CaseId, Version>,
    },
    /// Flag them, or take the flag away.
    Flag {
        /// Whether they are flagged from now on.
        flagged: bool,
    },
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

    /// One chunk, in one commit.
    async fn run(&self, cx: &mut Context) -> Result<Vec<BulkResult>> {
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
        let mut done = BTreeSet::new();
        for reference in &self.cases {
            let known = match reference {
                CaseRef::Number(number) => numbered.get(number).map(CaseRef::from),
                CaseRef::Id(_) => None,
            };
            let known = known.unwrap_or(*reference);
            let outcome = self.action.apply(cx, known, &mut done).await;
            let error = match outcome {
                Ok(()) => None,
                // The store is away: that is no result for a case, the chunk has to be tried again.
                Err(error) if error.is_retryable() => return Err(error),
                Err(error) => Some(error.to_wire()),
            };
            let case = *reference;
            results.push(BulkResult { case, error });
        }
        Ok(results)
    }

    /// Chunk by chunk; where others keep getting in the way of a chunk, case by case.
    async fn perform(&self, call: &Call) -> Result<Vec<BulkResult>> {
        if self.cases.len() > MAX_CASES {
            return Err(Error::new(
                ErrorKind::Limit,
                format!("at most {MAX_CASES} cases in one call, not {}", self.cases.len()),
            ));
        }
        let distinct: BTreeSet<CaseRef> = self.cases.iter().copied().collect();
        let distinct: Vec<CaseRef> = distinct.into_iter().collect();
        let mut results = BTreeMap::new();
        for chunk in distinct.chunks(CHUNK) {
            let done = match call.atomically(&self.only(chunk)).await {
                Ok(done) => done,
                Err(error) if error.kind() == ErrorKind::Denied => return Err(error),
                Err(_) => {
                    let mut done = Vec::with_capacity(chunk.len());
                    for case in chunk {
                        done.push(self.one(call, *case).await);
                    }
                    done
                }
            };
            results.extend(done.into_iter().map(|result| (result.case, result)));
        }
        let asked = self.cases.iter();
        Ok(asked.filter_map(|case| results.get(case).cloned()).collect())
    }
}

impl BulkCases {
    fn only(&self, cases: &[CaseRef]) -> Self {
        Self {
            cases: cases.to_vec(),
            action: self.action.clone(),
        }
    }

    async fn one(&self, call: &Call, case: CaseRef) -> BulkResult {
        let done = call.atomically(&self.only(&[case])).await;
        match done.map(|mut results| results.pop()) {
            Ok(Some(result)) => result,
            Ok(None) => BulkResult { case, error: None },
            Err(error) => BulkResult {
                case,
                error: Some(error.to_wire()),
            },
        }
    }
}

impl BulkAction {
    async fn apply(
        &self,
        cx: &mut Context,
        reference: CaseRef,
        done: &mut BTreeSet<CaseId>,
    ) -> Result<()> {
        let mut case = cx.case(reference).await?;
        if !done.insert(case.id) {
            return Ok(());
        }
        match self {
            Self::Assign { to } => cx.assign(&mut case, *to).await,
            Self::Tag { add, remove } => cx.tag(&mut case, add, remove),
            Self::Close { reason, seen } => {
                refuse_unread(&case, seen.get(&case.id).copied())?;
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
