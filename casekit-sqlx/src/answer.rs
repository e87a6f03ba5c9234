//! What answers are made of, whatever database gave the rows.

use std::collections::BTreeMap;

use casekit_core::model::{Entity, Holds, Key, Value};
use casekit_core::query::{Aggregate, Measure, Page, Query, SortBy};
use casekit_core::{Error, Result};

/// The most records that one statement looks up in a table.
const AT_ONCE: usize = 256;

/// The keys, each once, in the order of workspaces, then of kinds.
pub(crate) fn sorted(keys: &[Option<Key>]) -> Vec<Key> {
    let mut wanted: Vec<Key> = keys.iter().flatten().copied().collect();
    wanted.sort_unstable();
    wanted.dedup();
    wanted
}

/// Keys in groups of one workspace and kind each, none of them too large.
pub(crate) fn groups(sorted: &[Key]) -> Vec<&[Key]> {
    let same = |a: &Key, b: &Key| (a.workspace, a.kind) == (b.workspace, b.kind);
    let groups = sorted.chunk_by(same);
    groups.flat_map(|group| group.chunks(AT_ONCE)).collect()
}

/// The records at keys, in the order of the keys.
pub(crate) fn in_order(
    keys: Vec<Option<Key>>,
    mut found: BTreeMap<Key, Entity>,
) -> Vec<Option<Entity>> {
    let known = keys.iter().flatten().count();
    let repeated = sorted(&keys).len() < known;
    let answers = keys.into_iter().map(|key| match key {
        Some(key) if repeated => found.get(&key).cloned(),
        Some(key) => found.remove(&key),
        None => None,
    });
    answers.collect()
}

/// A page of records, of which there is one too many if there are more; `value` gives what the last
/// is sorted by, where that is not in the record.
pub(crate) fn page(
    query: &Query,
    mut records: Vec<Entity>,
    value: impl FnOnce(usize) -> Option<Value>,
) -> Result<Page> {
    let more = records.len() > query.limit as usize;
    records.truncate(query.limit as usize);
    let last = records.last().filter(|_| more);
    let next = match last {
        None => None,
        Some(last) => {
            let id = last.key().id;
            let value = match &query.sort.by {
                SortBy::Id => Value::Id(id),
                SortBy::Relevance => value(records.len() - 1).unwrap_or(Value::Id(id)),
                SortBy::Field(name) => {
                    let row = last.row();
                    let value = row.values(query.kind, name).next().cloned();
                    value.ok_or_else(|| Error::bug(format!("a record has no `{name}`")))?
                }
            };
            Some(query.cursor(value, id))
        }
    };
    Ok(Page {
        records,
        hits: Vec::new(),
        next,
    })
}

/// The types of the values of a group, and of the measures.
pub(crate) fn types(aggregate: &Aggregate) -> (Vec<Holds>, Vec<Holds>) {
    let declaration = aggregate.kind.declaration();
    let holds = |name: &String| {
        let field = declaration.field(name);
        field.map_or(Holds::Int, |field| field.holds)
    };
    let measures = aggregate.measures.iter().map(|measure| match measure {
        Measure::Count | Measure::Sum(_) => Holds::Int,
        Measure::Min(name) | Measure::Max(name) => holds(name),
    });
    (
        aggregate.group_by.iter().map(holds).collect(),
        measures.collect(),
    )
}
