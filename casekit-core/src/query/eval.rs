//! What a query means, defined by running it over all records of a workspace.

use std::collections::{BTreeMap, BTreeSet};

use super::{Comparison, Direction, Filter, Page, Query, Scope, SortBy, TextQuery, text};
use crate::error::Result;
use crate::model::{Entity, Key, Row, SearchText, Value};

/// The texts of one owner, as a search sees them.
#[derive(Debug, Clone, Default)]
pub struct Document {
    parts: Vec<(Key, SearchText)>,
}

impl Document {
    /// Adds the texts of the record at `key`.
    pub fn add(&mut self, key: Key, text: SearchText) {
        self.parts.push((key, text));
    }

    /// How well the query matches, and where; `None` if it does not.
    pub fn matches(&self, query: &TextQuery) -> Option<(f64, Key)> {
        let mut all = BTreeSet::new();
        let mut best: Option<(f64, Key)> = None;
        for (key, part) in &self.parts {
            let mut words = text::words(&part.public);
            if query.scope == Scope::All {
                words.extend(text::words(&part.internal));
            }
            let score = score(query, &words);
            if score > 0.0 && best.is_none_or(|(other, _)| score > other) {
                best = Some((score, *key));
            }
            all.extend(words);
        }
        best.filter(|_| text::matches(query, &all))
    }
}

/// The share of a text's words that were asked for.
#[expect(
    clippy::cast_precision_loss,
    reason = "texts have far fewer than 2^52 words"
)]
fn score(query: &TextQuery, words: &[String]) -> f64 {
    let asked = |word: &&String| query.words.iter().any(|w| word.starts_with(w.as_str()));
    let hits = words.iter().filter(asked).count();
    hits as f64 / (words.len() as f64 + 10.0)
}

/// Runs a query over `records`: all records of the workspace, of every kind.
pub fn eval<'a>(query: &Query, records: impl Iterator<Item = &'a Entity> + Clone) -> Result<Page> {
    query.validate()?;
    let mut documents = BTreeMap::<Key, Document>::new();
    if query.text.is_some() {
        let texts = records
            .clone()
            .filter(|r| r.key().workspace == query.workspace);
        for (key, text) in texts.filter_map(|r| Some((r.key(), r.search_text()?))) {
            documents.entry(text.owner).or_default().add(key, text);
        }
    }
    let mut found = Vec::new();
    for record in records {
        let key = record.key();
        if key.workspace != query.workspace || key.kind != query.kind {
            continue;
        }
        let row = record.row();
        if !eval_filter(&query.filter, record, &row) {
            continue;
        }
        let hit = match &query.text {
            None => None,
            Some(text) => match documents.get(&key).and_then(|d| d.matches(text)) {
                None => continue,
                hit => hit,
            },
        };
        let value = match &query.sort.by {
            SortBy::Id => Value::Id(key.id),
            SortBy::Relevance => Value::Real(hit.map_or(0.0, |(score, _)| score)),
            SortBy::Field(name) => match row.values(key.kind, name).next() {
                Some(value) => value.clone(),
                None => continue,
            },
        };
        found.push((value, key.id, hit.map(|(_, key)| key), record));
    }
    found.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    if query.sort.direction == Direction::Descending {
        found.reverse();
    }
    if let Some(cursor) = &query.after {
        let at = (&cursor.value, cursor.id);
        found.retain(|(value, id, ..)| match query.sort.direction {
            Direction::Ascending => (value, *id) > at,
            Direction::Descending => (value, *id) < at,
        });
    }
    let limit = query.limit as usize;
    let more = found.len() > limit;
    found.truncate(limit);
    let last = found
        .last()
        .map(|(value, id, ..)| query.cursor(value.clone(), *id));
    Ok(Page {
        next: last.filter(|_| more),
        hits: found.iter().filter_map(|(_, _, hit, _)| *hit).collect(),
        records: found
            .into_iter()
            .map(|(.., record)| record.clone())
            .collect(),
    })
}

/// Whether a filter holds for a record, whose values are `row`.
pub fn eval_filter(filter: &Filter, record: &Entity, row: &Row) -> bool {
    match filter {
        Filter::All(parts) => parts.iter().all(|part| eval_filter(part, record, row)),
        Filter::Any(parts) => parts.iter().any(|part| eval_filter(part, record, row)),
        Filter::Not(part) => !eval_filter(part, record, row),
        Filter::In { field, values } => row
            .values(record.kind(), field)
            .any(|held| values.contains(held)),
        Filter::Field { field, is, value } => row
            .values(record.kind(), field)
            .any(|held| compare(held, *is, value)),
    }
}

fn compare(held: &Value, is: Comparison, value: &Value) -> bool {
    // Values by name (custom fields) may be of another type than asked for: they never compare.
    if held.holds() != value.holds() {
        return false;
    }
    match is {
        Comparison::Equal => held == value,
        Comparison::Less => held < value,
        Comparison::AtMost => held <= value,
        Comparison::Greater => held > value,
        Comparison::AtLeast => held >= value,
        Comparison::StartsWith => match (held, value) {
            (Value::Text(held), Value::Text(start)) => held.starts_with(start.as_str()),
            _ => false,
        },
    }
}
