//! Deciding a commit for a store in JavaScript: the store reads what it is asked for and writes what it is
//! told, in one transaction of its own, and in between is nothing to wait for.

use std::collections::{BTreeMap, BTreeSet};

use casekit_core::model::{Entity, Key, Stored, Unique, Version};
use casekit_core::{Change, ChangeSet, Committed, Error, ErrorKind, Result};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::json::{answer, read, write};

/// A commit that is to be decided.
#[wasm_bindgen(js_name = CommitPlan)]
#[derive(Debug)]
pub struct CommitPlan {
    set: ChangeSet,
}

/// What must be read, each list to be answered in its order.
#[derive(Debug, Serialize)]
struct Reads<'s> {
    workspace: Uuid,
    /// The id by which a repeated commit is known.
    commit: Uuid,
    records: Vec<Place>,
    uniques: Vec<&'s Unique>,
}

/// Where a record is in its workspace.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Place {
    kind: casekit_core::model::Kind,
    id: Uuid,
}

/// What was read.
#[derive(Debug, Deserialize)]
struct Seen {
    /// The version of each record, null where there is none.
    versions: Vec<Option<Version>>,
    /// Who holds each unique value.
    holders: Vec<Option<Place>>,
    /// The workspace's last sequence number.
    seq: u64,
    /// The workspace's last case number.
    number: u64,
}

/// What must be written.
#[derive(Debug, Serialize)]
struct Writes {
    answer: Committed,
    number: u64,
    records: Vec<Written>,
    deleted: Vec<Place>,
    /// To be taken away before those claimed are written.
    released: BTreeSet<Unique>,
    claimed: Vec<(Unique, Place)>,
}

#[derive(Debug, Serialize)]
struct Written {
    place: Place,
    version: Version,
    /// Of an event, its sequence number.
    seq: Option<u64>,
    /// The record's JSON, without its kind.
    body: String,
}

#[wasm_bindgen(js_class = CommitPlan)]
impl CommitPlan {
    /// Begins with a change set, which is JSON; refuses what no store could apply.
    #[wasm_bindgen(constructor)]
    pub fn new(set: &str) -> Result<Self, JsValue> {
        answer(|| {
            let set: ChangeSet = read(set)?;
            set.validate()?;
            Ok(Self { set })
        })
    }

    /// What must be read in the transaction.
    pub fn reads(&self) -> Result<String, JsValue> {
        let uniques = self.claims().map(|(_, unique)| unique);
        answer(|| {
            write(&Reads {
                workspace: self.set.workspace.0,
                commit: self.set.id,
                records: self.keys().map(Place::of).collect(),
                uniques: uniques.collect::<Vec<_>>().iter().collect(),
            })
        })
    }

    /// What must be written in the same transaction, or why nothing can be.
    pub fn decide(&self, seen: &str) -> Result<String, JsValue> {
        answer(|| {
            let seen: Seen = read(seen)?;
            self.refuse_incomplete(&seen)?;
            self.refuse_stale(&seen)?;
            self.refuse_taken(&seen)?;
            write(&self.writes(&seen)?)
        })
    }
}

impl CommitPlan {
    fn keys(&self) -> impl Iterator<Item = Key> {
        let changes = self.set.changes.iter().map(Change::key);
        changes.chain(self.set.events.iter().map(Stored::key))
    }

    /// The unique values that the records hold afterwards.
    fn claims(&self) -> impl Iterator<Item = (Key, Unique)> {
        let after = self.set.changes.iter().filter_map(Change::after);
        after.flat_map(|record| {
            let key = record.key();
            record.unique().into_iter().map(move |unique| (key, unique))
        })
    }

    /// What is compared pair by pair must be of one length: what is not compared would count as unchanged.
    fn refuse_incomplete(&self, seen: &Seen) -> Result<()> {
        let Seen {
            versions, holders, ..
        } = seen;
        refuse_other_length("versions", versions.len(), self.keys().count())?;
        refuse_other_length("holders", holders.len(), self.claims().count())
    }

    fn refuse_stale(&self, seen: &Seen) -> Result<()> {
        let expected = self.set.changes.iter().map(Change::expected);
        let expected = expected.chain(self.set.events.iter().map(|_| None));
        let pairs = self.keys().zip(expected).zip(&seen.versions);
        let stale = pairs.filter(|((_, expected), version)| expected != *version);
        let stale: Vec<Key> = stale.map(|((key, _), _)| key).collect();
        if stale.is_empty() {
            Ok(())
        } else {
            Err(Error::stale(stale))
        }
    }

    fn refuse_taken(&self, seen: &Seen) -> Result<()> {
        let mut claimed = BTreeMap::<Unique, Key>::new();
        let released = self.released();
        for ((key, unique), holder) in self.claims().zip(&seen.holders) {
            let holder = holder.map(|place| place.key(key.workspace));
            let holder = holder.filter(|_| !released.contains(&unique));
            let holder = holder.or_else(|| claimed.get(&unique).copied());
            if let Some(holder) = holder.filter(|holder| *holder != key) {
                return Err(Error::taken(&unique.name, &unique.value, &holder));
            }
            claimed.insert(unique, key);
        }
        Ok(())
    }

    /// The unique values that records hold no more. Their versions are those that were seen, so they held
    /// what they held then.
    fn released(&self) -> BTreeSet<Unique> {
        let writes = self.set.changes.iter();
        writes
            .flat_map(|change| change.difference().released)
            .collect()
    }

    fn writes(&self, seen: &Seen) -> Result<Writes> {
        let mut writes = Writes {
            answer: Committed::default(),
            number: seen.number,
            records: Vec::new(),
            deleted: Vec::new(),
            released: self.released(),
            claimed: Vec::new(),
        };
        for change in &self.set.changes {
            writes.change(change)?;
        }
        writes.answer.seq.0 = seen.seq;
        for event in &self.set.events {
            writes.answer.seq.0 += 1;
            let mut event = event.clone();
            event.seq = writes.answer.seq;
            event.version = Version(1);
            writes.record(&event.into())?;
        }
        let claims = self.claims();
        writes.claimed = claims
            .map(|(key, unique)| (unique, Place::of(key)))
            .collect();
        Ok(writes)
    }
}

fn refuse_other_length(what: &str, seen: usize, asked: usize) -> Result<()> {
    if seen == asked {
        return Ok(());
    }
    Err(Error::bug(format!(
        "the store has seen {seen} {what} of {asked} that it must see to decide a commit"
    )))
}

impl Writes {
    fn change(&mut self, change: &Change) -> Result<()> {
        let version = change.expected().unwrap_or_default().next();
        match change {
            Change::Check { .. } => Ok(()),
            Change::Delete { before } => {
                self.deleted.push(Place::of(before.key()));
                Ok(())
            }
            Change::Create(record) | Change::Replace { after: record, .. } => {
                let mut record = record.clone();
                record.set_version(version);
                if matches!(change, Change::Create(_)) {
                    self.assign_number(&mut record)?;
                }
                self.record(&record)
            }
        }
    }

    fn assign_number(&mut self, record: &mut Entity) -> Result<()> {
        match record.number() {
            None => {}
            Some(0) => {
                let next = self.number.checked_add(1);
                self.number = next.ok_or_else(|| {
                    Error::new(ErrorKind::Limit, "the workspace has no numbers left")
                })?;
                record.set_number(self.number);
                self.answer.numbers.push((record.key(), self.number));
            }
            Some(given) => self.number = self.number.max(given),
        }
        Ok(())
    }

    fn record(&mut self, record: &Entity) -> Result<()> {
        let body = record.to_json().map_err(Error::from)?;
        let body = String::from_utf8(body)
            .map_err(|error| Error::bug("a record is no text").with_source(error))?;
        let seq = match record {
            Entity::Event(event) => Some(event.seq.0),
            _ => None,
        };
        self.records.push(Written {
            place: Place::of(record.key()),
            version: record.version(),
            seq,
            body,
        });
        Ok(())
    }
}

impl Place {
    fn of(key: Key) -> Self {
        Self {
            kind: key.kind,
            id: key.id,
        }
    }

    fn key(self, workspace: casekit_core::model::WorkspaceId) -> Key {
        Key {
            workspace,
            kind: self.kind,
            id: self.id,
        }
    }
}
