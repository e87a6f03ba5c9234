//! The indexes without the store: for stores that keep records where nothing can be searched.

use casekit_core::Result;
use casekit_core::model::{Entity, Key};
use casekit_core::query::{Aggregate, AggregateRow, Page, Query};

use crate::space::Space;

/// A copy of one workspace's records, to find them by.
///
/// It takes records as they are, with their versions and numbers, and checks nothing: who keeps them
/// has done that.
#[derive(Debug, Default)]
pub struct Mirror {
    space: Space,
}

impl Mirror {
    /// An empty copy.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a record in, in place of what was at its key.
    pub fn put(&mut self, record: Entity) {
        let key = record.key();
        let before = self.space.table_mut(key.kind).put(key.id, record);
        self.space.index_text(key, before.as_ref());
    }

    /// Forgets a record.
    pub fn remove(&mut self, key: Key) {
        let before = self.space.table_mut(key.kind).remove(key.id);
        self.space.index_text(key, before.as_ref());
    }

    /// What a query of the workspace finds.
    ///
    /// # Errors
    /// What [`Query::validate`] refuses.
    pub fn find(&self, query: &Query) -> Result<Page> {
        query.validate()?;
        let table = self.space.table(query.kind);
        Ok(table
            .map(|table| table.find(query))
            .unwrap_or_default()
            .into_page())
    }

    /// What an aggregate of the workspace gives.
    ///
    /// # Errors
    /// What [`Aggregate::validate`] refuses.
    pub fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<AggregateRow>> {
        aggregate.validate()?;
        let table = self.space.table(aggregate.kind);
        table.map_or_else(|| Ok(Vec::new()), |table| table.aggregate(aggregate))
    }
}
