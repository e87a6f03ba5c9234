//! Relations between cases: linked, parent and child, duplicate of, follow-up of.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{CaseRef, Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{
    Case, CaseId, CaseName, FieldChange, Happening, Kind, Relation, RelationId, RelationKind,
    Stored, Unique, Version, What,
};
use crate::port::Access;
use crate::query::{Filter, Query};

/// How many generations of parents a case can have.
const GENERATIONS: usize = 64;
/// How many relations one case can have for it to get more by a link or a merge. Follow-ups and splits are
/// not counted: no message of a customer is refused for it.
pub(crate) const MAX_RELATIONS: usize = 1_000;
/// How many relations of one case are read together.
const MAX_READ: usize = 200_000;

/// Relates two cases: "`case` is `relation` `to`".
///
/// # Errors
/// `Invalid` for a case and itself and for parents in a circle; `Taken` if they are related so
/// already, or if the case has another parent.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LinkCases {
    /// One case.
    pub case: CaseRef,
    /// The other case.
    pub to: CaseRef,
    /// What the one is to the other.
    #[serde(default = "linked")]
    pub relation: RelationKind,
    /// Which of the two the customer of the other may see.
    #[serde(default)]
    pub shown: BTreeSet<Shown>,
}

fn linked() -> RelationKind {
    RelationKind::Linked
}

/// Which of two related cases the customer of the other may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// `case` is shown to the customer of `to`.
    Case,
    /// `to` is shown to the customer of `case`.
    To,
}

impl Operation for LinkCases {
    const NAME: &'static str = "link_cases";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Relation;

    async fn run(&self, cx: &mut Context) -> Result<Relation> {
        let mut from = cx.case(self.case).await?;
        let mut to = cx.case(self.to).await?;
        if from.id == to.id {
            return Err(Error::invalid(format!(
                "{} cannot be related to itself",
                from.name()
            )));
        }
        for case in [&from, &to] {
            let count = cx.relations_of(case.id).await?.len();
            check_count(case, count + 1)?;
        }
        if self.relation == RelationKind::ChildOf {
            cx.refuse_circle(&from, &to).await?;
        }
        let shown = self.shown.iter().map(|shown| match shown {
            Shown::Case => from.id,
            Shown::To => to.id,
        });
        let mut relation = Relation {
            id: cx.new_id(),
            workspace: cx.workspace_id(),
            version: Version(0),
            case: from.id,
            to: to.id,
            relation: self.relation,
            shown: shown.collect(),
            created_at: cx.now(),
        };
        cx.put(&mut relation);
        cx.link_happened(&mut from, &to, &relation);
        cx.link_happened(&mut to, &from, &relation);
        Ok(relation)
    }
}

/// Refuses more relations than a case can have.
pub(crate) fn check_count(case: &Case, count: usize) -> Result<()> {
    if count <= MAX_RELATIONS {
        return Ok(());
    }
    Err(Error::new(
        crate::ErrorKind::Limit,
        format!(
            "{} would have more than {MAX_RELATIONS} relations",
            case.name()
        ),
    ))
}

impl Context {
    /// Refuses `parent` if `child` is among its ancestors. Every case on the way is guarded, so that
    /// two such relations made at once cannot close a circle.
    pub(crate) async fn refuse_circle(&mut self, child: &Case, parent: &Case) -> Result<()> {
        let mut above = parent.clone();
        for _ in 0..GENERATIONS {
            self.check(&above);
            let key: Unique = Relation::parent_key(above.id);
            let Some(relation) = self.by_unique::<Relation>(key).await? else {
                return Ok(());
            };
            if relation.to == child.id {
                return Err(Error::invalid(format!(
                    "{} is already above {}: parents cannot form a circle",
                    child.name(),
                    parent.name()
                )));
            }
            above = self.get(relation.to).await?;
        }
        Err(Error::new(
            crate::ErrorKind::Limit,
            format!("cases have at most {GENERATIONS} generations of parents"),
        ))
    }

    /// Stages in the thread of `case` that it was related to `other`.
    pub(crate) fn link_happened(&mut self, case: &mut Case, other: &Case, relation: &Relation) {
        let happening = Happening::Linked {
            other: CaseName::from(other),
            relation: relation.relation.name().to_owned(),
        };
        let changes = vec![FieldChange::new("relations", (), relation)];
        self.happened(case, What::Linked, happening, changes);
    }

    /// All relations of a case.
    pub(crate) async fn relations_of(&mut self, case: CaseId) -> Result<Vec<Relation>> {
        let query =
            Query::all(self.workspace_id(), Kind::Relation).filter(Filter::equal("cases", case));
        self.find_all(query, MAX_READ).await
    }
}

/// Changes which of two related cases the customer of the other may see.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ShowLinked {
    /// The relation.
    pub relation: RelationId,
    /// Which of the two cases are shown to the customer of the other.
    pub shown: BTreeSet<CaseId>,
}

impl Operation for ShowLinked {
    const NAME: &'static str = "show_linked";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Relation;

    async fn run(&self, cx: &mut Context) -> Result<Relation> {
        let (mut relation, _, _) = cx.known_relation(self.relation).await?;
        let ends = BTreeSet::from([relation.case, relation.to]);
        if let Some(stranger) = self.shown.difference(&ends).next() {
            return Err(Error::invalid(format!(
                "case `{stranger}` is not part of this relation"
            )));
        }
        if relation.shown != self.shown {
            let change = FieldChange::new("shown", &relation.shown, &self.shown);
            relation.shown.clone_from(&self.shown);
            cx.put(&mut relation);
            // The audit of each of the two tells it: that of the one that is shown above all.
            for case in ends {
                let changes = vec![change.clone()];
                cx.event(What::Changed, Some(case), relation.key(), changes);
            }
        }
        Ok(relation)
    }
}

/// Removes the relation of two cases.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UnlinkCases {
    /// The relation.
    pub relation: RelationId,
}

impl Operation for UnlinkCases {
    const NAME: &'static str = "unlink_cases";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = ();

    async fn run(&self, cx: &mut Context) -> Result<()> {
        let (relation, mut from, mut to) = cx.known_relation(self.relation).await?;
        cx.delete(relation.key());
        let changes = || vec![FieldChange::new("relations", &relation, ())];
        let other = CaseName::from(&to);
        cx.happened(
            &mut from,
            What::Unlinked,
            Happening::Unlinked { other },
            changes(),
        );
        let other = CaseName::from(&from);
        cx.happened(
            &mut to,
            What::Unlinked,
            Happening::Unlinked { other },
            changes(),
        );
        Ok(())
    }
}

/// Lists the cases that a case is related to, of those that the policy lets one see.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RelatedCases {
    /// The case.
    pub case: CaseRef,
}

/// A relation with the case at its other end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RelatedCase {
    /// The relation.
    pub relation: Relation,
    /// The case at the other end.
    pub other: Case,
}

impl Operation for RelatedCases {
    const NAME: &'static str = "related_cases";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = Vec<RelatedCase>;

    async fn run(&self, cx: &mut Context) -> Result<Vec<RelatedCase>> {
        let case = cx.case(self.case).await?;
        let relations = cx.relations_of(case.id).await?;
        let others = relations.iter().map(|relation| relation.other(case.id));
        let others = cx.allowed_cases(others).await?;
        let pairs = relations.into_iter().zip(others);
        Ok(pairs
            .filter_map(|(relation, other)| {
                let other = Arc::unwrap_or_clone(other?);
                Some(RelatedCase { relation, other })
            })
            .collect())
    }
}
