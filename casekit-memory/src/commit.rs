//! A commit: everything is checked before anything is changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use casekit_core::model::{Entity, Event, Key, Kind, Seq, Stored, Unique, Version};
use casekit_core::{Change, ChangeSet, Committed, Error, ErrorKind, Result};

use crate::space::Space;
use crate::table::Held;

/// A change with the unique values that it claims.
struct Claim {
    key: Key,
    /// Whether the record is written or deleted, so that it holds only what it claims.
    writes: bool,
    unique: Vec<Unique>,
}

impl Space {
    pub(crate) fn commit(&mut self, set: ChangeSet) -> Result<Committed> {
        self.refuse_stale(&set)?;
        let claims: Vec<Claim> = set.changes.iter().map(Claim::of).collect();
        self.refuse_taken(&claims)?;
        let mut changes = set.changes;
        let (numbers, last) = number(&mut changes, self.number)?;
        self.number = last;
        self.release(&claims);
        for (change, claim) in changes.into_iter().zip(claims) {
            for unique in claim.unique {
                self.holders.insert(unique, claim.key);
            }
            self.apply(claim.key, change);
        }
        for event in set.events {
            self.append(event);
        }
        Ok(Committed {
            seq: self.last_seq(),
            numbers,
        })
    }

    fn refuse_stale(&self, set: &ChangeSet) -> Result<()> {
        let changed = set.changes.iter().filter_map(|change| {
            let key = change.key();
            let version = self.get(&key).map(Entity::version);
            (version != change.expected()).then_some(key)
        });
        let events = set.events.iter().map(Stored::key);
        let stale: Vec<Key> = changed
            .chain(events.filter(|key| self.get(key).is_some()))
            .collect();
        if stale.is_empty() {
            Ok(())
        } else {
            Err(Error::stale(stale))
        }
    }

    fn refuse_taken(&self, claims: &[Claim]) -> Result<()> {
        let mut claimed = BTreeMap::<&Unique, Key>::new();
        for claim in claims {
            for unique in &claim.unique {
                let holder = self
                    .holder(unique)
                    .filter(|holder| keeps(claims, holder, unique));
                let holder = holder.or_else(|| claimed.get(unique).copied());
                if let Some(holder) = holder.filter(|holder| *holder != claim.key) {
                    return Err(Error::taken(&unique.name, &unique.value, &holder));
                }
                claimed.insert(unique, claim.key);
            }
        }
        Ok(())
    }

    fn release(&mut self, claims: &[Claim]) {
        for claim in claims.iter().filter(|claim| claim.writes) {
            let unique = self.get(&claim.key).map(Entity::unique);
            for unique in unique.unwrap_or_default() {
                self.holders.remove(&unique);
            }
        }
    }

    fn apply(&mut self, key: Key, change: Change) {
        let version = change.expected().unwrap_or_default().next();
        let before = match change {
            Change::Check { .. } => return,
            Change::Delete { .. } => self.table_mut(key.kind).remove(key.id),
            Change::Create(mut record)
            | Change::Replace {
                after: mut record, ..
            } => {
                record.set_version(version);
                self.table_mut(key.kind).put(key.id, record)
            }
        };
        self.index_text(key, before.as_ref());
    }

    /// Brings the words by which owners are found from what a record was to what it is.
    pub(crate) fn index_text(&mut self, key: Key, before: Option<&Arc<Held>>) {
        let before = before.and_then(|held| held.entity.search_text());
        let after = self.get(&key).and_then(Entity::search_text);
        if before == after {
            return;
        }
        if let Some(before) = before {
            let table = self.table_mut(before.owner.kind);
            table.texts.remove(key, &before);
        }
        if let Some(after) = after {
            let table = self.table_mut(after.owner.kind);
            table.texts.add(key, &after);
        }
    }

    fn append(&mut self, mut event: Event) {
        event.seq = Seq(self.last_seq().0 + 1);
        event.version = Version(1);
        let id = event.id.0;
        self.log.push(id);
        self.table_mut(Kind::Event).put(id, event.into());
    }
}

impl Claim {
    fn of(change: &Change) -> Self {
        Self {
            key: change.key(),
            writes: !matches!(change, Change::Check { .. }),
            unique: change.after().map(Entity::unique).unwrap_or_default(),
        }
    }
}

/// Whether a holder still has a value after the changes: if it is not part of them, it does.
fn keeps(claims: &[Claim], holder: &Key, unique: &Unique) -> bool {
    let mut written = claims.iter().filter(|claim| claim.writes);
    let claim = written.find(|claim| claim.key == *holder);
    claim.is_none_or(|claim| claim.unique.contains(unique))
}

/// Numbers the new records that need it, and gives the numbers and the last one.
fn number(changes: &mut [Change], mut last: u64) -> Result<(Vec<(Key, u64)>, u64)> {
    let mut numbers = Vec::new();
    for change in changes {
        let Change::Create(record) = change else {
            continue;
        };
        let key = record.key();
        let Some(number) = record.number() else {
            continue;
        };
        if number == 0 {
            last = last
                .checked_add(1)
                .ok_or_else(|| Error::new(ErrorKind::Limit, "the workspace has no numbers left"))?;
            record.set_number(last);
            numbers.push((key, last));
        } else {
            last = last.max(number);
        }
    }
    Ok((numbers, last))
}
