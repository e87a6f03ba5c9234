//! Tombstones: what is left of a case that was deleted for good.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::actor::Actor;
use super::ids::{CaseId, WorkspaceId};
use super::record::{Field, Stored, Version};
use super::time::Time;
use super::value::{Holds, Value};

/// What is left of a case that was deleted for good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tombstone {
    /// The id that the case had.
    pub id: CaseId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How often it was written.
    pub version: Version,
    /// The number that the case had.
    pub number: u64,
    /// When it was deleted.
    pub at: Time,
    /// By whom.
    pub by: Actor,
}

impl Stored for Tombstone {
    type Id = CaseId;
    const KIND: Kind = Kind::Tombstone;
    const NOUN: &'static str = "tombstone";
    const FIELDS: &'static [Field<Self>] = &[Field::one("number", Holds::Int, |t| {
        Value::Int(t.number.cast_signed())
    })];
    const INDEXES: &'static [&'static [&'static str]] = &[&["number"]];

    fn workspace(&self) -> WorkspaceId {
        self.workspace
    }
    fn id(&self) -> CaseId {
        self.id
    }
    fn version(&self) -> Version {
        self.version
    }
    fn set_version(&mut self, version: Version) {
        self.version = version;
    }
}
