//! Finding records by words.
//!
//! Each word gives the owners of the texts in which it begins a word: from the index, and from the
//! texts that still wait for it. The owners that every word gives are the records found; then they
//! are filtered, sorted and cut into pages.

use std::collections::{BTreeMap, BTreeSet};

use casekit_core::Error;
use casekit_core::model::{Entity, Key, Value};
use casekit_core::query::{Direction, MAX_MATCHES, Page, Query, Scope, SortBy, TextQuery};

use super::fault::Result;
use super::index::{self, CLASSES};
use super::row::Param;
use super::session::{Next, Session, key, record};
use crate::compile::{self, Columns, Order, Source};
use crate::dialect::Sqlite;

/// A record in which words were found.
#[derive(Debug, Clone, Copy)]
struct Found {
    /// The handle of the record.
    owner: i64,
    /// The best of its texts, for the words so far.
    text: TextAt,
    /// The shorter the texts, the more.
    score: i64,
}

impl Found {
    /// Whichever has the higher score; itself, if they are equal.
    fn or_better(self, other: Self) -> Self {
        if other.score > self.score {
            other
        } else {
            self
        }
    }
}

/// Where a text is.
#[derive(Debug, Clone, Copy)]
enum TextAt {
    Index(i64),
    Waiting(usize),
}

/// A text that waits for the index.
struct Waiting {
    record: Key,
    owner: i64,
    text: String,
    class: i64,
}

/// What waits for the index.
struct Unindexed {
    texts: Vec<Waiting>,
    /// What stands in the index but is no longer so.
    outdated: BTreeSet<i64>,
}

/// A record of a page.
struct Hit {
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
    let found = matches(session, query, text, &unindexed)?;
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

/// The texts that wait for the index, and what they make outdated in it.
fn unindexed(session: &Session<'_>, query: &Query, scope: Scope) -> Result<Unindexed> {
    let mut found = Unindexed {
        texts: Vec::new(),
        outdated: BTreeSet::new(),
    };
    let table = &crate::schema::schema().table(query.kind)?.name;
    let place = Param::Id(&query.workspace.0);
    session.each(
        &format!(
            "SELECT p.kind, p.id, t.handle, p.public, p.internal FROM casekit_pending AS p \
             JOIN {table} AS t ON t.workspace = p.workspace AND t.id = p.owner \
             WHERE p.workspace = ?1 AND p.owner_kind = ?2"
        ),
        &[place, Param::Text(query.kind.name())],
        |row| {
            let (record, owner) = (key(query.workspace, row, 0)?, row.get(2)?);
            let internal = (scope == Scope::All).then_some(4);
            for at in std::iter::once(3).chain(internal) {
                let text: String = row.get(at)?;
                if !text.is_empty() {
                    let class = index::class_of(&text);
                    found.texts.push(Waiting {
                        record,
                        owner,
                        text,
                        class,
                    });
                }
            }
            Ok(Next::More)
        },
    )?;
    session.each(
        "SELECT s.at FROM casekit_pending AS p CROSS JOIN casekit_source AS s \
         ON s.workspace = p.workspace AND s.kind = p.kind AND s.id = p.id WHERE p.workspace = ?1",
        &[place],
        |row| {
            found.outdated.insert(row.get(0)?);
            Ok(Next::More)
        },
    )?;
    Ok(found)
}

/// The records in whose texts every word begins a word, in the order of their handles.
fn matches(
    session: &Session<'_>,
    query: &Query,
    text: &TextQuery,
    unindexed: &Unindexed,
) -> Result<Vec<Found>> {
    let mark = index::mark(session, query.workspace, query.kind)?;
    // Long words are rare: they leave the least for the others.
    let mut words: Vec<&str> = text.words.iter().map(String::as_str).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut all: Option<Vec<Found>> = None;
    for word in words {
        let found = match &mark {
            Some(mark) => indexed(session, mark, word, text.scope, unindexed, MAX_MATCHES)?,
            None => Vec::new(),
        };
        let found = with_waiting(found, word, unindexed);
        let both = match all {
            None => found,
            Some(before) => intersection(&before, &found),
        };
        if both.is_empty() {
            return Ok(both);
        }
        all = Some(both);
    }
    Ok(all.unwrap_or_default())
}

/// The owners that the index gives for a word, in the order of their handles, each with its shortest
/// text: the newest, where there are very many.
fn indexed(
    session: &Session<'_>,
    mark: &str,
    word: &str,
    scope: Scope,
    unindexed: &Unindexed,
    most: usize,
) -> Result<Vec<Found>> {
    let mut found: Vec<Found> = Vec::new();
    // What is no word of ours begins none.
    if word.contains(|c: char| c.is_ascii() && !(c.is_ascii_lowercase() || c.is_ascii_digit())) {
        return Ok(found);
    }
    let expression = format!("\"{mark}{word}\" *");
    session.each(
        "SELECT rowid FROM casekit_text WHERE casekit_text MATCH ?1 ORDER BY rowid DESC",
        &[Param::Text(&expression)],
        |row| {
            let at: i64 = row.get(0)?;
            let owner = index::owner(at);
            if scope == Scope::Public && index::is_internal(at) || unindexed.outdated.contains(&at)
            {
                return Ok(Next::More);
            }
            let shortest_so_far = Found {
                owner,
                text: TextAt::Index(at),
                score: CLASSES - index::class(at),
            };
            let is_full = found.len() == most;
            match found.last_mut().filter(|last| last.owner == owner) {
                Some(same) => *same = shortest_so_far,
                None if is_full => return Ok(Next::Enough),
                None => found.push(shortest_so_far),
            }
            Ok(Next::More)
        },
    )?;
    found.reverse();
    Ok(found)
}

/// With the texts that wait for the index, in the order of handles.
fn with_waiting(found: Vec<Found>, word: &str, unindexed: &Unindexed) -> Vec<Found> {
    let begins = |text: &str| text.split(' ').any(|other| other.starts_with(word));
    let mut waiting = BTreeMap::<i64, Found>::new();
    for (at, text) in unindexed.texts.iter().enumerate() {
        if begins(&text.text) {
            let one = Found {
                owner: text.owner,
                text: TextAt::Waiting(at),
                score: CLASSES - text.class,
            };
            let best = waiting.entry(one.owner).or_insert(one);
            *best = best.or_better(one);
        }
    }
    if waiting.is_empty() {
        return found;
    }
    let mut waiting = waiting.into_values().peekable();
    let mut all = Vec::with_capacity(found.len() + waiting.len());
    for one in found {
        while let Some(before) = waiting.next_if(|waiting| waiting.owner < one.owner) {
            all.push(before);
        }
        let same = waiting.next_if(|waiting| waiting.owner == one.owner);
        all.push(same.map_or(one, |same| one.or_better(same)));
    }
    all.extend(waiting);
    all
}

/// What both have; both are in the order of handles.
fn intersection(first: &[Found], second: &[Found]) -> Vec<Found> {
    let mut others = second.iter().peekable();
    let mut both = Vec::new();
    for one in first {
        while others.next_if(|other| other.owner < one.owner).is_some() {}
        if let Some(other) = others.peek().filter(|other| other.owner == one.owner) {
            both.push(Found {
                score: one.score + other.score,
                ..*one
            });
        }
    }
    both
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
    let walked;
    let owners = if is_dense(session, query, owners.len(), want)? {
        walked = walk(session, query, owners, order, want)?;
        &walked
    } else {
        owners
    };
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

/// Whether going along the order until enough of the owners have come looks at fewer records than
/// looking at all owners.
fn is_dense(session: &Session<'_>, query: &Query, owners: usize, want: usize) -> Result<bool> {
    let table = &crate::schema::schema().table(query.kind)?.name;
    let all = session.first(&format!("SELECT max(handle) FROM {table}"), &[], |row| {
        Ok(row.get::<_, Option<i64>>(0)?)
    })?;
    let all = usize::try_from(all.flatten().unwrap_or(0)).unwrap_or(usize::MAX);
    Ok(all.saturating_mul(want) < owners.saturating_mul(owners))
}

/// Goes along the order until enough of `owners` have come.
fn walk(
    session: &Session<'_>,
    query: &Query,
    owners: &[i64],
    order: &Order<'_>,
    want: usize,
) -> Result<Vec<i64>> {
    let statement = compile::select(&Sqlite, query, Columns::Handle, Source::Table, order, None)?;
    let mut found = Vec::with_capacity(want);
    session.select(&statement, |row| {
        let handle = row.get(0)?;
        if owners.binary_search(&handle).is_ok() {
            found.push(handle);
        }
        Ok(if found.len() < want {
            Next::More
        } else {
            Next::Enough
        })
    })?;
    Ok(found)
}

#[expect(clippy::cast_precision_loss, reason = "scores are below a thousand")]
fn real(score: i64) -> f64 {
    score as f64
}

#[cfg(test)]
mod tests {
    use casekit_core::model::{Kind, WorkspaceId};
    use casekit_core::port::Store;
    use casekit_core::{Change, ChangeSet};
    use casekit_testkit::generate::Generator;
    use uuid::Uuid;

    use super::*;
    use crate::SqliteStore;

    #[tokio::test]
    async fn of_a_word_that_very_many_have_the_newest_are_found() {
        let workspace = WorkspaceId(Uuid::from_u128(1));
        let mut make = Generator::new(1, workspace);
        let store = SqliteStore::connect("sqlite::memory:").await.unwrap();
        store.migrate().await.unwrap();
        let mut customers = Vec::new();
        for _ in 0..10 {
            let mut customer = make.customer();
            customer.name = "Everybody".to_owned();
            customers.push(Change::Create(customer.into()));
        }
        let set = ChangeSet {
            id: make.id(),
            workspace,
            changes: customers,
            events: Vec::new(),
        };
        store.commit(set).await.unwrap();
        store.tidy().await.unwrap();
        let nothing_waits = Unindexed {
            texts: Vec::new(),
            outdated: BTreeSet::new(),
        };
        let find = |most| {
            store.core().write(|session| {
                let mark = index::mark(session, workspace, Kind::Customer)?.unwrap();
                indexed(
                    session,
                    &mark,
                    "everybody",
                    Scope::All,
                    &nothing_waits,
                    most,
                )
            })
        };
        let handles = |found: Vec<Found>| found.iter().map(|one| one.owner).collect::<Vec<_>>();
        let all = handles(find(100).unwrap());
        assert_eq!(all.len(), 10);
        assert!(all.is_sorted());
        assert_eq!(handles(find(3).unwrap()), all[7..]);
    }
}
