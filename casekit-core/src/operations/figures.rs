//! Figures of cases, added up from what a store counts.

use crate::model::{Status, Value};
use crate::query::{Aggregate, AggregateRow, Filter, Measure};
use crate::{desk::Context, error::Result, model::Kind};

/// Figures of cases.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) open: u64,
    pub(crate) closed: u64,
    pub(crate) reopened: u64,
    pub(crate) messages: u64,
    pub(crate) mean_first_response_ms: Option<u64>,
    pub(crate) mean_resolution_ms: Option<u64>,
}

impl Context {
    /// Counts and sums of the cases that `filter` holds for, by status, the fields of `by`, and whether
    /// staff replied: rows for [`Figures::of`].
    pub(crate) async fn case_rows(
        &self,
        filter: &Filter,
        by: &[&str],
    ) -> Result<Vec<AggregateRow>> {
        let sums = ["reopened", "messages", "first_reply_ms", "resolution_ms"];
        let measures = std::iter::once(Measure::Count)
            .chain(sums.map(|field| Measure::Sum(field.to_owned())))
            .collect();
        let groups = [&["status"], by, &["replied"]].concat();
        let cases = Aggregate::count(self.workspace_id(), Kind::Case, filter.clone())
            .by(&groups)
            .measures(measures);
        self.aggregate(&cases).await
    }
}

impl Figures {
    /// Adds up rows of cases.
    pub(crate) fn of(rows: &[AggregateRow]) -> Self {
        let mut figures = Self::default();
        let (mut replied, mut reply_ms, mut resolution_ms) = (0, 0, 0);
        for row in rows {
            let [Value::Text(status), .., Value::Bool(was_replied)] = row.group.as_slice() else {
                continue;
            };
            let count = number(row, 0);
            figures.reopened += number(row, 1);
            figures.messages += number(row, 2);
            if *was_replied {
                replied += count;
                reply_ms += number(row, 3);
            }
            if status == Status::Closed.name() {
                figures.closed += count;
                resolution_ms += number(row, 4);
            } else {
                figures.open += count;
            }
        }
        figures.mean_first_response_ms = reply_ms.checked_div(replied);
        figures.mean_resolution_ms = resolution_ms.checked_div(figures.closed);
        figures
    }
}

/// The result at a place of a row.
pub(crate) fn number(row: &AggregateRow, place: usize) -> u64 {
    match row.values.get(place) {
        Some(Value::Int(number)) => natural(*number),
        _ => 0,
    }
}

/// A count or sum of what is never negative.
pub(crate) fn natural(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
