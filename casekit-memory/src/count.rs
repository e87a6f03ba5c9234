//! Running an aggregate: over the records that an index confines it to.

use casekit_core::Result;
use casekit_core::model::Value;
use casekit_core::query::{Aggregate, AggregateRow, Measure, eval_aggregate_rows};

use crate::conjuncts::Conjuncts;
use crate::table::Table;

impl Table {
    pub(crate) fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<AggregateRow>> {
        let conjuncts = Conjuncts::of(&aggregate.filter);
        if aggregate.group_by.is_empty()
            && aggregate.measures == [Measure::Count]
            && let Some(count) = self.count(&conjuncts)
        {
            return Ok(count_row(count));
        }
        match self.good_source(&conjuncts) {
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

/// A group without records has no row.
fn count_row(count: usize) -> Vec<AggregateRow> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let row = AggregateRow {
        group: Vec::new(),
        values: vec![Value::Int(count)],
    };
    (count > 0).then_some(row).into_iter().collect()
}
