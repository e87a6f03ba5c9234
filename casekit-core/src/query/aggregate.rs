//! Counts, sums and extremes by group.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Filter, eval_filter};
use crate::error::{Error, Result};
use crate::model::{Arity, Entity, Holds, Kind, Row, Value, WorkspaceId};

/// What to count and sum, over which records, in which groups.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Aggregate {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The kind of record.
    pub kind: Kind,
    /// What must hold for a record.
    pub filter: Filter,
    /// The single-valued fields to group by; with none, all is one group.
    pub group_by: Vec<String>,
    /// What to compute for each group.
    pub measures: Vec<Measure>,
    /// How many records are enough: a store may stop there, and need not look at more. Only where all is one
    /// group and nothing but counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enough: Option<u32>,
}

/// What to compute for a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// How many records.
    Count,
    /// The sum of a field of whole numbers.
    Sum(String),
    /// The smallest value of a single-valued field.
    Min(String),
    /// The largest value of a single-valued field.
    Max(String),
}

/// A group that has at least one record. Rows come sorted by group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AggregateRow {
    /// The group's values, in the order of `group_by`.
    pub group: Vec<Value>,
    /// The results, in the order of `measures`: [`Value::Int`] for counts and sums.
    pub values: Vec<Value>,
}

impl Aggregate {
    /// Counts of the records of `kind`.
    pub fn count(workspace: WorkspaceId, kind: Kind, filter: Filter) -> Self {
        Self {
            workspace,
            kind,
            filter,
            group_by: Vec::new(),
            measures: vec![Measure::Count],
            enough: None,
        }
    }

    /// Where so many records are enough.
    #[must_use]
    pub fn enough(mut self, records: u32) -> Self {
        self.enough = Some(records);
        self
    }

    /// In groups of equal values of `fields`.
    #[must_use]
    pub fn by(mut self, fields: &[&str]) -> Self {
        self.group_by = fields.iter().map(|&field| field.to_owned()).collect();
        self
    }

    /// With these measures instead.
    #[must_use]
    pub fn measures(mut self, measures: Vec<Measure>) -> Self {
        self.measures = measures;
        self
    }

    /// Refuses unknown fields and sums of what cannot be summed. Stores call this first.
    pub fn validate(&self) -> Result<()> {
        self.filter.validate(self.kind)?;
        let noun = self.kind.declaration().noun;
        let single = |name: &String| {
            let field = self.kind.declaration().field(name);
            field
                .filter(|field| field.arity == Arity::One)
                .ok_or_else(|| {
                    Error::invalid(format!("a {noun} has no single-valued field `{name}`"))
                })
        };
        let is_count = self.measures.iter().all(|m| *m == Measure::Count);
        if self.enough.is_some() && !(self.group_by.is_empty() && is_count) {
            let message = "only a count of all can end when there are enough";
            return Err(Error::invalid(message));
        }
        for name in &self.group_by {
            single(name)?;
        }
        for measure in &self.measures {
            match measure {
                Measure::Count => {}
                Measure::Min(name) | Measure::Max(name) => {
                    single(name)?;
                }
                Measure::Sum(name) => {
                    if single(name)?.holds != Holds::Int {
                        return Err(Error::invalid(format!("`{name}` is not a whole number")));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Runs an aggregate over `records`: defines what it means.
pub fn eval_aggregate<'a>(
    aggregate: &Aggregate,
    records: impl Iterator<Item = &'a Entity>,
) -> Result<Vec<AggregateRow>> {
    let rows: Vec<_> = records.map(|record| (record, record.row())).collect();
    eval_aggregate_rows(aggregate, rows.iter().map(|(record, row)| (*record, row)))
}

/// Runs an aggregate over records of which the store still has the rows.
pub fn eval_aggregate_rows<'a>(
    aggregate: &Aggregate,
    records: impl Iterator<Item = (&'a Entity, &'a Row)>,
) -> Result<Vec<AggregateRow>> {
    aggregate.validate()?;
    let mut groups = BTreeMap::<Vec<Value>, Vec<Value>>::new();
    for (record, row) in records {
        let key = record.key();
        if key.workspace != aggregate.workspace
            || key.kind != aggregate.kind
            || !eval_filter(&aggregate.filter, record, row)
        {
            continue;
        }
        let value = |name: &String| row.values(key.kind, name).next().cloned();
        let group = aggregate.group_by.iter().filter_map(value).collect();
        let measured: Vec<Value> = aggregate
            .measures
            .iter()
            .filter_map(|measure| match measure {
                Measure::Count => Some(Value::Int(1)),
                Measure::Sum(name) | Measure::Min(name) | Measure::Max(name) => value(name),
            })
            .collect();
        match groups.get_mut(&group) {
            None => {
                groups.insert(group, measured);
            }
            Some(totals) => {
                let pairs = totals.iter_mut().zip(measured).zip(&aggregate.measures);
                for ((total, value), measure) in pairs {
                    combine(total, value, measure);
                }
            }
        }
    }
    let rows = groups.into_iter();
    Ok(rows
        .map(|(group, values)| AggregateRow { group, values })
        .collect())
}

fn combine(total: &mut Value, value: Value, measure: &Measure) {
    match (measure, &mut *total, value) {
        (Measure::Count | Measure::Sum(_), Value::Int(total), Value::Int(more)) => {
            *total = total.saturating_add(more);
        }
        (Measure::Min(_), total, value) if value < *total => *total = value,
        (Measure::Max(_), total, value) if value > *total => *total = value,
        _ => {}
    }
}
