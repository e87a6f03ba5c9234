//! Looking records up, finding them, counting them.

use std::collections::BTreeMap;

use casekit_core::model::{Entity, Event, FromEntity, Key, Kind, Seq, Unique, Value, WorkspaceId};
use casekit_core::port::Lookup;
use casekit_core::query::{
    Aggregate, AggregateRow, Comparison, Direction, Filter, Page, Query, SortBy,
};
use uuid::Uuid;

use super::answers::{id, int, record, text};
use super::{Result, RowOf, Server, Session};
use crate::answer::{groups, in_order, page, sorted, types};
use crate::compile::{self, Chosen, Columns, Lookups, Order, Source, Way};

/// The most tables that one statement looks into, each as often as there are groups.
const GROUPS: usize = 16;

/// The most unique values that one statement looks up.
const UNIQUE_AT_ONCE: usize = 256;

/// Answers lookups, in order.
pub(super) async fn load<S: Server>(
    session: &mut Session<'_, S>,
    lookups: &[Lookup],
) -> Result<Vec<Option<Entity>>> {
    let unique = lookups.iter().filter_map(|lookup| match lookup {
        Lookup::Key(_) => None,
        Lookup::Unique(workspace, unique) => Some((*workspace, unique)),
    });
    let holders = holders(session, unique.collect()).await?;
    let keys = lookups.iter().map(|lookup| match lookup {
        Lookup::Key(key) => Some(*key),
        Lookup::Unique(workspace, unique) => holders.get(&(*workspace, unique)).copied(),
    });
    let keys: Vec<Option<Key>> = keys.collect();
    let wanted = sorted(&keys);
    let mut found = BTreeMap::new();
    for some in groups(&wanted).chunks(GROUPS) {
        let statement = compile::records(&session.core.server, some)?;
        for row in session.rows(&statement).await? {
            let group = usize::try_from(int::<S>(&row, Lookups::GROUP)?).unwrap_or(usize::MAX);
            if let Some(first) = some.get(group).and_then(|keys| keys.first()) {
                let id = id::<S>(&row, Lookups::ID)?;
                let record = record::<S>(first.kind, &row, Lookups::BODY)?;
                found.insert(Key { id, ..*first }, record);
            }
        }
    }
    Ok(in_order(keys, found))
}

/// Who holds unique values.
pub(crate) async fn holders<'u, S: Server>(
    session: &mut Session<'_, S>,
    mut unique: Vec<(WorkspaceId, &'u Unique)>,
) -> Result<BTreeMap<(WorkspaceId, &'u Unique), Key>> {
    unique.sort_unstable();
    unique.dedup();
    let same = |a: &(WorkspaceId, &Unique), b: &(WorkspaceId, &Unique)| {
        (a.0, a.1.name.as_str()) == (b.0, b.1.name.as_str())
    };
    let groups = unique.chunk_by(same);
    let groups: Vec<_> = groups.flat_map(|g| g.chunks(UNIQUE_AT_ONCE)).collect();
    let mut holders = BTreeMap::new();
    for some in groups.chunks(GROUPS) {
        let statement = compile::holders(&session.core.server, some);
        for row in session.rows(&statement).await? {
            let at = usize::try_from(int::<S>(&row, 0)?).unwrap_or(usize::MAX);
            let value = text::<S>(&row, 1)?;
            let group = some.get(at).copied().unwrap_or_default();
            let asked = group.iter().find(|(_, unique)| unique.value == value);
            if let Some((workspace, unique)) = asked {
                let kind = crate::schema::kind_named(&text::<S>(&row, 2)?)?;
                let id = id::<S>(&row, 3)?;
                let workspace = *workspace;
                let key = Key {
                    workspace,
                    kind,
                    id,
                };
                holders.insert((workspace, *unique), key);
            }
        }
    }
    Ok(holders)
}

/// Finds records without a text.
pub(super) async fn find<'q, S: Server>(
    session: &mut Session<'q, S>,
    query: &'q Query,
) -> Result<Page> {
    let records = match way(session, query).await? {
        Chosen::Source(source) => collect(session, query, source, &Order::of(query)?).await?,
        Chosen::Along { else_through } => match along(session, query).await? {
            Some(records) => records,
            None => collect(session, query, else_through, &Order::of(query)?).await?,
        },
    };
    Ok(page(query, records, |_| None)?)
}

/// Where to look for what a query asks.
pub(super) async fn way<'q, S: Server>(
    session: &mut Session<'q, S>,
    query: &'q Query,
) -> Result<Chosen<'q>> {
    let counted = match compile::way(&session.core.server, query)? {
        Way::Known(source) => return Ok(Chosen::Source(source)),
        Way::Counted(counted) => counted,
    };
    let mut many = Vec::new();
    for counted in counted {
        let rows = session.rows(&counted.statement).await?;
        let held = rows.first().map(|row| int::<S>(row, 0)).transpose()?;
        let held = held.unwrap_or(0);
        if counted.is_few(held) {
            return Ok(Chosen::Source(counted.source));
        }
        many.push((held, counted.source));
    }
    Ok(Chosen::along(many))
}

/// The records that a source gives, one more than the page has.
async fn collect<S: Server>(
    session: &mut Session<'_, S>,
    query: &Query,
    source: Source<'_>,
    order: &Order<'_>,
) -> Result<Vec<Entity>> {
    let server = &session.core.server;
    let more = Some(query.limit + 1);
    let statement = compile::select(server, query, Columns::Record, source, order, more)?;
    let rows = session.rows(&statement).await?;
    let records = rows.iter().map(|row| record::<S>(query.kind, row, 1));
    records.collect()
}

/// The records that pass the filter along the order; none if too many were looked at and too few passed.
pub(super) async fn along<S: Server>(
    session: &mut Session<'_, S>,
    query: &Query,
) -> Result<Option<Vec<Entity>>> {
    let order = Order::of(query)?;
    let end = trial_end(session, query).await?;
    let until = end.as_ref().map(|(value, id)| (value, *id));
    let tried = Order { until, ..order };
    let records = collect(session, query, Source::Along, &tried).await?;
    let is_whole = end.is_none() || records.len() > query.limit as usize;
    Ok(is_whole.then_some(records))
}

/// Where looking along the order ends at first; none to look to its end, or where the database chooses its way by
/// itself.
async fn trial_end<S: Server>(
    session: &mut Session<'_, S>,
    query: &Query,
) -> Result<Option<(Value, Uuid)>> {
    let server = &session.core.server;
    if !server.can_be_told_indexes() {
        return Ok(None);
    }
    let statement = compile::trial_end(server, query)?;
    let rows = session.rows(&statement).await?;
    let Some(row) = rows.first() else {
        return Ok(None);
    };
    let id = id::<S>(row, 0)?;
    let field = match &query.sort.by {
        SortBy::Field(name) => query.kind.declaration().field(name),
        SortBy::Id | SortBy::Relevance => None,
    };
    let value = field
        .map(|field| S::value(row, 1, field.holds))
        .transpose()?;
    Ok(Some((value.unwrap_or(Value::Id(id)), id)))
}

/// Counts, sums and extremes by group.
pub(super) async fn aggregate<S: Server>(
    session: &mut Session<'_, S>,
    aggregate: &Aggregate,
) -> Result<Vec<AggregateRow>> {
    let (group, measures) = types(aggregate);
    let statement = compile::aggregate(&session.core.server, aggregate)?;
    let rows = session.rows(&statement).await?;
    let read = |row: &RowOf<S>| -> Result<AggregateRow> {
        let columns = group.iter().chain(&measures).enumerate();
        let values = columns.map(|(at, holds)| S::value(row, at + 1, *holds));
        let mut group_values: Vec<Value> = values.collect::<sqlx::Result<_>>()?;
        let values = group_values.split_off(group.len());
        Ok(AggregateRow {
            group: group_values,
            values,
        })
    };
    rows.iter().map(read).collect()
}

/// The events after a number.
pub(super) async fn feed<S: Server>(
    session: &mut Session<'_, S>,
    workspace: WorkspaceId,
    after: Seq,
    limit: u32,
) -> Result<Vec<Event>> {
    let after = Value::Int(i64::try_from(after.0).unwrap_or(i64::MAX));
    let query = Query::all(workspace, Kind::Event)
        .filter(Filter::compare("seq", Comparison::Greater, after))
        .sort("seq", Direction::Ascending);
    let order = Order::of(&query)?;
    let server = &session.core.server;
    let (columns, source) = (Columns::Record, Source::Table);
    let statement = compile::select(server, &query, columns, source, &order, Some(limit))?;
    let mut events = Vec::new();
    for row in session.rows(&statement).await? {
        events.extend(Event::from_entity(record::<S>(Kind::Event, &row, 1)?));
    }
    Ok(events)
}

/// The number of a workspace's last event.
pub(super) async fn last_seq<S: Server>(
    session: &mut Session<'_, S>,
    workspace: WorkspaceId,
) -> Result<Seq> {
    let statement = compile::last_seq(&session.core.server, workspace);
    let rows = session.rows(&statement).await?;
    let seq = rows.first().map(|row| int::<S>(row, 0)).transpose()?;
    Ok(Seq(seq.unwrap_or(0).cast_unsigned()))
}
