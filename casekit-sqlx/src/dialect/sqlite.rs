//! SQLite's own ways.

use std::fmt::Write as _;

use casekit_core::model::{Holds, Value};

use super::{Dialect, Function, Pairs};
use crate::schema::{Schema, schema};
use crate::views::Reported;

/// SQLite.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sqlite;

impl Dialect for Sqlite {
    fn schema(&self) -> &Schema {
        schema()
    }

    fn name(&self, name: &str, sql: &mut String) {
        sql.push('"');
        sql.push_str(&name.replace('"', "\"\""));
        sql.push('"');
    }

    fn placeholder(&self, number: usize, sql: &mut String) {
        sql.push('?');
        sql.push_str(&number.to_string());
    }

    fn column_type(&self, holds: Holds) -> &'static str {
        match holds {
            Holds::Bool | Holds::Int | Holds::Time => "INTEGER",
            Holds::Real => "REAL",
            Holds::Text => "TEXT",
            Holds::Id => "BLOB",
        }
    }

    fn reference(&self) -> &'static str {
        "handle"
    }

    fn value_of_record(&self) -> &'static str {
        "v.handle = t.handle"
    }

    fn held(&self, value: &Value) -> Value {
        value.clone()
    }

    fn pairs(&self) -> Pairs {
        Pairs::Whole
    }

    fn function(&self, function: Function, _holds: Holds, column: &str, sql: &mut String) {
        sql.push_str(match function {
            Function::Sum => "sum(",
            Function::Min => "min(",
            Function::Max => "max(",
        });
        sql.push_str(column);
        sql.push(')');
    }

    fn can_be_told_indexes(&self) -> bool {
        true
    }

    fn through_index(&self, index: &str, sql: &mut String) {
        sql.push_str(" INDEXED BY ");
        self.name(index, sql);
    }

    fn ordered_join(&self) -> &'static str {
        "CROSS JOIN"
    }

    fn reported(&self, path: &str, _reported: Reported, sql: &mut String) {
        // Writing to a string does not fail.
        let _ = write!(sql, "body ->> '$.{path}'");
    }
}
