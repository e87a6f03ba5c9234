//! What a commit writes: a set of changes that takes effect whole or not at all.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::model::{
    Entity, Event, Key, SearchText, Seq, Stored, Unique, Value, Version, WorkspaceId,
};

/// A set of changes to one workspace, committed atomically.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChangeSet {
    /// Names this commit: a second commit with the same id does nothing and gives the first one's answer.
    pub id: Uuid,
    /// The workspace to which every key and event belongs.
    pub workspace: WorkspaceId,
    /// The changes, at most one for each key.
    pub changes: Vec<Change>,
    /// What happened, in order; the store assigns [`Event::seq`].
    pub events: Vec<Event>,
}

/// A change to one record, with what the caller saw of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Writes a record that must not exist yet. It gets version 1.
    Create(Entity),
    /// Replaces a record, which must still have the version of `before`. It gets the next version.
    Replace {
        /// The record as it was seen; a store may write only what differs from it. The versions of an id that was
        /// deleted and comes again begin anew: what was seen of it before is no `before` of what it is now.
        before: Entity,
        /// The record as it will be.
        after: Entity,
    },
    /// Deletes a record, which must still have the version of `before`.
    Delete {
        /// The record as it was seen.
        before: Entity,
    },
    /// Writes nothing, but refuses the commit if the record has changed: guards what was only read.
    Check {
        /// The record.
        key: Key,
        /// The version that it must still have.
        version: Version,
    },
}

impl Change {
    /// The record that is changed or checked.
    pub fn key(&self) -> Key {
        match self {
            Self::Create(entity) => entity.key(),
            Self::Replace { before, .. } | Self::Delete { before } => before.key(),
            Self::Check { key, .. } => *key,
        }
    }

    /// The version that the record must have: `None` where it must not exist.
    pub fn expected(&self) -> Option<Version> {
        match self {
            Self::Create(_) => None,
            Self::Replace { before, .. } | Self::Delete { before } => Some(before.version()),
            Self::Check { version, .. } => Some(*version),
        }
    }

    /// The record as it was seen.
    pub fn before(&self) -> Option<&Entity> {
        match self {
            Self::Replace { before, .. } | Self::Delete { before } => Some(before),
            Self::Create(_) | Self::Check { .. } => None,
        }
    }

    /// The record as it will be.
    pub fn after(&self) -> Option<&Entity> {
        match self {
            Self::Create(after) | Self::Replace { after, .. } => Some(after),
            Self::Delete { .. } | Self::Check { .. } => None,
        }
    }

    /// What differs beside the record itself, for stores that keep unique keys, multi-valued
    /// fields and texts in tables of their own. Call it after the number is assigned.
    pub fn difference(&self) -> Difference {
        let unique =
            |entity: &Entity| -> BTreeSet<Unique> { entity.unique().into_iter().collect() };
        let many = |entity: &Entity| -> BTreeSet<(String, Value)> {
            entity.row().many.into_iter().collect()
        };
        let (before, after) = (self.before(), self.after());
        let (old, new) = (
            before.map(unique).unwrap_or_default(),
            after.map(unique).unwrap_or_default(),
        );
        let (old_many, new_many) = (
            before.map(many).unwrap_or_default(),
            after.map(many).unwrap_or_default(),
        );
        let (old_text, new_text) = (
            before.and_then(Entity::search_text),
            after.and_then(Entity::search_text),
        );
        Difference {
            released: old.difference(&new).cloned().collect(),
            claimed: new.difference(&old).cloned().collect(),
            many_removed: old_many.difference(&new_many).cloned().collect(),
            many_added: new_many.difference(&old_many).cloned().collect(),
            text: if matches!(self, Self::Check { .. }) || old_text == new_text {
                TextChange::Same
            } else {
                TextChange::Now {
                    before: old_text,
                    after: new_text,
                }
            },
        }
    }
}

/// What a change does beside the record itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Unique values that the record no longer holds. Release all of a commit's before claiming any.
    pub released: Vec<Unique>,
    /// Unique values that the record holds from now on.
    pub claimed: Vec<Unique>,
    /// Values of multi-valued fields that are gone.
    pub many_removed: Vec<(String, Value)>,
    /// Values of multi-valued fields that are new.
    pub many_added: Vec<(String, Value)>,
    /// The words by which it is found.
    pub text: TextChange,
}

/// What a change does to the words by which a record is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextChange {
    /// Nothing.
    Same,
    /// They differ.
    Now {
        /// The words that were indexed.
        before: Option<SearchText>,
        /// The words to index.
        after: Option<SearchText>,
    },
}

/// The answer to a commit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    /// The sequence number of the workspace's last event: that of this commit's last, if it had any.
    pub seq: Seq,
    /// The numbers that were assigned to new records that are numbered, in the order of the changes.
    pub numbers: Vec<(Key, u64)>,
}

impl Committed {
    /// The number assigned to the record at `key`.
    pub fn number(&self, key: &Key) -> Option<u64> {
        let found = self.numbers.iter().find(|(numbered, _)| numbered == key);
        found.map(|(_, number)| *number)
    }
}

impl ChangeSet {
    /// Refuses a set that no store could apply: two changes to one record, a record of another
    /// workspace, a replacement of one record by another, a change that would tear the sequence of
    /// events. Stores call this first.
    pub fn validate(&self) -> Result<()> {
        let mut keys = BTreeSet::new();
        for change in &self.changes {
            let key = change.key();
            if !keys.insert(key) {
                return Err(Error::bug(format!(
                    "a change set changes the {} `{}` twice",
                    key.kind.declaration().noun,
                    key.id
                )));
            }
            if key.workspace != self.workspace {
                return Err(Error::bug(format!(
                    "a change set for the workspace `{}` changes a record of `{}`",
                    self.workspace, key.workspace
                )));
            }
            if change.after().is_some_and(|after| after.key() != key) {
                return Err(Error::bug("a record is replaced by another record"));
            }
            if tears_the_sequence(change) {
                return Err(Error::bug(
                    "an event is created, deleted or renumbered by a change",
                ));
            }
        }
        for event in &self.events {
            if event.workspace != self.workspace {
                return Err(Error::bug("a change set has an event of another workspace"));
            }
            if !keys.insert(event.key()) {
                return Err(Error::bug(format!(
                    "a change set has the event `{}` twice",
                    event.id
                )));
            }
        }
        Ok(())
    }
}

/// Events come in by [`ChangeSet::events`] and stay; a change can only replace what they tell.
fn tears_the_sequence(change: &Change) -> bool {
    match change {
        Change::Create(Entity::Event(_))
        | Change::Delete {
            before: Entity::Event(_),
        } => true,
        Change::Replace {
            before: Entity::Event(before),
            after: Entity::Event(after),
        } => before.seq != after.seq,
        _ => false,
    }
}
