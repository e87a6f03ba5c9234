//! Workspaces: one tenant each, with its stages, custom fields and settings.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::case::Status;
use super::edited::Edited;
use super::fields::FieldDefinition;
use super::ids::WorkspaceId;
use super::record::{Field, Stored, Version};
use super::time::Time;

/// One tenant. All other data belongs to a workspace, and no call made in one reaches another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Workspace {
    /// The id.
    pub id: WorkspaceId,
    /// How often it was written.
    pub version: Version,
    /// The name.
    pub name: String,
    /// When it was created.
    pub created_at: Time,
    /// The stages of a case, in the order in which people see them.
    pub stages: Vec<Stage>,
    /// The custom fields.
    pub fields: Vec<FieldDefinition>,
    /// The settings.
    pub settings: Settings,
    /// The version at which each field was last changed.
    #[serde(default)]
    pub edited: Edited,
}

/// A stage inside a status: new, in progress, waiting for customer …
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stage {
    /// The permanent name: a-z, 0-9 and _.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// The status that it is part of.
    pub status: Status,
    /// Whether service levels stand still in it.
    pub pauses: bool,
    /// No case enters a retired stage any more; it is kept because the history names it.
    #[serde(default)]
    pub retired: bool,
}

/// What a workspace can set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Settings {
    /// A customer's message reopens a closed case within so many days; later it opens a follow-up case.
    pub reopen_within_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            reopen_within_days: 14,
        }
    }
}

impl Workspace {
    /// The stages of a new workspace.
    pub fn default_stages() -> Vec<Stage> {
        let stage = |key: &str, name: &str, status, pauses| Stage {
            key: key.to_owned(),
            name: name.to_owned(),
            status,
            pauses,
            retired: false,
        };
        vec![
            stage("new", "New", Status::Active, false),
            stage("in_progress", "In progress", Status::Active, false),
            stage(
                "waiting_for_customer",
                "Waiting for customer",
                Status::Active,
                true,
            ),
            stage("on_hold", "On hold", Status::Active, true),
            stage("resolved", "Resolved", Status::Active, true),
            stage("closed", "Closed", Status::Closed, false),
        ]
    }

    /// The stage called `key`.
    pub fn stage(&self, key: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.key == key)
    }

    /// The stages in which a case of `status` can be.
    pub fn stages_of(&self, status: Status) -> impl Iterator<Item = &Stage> {
        let stages = self.stages.iter();
        stages.filter(move |stage| stage.status == status && !stage.retired)
    }

    /// The stage in which a case enters `status`: the first of it.
    pub fn first_stage(&self, status: Status) -> Option<&Stage> {
        self.stages_of(status).next()
    }
}

impl Stored for Workspace {
    type Id = WorkspaceId;
    const KIND: Kind = Kind::Workspace;
    const NOUN: &'static str = "workspace";
    const FIELDS: &'static [Field<Self>] = &[];
    const INDEXES: &'static [&'static [&'static str]] = &[];

    fn workspace(&self) -> WorkspaceId {
        self.id
    }
    fn id(&self) -> WorkspaceId {
        self.id
    }
    fn version(&self) -> Version {
        self.version
    }
    fn set_version(&mut self, version: Version) {
        self.version = version;
    }
}
