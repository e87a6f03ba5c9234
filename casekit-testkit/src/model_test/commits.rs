//! Random change sets: good ones, stale ones, clashing ones, and old ones sent again.

use std::sync::Arc;

use casekit_core::model::{AgentId, Case, Customer, Entity, Key, Kind, Stored, Version, What};
use casekit_core::{Change, ChangeSet};

use super::world::{World, answered, commit_surely, same};

/// From so many records on, more are deleted than created: `eval` looks at all of them each time.
const MANY: usize = 250;

impl World<'_> {
    pub(super) async fn commit_something(&mut self) -> Result<(), String> {
        let mut set = self.new_set();
        let count = self.make.rng.u8(..6);
        let events = usize::try_from(self.seq.0).unwrap_or(0);
        let full = self.known.len().saturating_sub(events) >= MANY;
        for _ in 0..count {
            let change = match self.make.rng.u8(..20) {
                0..=7 if !full => self.creation(),
                0..=14 => self.replacement(),
                15..=17 => self.known_record().map(|before| Change::Delete { before }),
                18 => self.check(),
                _ => self.stale_change(),
            };
            let deletes_event = matches!(
                &change,
                Some(Change::Delete {
                    before: Entity::Event(_)
                })
            );
            // One change for each record; an event stays. What is invalid has a test of its own.
            let keys: Vec<Key> = set.changes.iter().map(Change::key).collect();
            set.changes
                .extend(change.filter(|c| !deletes_event && !keys.contains(&c.key())));
        }
        for _ in 0..self.make.rng.u8(..3) {
            let about = self.known_record().map(|record| record.key());
            let about = about.unwrap_or(self.make.agent().key());
            set.events.push(self.make.event(about, What::Changed));
        }
        self.send(set).await
    }

    /// Sends a set that was sent before: if it took effect then, nothing happens now.
    pub(super) async fn commit_again(&mut self) -> Result<(), String> {
        let at = self.make.rng.usize(..self.sent.len().max(1));
        let Some(set) = self.sent.get(at).cloned() else {
            return Ok(());
        };
        self.report.retried += 1;
        let before = self.state_of(&set).await?;
        let wanted = self.oracle.commit(set.clone()).await;
        let got = commit_surely(self.store, &set).await;
        match (got, wanted) {
            (Ok(got), Ok(wanted)) => same("commit again", &set, &got, &wanted)?,
            (got, wanted) => {
                let kind = |answer: Result<_, casekit_core::Error>| answer.err().map(|e| e.kind());
                return same("commit again", &set, &kind(got), &kind(wanted));
            }
        }
        let after = self.state_of(&set).await?;
        if before == after {
            return Ok(());
        }
        // It was refused the first time and went through now.
        let events = answered(self.oracle.feed(self.workspace, self.seq, 1_000).await)?;
        self.seq = events.last().map_or(self.seq, |event| event.seq);
        let keys = set.changes.iter().map(Change::key);
        for (key, now) in keys.chain(set.events.iter().map(Stored::key)).zip(after) {
            match now {
                Some(now) => self.known.insert(key, now),
                None => self.known.remove(&key),
            };
        }
        Ok(())
    }

    async fn state_of(&self, set: &ChangeSet) -> Result<Vec<Option<Entity>>, String> {
        let keys = set.changes.iter().map(Change::key);
        let keys: Vec<Key> = keys.chain(set.events.iter().map(Stored::key)).collect();
        self.load_both(&keys).await
    }

    fn creation(&mut self) -> Option<Change> {
        if self.make.rng.u8(..12) == 0 {
            // An id of old: it may have been deleted, or may still be there.
            let at = self.make.rng.usize(..self.past.len().max(1));
            let old = self.past.get(at).cloned();
            return old
                .filter(|record| record.kind() != Kind::Event)
                .map(Change::Create);
        }
        let record = match self.make.rng.u8(..21) {
            0 => Entity::from(self.make.agent()),
            1 => Entity::from(self.make.product()),
            2 => Entity::from(self.make.organisation()),
            3 => Entity::from(self.make.workspace()),
            4..=6 => Entity::from(self.new_customer()),
            7..=11 => Entity::from(self.new_case()),
            12..=15 => {
                let case = self.some_case();
                Entity::from(self.make.entry(&case))
            }
            16 => {
                let case = self.some_case();
                Entity::from(self.make.activity(&case))
            }
            17 => {
                let (case, agent) = (self.some_case(), self.some_agent());
                Entity::from(self.make.draft(&case, agent))
            }
            18 => {
                let (from, to) = (self.some_case().id, self.some_case().id);
                Entity::from(self.make.relation(from, to))
            }
            19 => {
                let owner = Some(self.some_agent()).filter(|_| self.make.rng.bool());
                Entity::from(self.make.saved_view(owner))
            }
            _ => {
                let case = self.some_case();
                match self.make.rng.bool() {
                    true => Entity::from(self.make.tombstone(&case)),
                    false => {
                        let target = self.some_case().id;
                        Entity::from(self.make.merge(case, target))
                    }
                }
            }
        };
        Some(Change::Create(record))
    }

    /// One of few, so that what is unique for an agent clashes.
    fn some_agent(&mut self) -> AgentId {
        uuid::Uuid::from_u128(self.make.rng.u128(..3)).into()
    }

    fn new_customer(&mut self) -> Customer {
        let mut customer = self.make.customer();
        if self.make.rng.u8(..3) == 0 {
            customer.emails = vec![self.shared_email()];
        }
        customer
    }

    fn shared_email(&mut self) -> String {
        format!("Shared{}@example.org", self.make.rng.u8(..12))
    }

    fn new_case(&mut self) -> Case {
        let customers = self.known.values().filter_map(|record| match record {
            Entity::Customer(customer) => Some(Customer::clone(customer)),
            _ => None,
        });
        let customer = self.make.rng.choice(customers.collect::<Vec<_>>());
        let customer = customer.unwrap_or_else(|| self.make.customer());
        let mut case = self.make.case(&customer);
        if self.make.rng.u8(..15) == 0 {
            case.number = self.make.rng.u64(1..200);
        }
        case
    }

    /// Mostly a stored case; now and then one that is not, whose entries then have no owner.
    fn some_case(&mut self) -> Case {
        let cases = self.known.values().filter_map(|record| match record {
            Entity::Case(case) => Some(Case::clone(case)),
            _ => None,
        });
        let case = self.make.rng.choice(cases.collect::<Vec<_>>());
        let case = case.filter(|_| self.make.rng.u8(..10) > 0);
        case.unwrap_or_else(|| self.new_case())
    }

    /// A stored record, seldom an event: they are many, and little can be done with them.
    pub(super) fn known_record(&mut self) -> Option<Entity> {
        let events = self.make.rng.u8(..12) == 0;
        let of_sort = |record: &&Entity| (record.kind() == Kind::Event) == events;
        let found: Vec<&Entity> = self.known.values().filter(of_sort).collect();
        self.make.rng.choice(found).cloned()
    }

    fn replacement(&mut self) -> Option<Change> {
        let before = self.known_record()?;
        let mut after = self.make.edit(&before);
        if let Entity::Customer(customer) = &mut after
            && self.make.rng.u8(..3) == 0
        {
            Arc::make_mut(customer).emails = vec![self.shared_email()];
        }
        if let Entity::Entry(entry) = &mut after
            && self.make.rng.u8(..4) == 0
        {
            Arc::make_mut(entry).case = self.some_case().id;
        }
        Some(Change::Replace { before, after })
    }

    fn check(&mut self) -> Option<Change> {
        let record = self.known_record()?;
        Some(Change::Check {
            key: record.key(),
            version: record.version(),
        })
    }

    /// A change that expects what is no more, or is not yet.
    fn stale_change(&mut self) -> Option<Change> {
        let at = self.make.rng.usize(..self.past.len().max(1));
        let old = self.past.get(at).cloned()?;
        // An id that was deleted and came again counts its versions anew: what was seen in its earlier life is
        // not what is there now at that version, and so nothing that `before` may be.
        let now = self.known.get(&old.key());
        let is_of_earlier_life =
            now.is_some_and(|now| now.version() == old.version() && *now != old);
        if old.kind() == Kind::Event || is_of_earlier_life {
            return None;
        }
        Some(match self.make.rng.u8(..4) {
            0 => Change::Delete { before: old },
            1 => Change::Check {
                key: old.key(),
                version: old.version(),
            },
            2 => Change::Check {
                key: old.key(),
                version: Version(99),
            },
            _ => Change::Replace {
                after: self.make.edit(&old),
                before: old,
            },
        })
    }
}
