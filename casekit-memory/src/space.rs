//! All that belongs to one workspace. Nothing in here reaches another.

use std::collections::BTreeMap;

use casekit_core::model::{Entity, Event, Key, Kind, Seq, Unique};
use hashbrown::HashMap;
use uuid::Uuid;

use crate::table::Table;

#[derive(Debug, Default)]
pub(crate) struct Space {
    pub(crate) tables: BTreeMap<Kind, Table>,
    pub(crate) holders: HashMap<Unique, Key>,
    /// The last number that was assigned or given.
    pub(crate) number: u64,
    /// The ids of the events in the order of their sequence numbers, which begin with 1.
    pub(crate) log: Vec<Uuid>,
}

impl Space {
    pub(crate) fn get(&self, key: &Key) -> Option<&Entity> {
        let held = self.tables.get(&key.kind)?.get(key.id)?;
        Some(&held.entity)
    }

    pub(crate) fn holder(&self, unique: &Unique) -> Option<Key> {
        self.holders.get(unique).copied()
    }

    pub(crate) fn table(&self, kind: Kind) -> Option<&Table> {
        self.tables.get(&kind)
    }

    pub(crate) fn table_mut(&mut self, kind: Kind) -> &mut Table {
        self.tables.entry(kind).or_insert_with(|| Table::new(kind))
    }

    pub(crate) fn last_seq(&self) -> Seq {
        Seq(self.log.len() as u64)
    }

    pub(crate) fn feed(&self, after: Seq, limit: u32) -> Vec<Event> {
        let Some(table) = self.tables.get(&Kind::Event) else {
            return Vec::new();
        };
        let skip = usize::try_from(after.0).unwrap_or(usize::MAX);
        let ids = self.log.iter().skip(skip).take(limit as usize);
        ids.filter_map(|id| match &table.get(*id)?.entity {
            Entity::Event(event) => Some(Event::clone(event)),
            _ => None,
        })
        .collect()
    }
}
