//! What differs between databases, and nothing else: a file for each.

#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod server;
#[cfg(feature = "sqlite")]
mod sqlite;

use casekit_core::model::{Holds, Value};

#[cfg(feature = "mysql")]
#[expect(
    unreachable_pub,
    reason = "it stands in the type of a store, where nobody can name it"
)]
pub use mysql::Mysql;
#[cfg(feature = "postgres")]
#[expect(
    unreachable_pub,
    reason = "it stands in the type of a store, where nobody can name it"
)]
pub use postgres::Postgres;
#[cfg(feature = "postgres")]
pub(crate) use postgres::mark;
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) use server::held_text;
#[cfg(feature = "sqlite")]
pub(crate) use sqlite::Sqlite;

use crate::schema::{Schema, Table};
use crate::views::Reported;
#[cfg(any(feature = "postgres", feature = "mysql"))]
use casekit_core::query::Query;

/// What to compute of the values of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// The sum of whole numbers.
    Sum,
    /// The smallest.
    Min,
    /// The largest.
    Max,
}

/// How a database compares pairs so that an index serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairs {
    /// As pairs: `(a, b) > (1, 2)`.
    Whole,
    /// Part by part: `(a >= 1 AND (a > 1 OR b > 2))`.
    Spelled,
}

/// How one database writes what all of them can do.
pub trait Dialect {
    /// The names of the tables.
    fn schema(&self) -> &Schema;

    /// Appends a quoted name.
    fn name(&self, name: &str, sql: &mut String);

    /// The columns of the table of a kind: workspace, id, version, the single-valued fields, body.
    fn columns(&self, table: &Table) -> Vec<String> {
        let fields = table.columns.iter().map(|column| {
            let mut name = String::new();
            self.name(column.name, &mut name);
            name
        });
        let first = ["workspace", "id", "version"].map(str::to_owned);
        let first = first.into_iter().chain(fields);
        first.chain(["body".to_owned()]).collect()
    }

    /// Appends the placeholder of the parameter with this number, from 1.
    fn placeholder(&self, number: usize, sql: &mut String);

    /// The type of a column that holds these values; it must sort as [`casekit_core::model::Value`] does.
    fn column_type(&self, holds: Holds) -> &'static str;

    /// The column by which other tables refer to a record, beside the workspace where that is needed.
    fn reference(&self) -> &'static str;

    /// The condition that the value `v` is one of the record `t`.
    fn value_of_record(&self) -> &'static str;

    /// What stands for a value of a multi-valued field in the column that holds values of all types.
    fn held(&self, value: &Value) -> Value;

    /// How pairs are compared.
    fn pairs(&self) -> Pairs;

    /// Appends a function of a column with values of one type; the result is of the same type.
    fn function(&self, function: Function, holds: Holds, column: &str, sql: &mut String);

    /// Whether it can be told which index to read a table through.
    fn can_be_told_indexes(&self) -> bool;

    /// Appends what makes the database read the table before it through this index, if it can be told.
    fn through_index(&self, index: &str, sql: &mut String);

    /// The join that reads its left side first.
    fn ordered_join(&self) -> &'static str;

    /// Appends what is at a path of the record `body`, for those who report.
    fn reported(&self, path: &str, reported: Reported, sql: &mut String);
}

/// How a database that is a server searches texts.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub trait Searches: Dialect {
    /// The table of the texts `x`, without what all names begin with.
    fn texts(&self) -> &'static str;

    /// The condition that a text `x` has a word that begins with `word`: what stands before a value,
    /// the value, and what stands after it.
    fn begins(&self, query: &Query, word: &str) -> Vec<(&'static str, Value, &'static str)>;

    /// What makes the database read the texts `x` in the order of their owners, if it has to be told.
    fn by_owner(&self) -> &'static str;

    /// What stands before a `SELECT` to estimate how many rows it has, if that can be read.
    fn explain(&self) -> Option<&'static str>;

    /// The kind and the id of the record of a text `x`, with a blank between, as text.
    fn source(&self) -> &'static str;
}
