//! A declared index: the records of a kind in the order of some of their fields.

use std::collections::BTreeSet;

use casekit_core::model::{Arity, Declaration, Row, Value};
use uuid::Uuid;

use crate::order_key::{OrderKey, push, push_record};

/// The records of a kind in the order of some of their fields.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) fields: &'static [&'static str],
    /// Where the fields' values are in a row.
    positions: Vec<usize>,
    pub(crate) keys: BTreeSet<OrderKey>,
}

impl Order {
    /// An empty index for each that is declared.
    pub(crate) fn all_of(declaration: &Declaration) -> Vec<Self> {
        let indexes = declaration.indexes.iter();
        indexes
            .map(|fields| Self {
                fields,
                positions: fields
                    .iter()
                    .filter_map(|field| position(declaration, field))
                    .collect(),
                keys: BTreeSet::new(),
            })
            .collect()
    }

    fn values<'r>(&self, row: &'r Row) -> impl Iterator<Item = Option<&'r Value>> {
        self.positions.iter().map(|at| row.one.get(*at))
    }

    fn key(&self, row: &Row, id: Uuid) -> OrderKey {
        let mut key = OrderKey::new();
        for value in self.values(row).flatten() {
            push(&mut key, value);
        }
        push_record(&mut key, id);
        key
    }

    /// Brings the index from the row that a record had to the one that it has.
    pub(crate) fn update(&mut self, id: Uuid, before: Option<&Row>, after: Option<&Row>) {
        if let (Some(before), Some(after)) = (before, after)
            && self.values(before).eq(self.values(after))
        {
            return;
        }
        if let Some(before) = before {
            let key = self.key(before, id);
            self.keys.remove(&key);
        }
        if let Some(after) = after {
            let key = self.key(after, id);
            self.keys.insert(key);
        }
    }
}

/// Where a single-valued field's value is in a row.
pub(crate) fn position(declaration: &Declaration, name: &str) -> Option<usize> {
    let mut single = declaration
        .fields
        .iter()
        .filter(|field| field.arity == Arity::One);
    single.position(|field| field.name == name)
}
