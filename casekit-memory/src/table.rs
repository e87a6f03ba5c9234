//! The records of one kind.

use std::collections::BTreeMap;

use casekit_core::model::Entity;
use uuid::Uuid;

#[derive(Debug, Default)]
pub(crate) struct Table {
    records: BTreeMap<Uuid, Entity>,
}

impl Table {
    pub(crate) fn get(&self, id: Uuid) -> Option<&Entity> {
        self.records.get(&id)
    }

    pub(crate) fn records(&self) -> impl Iterator<Item = &Entity> + Clone {
        self.records.values()
    }

    pub(crate) fn put(&mut self, record: Entity) {
        self.records.insert(record.key().id, record);
    }

    pub(crate) fn remove(&mut self, id: Uuid) {
        self.records.remove(&id);
    }
}
