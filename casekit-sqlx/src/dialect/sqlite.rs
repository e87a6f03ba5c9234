//! SQLite's own ways.

use casekit_core::model::Holds;

use super::Dialect;

/// SQLite.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sqlite;

impl Dialect for Sqlite {
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

    fn through_index(&self, index: &str, sql: &mut String) {
        sql.push_str(" INDEXED BY ");
        self.name(index, sql);
    }

    fn numbers_of(&self, parameter: usize, sql: &mut String) {
        sql.push_str("json_each(");
        self.placeholder(parameter, sql);
        sql.push(')');
    }

    fn ordered_join(&self) -> &'static str {
        "CROSS JOIN"
    }
}
