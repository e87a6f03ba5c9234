//! Merges: what moved when two cases became one, so that it can be undone.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Kind;
use super::actor::Actor;
use super::case::Case;
use super::entry::{Stay, Wait};
use super::ids::{CaseId, MergeId, RelationId, WorkspaceId};
use super::record::{Field, Key, Stored, Taken, Unique, Version};
use super::relation::Relation;
use super::time::Time;
use super::value::Holds;

/// What moved when a duplicate was merged into another case. It is deleted when the merge is undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Merge {
    /// The id.
    pub id: MergeId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How often it was written.
    pub version: Version,
    /// The case that was merged, as it was before.
    pub duplicate: Box<Case>,
    /// The case that it was merged into.
    pub target: CaseId,
    /// When.
    pub at: Time,
    /// By whom.
    pub by: Actor,
    /// The records that moved.
    pub moved: Vec<Key>,
    /// The relations of the duplicate, as they were before.
    pub relations: Vec<Relation>,
    /// Those of them that the merge left out, because the target had them already or must not have them.
    #[serde(default)]
    pub left_out: Vec<RelationId>,
}

/// What a case has only because others that have it were merged into it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Gained {
    /// Operators.
    pub operators: BTreeSet<super::ids::AgentId>,
    /// Tags.
    pub tags: BTreeSet<String>,
}

impl Gained {
    /// Whether it is nothing.
    pub fn is_empty(&self) -> bool {
        self.operators.is_empty() && self.tags.is_empty()
    }
}

impl Merge {
    /// The stay in the duplicate that it ended.
    pub fn stay(&self) -> Stay {
        Stay {
            case: self.duplicate.id,
            until: self.at,
            wait: Wait::GoesOn,
        }
    }

    /// The unique key of the merge of a duplicate: a case is merged at most once at a time.
    pub fn unique_key(duplicate: CaseId) -> Unique {
        Unique::new("merge_of_case", duplicate.to_string())
    }
}

impl Stored for Merge {
    type Id = MergeId;
    const KIND: Kind = Kind::Merge;
    const NOUN: &'static str = "merge";
    const FIELDS: &'static [Field<Self>] = &[Field::one("target", Holds::Id, |m| m.target.into())];
    const INDEXES: &'static [&'static [&'static str]] = &[&["target"]];
    const TAKEN: &'static [Taken] = &[Taken {
        name: "merge_of_case",
        told: "the case is merged into another already",
    }];

    fn workspace(&self) -> WorkspaceId {
        self.workspace
    }
    fn id(&self) -> MergeId {
        self.id
    }
    fn version(&self) -> Version {
        self.version
    }
    fn set_version(&mut self, version: Version) {
        self.version = version;
    }

    fn unique(&self) -> Vec<Unique> {
        vec![Self::unique_key(self.duplicate.id)]
    }
}
