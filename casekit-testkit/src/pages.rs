//! Following a query to its end, and saying where two answers differ.

use casekit_core::Result;
use casekit_core::model::{Entity, Key};
use casekit_core::port::Store;
use casekit_core::query::{Page, Query, SortBy, eval};

/// More pages than any test has: a store whose cursor stands still must not hang the test.
const MAX_PAGES: usize = 10_000;

/// All that a query finds, page by page.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Found {
    pub(crate) records: Vec<Entity>,
    pub(crate) hits: Vec<Key>,
}

impl Found {
    pub(crate) fn take(&mut self, page: &Page) {
        self.records.extend(page.records.iter().cloned());
        self.hits.extend(page.hits.iter().copied());
    }

    pub(crate) fn keys(&self) -> Vec<Key> {
        self.records.iter().map(Entity::key).collect()
    }
}

/// Asks for page after page. The cursors travel as JSON, as they do between a server and its client.
pub(crate) async fn all_pages(store: &dyn Store, query: &Query) -> Result<Found> {
    let mut query = query.clone();
    let mut found = Found::default();
    for _ in 0..MAX_PAGES {
        let page = store.find(&query).await?;
        found.take(&page);
        match page.next {
            Some(next) => query.after = Some(serde_json::from_slice(&serde_json::to_vec(&next)?)?),
            None => return Ok(found),
        }
    }
    Ok(found)
}

/// What the query means, over `records`.
pub(crate) fn all_by_eval(records: &[Entity], query: &Query) -> Result<Found> {
    let mut query = query.clone();
    query.limit = casekit_core::query::MAX_LIMIT;
    let mut found = Found::default();
    loop {
        let page = eval(&query, records.iter())?;
        found.take(&page);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(found),
        }
    }
}

/// Says how `got` differs from `wanted`; `None` if it does not. By relevance every store has its own
/// order, and which of several hits it names is its own choice.
pub(crate) fn difference(query: &Query, got: &Found, wanted: &Found) -> Option<String> {
    let (mut got_records, mut wanted_records) = (got.records.clone(), wanted.records.clone());
    if query.sort.by == SortBy::Relevance {
        got_records.sort_by_key(Entity::key);
        wanted_records.sort_by_key(Entity::key);
    }
    let hits = if query.text.is_some() {
        got.records.len()
    } else {
        0
    };
    if got.hits.len() != hits {
        return Some(format!("{} hits for {hits} records", got.hits.len()));
    }
    if got_records == wanted_records {
        return None;
    }
    let at = got_records
        .iter()
        .zip(&wanted_records)
        .position(|(got, wanted)| got != wanted)
        .unwrap_or(got_records.len().min(wanted_records.len()));
    Some(format!(
        "{} records instead of {}, different from place {at} on:\n  got    {}\n  wanted {}",
        got_records.len(),
        wanted_records.len(),
        shown(got_records.get(at)),
        shown(wanted_records.get(at)),
    ))
}

fn shown(record: Option<&Entity>) -> String {
    let json = record.and_then(|record| serde_json::to_string(record).ok());
    json.unwrap_or_else(|| "nothing".to_owned())
}
