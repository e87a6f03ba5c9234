//! Where to look for the records of a query.

use std::collections::BTreeSet;

use casekit_core::model::Arity;
use casekit_core::query::SortBy;
use uuid::Uuid;

use crate::conjuncts::Conjuncts;
use crate::order::Order;
use crate::order_key::{OrderKey, push};
use crate::span::Span;
use crate::table::{Table, many_key};

/// Up to so many candidates, collecting and sorting them beats walking an index that is in the
/// right order but has others in between.
const FEW: usize = 512;

/// A walk through an index in the order of the query.
pub(crate) struct Walk<'t> {
    pub(crate) order: &'t Order,
    pub(crate) span: Span,
    /// What all keys of the stretch begin with: the values that the filter fixes.
    pub(crate) prefix: OrderKey,
    /// Whether what is sorted by comes next in the keys; else it is fixed, or the id.
    pub(crate) sorted_next: bool,
    /// How many of the filter's parts hold for all records of the stretch.
    used: usize,
}

/// Stretches of an index that hold all records of the query, and others.
pub(crate) struct Source<'t> {
    keys: &'t BTreeSet<OrderKey>,
    spans: Vec<Span>,
    /// How many of the filter's parts hold for all records of the stretches.
    used: usize,
    /// Whether a record can be in several of them.
    repeats: bool,
}

impl Source<'_> {
    fn walk(&self) -> impl Iterator<Item = Uuid> {
        self.spans.iter().flat_map(|span| span.records(self.keys))
    }

    /// The records, each once.
    pub(crate) fn records(&self) -> Vec<Uuid> {
        let mut records: Vec<Uuid> = self.walk().collect();
        if self.repeats {
            records.sort_unstable();
            records.dedup();
        }
        records
    }

    fn len_up_to(&self, bound: usize) -> usize {
        self.walk().take(bound).count()
    }
}

impl Table {
    /// The index that gives the order of the query and in which the filter fixes most.
    pub(crate) fn walk(&self, conjuncts: &Conjuncts<'_>, by: &SortBy) -> Option<Walk<'_>> {
        let walks = self.orders.iter().filter_map(|order| {
            let (prefix, fixed) = leading(order, conjuncts);
            let rest = order.fields.get(fixed..).unwrap_or_default();
            let sorted_next = match (by, rest) {
                (SortBy::Id, []) => false,
                (SortBy::Field(name), []) if conjuncts.fixed(name).is_some() => false,
                (SortBy::Field(name), [next]) if next == name => true,
                _ => return None,
            };
            let mut span = Span::of(prefix.clone());
            let mut used = fixed;
            if let [next] = rest {
                for (is, value) in conjuncts.ranges(next) {
                    span.narrow(&prefix, is, value);
                    used += 1;
                }
            }
            Some(Walk {
                order,
                span,
                prefix,
                sorted_next,
                used,
            })
        });
        walks.max_by_key(|walk| walk.used)
    }

    /// Whether the walk meets no record that the filter does not let through.
    pub(crate) fn is_exact(conjuncts: &Conjuncts<'_>, walk: &Walk<'_>) -> bool {
        walk.used == conjuncts.count
    }

    /// All stretches that the filter confines the records to.
    fn sources(&self, conjuncts: &Conjuncts<'_>) -> Vec<Source<'_>> {
        let orders = self.orders.iter();
        let mut sources: Vec<Source<'_>> =
            orders.filter_map(|o| order_source(o, conjuncts)).collect();
        let is_many = |name: &str| {
            let field = self.declaration.field(name);
            field.is_some_and(|field| field.arity != Arity::One)
        };
        let fixed = conjuncts.fixed.iter();
        let fixed = fixed.map(|(name, value)| (*name, std::slice::from_ref(*value)));
        for (name, values) in fixed.chain(conjuncts.among.iter().copied()) {
            if is_many(name) {
                let prefixes = values.iter().map(|value| many_key(name, value, None));
                sources.push(Source {
                    keys: &self.many,
                    spans: prefixes.map(Span::of).collect(),
                    used: 1,
                    repeats: values.len() > 1,
                });
            }
        }
        sources
    }

    /// The smallest stretch, if it is small.
    pub(crate) fn small_source(&self, conjuncts: &Conjuncts<'_>) -> Option<Source<'_>> {
        self.source_below(FEW, conjuncts)
    }

    /// The smallest stretch, if going through it beats going through the whole table, where one
    /// record lies next to the other.
    pub(crate) fn good_source(&self, conjuncts: &Conjuncts<'_>) -> Option<Source<'_>> {
        self.source_below(FEW.max(self.records.len() / 8), conjuncts)
    }

    fn source_below(&self, bound: usize, conjuncts: &Conjuncts<'_>) -> Option<Source<'_>> {
        let sized = self.sources(conjuncts).into_iter();
        let sized = sized.map(|source| (source.len_up_to(bound), source));
        let smallest = sized.min_by_key(|(size, _)| *size);
        let small = smallest.filter(|(size, _)| *size < bound);
        small.map(|(_, source)| source)
    }

    /// How many records the filter lets through, if an index alone can tell.
    pub(crate) fn count(&self, conjuncts: &Conjuncts<'_>) -> Option<usize> {
        if conjuncts.count == 0 {
            return Some(self.records.len());
        }
        let mut sources = self.sources(conjuncts).into_iter();
        let exact = sources.find(|source| source.used == conjuncts.count && !source.repeats)?;
        Some(exact.walk().count())
    }
}

/// The leading fields of an index that the filter fixes: their values, and how many.
fn leading(order: &Order, conjuncts: &Conjuncts<'_>) -> (OrderKey, usize) {
    let mut prefix = OrderKey::new();
    let mut fixed = 0;
    for value in order.fields.iter().map_while(|f| conjuncts.fixed(f)) {
        push(&mut prefix, value);
        fixed += 1;
    }
    (prefix, fixed)
}

fn order_source<'t>(order: &'t Order, conjuncts: &Conjuncts<'_>) -> Option<Source<'t>> {
    let (prefix, fixed) = leading(order, conjuncts);
    let source = |spans, used, repeats| {
        Some(Source {
            keys: &order.keys,
            spans,
            used,
            repeats,
        })
    };
    let Some(next) = order.fields.get(fixed) else {
        return source(vec![Span::of(prefix)], fixed, false);
    };
    if let Some(values) = conjuncts.among(next) {
        let spans = values.iter().map(|value| {
            let mut prefix = prefix.clone();
            push(&mut prefix, value);
            Span::of(prefix)
        });
        // The same value may be asked for twice.
        return source(spans.collect(), fixed + 1, true);
    }
    let mut span = Span::of(prefix.clone());
    let mut used = fixed;
    for (is, value) in conjuncts.ranges(next) {
        span.narrow(&prefix, is, value);
        used += 1;
    }
    if used == 0 {
        return None;
    }
    source(vec![span], used, false)
}
