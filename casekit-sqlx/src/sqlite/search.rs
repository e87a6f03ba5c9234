//! Finding records by words.
//!
//! What [`matches`] gives is filtered, sorted and cut into pages.

use std::collections::BTreeMap;

use casekit_core::Error;
use casekit_core::model::{Entity, Key, Value};
use casekit_core::query::{Direction, MAX_MATCHES, Page, Query, SortBy, TextQuery};

use rusqlite::types::ValueRef;

use super::fault::Result;
use super::matches::{Found, TextAt, Unindexed, matches, unindexed};
use super::row::Param;
use super::session::{Next, Session, key, record};
use crate::compile::{self, Columns, Order, Source};
use crate::dialect::Sqlite;

/// A record of a page.
pub(super) struct Hit {
    handle: i64,
    score: i64,
    record: Entity,
}

/// Finds records by words; tells also how many texts it found waiting for the index.
pub(super) fn search(
    session: &Session<'_>,
    query: &Query,
    text: &TextQuery,
) -> Result<(Page, usize)> {
    let unindexed = unindexed(session, query, text.scope)?;
    let found = matches(session, query, text, &unindexed, MAX_MATCHES as usize)?;
    let want = query.limit as usize + 1;
    let mut hits = match query.sort.by {
        SortBy::Relevance => by_relevance(session, query, &found, want)?,
        SortBy::Id | SortBy::Field(_) => {
            let owners: Vec<i64> = found.iter().map(|found| found.owner).collect();
            let order = Order::of(query)?;
            in_order(session, query, &owners, &order, want, 0)?
        }
    };
    let more = hits.len() > query.limit as usize;
    hits.truncate(query.limit as usize);
    let next = match hits.last().filter(|_| more) {
        Some(last) => Some(cursor(query, last)?),
        None => None,
    };
    let keys = sources(session, query, &found, &unindexed, &hits)?;
    let page = Page {
        records: hits.into_iter().map(|hit| hit.record).collect(),
        hits: keys,
        next,
    };
    Ok((page, unindexed.texts.len()))
}

fn cursor(query: &Query, last: &Hit) -> Result<casekit_core::query::Cursor> {
    let id = last.record.key().id;
    let value = match &query.sort.by {
        SortBy::Id => Value::Id(id),
        SortBy::Relevance => Value::Real(real(last.score)),
        SortBy::Field(name) => {
            let row = last.record.row();
            let value = row.values(query.kind, name).next().cloned();
            value.ok_or_else(|| Error::bug(format!("a record has no `{name}`")))?
        }
    };
    Ok(query.cursor(value, id))
}

/// The records in which the words of hits were found.
fn sources(
    session: &Session<'_>,
    query: &Query,
    found: &[Found],
    unindexed: &Unindexed,
    hits: &[Hit],
) -> Result<Vec<Key>> {
    let text = |hit: &Hit| {
        let at = found.binary_search_by_key(&hit.handle, |found| found.owner);
        at.ok().and_then(|at| found.get(at)).map(|found| found.text)
    };
    let texts: Vec<Option<TextAt>> = hits.iter().map(text).collect();
    let indexed = texts.iter().filter_map(|text| match text {
        Some(TextAt::Index(at)) => Some(*at),
        _ => None,
    });
    let indexed = serde_json::to_string(&indexed.collect::<Vec<i64>>()).map_err(Error::from)?;
    let mut sources = BTreeMap::new();
    session.each(
        "SELECT s.at, s.kind, s.id FROM json_each(?1) AS g \
         CROSS JOIN casekit_source AS s ON s.at = g.value",
        &[Param::Text(&indexed)],
        |row| {
            sources.insert(row.get::<_, i64>(0)?, key(query.workspace, row, 1)?);
            Ok(Next::More)
        },
    )?;
    let source = |text: Option<TextAt>| match text? {
        TextAt::Waiting(at) => unindexed.texts.get(at).map(|waiting| waiting.record),
        TextAt::Index(at) => sources.get(&at).copied(),
    };
    let keys: Option<Vec<Key>> = texts.into_iter().map(source).collect();
    Ok(keys.ok_or_else(|| Error::bug("a text in the index belongs to no record"))?)
}

/// The first `want` by score, then by id.
fn by_relevance(
    session: &Session<'_>,
    query: &Query,
    found: &[Found],
    want: usize,
) -> Result<Vec<Hit>> {
    let mut groups = BTreeMap::<i64, Vec<i64>>::new();
    for one in found {
        groups.entry(one.score).or_default().push(one.owner);
    }
    let mut groups: Vec<(i64, Vec<i64>)> = groups.into_iter().collect();
    let direction = query.sort.direction;
    if direction == Direction::Descending {
        groups.reverse();
    }
    let after = match &query.after {
        None => None,
        Some(cursor) => match cursor.value {
            Value::Real(score) => Some((score, cursor)),
            _ => return Err(Error::invalid("the cursor belongs to another query").into()),
        },
    };
    let mut hits = Vec::new();
    for (score, owners) in groups {
        let begins = match after {
            None => None,
            Some((last, cursor)) => match (real(score).total_cmp(&last), direction) {
                (std::cmp::Ordering::Equal, _) => Some((&cursor.value, cursor.id)),
                (std::cmp::Ordering::Less, Direction::Ascending)
                | (std::cmp::Ordering::Greater, Direction::Descending) => continue,
                _ => None,
            },
        };
        let order = Order {
            field: None,
            direction,
            after: begins,
            until: None,
        };
        let missing = want - hits.len();
        hits.extend(in_order(session, query, &owners, &order, missing, score)?);
        if hits.len() >= want {
            break;
        }
    }
    Ok(hits)
}

/// The first `want` of `owners`, which are sorted, that pass the filter.
fn in_order(
    session: &Session<'_>,
    query: &Query,
    owners: &[i64],
    order: &Order<'_>,
    want: usize,
    score: i64,
) -> Result<Vec<Hit>> {
    if owners.is_empty() {
        return Ok(Vec::new());
    }
    if compile::gives_order(&Sqlite, query, order)?
        && is_dense(session, query, owners.len(), want)?
        && let Some(hits) = walk(session, query, owners, order, want, score)?
    {
        return Ok(hits);
    }
    let handles = serde_json::to_string(owners).map_err(Error::from)?;
    let source = Source::Among {
        function: "json_each",
        argument: &handles,
    };
    let limit = u32::try_from(want).unwrap_or(u32::MAX);
    let statement = compile::select(&Sqlite, query, Columns::Record, source, order, Some(limit))?;
    let mut hits = Vec::new();
    session.select(&statement, |row| {
        hits.push(Hit {
            handle: row.get(0)?,
            score,
            record: record(query.kind, row.get_ref(1)?)?,
        });
        Ok(Next::More)
    })?;
    Ok(hits)
}

/// Whether going along the order until enough of the owners have come can be expected to look at fewer
/// records than looking at all owners.
fn is_dense(session: &Session<'_>, query: &Query, owners: usize, want: usize) -> Result<bool> {
    let table = &crate::schema::schema().table(query.kind)?.name;
    let all = session.first(&format!("SELECT max(handle) FROM {table}"), &[], |row| {
        Ok(row.get::<_, Option<i64>>(0)?)
    })?;
    let all = usize::try_from(all.flatten().unwrap_or(0)).unwrap_or(usize::MAX);
    Ok(all.saturating_mul(want) < owners.saturating_mul(owners))
}

/// Goes along the order until enough of `owners` have come; none if it would look at more records than
/// these: they may all lie at the other end.
pub(super) fn walk(
    session: &Session<'_>,
    query: &Query,
    owners: &[i64],
    order: &Order<'_>,
    want: usize,
    score: i64,
) -> Result<Option<Vec<Hit>>> {
    let statement = compile::select(&Sqlite, query, Columns::Tried, Source::Along, order, None)?;
    let (mut hits, mut tried) = (Vec::with_capacity(want), 0);
    session.select(&statement, |row| {
        tried += 1;
        let handle = row.get(0)?;
        if let body @ ValueRef::Text(_) = row.get_ref(1)?
            && owners.binary_search(&handle).is_ok()
        {
            hits.push(Hit {
                handle,
                score,
                record: record(query.kind, body)?,
            });
        }
        Ok(match hits.len() < want && tried < owners.len() {
            true => Next::More,
            false => Next::Enough,
        })
    })?;
    let is_whole = hits.len() >= want || tried < owners.len();
    Ok(is_whole.then_some(hits))
}

#[expect(clippy::cast_precision_loss, reason = "scores are below a thousand")]
fn real(score: i64) -> f64 {
    score as f64
}
