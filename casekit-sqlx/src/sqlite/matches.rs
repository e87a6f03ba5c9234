//! In which records the words of a search are found.
//!
//! Each word gives the owners of the texts in which it begins a word: from the index, and from the
//! texts that still wait for it. The owners that every word gives are the records found.
//!
//! Only where a search begins is bounded: at a word that few records have, or at the few that its
//! filter selects. What it begins with is then looked for among all that have the other words. So a
//! record with a rare word is found however old it is, and so is one that its filter selects with few
//! others. Where every word is in very many records, and the filter selects as many, a search begins
//! at the newest that have the longest word.

use std::collections::{BTreeMap, BTreeSet};

use casekit_core::model::Key;
use casekit_core::query::{Query, Scope, TextQuery};

use super::fault::Result;
use super::index::{self, CLASSES};
use super::row::Param;
use super::session::{Next, Session, key};
use crate::compile;
use crate::dialect::Sqlite;

/// A record in which words were found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// The handle of the record.
    pub(super) owner: i64,
    /// The best of its texts, for the words so far.
    pub(super) text: TextAt,
    /// The shorter the texts, the more.
    pub(super) score: i64,
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
pub(super) enum TextAt {
    Index(i64),
    Waiting(usize),
}

/// A text that waits for the index.
pub(super) struct Waiting {
    pub(super) record: Key,
    owner: i64,
    text: String,
    class: i64,
}

/// What waits for the index.
pub(super) struct Unindexed {
    pub(super) texts: Vec<Waiting>,
    /// What stands in the index but is no longer so.
    outdated: BTreeSet<i64>,
}

/// Where to look for words.
struct Texts<'s> {
    session: &'s Session<'s>,
    scope: Scope,
    /// What the words in the index begin with; none while it has none.
    mark: Option<String>,
    unindexed: &'s Unindexed,
}

/// The owners that have a word: the newest, if there are too many.
struct Newest {
    found: Vec<Found>,
    reach: Reach,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    All,
    Some,
}

/// The records in whose texts every word begins a word, in the order of their handles; begins with at
/// most so many.
pub(super) fn matches(
    session: &Session<'_>,
    query: &Query,
    text: &TextQuery,
    unindexed: &Unindexed,
    most: usize,
) -> Result<Vec<Found>> {
    let texts = Texts {
        session,
        scope: text.scope,
        mark: index::mark(session, query.workspace, query.kind)?,
        unindexed,
    };
    // Long words are rare: they leave the least for the others.
    let mut words: Vec<&str> = text.words.iter().map(String::as_str).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let Some((begun, mut all)) = texts.begin(query, &words, most)? else {
        return Ok(Vec::new());
    };
    for word in words.into_iter().filter(|word| *word != begun) {
        let owners: Vec<i64> = all.iter().map(|found| found.owner).collect();
        all = intersection(&all, &texts.among(&owners, word)?);
    }
    Ok(all)
}

/// The texts that wait for the index, and what they make outdated in it.
pub(super) fn unindexed(session: &Session<'_>, query: &Query, scope: Scope) -> Result<Unindexed> {
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

impl Texts<'_> {
    /// The word to begin with, and its owners.
    fn begin<'w>(
        &self,
        query: &Query,
        words: &[&'w str],
        most: usize,
    ) -> Result<Option<(&'w str, Vec<Found>)>> {
        let mut longest = None;
        for word in words {
            let newest = self.newest(word, most)?;
            if newest.reach == Reach::All {
                return Ok(Some((word, newest.found)));
            }
            longest.get_or_insert((*word, newest.found));
        }
        match (longest, selected(self.session, query, most)?) {
            (Some((word, _)), Some(owners)) => Ok(Some((word, self.among(&owners, word)?))),
            (longest, _) => Ok(longest),
        }
    }

    /// The owners of a word in the order of their handles, each with its shortest text.
    fn newest(&self, word: &str, most: usize) -> Result<Newest> {
        let (mut found, mut reach) = (Vec::<Found>::new(), Reach::All);
        self.each(word, |one| {
            let is_full = found.len() == most;
            match found.last_mut().filter(|last| last.owner == one.owner) {
                // The shorter its texts, the later they come.
                Some(same) => *same = one,
                None if is_full => {
                    reach = Reach::Some;
                    return Next::Enough;
                }
                None => found.push(one),
            }
            Next::More
        })?;
        found.reverse();
        let found = with_waiting(found, word, self.unindexed);
        Ok(Newest { found, reach })
    }

    /// Those of `owners`, which are sorted, that have a word; and whoever has it in a text that waits.
    fn among(&self, owners: &[i64], word: &str) -> Result<Vec<Found>> {
        let (mut found, mut left) = (Vec::<Found>::new(), owners);
        self.each(word, |one| {
            while let Some((newest, older)) = left
                .split_last()
                .filter(|(newest, _)| **newest >= one.owner)
            {
                if *newest == one.owner {
                    match found.last_mut().filter(|last| last.owner == one.owner) {
                        Some(same) => *same = one,
                        None => found.push(one),
                    }
                    return Next::More;
                }
                left = older;
            }
            if left.is_empty() {
                Next::Enough
            } else {
                Next::More
            }
        })?;
        found.reverse();
        Ok(with_waiting(found, word, self.unindexed))
    }

    /// Gives each text in the index that has a word to `take`, the newest owner first.
    fn each(&self, word: &str, mut take: impl FnMut(Found) -> Next) -> Result<()> {
        let Some(mark) = &self.mark else {
            return Ok(());
        };
        // What is no word of ours begins none.
        if word.contains(|c: char| c.is_ascii() && !(c.is_ascii_lowercase() || c.is_ascii_digit()))
        {
            return Ok(());
        }
        let expression = format!("\"{mark}{word}\" *");
        self.session.each(
            "SELECT rowid FROM casekit_text WHERE casekit_text MATCH ?1 ORDER BY rowid DESC",
            &[Param::Text(&expression)],
            |row| {
                let at: i64 = row.get(0)?;
                let is_hidden = self.scope == Scope::Public && index::is_internal(at);
                if is_hidden || self.unindexed.outdated.contains(&at) {
                    return Ok(Next::More);
                }
                Ok(take(Found {
                    owner: index::owner(at),
                    text: TextAt::Index(at),
                    score: CLASSES - index::class(at),
                }))
            },
        )
    }
}

/// The handles of the records that the filter of a query selects, in order; none if these are more than so many.
fn selected(session: &Session<'_>, query: &Query, most: usize) -> Result<Option<Vec<i64>>> {
    let more = u32::try_from(most + 1).unwrap_or(u32::MAX);
    let statement = compile::references(&Sqlite, query, more)?;
    let mut handles = Vec::new();
    session.select(&statement, |row| {
        handles.push(row.get(0)?);
        Ok(Next::More)
    })?;
    handles.sort_unstable();
    Ok((handles.len() <= most).then_some(handles))
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

#[cfg(test)]
mod tests {
    use casekit_core::model::Kind;
    use casekit_core::port::Store;
    use casekit_core::query::Filter;

    use super::*;
    use crate::SqliteStore;
    use crate::ten_cases::ten_cases;

    /// A store of ten cases, a query of all, and filters that select the oldest.
    async fn filled() -> (SqliteStore, Query, Vec<Filter>) {
        let store = SqliteStore::connect("sqlite::memory:").await.unwrap();
        store.migrate().await.unwrap();
        let (set, filters) = ten_cases();
        let all = Query::all(set.workspace, Kind::Case);
        store.commit(set).await.unwrap();
        store.tidy().await.unwrap();
        (store, all, filters)
    }

    /// What is found with a bound of three.
    fn found(store: &SqliteStore, query: &Query, words: &str) -> Vec<i64> {
        let text = TextQuery::new(words, Scope::All).unwrap();
        let found = store.core().write(|session| {
            let unindexed = unindexed(session, query, Scope::All)?;
            matches(session, query, &text, &unindexed, 3)
        });
        let found = found.unwrap();
        found.into_iter().map(|one| one.owner).collect()
    }

    #[tokio::test]
    async fn of_a_word_that_very_many_have_the_newest_are_found() {
        let (store, all, _) = filled().await;
        assert_eq!(found(&store, &all, "common"), [8, 9, 10]);
        assert_eq!(found(&store, &all, "common comm"), [8, 9, 10]);
    }

    #[tokio::test]
    async fn with_a_word_that_few_have_the_oldest_is_found() {
        let (store, all, _) = filled().await;
        for words in [
            "rare",
            "rare common",
            "common rare",
            "common comm rare",
            "talk common",
        ] {
            assert_eq!(found(&store, &all, words), [1], "{words}");
        }
        assert!(found(&store, &all, "common nobody").is_empty());
    }

    #[tokio::test]
    async fn of_the_few_that_a_filter_selects_the_oldest_is_found() {
        let (store, all, filters) = filled().await;
        for filter in filters {
            let some = all.clone().filter(filter);
            for words in ["common", "common comm"] {
                assert_eq!(found(&store, &some, words), [1], "{words} {some:?}");
            }
        }
    }
}
