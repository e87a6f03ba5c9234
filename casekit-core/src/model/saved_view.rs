//! Saved views: lists of cases that people come back to.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::ids::{AgentId, SavedViewId, WorkspaceId};
use super::record::{Field, Stored, Taken, Unique, Version};
use super::time::Time;
use super::value::Holds;
use crate::query::fold;

/// A list of cases that an agent keeps for themselves or shares with all staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SavedView {
    /// The id.
    pub id: SavedViewId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How often it was written.
    pub version: Version,
    /// Whose it is; none for all of staff.
    pub owner: Option<AgentId>,
    /// The name, unique for its owner without regard to case and accents.
    pub name: String,
    /// The list: the input of `find_cases`, as JSON.
    pub list: serde_json::Value,
    /// The columns to show, in their order.
    pub columns: Vec<String>,
    /// When it was last saved.
    pub updated_at: Time,
}

impl SavedView {
    /// The unique key of the view of an owner with a name.
    pub fn unique_key(owner: Option<AgentId>, name: &str) -> Unique {
        let owner = owner.map_or("all".to_owned(), |owner| owner.to_string());
        Unique::new("saved_view", format!("{owner}:{}", fold(name.trim())))
    }
}

impl Stored for SavedView {
    type Id = SavedViewId;
    const KIND: Kind = Kind::SavedView;
    const NOUN: &'static str = "saved view";
    const FIELDS: &'static [Field<Self>] = &[Field::one("owner", Holds::Id, |v| v.owner.into())];
    const INDEXES: &'static [&'static [&'static str]] = &[&["owner"]];
    const TAKEN: &'static [Taken] = &[Taken {
        name: "saved_view",
        told: "there is a view of this name already",
    }];

    fn workspace(&self) -> WorkspaceId {
        self.workspace
    }
    fn id(&self) -> SavedViewId {
        self.id
    }
    fn version(&self) -> Version {
        self.version
    }
    fn set_version(&mut self, version: Version) {
        self.version = version;
    }

    fn unique(&self) -> Vec<Unique> {
        vec![Self::unique_key(self.owner, &self.name)]
    }
}
