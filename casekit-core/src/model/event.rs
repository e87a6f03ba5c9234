//! Events: every change, who made it, when, from what to what. They are the audit and the live feed.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::Kind;
use super::actor::Actor;
use super::ids::{CaseId, CustomerId, EventId, WorkspaceId};
use super::record::{Field, Key, Stored, Version};
use super::time::Time;
use super::value::{Holds, Value};

/// One change. Append-only: only a permanent deletion or an erasure empties [`Event::changes`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Event {
    /// The id, by which a consumer drops repeats.
    pub id: EventId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// 1, or more after an erasure.
    pub version: Version,
    /// The place in the workspace's order of commits.
    pub seq: Seq,
    /// When it happened; of an imported event, when it was imported.
    pub at: Time,
    /// Who did it.
    pub actor: Actor,
    /// The operation that did it.
    pub operation: String,
    /// What happened.
    pub what: What,
    /// The case that it happened to, if any.
    pub case: Option<CaseId>,
    /// The record that changed.
    pub about: Key,
    /// The customer to whom it is news of their own case: none of what is internal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<CustomerId>,
    /// The fields that changed, from what to what.
    #[serde(default)]
    pub changes: Vec<FieldChange>,
}

/// A field that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldChange {
    /// The field.
    pub field: String,
    /// Its value before; null if it had none.
    pub before: Json,
    /// Its value since; null if it has none.
    pub after: Json,
}

impl FieldChange {
    /// `field` changed from `before` to `after`.
    pub fn new(field: &str, before: impl Serialize, after: impl Serialize) -> Self {
        Self {
            field: field.to_owned(),
            before: serde_json::to_value(before).unwrap_or_default(),
            after: serde_json::to_value(after).unwrap_or_default(),
        }
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum What {
    /// A workspace, agent, customer, organisation or product was created.
    Created,
    /// Fields of a record changed.
    Changed,
    /// A case was opened.
    Opened,
    /// A case was closed.
    Closed,
    /// A closed case was made active again.
    Reopened,
    /// A case nobody had was taken by an agent.
    Taken,
    /// A case was assigned to an agent, or to nobody.
    Assigned,
    /// A case was handed to another agent.
    Transferred,
    /// An operator joined a case.
    OperatorJoined,
    /// An operator left a case.
    OperatorLeft,
    /// An entry was added to a thread.
    EntryAdded,
    /// An entry was corrected.
    EntryEdited,
    /// An entry was redacted; the original is in the changes.
    EntryRedacted,
    /// An entry was erased for privacy; the original is gone.
    EntryErased,
    /// The delivery of a message made progress.
    DeliveryChanged,
    /// An activity was recorded.
    ActivityRecorded,
    /// An activity went to another case.
    ActivityMoved,
    /// Two cases were related.
    Linked,
    /// The relation of two cases was removed.
    Unlinked,
    /// A record was merged into another.
    Merged,
    /// A merge was undone.
    MergeUndone,
    /// Part of a case became a case of its own.
    Split,
    /// A record was deleted for good.
    Deleted,
}

/// The number of an event in its workspace's order of commits: 1, 2, 3 … without gaps; 0 is before the first.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Seq(pub u64);

impl std::fmt::Display for Seq {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Stored for Event {
    type Id = EventId;
    const KIND: Kind = Kind::Event;
    const NOUN: &'static str = "event";
    const FIELDS: &'static [Field<Self>] = &[
        Field::one("seq", Holds::Int, |e| Value::Int(e.seq.0.cast_signed())),
        Field::one("case", Holds::Id, |e| e.case.into()),
        Field::one("about", Holds::Id, |e| Value::Id(e.about.id)),
        Field::one("told", Holds::Id, |e| e.told.into()),
    ];
    const INDEXES: &'static [&'static [&'static str]] =
        &[&["seq"], &["case", "seq"], &["about"], &["told", "seq"]];

    fn workspace(&self) -> WorkspaceId {
        self.workspace
    }
    fn id(&self) -> EventId {
        self.id
    }
    fn version(&self) -> Version {
        self.version
    }
    fn set_version(&mut self, version: Version) {
        self.version = version;
    }
}
