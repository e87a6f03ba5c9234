//! Activities: recorded interactions with a customer.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::edited::Edited;
use super::ids::{ActivityId, AgentId, CaseId, CustomerId, WorkspaceId};
use super::record::{Field, Stored, Taken, Unique, Version};
use super::time::Time;
use super::value::Holds;
use super::{ExternalId, Kind};

/// One recorded interaction: an e-mail exchange, a chat, a call, a form submission, a visit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Activity {
    /// The id.
    pub id: ActivityId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How often it was written.
    pub version: Version,
    /// The case that it belongs to.
    pub case: CaseId,
    /// The customer that it was with.
    pub customer: CustomerId,
    /// How it took place.
    pub medium: Medium,
    /// What it was about.
    pub subject: String,
    /// When it began.
    pub started_at: Time,
    /// When it ended; none while it goes on.
    pub ended_at: Option<Time>,
    /// Tags, for staff only.
    pub tags: BTreeSet<String>,
    /// The agents who took part.
    pub agents: BTreeSet<AgentId>,
    /// Others who took part, by name.
    pub others: BTreeSet<String>,
    /// Its id in the system that it was imported from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<ExternalId>,
    /// The version at which each field was last changed.
    #[serde(default)]
    pub edited: Edited,
}

/// How an interaction takes place, and where a case comes from.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Medium {
    /// E-mail.
    Email,
    /// A chat.
    Chat,
    /// A phone call.
    Phone,
    /// A video call.
    Video,
    /// A web form.
    Form,
    /// A visit in person.
    Visit,
    /// The customer's own view.
    Portal,
    /// Another system's log.
    Import,
    /// Anything else.
    #[default]
    Other,
}

impl Medium {
    /// The name, as in JSON and SQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Chat => "chat",
            Self::Phone => "phone",
            Self::Video => "video",
            Self::Form => "form",
            Self::Visit => "visit",
            Self::Portal => "portal",
            Self::Import => "import",
            Self::Other => "other",
        }
    }
}

impl Stored for Activity {
    type Id = ActivityId;
    const KIND: Kind = Kind::Activity;
    const NOUN: &'static str = "activity";
    const FIELDS: &'static [Field<Self>] = &[
        Field::one("case", Holds::Id, |a| a.case.into()),
        Field::one("customer", Holds::Id, |a| a.customer.into()),
        Field::one("medium", Holds::Text, |a| a.medium.name().into()),
        Field::one("started_at", Holds::Time, |a| a.started_at.into()),
        Field::many("tags", Holds::Text, |a| {
            a.tags.iter().map(|t| t.as_str().into()).collect()
        }),
    ];
    const INDEXES: &'static [&'static [&'static str]] =
        &[&["customer", "started_at"], &["case", "started_at"]];
    const TAKEN: &'static [Taken] = &[Taken {
        name: "activity_external_id",
        told: "another activity has the id {} already",
    }];

    fn workspace(&self) -> WorkspaceId {
        self.workspace
    }
    fn id(&self) -> ActivityId {
        self.id
    }
    fn version(&self) -> Version {
        self.version
    }
    fn set_version(&mut self, version: Version) {
        self.version = version;
    }

    fn unique(&self) -> Vec<Unique> {
        let external = self.external_id.iter();
        external
            .map(|id| Unique::new("activity_external_id", id.joined()))
            .collect()
    }
}
