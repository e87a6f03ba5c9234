//! A stretch of an index.

use std::collections::BTreeSet;
use std::ops::Bound;

use casekit_core::model::Value;
use casekit_core::query::Comparison;
use uuid::Uuid;

use crate::order_key::{OrderKey, push, push_start, record, successor};

/// The keys from `start` on and before `end`.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    start: OrderKey,
    end: Option<OrderKey>,
}

impl Span {
    /// All keys that begin with `prefix`.
    pub(crate) fn of(prefix: OrderKey) -> Self {
        Self {
            end: successor(&prefix),
            start: prefix,
        }
    }

    /// Of these, those whose value after `prefix` compares so.
    pub(crate) fn narrow(&mut self, prefix: &OrderKey, is: Comparison, value: &Value) {
        let mut key = prefix.clone();
        match (is, value) {
            (Comparison::StartsWith, Value::Text(text)) => push_start(&mut key, text),
            _ => push(&mut key, value),
        }
        match is {
            Comparison::Equal | Comparison::StartsWith => {
                self.end_before(successor(&key));
                self.start_at(key);
            }
            Comparison::Less => self.end_before(Some(key)),
            Comparison::AtMost => self.end_before(successor(&key)),
            Comparison::Greater => match successor(&key) {
                Some(after) => self.start_at(after),
                None => self.end_before(Some(OrderKey::new())),
            },
            Comparison::AtLeast => self.start_at(key),
        }
    }

    pub(crate) fn start_at(&mut self, start: OrderKey) {
        if start > self.start {
            self.start = start;
        }
    }

    pub(crate) fn end_before(&mut self, end: Option<OrderKey>) {
        match (&self.end, &end) {
            (Some(now), Some(end)) if end >= now => {}
            (_, None) => {}
            _ => self.end = end,
        }
    }

    /// The records of the stretch, in order.
    pub(crate) fn records<'t>(
        &self,
        keys: &'t BTreeSet<OrderKey>,
    ) -> impl DoubleEndedIterator<Item = Uuid> + use<'t> {
        let nothing = self.end.as_ref().is_some_and(|end| *end <= self.start);
        let range = (!nothing).then(|| {
            let end = match &self.end {
                Some(end) => Bound::Excluded(end.as_slice()),
                None => Bound::Unbounded,
            };
            keys.range::<[u8], _>((Bound::Included(self.start.as_slice()), end))
        });
        range.into_iter().flatten().map(record)
    }
}
