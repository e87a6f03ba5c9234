//! Drafts: replies and notes in the making.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::ids::{AgentId, CaseId, DraftId, WorkspaceId};
use super::record::{Field, Stored, Taken, Unique, Version};
use super::time::Time;
use super::value::Holds;

/// A reply or note in the making: one per case, agent and purpose. Only that agent sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Draft {
    /// The id.
    pub id: DraftId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How often it was written.
    pub version: Version,
    /// The case.
    pub case: CaseId,
    /// Whose it is.
    pub agent: AgentId,
    /// What it is to become.
    pub purpose: DraftPurpose,
    /// The text so far.
    pub text: String,
    /// When it was last saved.
    pub updated_at: Time,
}

/// What a draft is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DraftPurpose {
    /// A public reply.
    Reply,
    /// An internal note.
    Note,
}

impl Draft {
    /// The unique key of the draft of an agent on a case.
    pub fn unique_key(case: CaseId, agent: AgentId, purpose: DraftPurpose) -> Unique {
        let purpose = match purpose {
            DraftPurpose::Reply => "reply",
            DraftPurpose::Note => "note",
        };
        Unique::new("draft", format!("{case}:{agent}:{purpose}"))
    }
}

impl Stored for Draft {
    type Id = DraftId;
    const KIND: Kind = Kind::Draft;
    const NOUN: &'static str = "draft";
    const FIELDS: &'static [Field<Self>] = &[
        Field::one("case", Holds::Id, |d| d.case.into()),
        Field::one("agent", Holds::Id, |d| d.agent.into()),
        Field::one("updated_at", Holds::Time, |d| d.updated_at.into()),
    ];
    const INDEXES: &'static [&'static [&'static str]] = &[&["case"], &["agent", "updated_at"]];
    const TAKEN: &'static [Taken] = &[Taken {
        name: "draft",
        told: "there is a draft of this already",
    }];

    fn workspace(&self) -> WorkspaceId {
        self.workspace
    }
    fn id(&self) -> DraftId {
        self.id
    }
    fn version(&self) -> Version {
        self.version
    }
    fn set_version(&mut self, version: Version) {
        self.version = version;
    }

    fn unique(&self) -> Vec<Unique> {
        vec![Self::unique_key(self.case, self.agent, self.purpose)]
    }
}
