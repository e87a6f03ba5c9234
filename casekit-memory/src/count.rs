//! Running an aggregate: over the records that an index confines it to.

use casekit_core::Result;
use casekit_core::query::{Aggregate, AggregateRow, eval_aggregate_rows};

use crate::conjuncts::Conjuncts;
use crate::table::Table;

impl Table {
    pub(crate) fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<AggregateRow>> {
        let conjuncts = Conjuncts::of(&aggregate.filter);
        match self.any_source(&conjuncts) {
            Some(source) => {
                let records = source.records();
                let held = records.iter().filter_map(|id| self.get(*id));
                eval_aggregate_rows(aggregate, held.map(|held| (&held.entity, &held.row)))
            }
            None => {
                let held = self.records.values();
                eval_aggregate_rows(aggregate, held.map(|held| (&held.entity, &held.row)))
            }
        }
    }
}
