//! From queries as data to SQL: pure functions, the same for every dialect, no database needed.

mod aggregate;
mod filter;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod lookup;
mod order;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod search;
mod select;
#[cfg(all(test, feature = "postgres", feature = "mysql"))]
mod server_tests;
#[cfg(test)]
mod tests;
mod way;

pub(crate) use aggregate::aggregate;
#[cfg(feature = "mysql")]
pub(crate) use filter::after_all_that_begin_with;
pub(crate) use filter::tag;
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) use filter::tag_number;
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) use lookup::{Lookups, holders, last_seq, records};
pub(crate) use order::Order;
#[cfg(feature = "sqlite")]
pub(crate) use order::gives_order;
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) use order::is_selective;
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) use search::{Found, Start, class_of, count, estimate, search};
#[cfg(feature = "sqlite")]
pub(crate) use select::references;
pub(crate) use select::{Columns, Driver, Source, select};
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) use way::trial_end;
pub(crate) use way::{Chosen, MOST_TRIED, Way, way};

use casekit_core::model::Value;

use crate::dialect::Dialect;

/// A statement with the values of its parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The SQL. Queries of one shape give the same text, so that a cache of statements works.
    pub sql: String,
    /// The parameters.
    pub params: Vec<Value>,
}

/// Writes a statement. In it `t` is the table of the records, `v` one of multi-valued fields.
struct Builder<'a, D> {
    dialect: &'a D,
    sql: String,
    params: Vec<Value>,
}

impl<'a, D: Dialect> Builder<'a, D> {
    fn new(dialect: &'a D) -> Self {
        let (sql, params) = (String::with_capacity(256), Vec::new());
        Self {
            dialect,
            sql,
            params,
        }
    }

    fn push(&mut self, sql: &str) -> &mut Self {
        self.sql.push_str(sql);
        self
    }

    fn name(&mut self, name: &str) -> &mut Self {
        self.dialect.name(name, &mut self.sql);
        self
    }

    fn column(&mut self, name: &str) -> &mut Self {
        self.push("t.").name(name)
    }

    fn bind(&mut self, value: Value) -> &mut Self {
        self.params.push(value);
        self.dialect.placeholder(self.params.len(), &mut self.sql);
        self
    }

    /// Placeholders for all values, padded to a power of two by repeating the last, so that lists
    /// of different lengths share few statements.
    fn bind_list(&mut self, values: &[Value]) -> &mut Self {
        let Some(last) = values.last() else {
            return self;
        };
        let padding = values.len().next_power_of_two() - values.len();
        let padded = values
            .iter()
            .chain(std::iter::repeat_n(last, padding))
            .cloned();
        for (at, value) in padded.enumerate() {
            self.push(if at == 0 { "" } else { ", " }).bind(value);
        }
        self
    }

    fn finish(self) -> Statement {
        Statement {
            sql: self.sql,
            params: self.params,
        }
    }
}
