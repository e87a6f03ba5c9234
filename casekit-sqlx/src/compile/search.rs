//! A search as one statement, for databases that are servers.
//!
//! A text stands for itself or for another record, its owner. An owner is found when each word asked
//! for begins a word of one of its texts; the shorter the texts, the better it matches.

use casekit_core::model::Value;
use casekit_core::query::{Direction, Query, Scope, SortBy, TextQuery};
use casekit_core::{Error, Result};

use super::order::{Order, conditions};
use super::{Builder, Statement};
use crate::dialect::Searches;

/// How many classes of length there are.
const CLASSES: i64 = 8;

/// The columns of what a search gives.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found;

impl Found {
    /// The record.
    pub(crate) const BODY: usize = 1;
    /// How well it matches, a whole number.
    pub(crate) const SCORE: usize = 2;
    /// The kind and id of the record whose text matches, with a blank between.
    pub(crate) const SOURCE: usize = 3;
}

/// The class of length of a text with so many words: 0 for the shortest.
pub(crate) fn class_of(words: usize) -> i64 {
    let doublings = usize::BITS - words.saturating_sub(1).div_euclid(4).leading_zeros();
    i64::from(doublings).min(CLASSES - 1)
}

/// What a search begins with: the records that have one of its words, or those that its filter selects. It looks
/// for the other words among these alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// The newest records, so many, that have the word at this place, of all that have it.
    Word(usize, u32),
    /// The same, looked for among all records from the newest on.
    Newest(usize, u32),
    /// The records that the filter selects.
    Filter,
}

/// A statement that estimates how many texts or records a search would begin with, without looking at them; none
/// where the database cannot.
pub(crate) fn estimate<D: Searches>(
    dialect: &D,
    query: &Query,
    text: &TextQuery,
    start: Start,
) -> Result<Option<Statement>> {
    let Some(explain) = dialect.explain() else {
        return Ok(None);
    };
    let mut builder = Builder::new(dialect);
    builder.push(explain).begun(query, text, start)?;
    Ok(Some(builder.finish()))
}

/// A statement that counts what a search would begin with: the texts that have its word, or the records, up to a
/// bound, and the records that these are of.
pub(crate) fn count<D: Searches>(
    dialect: &D,
    query: &Query,
    text: &TextQuery,
    start: Start,
    bound: u32,
) -> Result<Statement> {
    let mut builder = Builder::new(dialect);
    builder.push("SELECT count(*), count(DISTINCT bounded.owner) FROM (");
    builder.begun(query, text, start)?;
    builder.push(" LIMIT ").bind(Value::Int(bound.into()));
    builder.push(") AS bounded");
    Ok(builder.finish())
}

/// A query with a text as a statement whose rows are [`Found`].
pub(crate) fn search<D: Searches>(
    dialect: &D,
    query: &Query,
    text: &TextQuery,
    start: Start,
    limit: u32,
) -> Result<Statement> {
    let mut builder = Builder::new(dialect);
    builder.push("SELECT p.id, p.body, p.score, (SELECT ");
    builder.push(dialect.source());
    builder.push(" FROM ").table().push(" WHERE ");
    builder.of(query, text).push(" AND x.owner = p.id AND (");
    for (at, word) in text.words.iter().enumerate() {
        builder.push(if at == 0 { "" } else { " OR " });
        builder.begins(query, word);
    }
    builder.push(") ORDER BY x.class, x.kind, x.id LIMIT 1) AS source FROM (");
    builder.page(query, text, start, limit)?;
    builder.push(") AS p ORDER BY p.sorted");
    let direction = match query.sort.direction {
        Direction::Ascending => "",
        Direction::Descending => " DESC",
    };
    builder.push(direction).push(", p.id").push(direction);
    Ok(builder.finish())
}

impl<D: Searches> Builder<'_, D> {
    /// The records of a page.
    fn page(&mut self, query: &Query, text: &TextQuery, start: Start, limit: u32) -> Result<()> {
        let table = self.dialect.schema().table(query.kind)?;
        let order = Order::of(query)?;
        self.push("SELECT t.id, t.body, f.score, ");
        match (&query.sort.by, order.field) {
            (_, Some(field)) => self.column(field),
            (SortBy::Relevance, None) => self.push("f.score"),
            (_, None) => self.push("t.id"),
        };
        self.push(" AS sorted FROM (");
        self.owners(query, text, start)?;
        self.push(") AS f JOIN ")
            .name(&table.name)
            .push(" AS t ON t.workspace = ");
        self.bind(Value::Id(query.workspace.0))
            .push(" AND t.id = f.owner WHERE TRUE");
        let conditions = conditions(&query.filter);
        if !conditions.is_empty() {
            self.push(" AND ").joined(table, &conditions, " AND ")?;
        }
        if query.sort.by == SortBy::Relevance {
            self.after_score(query)?;
        } else {
            self.after(&order);
        }
        self.push(" ORDER BY sorted");
        let direction = match query.sort.direction {
            Direction::Ascending => "",
            Direction::Descending => " DESC",
        };
        self.push(direction).push(", t.id").push(direction);
        self.push(" LIMIT ").bind(Value::Int(limit.into()));
        Ok(())
    }

    /// The owners of texts that have all words, each with its score.
    fn owners(&mut self, query: &Query, text: &TextQuery, start: Start) -> Result<()> {
        let begun = match start {
            Start::Word(word, _) | Start::Newest(word, _) => Some(word),
            Start::Filter => None,
        };
        let others = text.words.iter().enumerate();
        let others = others.filter(|(at, _)| Some(*at) != begun);
        let others: Vec<&str> = others.map(|(_, word)| word.as_str()).collect();
        self.having_all(query, text, start, &others)
    }

    /// The owners that a search begins with, and of them those that have each of the other words.
    fn having_all(
        &mut self,
        query: &Query,
        text: &TextQuery,
        start: Start,
        others: &[&str],
    ) -> Result<()> {
        let Some((word, others)) = others.split_last() else {
            return self.begun_with(query, text, start);
        };
        self.push("SELECT c.owner, c.score + ").score();
        self.push(" AS score FROM (");
        self.having_all(query, text, start, others)?;
        let join = self.dialect.ordered_join();
        self.push(") AS c ").push(join).push(" ").table_by_owner();
        self.push(" ON x.owner = c.owner WHERE ").of(query, text);
        self.begins_unindexed(query, word);
        self.push(" GROUP BY c.owner, c.score");
        Ok(())
    }

    /// The owners that a search begins with.
    fn begun_with(&mut self, query: &Query, text: &TextQuery, start: Start) -> Result<()> {
        let word = |at: usize| text.words.get(at).map_or("", String::as_str);
        match start {
            Start::Filter => {
                self.push("SELECT t.id AS owner, ").bind(Value::Int(0));
                self.push(" AS score").selected(query)?;
            }
            Start::Word(at, most) => {
                self.push("SELECT x.owner, ").score();
                self.push(" AS score FROM ").table().push(" WHERE ");
                self.of(query, text).push(" AND ");
                self.begins(query, word(at));
                self.newest_owners(most);
            }
            Start::Newest(at, most) => {
                self.push("SELECT x.owner, ").score();
                self.push(" AS score FROM ").table_by_owner();
                self.push(" WHERE ").of(query, text);
                self.begins_unindexed(query, word(at));
                self.newest_owners(most);
            }
        }
        Ok(())
    }

    fn newest_owners(&mut self, most: u32) {
        self.push(" GROUP BY x.owner ORDER BY x.owner DESC LIMIT ");
        self.bind(Value::Int(most.into()));
    }

    /// The condition that a text has a word, put so that an index of words does not serve: it would give all
    /// that have it.
    fn begins_unindexed(&mut self, query: &Query, word: &str) {
        self.push(" AND (").begins(query, word);
        self.push(") IS TRUE");
    }

    /// The record of each text that a search begins with, or the records that its filter selects.
    fn begun(&mut self, query: &Query, text: &TextQuery, start: Start) -> Result<()> {
        match start {
            Start::Word(word, _) | Start::Newest(word, _) => {
                self.push("SELECT x.owner FROM ").table().push(" WHERE ");
                self.of(query, text).push(" AND ");
                self.begins(query, text.words.get(word).map_or("", String::as_str));
            }
            Start::Filter => self.push("SELECT t.id AS owner").selected(query)?,
        }
        Ok(())
    }

    /// How well the texts of an owner match, by the shortest of them: a whole number.
    fn score(&mut self) -> &mut Self {
        self.bind(Value::Int(CLASSES)).push(" - min(x.class)")
    }

    /// The table of texts.
    fn table(&mut self) -> &mut Self {
        let table = self.dialect.schema().named(self.dialect.texts());
        self.name(&table).push(" AS x")
    }

    /// The same, to be read in the order of owners.
    fn table_by_owner(&mut self) -> &mut Self {
        let through = self.dialect.by_owner();
        self.table().push(through)
    }

    /// The condition that a text is of the workspace, of owners of the kind, and visible.
    fn of(&mut self, query: &Query, text: &TextQuery) -> &mut Self {
        self.push("x.workspace = ")
            .bind(Value::Id(query.workspace.0));
        self.push(" AND x.owner_kind = ");
        self.bind(query.kind.name().into());
        self.push(match text.scope {
            Scope::All => "",
            Scope::Public => " AND NOT x.internal",
        })
    }

    fn begins(&mut self, query: &Query, word: &str) {
        for (before, value, after) in self.dialect.begins(query, word) {
            self.push(before).bind(value).push(after);
        }
    }

    /// The condition that the record comes after the cursor of a query by relevance.
    fn after_score(&mut self, query: &Query) -> Result<()> {
        let Some(cursor) = &query.after else {
            return Ok(());
        };
        let Value::Real(score) = cursor.value else {
            return Err(Error::invalid("the cursor belongs to another query"));
        };
        let than = match query.sort.direction {
            Direction::Ascending => " > ",
            Direction::Descending => " < ",
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "our scores are small whole numbers"
        )]
        let score = Value::Int(score as i64);
        self.push(" AND ");
        self.pair_after("f.score", than, &score, cursor.id);
        Ok(())
    }
}
