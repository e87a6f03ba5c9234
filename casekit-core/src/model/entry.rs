//! Entries: the lines of a case's thread.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Kind;
use super::actor::{Actor, Author};
use super::attention::Turn;
use super::edited::Edited;
use super::happening::Happening;
use super::ids::{ActivityId, AgentId, CaseId, EntryId, WorkspaceId};
use super::record::{Field, Key, SearchText, Stored, Version};
use super::time::Time;
use super::value::Holds;

/// One line of a case's thread.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entry {
    /// The id.
    pub id: EntryId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How often it was written.
    pub version: Version,
    /// The case.
    pub case: CaseId,
    /// The cases that it was in before, oldest first: what was said there answers and closes no other.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub was_in: Vec<Stay>,
    /// The activity that it is part of.
    pub activity: Option<ActivityId>,
    /// When it was said or happened; the thread is in this order, then in that of the ids.
    pub at: Time,
    /// Who said it.
    pub author: Author,
    /// Who may see it.
    pub visibility: Visibility,
    /// What it is.
    pub body: Body,
    /// Of a public reply that ended the customer's waiting: since when the customer had waited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_wait: Option<Time>,
    /// The version at which its text was last edited.
    #[serde(default)]
    pub edited: Edited,
    /// Who last corrected, redacted or erased it, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correction: Option<Correction>,
}

/// How many of the cases that an entry was in are remembered; older ones count as the one after them.
const STAYS: usize = 64;

/// A case that an entry was in, and until when.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Stay {
    /// The case.
    pub case: CaseId,
    /// When it went on to the next.
    pub until: Time,
    /// Whether the wait that it began, if it began one, went on with it.
    pub wait: Wait,
}

/// What became of a wait when the question went to another case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Wait {
    /// It goes on, unless what came along ended it.
    GoesOn,
    /// It had been ended by an answer or a closing, which stayed behind or came along.
    Over,
}

/// Who may see an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Staff and the customer.
    Public,
    /// Staff only.
    Internal,
}

tagged! {
    /// What an entry is.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(tag = "type", rename_all = "snake_case")]
    pub enum Body as "Body" {
        /// A message between customer and staff.
        Message(Message),
        /// The log of a call.
        Call(CallLog),
        /// An internal note on the case.
        Note(Remark),
        /// An internal comment on one activity.
        Comment(Remark),
        /// What the system recorded.
        Happening(Happening),
        /// What was here was redacted.
        Redacted {
            /// Whose turn it had made it, which is not forgotten.
            turn: Turn,
        },
    }
}

impl Body {
    /// The name of its kind, as in JSON.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Message(_) => "message",
            Self::Call(_) => "call",
            Self::Note(_) => "note",
            Self::Comment(_) => "comment",
            Self::Happening(_) => "happening",
            Self::Redacted { .. } => "redacted",
        }
    }
}

/// A message between customer and staff, e-mail like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Message {
    /// The sender's address; none for a message that came by no address.
    pub sender: Option<String>,
    /// Addresses it went to.
    pub to: Vec<String>,
    /// Addresses that got a copy.
    pub cc: Vec<String>,
    /// Addresses that got a copy unseen by the others; customers never see them.
    pub bcc: Vec<String>,
    /// The subject; empty to mean the case's.
    pub subject: String,
    /// The text.
    pub text: String,
    /// The same as HTML, reduced to what is safe.
    pub html: Option<String>,
    /// Files that came with it.
    pub attachments: Vec<Attachment>,
    /// Written by a program: it neither asks for attention nor answers.
    pub automatic: bool,
    /// How far its delivery has come.
    pub delivery: Delivery,
}

/// A file that came with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attachment {
    /// The name to show.
    pub name: String,
    /// The media type, such as `image/png`.
    pub media_type: String,
    /// The size in bytes.
    pub size: u64,
    /// Where the host keeps the bytes; customers never see it.
    pub location: String,
}

tagged! {
    /// How far the delivery of a message has come.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(tag = "type", rename_all = "snake_case", expecting = "an object with `type`")]
    pub enum Delivery as "Delivery" {
        /// It came in, or nothing has to be delivered.
        Done,
        /// It has to be sent.
        Pending,
        /// It was sent.
        Sent {
            /// When.
            at: Time,
        },
        /// It could not be delivered.
        Failed {
            /// Why.
            reason: String,
        },
    }
}

/// What has to be done with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToDo {
    /// Nothing.
    Nothing,
    /// It has to be sent.
    Send,
    /// It could not be delivered.
    Failed,
    /// It is a stranger's: the customer does not see it until somebody accepts it.
    Accept,
}

impl ToDo {
    /// The name, as in SQL; empty for nothing.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "",
            Self::Send => "send",
            Self::Failed => "failed",
            Self::Accept => "accept",
        }
    }
}

/// The log of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CallLog {
    /// Who called whom.
    pub direction: CallDirection,
    /// The number that called.
    pub caller: String,
    /// The number that was called.
    pub called: String,
    /// When it began.
    pub started_at: Time,
    /// When it ended.
    pub ended_at: Time,
    /// How it ended.
    pub outcome: CallOutcome,
    /// What was said, for staff only.
    pub notes: String,
    /// Where the recording is; customers never see it.
    pub recording: Option<String>,
}

impl CallLog {
    /// How long it took, in milliseconds.
    pub fn duration_ms(&self) -> i64 {
        super::time::milliseconds_between(self.started_at, self.ended_at)
    }
}

/// Who called whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallDirection {
    /// The customer called.
    Inbound,
    /// An agent called.
    Outbound,
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallOutcome {
    /// They spoke.
    Answered,
    /// Nobody answered.
    Missed,
    /// The line was busy.
    Busy,
    /// The caller left a message.
    Voicemail,
}

/// A note or comment among staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Remark {
    /// The text.
    pub text: String,
    /// Agents who are to be told.
    pub mentions: BTreeSet<AgentId>,
}

/// Who last corrected an entry, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Correction {
    /// When.
    pub at: Time,
    /// By whom.
    pub by: Actor,
}

impl Entry {
    /// Puts it into another case at a time.
    pub(crate) fn enter(&mut self, case: CaseId, at: Time, wait: Wait) {
        if self.was_in.len() >= STAYS {
            self.was_in.remove(0);
        }
        self.was_in.push(Stay {
            case: self.case,
            until: at,
            wait,
        });
        self.case = case;
    }

    /// Puts it back as if it had never left.
    pub(crate) fn resume(&mut self, stay: &Stay) {
        let left = self
            .was_in
            .iter()
            .position(|before| (before.case, before.until) == (stay.case, stay.until));
        self.was_in.truncate(left.unwrap_or_default());
        self.case = stay.case;
    }

    /// The text by which it is found, and from which excerpts are cut.
    pub fn text(&self) -> String {
        match &self.body {
            Body::Message(message) => format!("{} {}", message.subject, message.text),
            Body::Call(call) => call.notes.clone(),
            Body::Note(remark) | Body::Comment(remark) => remark.text.clone(),
            Body::Happening(Happening::Logged { activity, .. }) => activity.clone(),
            Body::Happening(happening) => happening.text().unwrap_or_default().to_owned(),
            Body::Redacted { .. } => String::new(),
        }
    }

    /// What has to be done with it.
    pub fn to_do(&self) -> ToDo {
        let Body::Message(message) = &self.body else {
            return ToDo::Nothing;
        };
        let is_hidden = self.visibility == Visibility::Internal;
        match (&message.delivery, &self.author) {
            (_, Author::Stranger { .. }) if is_hidden => ToDo::Accept,
            (Delivery::Pending, _) => ToDo::Send,
            (Delivery::Failed { .. }, _) => ToDo::Failed,
            (Delivery::Done | Delivery::Sent { .. }, _) => ToDo::Nothing,
        }
    }

    fn texts(&self) -> Option<(String, String)> {
        let staff_only = self.visibility == Visibility::Internal
            || matches!(self.body, Body::Call(_) | Body::Happening(_));
        let text = self.text();
        match (text.is_empty(), staff_only) {
            (true, _) => None,
            (false, true) => Some((String::new(), text)),
            (false, false) => Some((text, String::new())),
        }
    }
}

impl Stored for Entry {
    type Id = EntryId;
    const KIND: Kind = Kind::Entry;
    const NOUN: &'static str = "entry";
    const FIELDS: &'static [Field<Self>] = &[
        Field::one("case", Holds::Id, |e| e.case.into()),
        Field::one("activity", Holds::Id, |e| e.activity.into()),
        Field::one("at", Holds::Time, |e| e.at.into()),
        Field::one("public", Holds::Bool, |e| {
            (e.visibility == Visibility::Public).into()
        }),
        Field::one("to_do", Holds::Text, |e| e.to_do().name().into()),
    ];
    const INDEXES: &'static [&'static [&'static str]] =
        &[&["case", "at"], &["activity", "at"], &["to_do", "at"]];

    fn workspace(&self) -> WorkspaceId {
        self.workspace
    }
    fn id(&self) -> EntryId {
        self.id
    }
    fn version(&self) -> Version {
        self.version
    }
    fn set_version(&mut self, version: Version) {
        self.version = version;
    }

    fn search_text(&self) -> Option<SearchText> {
        let (public, internal) = self.texts()?;
        let owner = Key {
            workspace: self.workspace,
            kind: Kind::Case,
            id: self.case.0,
        };
        Some(SearchText {
            owner,
            public,
            internal,
        })
    }
}
