//! Queries are data: filter, text, sort and cursor. [`eval`] defines what they mean; the memory
//! store runs it, SQL adapters compile the same value to a statement.

mod aggregate;
mod cursor;
mod eval;
mod filter;
mod text;

use serde::{Deserialize, Serialize};

pub use aggregate::{Aggregate, AggregateRow, Measure, eval_aggregate, eval_aggregate_rows};
pub use cursor::Cursor;
pub use eval::{Document, eval, eval_filter};
pub use filter::{Comparison, Filter};
pub use text::{MAX_MATCHES, Scope, TextQuery, excerpt, fold, matches, sort_key, words};
pub(crate) use text::{MAX_WORDS, holds_any};

use crate::error::{Error, Result};
use crate::model::{Arity, Entity, Holds, Key, Kind, Value, WorkspaceId};

/// The most records that one page can hold.
pub const MAX_LIMIT: u32 = 1_000;

/// Which records of one kind, in which order, from where, how many.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Query {
    /// The workspace.
    pub workspace: WorkspaceId,
    /// The kind of record.
    pub kind: Kind,
    /// What must hold for a record.
    pub filter: Filter,
    /// Words by which it must be found.
    pub text: Option<TextQuery>,
    /// The order; the id decides between equals, in the same direction.
    pub sort: Sort,
    /// Continues after the last record of an earlier page of the same query.
    pub after: Option<Cursor>,
    /// At most so many records, 1 to [`MAX_LIMIT`].
    pub limit: u32,
}

/// What to sort by, and in which direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sort {
    /// What to sort by.
    pub by: SortBy,
    /// The direction.
    pub direction: Direction,
}

/// What to sort by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SortBy {
    /// The id, which is the order of creation.
    Id,
    /// A single-valued field.
    Field(String),
    /// How well the text matches; needs a text. Stores may weigh words in their own way, so the
    /// order, unlike the membership, is the store's; `Descending` gives the best first.
    Relevance,
}

/// A direction of sorting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Smallest, oldest, or first in the alphabet first.
    #[default]
    Ascending,
    /// Largest, newest, or last in the alphabet first.
    Descending,
}

impl Direction {
    /// The other one.
    #[must_use]
    pub const fn reversed(self) -> Self {
        match self {
            Self::Ascending => Self::Descending,
            Self::Descending => Self::Ascending,
        }
    }
}

/// A page of records.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// The records, in the order asked for.
    pub records: Vec<Entity>,
    /// For a query with a text: for each record, one of the records in which its words were found.
    pub hits: Vec<Key>,
    /// Where the next page begins; `None` when this was the last.
    pub next: Option<Cursor>,
}

impl Query {
    /// All records of `kind`, in the order of creation.
    pub fn all(workspace: WorkspaceId, kind: Kind) -> Self {
        Self {
            workspace,
            kind,
            filter: Filter::all(),
            text: None,
            sort: Sort {
                by: SortBy::Id,
                direction: Direction::Ascending,
            },
            after: None,
            limit: 100,
        }
    }

    /// With this filter.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Sorted by a field.
    #[must_use]
    pub fn sort(mut self, field: &str, direction: Direction) -> Self {
        self.sort = Sort {
            by: SortBy::Field(field.to_owned()),
            direction,
        };
        self
    }

    /// At most so many records.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit;
        self
    }

    /// Refuses a query that means nothing: unknown fields, values of another type, a bad limit, a
    /// cursor of another query. Stores call this first.
    pub fn validate(&self) -> Result<()> {
        if self.limit == 0 || self.limit > MAX_LIMIT {
            return Err(Error::invalid(format!(
                "a page holds 1 to {MAX_LIMIT} records, not {}",
                self.limit
            )));
        }
        self.filter.validate(self.kind)?;
        let sorted = self.sorted_values()?;
        if let Some(cursor) = &self.after
            && (cursor.fingerprint != self.fingerprint() || cursor.value.holds() != sorted)
        {
            return Err(Error::invalid("the cursor belongs to another query"));
        }
        Ok(())
    }

    /// The type of the values that are sorted by.
    fn sorted_values(&self) -> Result<Holds> {
        match &self.sort.by {
            SortBy::Id => Ok(Holds::Id),
            SortBy::Relevance if self.text.is_some() => Ok(Holds::Real),
            SortBy::Relevance => Err(Error::invalid(
                "sorting by relevance needs a text to search for",
            )),
            SortBy::Field(name) => {
                let declaration = self.kind.declaration();
                let field = declaration.field(name);
                let single = field.filter(|field| field.arity == Arity::One);
                single.map(|field| field.holds).ok_or_else(|| {
                    let noun = declaration.noun;
                    Error::invalid(format!("a {noun} cannot be sorted by `{name}`"))
                })
            }
        }
    }

    /// The cursor that continues after a record with this sort value; when sorting by id, its id.
    pub fn cursor(&self, value: Value, id: uuid::Uuid) -> Cursor {
        Cursor {
            fingerprint: self.fingerprint(),
            value,
            id,
        }
    }
}
