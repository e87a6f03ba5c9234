//! Running a query: a plan says where to look, [`eval_filter`] says what is found.

use std::borrow::Cow;
use std::ops::Bound;
use std::sync::Arc;

use casekit_core::model::{Key, Value};
use casekit_core::query::{Cursor, Direction, Page, Query, SortBy, eval_filter};
use uuid::Uuid;

use crate::conjuncts::Conjuncts;
use crate::matches::Matches;
use crate::order::position;
use crate::order_key::{OrderKey, push, push_record};
use crate::plan::Walk;
use crate::table::{Held, Table};

/// What was found, to be made a page after the lock is released.
#[derive(Default)]
pub(crate) struct Found {
    records: Vec<Arc<Held>>,
    hits: Vec<Key>,
    next: Option<Cursor>,
}

impl Found {
    pub(crate) fn into_page(self) -> Page {
        let records = self.records.iter();
        Page {
            records: records.map(|held| held.entity.clone()).collect(),
            hits: self.hits,
            next: self.next,
        }
    }
}

/// A record that the query lets through, with what it is sorted by.
struct Candidate<'t> {
    value: Cow<'t, Value>,
    id: Uuid,
    held: &'t Arc<Held>,
    hit: Option<Key>,
}

/// A query while it runs on the table of its kind.
struct Run<'t, 'q> {
    table: &'t Table,
    query: &'q Query,
    conjuncts: Conjuncts<'q>,
    matches: Option<Matches<'t>>,
    sorted_at: Option<usize>,
}

impl Table {
    pub(crate) fn find(&self, query: &Query) -> Found {
        let sorted_at = match &query.sort.by {
            SortBy::Field(name) => position(self.declaration, name),
            SortBy::Id | SortBy::Relevance => None,
        };
        let text = query.text.as_ref();
        let run = Run {
            table: self,
            query,
            conjuncts: Conjuncts::of(&query.filter),
            matches: text.map(|text| Matches::of(&self.texts, text)),
            sorted_at,
        };
        run.page(run.candidates())
    }
}

impl<'t> Run<'t, '_> {
    /// One more than the page holds, or all that there are, in order.
    fn candidates(&self) -> Vec<Candidate<'t>> {
        if self.query.sort.by == SortBy::Relevance {
            return self.ranked();
        }
        let wanted = self.query.limit as usize + 1;
        let in_order = self.table.walk(&self.conjuncts, &self.query.sort.by);
        if let Some(matches) = &self.matches {
            // Walking meets a match in every so many records, until there are enough.
            let few = matches.len().saturating_pow(2) < wanted * self.table.records.len();
            return match in_order {
                Some(walk) if !few => self.walk(walk),
                None if !few && self.query.sort.by == SortBy::Id => self.walk_ids(),
                _ => self.sorted(matches.owners()),
            };
        }
        match in_order {
            Some(walk) if Table::is_exact(&self.conjuncts, &walk) => return self.walk(walk),
            None if self.conjuncts.count == 0 && self.query.sort.by == SortBy::Id => {
                return self.walk_ids();
            }
            _ => {}
        }
        if let Some(source) = self.table.small_source(&self.conjuncts) {
            return self.sorted(source.records().into_iter());
        }
        if let Some(walk) = in_order {
            return self.walk(walk);
        }
        if self.query.sort.by == SortBy::Id {
            return self.walk_ids();
        }
        match self.table.good_source(&self.conjuncts) {
            Some(source) => self.sorted(source.records().into_iter()),
            None => self.sorted(self.table.records.keys().copied()),
        }
    }

    /// Through an index, from the cursor on, until there are enough.
    fn walk(&self, mut walk: Walk<'t>) -> Vec<Candidate<'t>> {
        if let Some(cursor) = &self.query.after {
            self.begin_after(&mut walk, cursor);
        }
        let ids = walk.span.records(&walk.order.keys);
        match self.query.sort.direction {
            Direction::Ascending => self.take(ids),
            Direction::Descending => self.take(ids.rev()),
        }
    }

    fn begin_after(&self, walk: &mut Walk<'_>, cursor: &Cursor) {
        let mut at = walk.prefix.clone();
        if walk.sorted_next {
            push(&mut at, &cursor.value);
        } else if !self.is_fixed(cursor) {
            // Not a cursor that this store gave: `accept` compares it with each record.
            return;
        }
        push_record(&mut at, cursor.id);
        match self.query.sort.direction {
            Direction::Ascending => walk.span.start_at(just_after(at)),
            Direction::Descending => walk.span.end_before(Some(at)),
        }
    }

    /// Whether the cursor's value is that of all records of the query, so that only its id counts.
    fn is_fixed(&self, cursor: &Cursor) -> bool {
        match &self.query.sort.by {
            SortBy::Field(name) => self.conjuncts.fixed(name) == Some(&cursor.value),
            SortBy::Id | SortBy::Relevance => cursor.value == Value::Id(cursor.id),
        }
    }

    /// Through all records in the order of their ids.
    fn walk_ids(&self) -> Vec<Candidate<'t>> {
        let cursor = self
            .query
            .after
            .as_ref()
            .filter(|cursor| self.is_fixed(cursor));
        let at = cursor.map_or(Bound::Unbounded, |cursor| Bound::Excluded(cursor.id));
        let records = &self.table.records;
        match self.query.sort.direction {
            Direction::Ascending => {
                self.take(records.range((at, Bound::Unbounded)).map(|(id, _)| *id))
            }
            Direction::Descending => {
                let until = records.range((Bound::Unbounded, at));
                self.take(until.rev().map(|(id, _)| *id))
            }
        }
    }

    fn take(&self, ids: impl Iterator<Item = Uuid>) -> Vec<Candidate<'t>> {
        let wanted = self.query.limit as usize + 1;
        let accepted = ids.filter_map(|id| self.accept(id));
        accepted.take(wanted).collect()
    }

    /// All that the query lets through of `ids`, sorted, as far as the page needs them.
    fn sorted(&self, ids: impl Iterator<Item = Uuid>) -> Vec<Candidate<'t>> {
        first(ids.filter_map(|id| self.accept(id)).collect(), self.query)
    }

    /// All matches, sorted by how well they match.
    fn ranked(&self) -> Vec<Candidate<'t>> {
        let Some(matches) = &self.matches else {
            return Vec::new();
        };
        let scored = matches.best().filter_map(|(id, hit)| {
            let mut candidate = self.let_through(id)?;
            candidate.value = Cow::Owned(Value::Real(hit.score));
            candidate.hit = Some(hit.text);
            self.is_after_cursor(&candidate).then_some(candidate)
        });
        first(scored.collect(), self.query)
    }

    fn accept(&self, id: Uuid) -> Option<Candidate<'t>> {
        if self.matches.as_ref().is_some_and(|m| !m.contains(id)) {
            return None;
        }
        let candidate = self.let_through(id)?;
        self.is_after_cursor(&candidate).then_some(candidate)
    }

    fn let_through(&self, id: Uuid) -> Option<Candidate<'t>> {
        let held = self.table.get(id)?;
        if !eval_filter(&self.query.filter, &held.entity, &held.row) {
            return None;
        }
        let value = match self.sorted_at {
            Some(at) => Cow::Borrowed(held.row.one.get(at)?),
            None => Cow::Owned(Value::Id(id)),
        };
        Some(Candidate {
            value,
            id,
            held,
            hit: None,
        })
    }

    fn is_after_cursor(&self, candidate: &Candidate<'_>) -> bool {
        let Some(cursor) = &self.query.after else {
            return true;
        };
        let order = (&*candidate.value, candidate.id).cmp(&(&cursor.value, cursor.id));
        match self.query.sort.direction {
            Direction::Ascending => order.is_gt(),
            Direction::Descending => order.is_lt(),
        }
    }

    fn page(&self, mut candidates: Vec<Candidate<'t>>) -> Found {
        let limit = self.query.limit as usize;
        let more = candidates.len() > limit;
        candidates.truncate(limit);
        self.find_hits(&mut candidates);
        let last = candidates.last().filter(|_| more);
        let next = last.map(|last| self.query.cursor(last.value.clone().into_owned(), last.id));
        Found {
            next,
            hits: candidates.iter().filter_map(|c| c.hit).collect(),
            records: candidates.iter().map(|c| Arc::clone(c.held)).collect(),
        }
    }

    /// For each record of the page that has none yet, the text in which the words were found.
    fn find_hits(&self, candidates: &mut [Candidate<'_>]) {
        let Some(matches) = &self.matches else {
            return;
        };
        if matches.are_few(candidates.len()) {
            for candidate in candidates.iter_mut().filter(|c| c.hit.is_none()) {
                candidate.hit = matches.best_for(candidate.id).map(|hit| hit.text);
            }
        } else if candidates.iter().any(|candidate| candidate.hit.is_none()) {
            let best: hashbrown::HashMap<_, _> = matches.best().collect();
            for candidate in candidates {
                candidate.hit = best.get(&candidate.id).map(|hit| hit.text);
            }
        }
    }
}

/// The smallest key that is larger.
fn just_after(mut key: OrderKey) -> OrderKey {
    key.push(0);
    key
}

/// The first candidates of the order, one more than the page holds.
fn first<'t>(mut candidates: Vec<Candidate<'t>>, query: &Query) -> Vec<Candidate<'t>> {
    let compare = |a: &Candidate<'_>, b: &Candidate<'_>| {
        let order = (&a.value, a.id).cmp(&(&b.value, b.id));
        match query.sort.direction {
            Direction::Ascending => order,
            Direction::Descending => order.reverse(),
        }
    };
    let wanted = query.limit as usize + 1;
    if candidates.len() > wanted {
        candidates.select_nth_unstable_by(wanted - 1, compare);
        candidates.truncate(wanted);
    }
    candidates.sort_unstable_by(compare);
    candidates
}
