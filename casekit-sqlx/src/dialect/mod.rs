//! What differs between databases, and nothing else: a file for each.

mod sqlite;

use casekit_core::model::Holds;

pub(crate) use sqlite::Sqlite;

/// How one database writes what all of them can do.
pub(crate) trait Dialect {
    /// Appends a quoted name.
    fn name(&self, name: &str, sql: &mut String);

    /// Appends the placeholder of the parameter with this number, from 1.
    fn placeholder(&self, number: usize, sql: &mut String);

    /// The type of a column that holds these values; it must sort as [`casekit_core::model::Value`] does.
    fn column_type(&self, holds: Holds) -> &'static str;

    /// Appends what makes the database read the table before it through this index, if it can be told.
    fn through_index(&self, index: &str, sql: &mut String);

    /// Appends a row source with one column `value` from a parameter that is a JSON array of numbers.
    fn numbers_of(&self, parameter: usize, sql: &mut String);

    /// The join that reads its left side first.
    fn ordered_join(&self) -> &'static str;
}
