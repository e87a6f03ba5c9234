//! Organisations that customers belong to.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::edited::Edited;
use super::ids::{OrganisationId, WorkspaceId};
use super::record::{Field, Stored, Taken, Unique, Version};
use super::time::Time;
use super::value::{Holds, Value};
use crate::query::{fold, sort_key};

/// An organisation that customers belong to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Organisation {
    /// The id.
    pub id: OrganisationId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How often it was written.
    pub version: Version,
    /// The name, unique without regard to case and accents.
    pub name: String,
    /// For staff only.
    pub notes: String,
    /// When the record was created.
    pub created_at: Time,
    /// The version at which each field was last changed.
    #[serde(default)]
    pub edited: Edited,
}

impl Stored for Organisation {
    type Id = OrganisationId;
    const KIND: Kind = Kind::Organisation;
    const NOUN: &'static str = "organisation";
    const FIELDS: &'static [Field<Self>] = &[Field::one("name", Holds::Text, |o| {
        Value::Text(sort_key(&o.name))
    })];
    const INDEXES: &'static [&'static [&'static str]] = &[&["name"]];
    const TAKEN: &'static [Taken] = &[Taken {
        name: "organisation_name",
        told: "there is an organisation called {} already",
    }];

    fn workspace(&self) -> WorkspaceId {
        self.workspace
    }
    fn id(&self) -> OrganisationId {
        self.id
    }
    fn version(&self) -> Version {
        self.version
    }
    fn set_version(&mut self, version: Version) {
        self.version = version;
    }

    fn unique(&self) -> Vec<Unique> {
        vec![Unique::new("organisation_name", fold(self.name.trim()))]
    }
}
