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

/// A query with a text as a statement whose rows are [`Found`].
pub(crate) fn search<D: Searches>(
    dialect: &D,
    query: &Query,
    text: &TextQuery,
    limit: u32,
) -> Result<Statement> {
    let mut builder = Builder::new(dialect);
    builder.push("SELECT p.id, p.body, p.score, (SELECT ");
    builder.push(dialect.source());
    builder.texts(query, text);
    builder.push(" AND x.owner = p.id AND (");
    for (at, word) in text.words.iter().enumerate() {
        builder.push(if at == 0 { "" } else { " OR " });
        builder.begins(query, word);
    }
    builder.push(") ORDER BY x.class, x.kind, x.id LIMIT 1) AS source FROM (");
    builder.page(query, text, limit)?;
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
    fn page(&mut self, query: &Query, text: &TextQuery, limit: u32) -> Result<()> {
        let table = self.dialect.schema().table(query.kind)?;
        let order = Order::of(query)?;
        self.push("SELECT t.id, t.body, f.score, ");
        match (&query.sort.by, order.field) {
            (_, Some(field)) => self.column(field),
            (SortBy::Relevance, None) => self.push("f.score"),
            (_, None) => self.push("t.id"),
        };
        self.push(" AS sorted FROM (");
        self.owners(query, text);
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
    fn owners(&mut self, query: &Query, text: &TextQuery) {
        let mut score = String::new();
        let sum = crate::dialect::Function::Sum;
        let holds = casekit_core::model::Holds::Int;
        self.dialect.function(sum, holds, "o.score", &mut score);
        self.push("SELECT o.owner, ")
            .push(&score)
            .push(" AS score FROM (");
        for (at, word) in text.words.iter().enumerate() {
            self.push(if at == 0 { "" } else { " UNION ALL " });
            self.push("SELECT x.owner, ").push(&CLASSES.to_string());
            self.push(" - min(x.class) AS score");
            self.texts(query, text);
            self.push(" AND ").begins(query, word);
            self.push(" GROUP BY x.owner");
        }
        let words = text.words.len().to_string();
        self.push(") AS o GROUP BY o.owner HAVING count(*) = ")
            .push(&words);
    }

    /// From where, and the condition that a text is of the workspace, of owners of the kind, and visible.
    fn texts(&mut self, query: &Query, text: &TextQuery) -> &mut Self {
        let table = self.dialect.schema().named(self.dialect.texts());
        self.push(" FROM ")
            .name(&table)
            .push(" AS x WHERE x.workspace = ");
        self.bind(Value::Id(query.workspace.0))
            .push(" AND x.owner_kind = ");
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
