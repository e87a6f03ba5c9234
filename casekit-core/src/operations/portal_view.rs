//! What a customer sees: types of their own, into which nothing internal has a way.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::model::{
    Author, Body, CallDirection, Case, CaseId, CustomValues, CustomerId, Entry, EntryId, Event,
    EventId, FieldTarget, FieldValue, Happening, Status, Time, Visibility, What, Workspace,
    milliseconds_between,
};

/// A case as its customer sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PortalCase {
    /// The id.
    pub id: CaseId,
    /// The number for people.
    pub number: u64,
    /// The subject.
    pub subject: String,
    /// Whether it is worked on.
    pub status: Status,
    /// When it was opened.
    pub opened_at: Time,
    /// When it was closed, if it is.
    pub closed_at: Option<Time>,
    /// When the customer last wrote or called.
    pub customer_last_at: Option<Time>,
    /// When staff last replied.
    pub replied_at: Option<Time>,
    /// The name of the agent who deals with it, if somebody does.
    pub agent: Option<String>,
    /// The name of the product, if it is about one.
    pub product: Option<String>,
    /// The custom fields that customers may see; none where the case is not their own.
    pub fields: Vec<PortalField>,
    /// Whether it is the customer's own; else it is shown to them through a link.
    pub own: bool,
}

/// A custom field as a customer sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PortalField {
    /// The key.
    pub key: String,
    /// What people call it.
    pub label: String,
    /// The value.
    pub value: FieldValue,
}

/// An entry as a customer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PortalEntry {
    /// The id.
    pub id: EntryId,
    /// When it was said or happened.
    pub at: Time,
    /// Who said it.
    pub author: PortalAuthor,
    /// What it is.
    pub body: PortalBody,
}

/// Who said something, as a customer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PortalAuthor {
    /// The one who looks.
    You,
    /// A person on staff.
    Agent {
        /// The name.
        name: String,
    },
    /// Somebody else, who is not named.
    Other,
    /// The help desk itself.
    System,
}

/// What an entry is, as a customer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PortalBody {
    /// A message.
    Message {
        /// The subject; empty to mean the case's.
        subject: String,
        /// The text.
        text: String,
        /// The same as safe HTML, without images from elsewhere.
        html: Option<String>,
        /// Files that came with it.
        attachments: Vec<PortalAttachment>,
    },
    /// A call.
    Call {
        /// Who called whom.
        direction: CallDirection,
        /// When it began.
        started_at: Time,
        /// How long it took, in milliseconds.
        duration_ms: i64,
    },
    /// The case was opened.
    Opened,
    /// The case was closed.
    Closed,
    /// The case was made active again.
    Reopened,
    /// An agent took the case.
    Taken,
    /// An agent joined.
    OperatorJoined,
    /// An agent left.
    OperatorLeft,
    /// Something was here that was redacted.
    Redacted,
}

/// A file that came with a message, as a customer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PortalAttachment {
    /// The name.
    pub name: String,
    /// The media type.
    pub media_type: String,
    /// The size in bytes.
    pub size: u64,
}

/// News of a case, as a customer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PortalUpdate {
    /// By which repeats are dropped.
    pub id: EventId,
    /// When.
    pub at: Time,
    /// The case.
    pub case: CaseId,
    /// What happened.
    pub what: PortalWhat,
}

/// What happened, as a customer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PortalWhat {
    /// The case was opened.
    Opened,
    /// The case was closed.
    Closed,
    /// The case was made active again.
    Reopened,
    /// The thread has something new for the customer.
    Said,
}

/// Names that a view shows beside the records it is made of.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) agent: Option<String>,
    pub(crate) product: Option<String>,
}

impl PortalCase {
    /// What `viewer` sees of `case`.
    pub(crate) fn of(case: &Case, viewer: CustomerId, workspace: &Workspace, names: Names) -> Self {
        Self {
            id: case.id,
            number: case.number,
            subject: case.subject.clone(),
            status: case.status,
            opened_at: case.opened_at,
            closed_at: case.closing.as_ref().map(|closing| closing.at),
            customer_last_at: case.attention.customer_last_at,
            replied_at: case.attention.staff_last_at,
            agent: names.agent,
            product: names.product,
            fields: if case.customer == viewer {
                shown_fields(&case.custom, workspace)
            } else {
                Vec::new()
            },
            own: case.customer == viewer,
        }
    }
}

fn shown_fields(values: &CustomValues, workspace: &Workspace) -> Vec<PortalField> {
    let shown = workspace.fields.iter().filter(|field| {
        field.target == FieldTarget::Case && field.shown_to_customer && !field.retired
    });
    shown
        .filter_map(|field| {
            Some(PortalField {
                key: field.key.clone(),
                label: field.label.clone(),
                value: values.get(&field.key)?.clone(),
            })
        })
        .collect()
}

impl PortalEntry {
    /// What a customer sees of `entry`, who is known by the ids of `viewer`; nothing if it is internal.
    pub(crate) fn of(entry: &Entry, viewer: &BTreeSet<CustomerId>) -> Option<Self> {
        if entry.visibility != Visibility::Public {
            return None;
        }
        Some(Self {
            id: entry.id,
            at: entry.at,
            author: PortalAuthor::of(&entry.author, viewer),
            body: PortalBody::of(&entry.body)?,
        })
    }
}

impl PortalAuthor {
    fn of(author: &Author, viewer: &BTreeSet<CustomerId>) -> Self {
        match author {
            Author::Customer { id, .. } if viewer.contains(id) => Self::You,
            Author::Customer { .. } | Author::Stranger { .. } => Self::Other,
            Author::Agent { name, .. } => Self::Agent { name: name.clone() },
            Author::System => Self::System,
        }
    }
}

impl PortalBody {
    fn of(body: &Body) -> Option<Self> {
        Some(match body {
            Body::Message(message) => Self::Message {
                subject: message.subject.clone(),
                text: message.text.clone(),
                html: message.html.clone(),
                attachments: message
                    .attachments
                    .iter()
                    .map(|file| PortalAttachment {
                        name: file.name.clone(),
                        media_type: file.media_type.clone(),
                        size: file.size,
                    })
                    .collect(),
            },
            Body::Call(call) => Self::Call {
                direction: call.direction,
                started_at: call.started_at,
                duration_ms: milliseconds_between(call.started_at, call.ended_at),
            },
            Body::Happening(happening) => Self::happened(happening)?,
            Body::Redacted { .. } => Self::Redacted,
            Body::Note(_) | Body::Comment(_) => return None,
        })
    }

    fn happened(happening: &Happening) -> Option<Self> {
        Some(match happening {
            Happening::Opened { .. } => Self::Opened,
            Happening::Closed { .. } => Self::Closed,
            Happening::Reopened { .. } => Self::Reopened,
            Happening::Taken => Self::Taken,
            Happening::OperatorJoined { .. } => Self::OperatorJoined,
            Happening::OperatorLeft { .. } => Self::OperatorLeft,
            Happening::StageChanged { .. }
            | Happening::Assigned { .. }
            | Happening::Transferred { .. }
            | Happening::Linked { .. }
            | Happening::Unlinked { .. }
            | Happening::MergedFrom { .. }
            | Happening::MergedInto { .. }
            | Happening::MergeUndone { .. }
            | Happening::SplitInto { .. }
            | Happening::SplitFrom { .. }
            | Happening::ActivityMovedTo { .. }
            | Happening::ActivityMovedFrom { .. }
            | Happening::Logged { .. } => return None,
        })
    }
}

impl PortalUpdate {
    /// What a customer is told of `event`, which is news for them. Whether they may still see it is the
    /// caller's to know.
    pub(crate) fn of(event: &Event) -> Option<Self> {
        let what = match event.what {
            What::Opened => PortalWhat::Opened,
            What::Closed => PortalWhat::Closed,
            What::Reopened => PortalWhat::Reopened,
            What::EntryAdded | What::EntryEdited => PortalWhat::Said,
            _ => return None,
        };
        Some(Self {
            id: event.id,
            at: event.at,
            case: event.case?,
            what,
        })
    }
}
