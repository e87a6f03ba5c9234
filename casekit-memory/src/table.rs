//! The records of one kind, with the indexes that find them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use casekit_core::model::{Declaration, Entity, Kind, Row, Value};
use uuid::Uuid;

use crate::order::Order;
use crate::order_key::{OrderKey, push, push_record};
use crate::texts::TextIndex;

/// A record with the values by which it is found. Shared, so that a page can be handed out after
/// the lock is released.
#[derive(Debug)]
pub(crate) struct Held {
    pub(crate) entity: Entity,
    pub(crate) row: Row,
}

/// The records of one kind, with the indexes that find them.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) declaration: &'static Declaration,
    pub(crate) records: BTreeMap<Uuid, Arc<Held>>,
    pub(crate) orders: Vec<Order>,
    /// The values of many-valued fields, each after its name.
    pub(crate) many: BTreeSet<OrderKey>,
    /// The words by which these records are found, in whichever records they are.
    pub(crate) texts: TextIndex,
}

impl Table {
    pub(crate) fn new(kind: Kind) -> Self {
        let declaration = kind.declaration();
        Self {
            declaration,
            records: BTreeMap::new(),
            orders: Order::all_of(declaration),
            many: BTreeSet::new(),
            texts: TextIndex::default(),
        }
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<&Arc<Held>> {
        self.records.get(&id)
    }

    /// Writes a record, and gives what was there.
    pub(crate) fn put(&mut self, id: Uuid, entity: Entity) -> Option<Arc<Held>> {
        let row = entity.row();
        let held = Arc::new(Held { entity, row });
        let before = self.records.insert(id, Arc::clone(&held));
        self.index(id, before.as_ref().map(|b| &b.row), Some(&held.row));
        before
    }

    /// Removes a record, and gives it.
    pub(crate) fn remove(&mut self, id: Uuid) -> Option<Arc<Held>> {
        let before = self.records.remove(&id);
        self.index(id, before.as_ref().map(|b| &b.row), None);
        before
    }

    fn index(&mut self, id: Uuid, before: Option<&Row>, after: Option<&Row>) {
        for order in &mut self.orders {
            order.update(id, before, after);
        }
        let old = before.map_or(&[][..], |row| &row.many);
        let new = after.map_or(&[][..], |row| &row.many);
        if old == new {
            return;
        }
        for (name, value) in old {
            self.many.remove(&many_key(name, value, Some(id)));
        }
        for (name, value) in new {
            self.many.insert(many_key(name, value, Some(id)));
        }
    }
}

/// The key of a value of a many-valued field; without an id, the prefix of all who have it.
pub(crate) fn many_key(name: &str, value: &Value, id: Option<Uuid>) -> OrderKey {
    let mut key = OrderKey::new();
    key.extend_from_slice(name.as_bytes());
    key.push(0);
    push(&mut key, value);
    if let Some(id) = id {
        push_record(&mut key, id);
    }
    key
}
