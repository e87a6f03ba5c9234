//! Looking records up, finding them, counting them.

use std::collections::BTreeMap;

use casekit_core::model::{Entity, Event, FromEntity, Holds, Key, Kind, Seq, Value, WorkspaceId};
use casekit_core::port::Lookup;
use casekit_core::query::{Aggregate, AggregateRow, Page, Query};

use rusqlite::types::ValueRef;

use super::fault::Result;
use super::row::{Param, id, value};
use super::session::{Next, Session, key, record};
use super::sql::sql;
use crate::answer::{groups, in_order, page, sorted, types};
use crate::compile::{self, Chosen, Columns, MOST_TRIED, Order, Source, Statement, Way};
use crate::dialect::Sqlite;

/// The most groups of records that one statement looks up.
const GROUPS: usize = 8;

/// Answers lookups, in order.
pub(super) fn load(session: &Session<'_>, lookups: &[Lookup]) -> Result<Vec<Option<Entity>>> {
    let by_key = lookups.iter().map(|lookup| match lookup {
        Lookup::Key(key) => Some(Some(*key)),
        Lookup::Unique(..) => None,
    });
    let by_key: Option<Vec<_>> = by_key.collect();
    match by_key {
        // One statement sees one state of the database by itself.
        Some(keys) if groups(&sorted(&keys)).len() <= GROUPS => get_all(session, keys),
        _ => session.snapshot(|| {
            let keys = lookups.iter().map(|lookup| look_up(session, lookup));
            get_all(session, keys.collect::<Result<_>>()?)
        }),
    }
}

fn look_up(session: &Session<'_>, lookup: &Lookup) -> Result<Option<Key>> {
    match lookup {
        Lookup::Key(key) => Ok(Some(*key)),
        Lookup::Unique(workspace, unique) => {
            let params = [
                Param::Id(&workspace.0),
                Param::Text(&unique.name),
                Param::Text(&unique.value),
            ];
            session.first(&sql().holder, &params, |row| key(*workspace, row, 0))
        }
    }
}

/// The records at keys, in order.
fn get_all(session: &Session<'_>, keys: Vec<Option<Key>>) -> Result<Vec<Option<Entity>>> {
    let wanted = sorted(&keys);
    let mut found = BTreeMap::new();
    for some in groups(&wanted).chunks(GROUPS) {
        get_groups(session, some, &mut found)?;
    }
    Ok(in_order(keys, found))
}

/// Looks up groups of records, each of one workspace and kind.
fn get_groups(
    session: &Session<'_>,
    groups: &[&[Key]],
    found: &mut BTreeMap<Key, Entity>,
) -> Result<()> {
    let (mut statement, mut params) = (String::new(), Vec::new());
    for (at, keys) in groups.iter().enumerate() {
        let (Some(first), Some(last)) = (keys.first(), keys.last()) else {
            continue;
        };
        // Padded to a power of two, so that there are few statements to keep.
        let ids = keys.len().next_power_of_two();
        let padding = std::iter::repeat_n(last, ids - keys.len());
        if !statement.is_empty() {
            statement.push_str(" UNION ALL ");
        }
        statement.push_str(&sql().kind(first.kind)?.get(at, ids));
        params.push(Param::Id(&first.workspace.0));
        params.extend(keys.iter().chain(padding).map(|key| Param::Id(&key.id)));
    }
    if statement.is_empty() {
        return Ok(());
    }
    session.each(&statement, &params, |row| {
        let group = groups.get(usize::from(row.get::<_, u16>(0)?));
        if let Some(first) = group.and_then(|keys| keys.first()) {
            let id = id(row.get_ref(1)?)?;
            let key = Key { id, ..*first };
            found.insert(key, session.record_at(key, row.get_ref(2)?)?);
        }
        Ok(Next::More)
    })
}

/// Finds records without a text.
pub(super) fn find(session: &Session<'_>, query: &Query) -> Result<Page> {
    let want = query.limit as usize + 1;
    let records = match way(session, query)? {
        Chosen::Source(source) => collect(session, query, source)?,
        Chosen::Along { else_through } => match along(session, query, want)? {
            Some(records) => records,
            None => collect(session, query, else_through)?,
        },
    };
    Ok(page(query, records, |_| None)?)
}

/// Where to look for what a query asks.
pub(super) fn way<'q>(session: &Session<'_>, query: &'q Query) -> Result<Chosen<'q>> {
    let counted = match compile::way(&Sqlite, query)? {
        Way::Known(source) => return Ok(Chosen::Source(source)),
        Way::Counted(counted) => counted,
    };
    let mut many = Vec::new();
    for counted in counted {
        let mut held: i64 = 0;
        session.select(&counted.statement, |row| {
            held = row.get(0)?;
            Ok(Next::Enough)
        })?;
        if counted.is_few(held) {
            return Ok(Chosen::Source(counted.source));
        }
        many.push((held, counted.source));
    }
    Ok(Chosen::along(many))
}

/// The records that a source gives, one more than the page has.
fn collect(session: &Session<'_>, query: &Query, source: Source<'_>) -> Result<Vec<Entity>> {
    let order = Order::of(query)?;
    let more = Some(query.limit + 1);
    let statement = compile::select(&Sqlite, query, Columns::Record, source, &order, more)?;
    let mut records = Vec::new();
    session.select(&statement, |row| {
        records.push(record(query.kind, row.get_ref(1)?)?);
        Ok(Next::More)
    })?;
    Ok(records)
}

/// Looks at the records along the order until so many pass the filter; none if that takes too many.
pub(super) fn along(
    session: &Session<'_>,
    query: &Query,
    want: usize,
) -> Result<Option<Vec<Entity>>> {
    let (order, source) = (Order::of(query)?, Source::Along);
    let statement = compile::select(&Sqlite, query, Columns::Tried, source, &order, None)?;
    let (mut records, mut tried) = (Vec::with_capacity(want), 0);
    session.select(&statement, |row| {
        tried += 1;
        if let body @ ValueRef::Text(_) = row.get_ref(1)? {
            records.push(record(query.kind, body)?);
        }
        Ok(match records.len() < want && tried < MOST_TRIED {
            true => Next::More,
            false => Next::Enough,
        })
    })?;
    let is_whole = records.len() >= want || tried < MOST_TRIED;
    Ok(is_whole.then_some(records))
}

/// Counts, sums and extremes by group.
pub(super) fn aggregate(session: &Session<'_>, aggregate: &Aggregate) -> Result<Vec<AggregateRow>> {
    let (group, measures) = types(aggregate);
    let statement: Statement = compile::aggregate(&Sqlite, aggregate)?;
    let mut rows = Vec::new();
    session.select(&statement, |row| {
        let mut at = 0;
        let mut read = |holds: &[Holds]| -> Result<Vec<Value>> {
            let mut values = Vec::with_capacity(holds.len());
            for holds in holds {
                at += 1;
                values.push(value(row.get_ref(at)?, *holds)?);
            }
            Ok(values)
        };
        rows.push(AggregateRow {
            group: read(&group)?,
            values: read(&measures)?,
        });
        Ok(Next::More)
    })?;
    Ok(rows)
}

/// The events after a number.
pub(super) fn feed(
    session: &Session<'_>,
    workspace: WorkspaceId,
    after: Seq,
    limit: u32,
) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    session.each(
        "SELECT body FROM casekit_event WHERE workspace = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3",
        &[
            Param::Id(&workspace.0),
            Param::Int(i64::try_from(after.0).unwrap_or(i64::MAX)),
            Param::Int(limit.into()),
        ],
        |row| {
            events.extend(Event::from_entity(record(Kind::Event, row.get_ref(0)?)?));
            Ok(Next::More)
        },
    )?;
    Ok(events)
}

/// The number of a workspace's last event.
pub(super) fn last_seq(session: &Session<'_>, workspace: WorkspaceId) -> Result<Seq> {
    let seq = session.first(&sql().counter, &[Param::Id(&workspace.0)], |row| {
        Ok(Seq(row.get::<_, i64>(0)?.cast_unsigned()))
    })?;
    Ok(seq.unwrap_or_default())
}
