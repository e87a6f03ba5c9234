//! Relations between two cases.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Kind;
use super::ids::{CaseId, RelationId, WorkspaceId};
use super::record::{Field, Stored, Taken, Unique, Version};
use super::time::Time;
use super::value::Holds;

/// A relation between two cases, read "`case` is … `to`".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Relation {
    /// The id.
    pub id: RelationId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How often it was written.
    pub version: Version,
    /// One case.
    pub case: CaseId,
    /// The other case.
    pub to: CaseId,
    /// What the one is to the other.
    pub relation: RelationKind,
    /// Which of the two cases the customer of the other may see.
    pub shown: BTreeSet<CaseId>,
    /// When they were related.
    pub created_at: Time,
}

/// What one case is to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    /// `case` has to do with `to`, and the other way round.
    Linked,
    /// `case` is part of `to`. A case has at most one parent.
    ChildOf,
    /// `case` is a duplicate of `to`.
    DuplicateOf,
    /// `case` came after `to`, when `to` was closed.
    FollowUpOf,
    /// `case` was split off `to`.
    SplitFrom,
}

impl RelationKind {
    /// The name, as in JSON and SQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Linked => "linked",
            Self::ChildOf => "child_of",
            Self::DuplicateOf => "duplicate_of",
            Self::FollowUpOf => "follow_up_of",
            Self::SplitFrom => "split_from",
        }
    }
}

impl Relation {
    /// The unique key of a relation: two cases are related at most once in the same way.
    pub fn unique_key(case: CaseId, to: CaseId, relation: RelationKind) -> Unique {
        let (case, to) = match relation {
            RelationKind::Linked => (case.min(to), case.max(to)),
            _ => (case, to),
        };
        Unique::new("relation", format!("{}:{case}:{to}", relation.name()))
    }

    /// The unique key of the relation of `child` to its one parent.
    pub fn parent_key(child: CaseId) -> Unique {
        Unique::new("parent_of_case", child.to_string())
    }

    /// The case at the other end.
    pub fn other(&self, case: CaseId) -> CaseId {
        if self.case == case {
            self.to
        } else {
            self.case
        }
    }
}

impl Stored for Relation {
    type Id = RelationId;
    const KIND: Kind = Kind::Relation;
    const NOUN: &'static str = "relation";
    const FIELDS: &'static [Field<Self>] = &[Field::many("cases", Holds::Id, |r| {
        vec![r.case.into(), r.to.into()]
    })];
    const INDEXES: &'static [&'static [&'static str]] = &[];
    const TAKEN: &'static [Taken] = &[
        Taken {
            name: "relation",
            told: "the cases are related in this way already",
        },
        Taken {
            name: "parent_of_case",
            told: "the case is part of another already: it has one parent at most",
        },
    ];

    fn workspace(&self) -> WorkspaceId {
        self.workspace
    }
    fn id(&self) -> RelationId {
        self.id
    }
    fn version(&self) -> Version {
        self.version
    }
    fn set_version(&mut self, version: Version) {
        self.version = version;
    }

    fn unique(&self) -> Vec<Unique> {
        let mut unique = vec![Self::unique_key(self.case, self.to, self.relation)];
        if self.relation == RelationKind::ChildOf {
            unique.push(Self::parent_key(self.case));
        }
        unique
    }
}
