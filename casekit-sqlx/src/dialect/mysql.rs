//! MySQL's and MariaDB's own ways.

use std::sync::Arc;

use casekit_core::model::{Holds, Value};
use casekit_core::query::Query;

use super::{Dialect, Function, Pairs, Searches, server};
use crate::compile::after_all_that_begin_with;
use crate::schema::Schema;
use crate::views::Reported;

/// MySQL and MariaDB.
#[derive(Debug, Clone)]
pub struct Mysql {
    pub(crate) schema: Arc<Schema>,
}

impl Dialect for Mysql {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn name(&self, name: &str, sql: &mut String) {
        sql.push('`');
        sql.push_str(&name.replace('`', "``"));
        sql.push('`');
    }

    fn placeholder(&self, _number: usize, sql: &mut String) {
        sql.push('?');
    }

    /// Texts are bytes: those compare as in core with both databases, blanks at the end included, and
    /// no collation has a say. Times are milliseconds: the types for times end in 2038 or begin in 1000.
    fn column_type(&self, holds: Holds) -> &'static str {
        match holds {
            Holds::Bool => "BOOLEAN",
            Holds::Int | Holds::Time => "BIGINT",
            Holds::Real => "DOUBLE",
            Holds::Text => "VARBINARY(1020)",
            Holds::Id => "BINARY(16)",
        }
    }

    fn reference(&self) -> &'static str {
        "id"
    }

    fn value_of_record(&self) -> &'static str {
        "v.workspace = t.workspace AND v.id = t.id"
    }

    fn held(&self, value: &Value) -> Value {
        Value::Text(server::held_text(value))
    }

    fn pairs(&self) -> Pairs {
        // As a pair, no index would serve.
        Pairs::Spelled
    }

    fn function(&self, function: Function, _holds: Holds, column: &str, sql: &mut String) {
        let (before, after) = match function {
            Function::Sum => ("CAST(least(sum(", "), 9223372036854775807) AS SIGNED)"),
            Function::Min => ("min(", ")"),
            Function::Max => ("max(", ")"),
        };
        sql.push_str(before);
        sql.push_str(column);
        sql.push_str(after);
    }

    fn can_be_told_indexes(&self) -> bool {
        true
    }

    fn through_index(&self, index: &str, sql: &mut String) {
        let is_key = self.schema.tables().iter().any(|t| t.key_index == index);
        sql.push_str(" FORCE INDEX (");
        self.name(if is_key { "PRIMARY" } else { index }, sql);
        sql.push(')');
    }

    fn ordered_join(&self) -> &'static str {
        "STRAIGHT_JOIN"
    }

    /// A null in JSON is not one of SQL, and MySQL and MariaDB have no function in common that makes it one of any
    /// length: only a text that is always there can be the word itself.
    fn reported(&self, path: &str, reported: Reported, sql: &mut String) {
        let value = format!("json_extract(body, '$.{path}')");
        let text = format!("json_unquote({value})");
        let word = format!("nullif({text}, 'null')");
        sql.push_str(&match reported {
            Reported::Text => text,
            Reported::Word | Reported::Id => word,
            Reported::Number => format!("cast({word} AS SIGNED)"),
            Reported::Flag => format!("({text} = 'true')"),
            Reported::Time => {
                format!("cast(replace(replace({word}, 'T', ' '), 'Z', '') AS DATETIME(3))")
            }
            Reported::Json => value,
        });
    }
}

impl Searches for Mysql {
    fn texts(&self) -> &'static str {
        "word"
    }

    fn begins(&self, _query: &Query, word: &str) -> Vec<(&'static str, Value, &'static str)> {
        let mut all = vec![("(x.word >= ", word.into(), "")];
        if let Some(end) = after_all_that_begin_with(word) {
            all.push((" AND x.word < ", end.into(), ""));
        }
        if let Some((_, _, after)) = all.last_mut() {
            *after = ")";
        }
        all
    }

    fn explain(&self) -> Option<&'static str> {
        None
    }

    fn by_owner(&self) -> &'static str {
        " FORCE INDEX (by_owner)"
    }

    fn source(&self) -> &'static str {
        "CONCAT(x.kind, ' ', LOWER(HEX(x.id)))"
    }
}
