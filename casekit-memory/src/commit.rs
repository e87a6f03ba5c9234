//! A commit: everything is checked before anything is changed.

use std::collections::{BTreeMap, BTreeSet};

use casekit_core::model::{Entity, Event, Key, Kind, Seq, Stored, Unique, Version};
use casekit_core::{Change, ChangeSet, Committed, Error, ErrorKind, Result};

use crate::space::Space;

impl Space {
    pub(crate) fn commit(&mut self, set: ChangeSet) -> Result<Committed> {
        self.refuse_stale(&set)?;
        self.refuse_taken(&set)?;
        let Numbered {
            changes,
            numbers,
            last,
        } = number(set.changes, self.number)?;
        self.number = last;
        self.release(&changes);
        for change in changes {
            self.apply(change);
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

    fn refuse_taken(&self, set: &ChangeSet) -> Result<()> {
        let kept = kept_by(&set.changes);
        let mut claimed = BTreeMap::<Unique, Key>::new();
        for change in &set.changes {
            let (key, unique) = (change.key(), change.after().map(Entity::unique));
            for unique in unique.unwrap_or_default() {
                // A holder that is part of the set holds only what it still has afterwards.
                let holder = self
                    .holder(&unique)
                    .filter(|holder| match kept.get(holder) {
                        Some(kept) => kept.contains(&unique),
                        None => true,
                    });
                let holder = holder.or_else(|| claimed.get(&unique).copied());
                if let Some(holder) = holder.filter(|holder| *holder != key) {
                    return Err(Error::taken(&unique.name, &unique.value, &holder));
                }
                claimed.insert(unique, key);
            }
        }
        Ok(())
    }

    fn release(&mut self, changes: &[Change]) {
        for change in changes {
            if matches!(change, Change::Check { .. }) {
                continue;
            }
            let unique = self.get(&change.key()).map(Entity::unique);
            for unique in unique.unwrap_or_default() {
                self.holders.remove(&unique);
            }
        }
    }

    fn apply(&mut self, change: Change) {
        let (key, version) = (change.key(), change.expected());
        let table = self.tables.entry(key.kind).or_default();
        match change {
            Change::Check { .. } => {}
            Change::Delete { .. } => table.remove(key.id),
            Change::Create(mut record)
            | Change::Replace {
                after: mut record, ..
            } => {
                record.set_version(version.unwrap_or_default().next());
                for unique in record.unique() {
                    self.holders.insert(unique, key);
                }
                table.put(record);
            }
        }
    }

    fn append(&mut self, mut event: Event) {
        event.seq = Seq(self.last_seq().0 + 1);
        event.version = Version(1);
        self.log.push(event.id.0);
        let table = self.tables.entry(Kind::Event).or_default();
        table.put(Entity::Event(event));
    }
}

/// What each changed record of a set still holds afterwards.
fn kept_by(changes: &[Change]) -> BTreeMap<Key, BTreeSet<Unique>> {
    let written = changes
        .iter()
        .filter(|change| !matches!(change, Change::Check { .. }));
    let kept = written.map(|change| {
        let unique = change.after().map(Entity::unique).unwrap_or_default();
        (change.key(), unique.into_iter().collect())
    });
    kept.collect()
}

/// The changes of a set with the numbers of their new records.
struct Numbered {
    changes: Vec<Change>,
    numbers: Vec<(Key, u64)>,
    last: u64,
}

fn number(mut changes: Vec<Change>, mut last: u64) -> Result<Numbered> {
    let mut numbers = Vec::new();
    for change in &mut changes {
        let Change::Create(record) = change else {
            continue;
        };
        let key = record.key();
        let Some(number) = record.number_mut() else {
            continue;
        };
        if *number == 0 {
            last = last
                .checked_add(1)
                .ok_or_else(|| Error::new(ErrorKind::Limit, "the workspace has no numbers left"))?;
            *number = last;
            numbers.push((key, last));
        } else {
            last = last.max(*number);
        }
    }
    Ok(Numbered {
        changes,
        numbers,
        last,
    })
}
