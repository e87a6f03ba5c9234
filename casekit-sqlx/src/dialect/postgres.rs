//! PostgreSQL's own ways.

use std::fmt::Write as _;
use std::sync::Arc;

use casekit_core::model::{Holds, Kind, Value, WorkspaceId};
use casekit_core::query::Query;

use super::{Dialect, Function, Pairs, Searches, server};
use crate::schema::Schema;
use crate::views::Reported;

/// PostgreSQL.
#[derive(Debug, Clone)]
pub struct Postgres {
    pub(crate) schema: Arc<Schema>,
}

/// What the words of texts of owners of a kind in a workspace begin with, so that a search looks at
/// few words of others. Two may have the same: the texts themselves say whose they are.
pub(crate) fn mark(workspace: WorkspaceId, kind: Kind) -> String {
    let bytes = workspace.0.as_bytes().iter().chain(kind.name().as_bytes());
    let hash = bytes.fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)
    });
    format!("{:06x}", hash >> 8)
}

impl Dialect for Postgres {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn name(&self, name: &str, sql: &mut String) {
        sql.push('"');
        sql.push_str(&name.replace('"', "\"\""));
        sql.push('"');
    }

    fn placeholder(&self, number: usize, sql: &mut String) {
        sql.push('$');
        sql.push_str(&number.to_string());
    }

    fn column_type(&self, holds: Holds) -> &'static str {
        match holds {
            Holds::Bool => "boolean",
            Holds::Int => "bigint",
            Holds::Real => "double precision",
            Holds::Text => "text COLLATE \"C\"",
            Holds::Time => "timestamptz",
            Holds::Id => "uuid",
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
        Pairs::Whole
    }

    fn function(&self, function: Function, holds: Holds, column: &str, sql: &mut String) {
        let (before, after) = match (function, holds) {
            (Function::Sum, _) => ("least(sum(", "), 9223372036854775807)::bigint"),
            // There is no smallest or largest of these two types.
            (Function::Min, Holds::Bool) => ("bool_and(", ")"),
            (Function::Max, Holds::Bool) => ("bool_or(", ")"),
            (Function::Min, Holds::Id) => ("min(", "::text COLLATE \"C\")::uuid"),
            (Function::Max, Holds::Id) => ("max(", "::text COLLATE \"C\")::uuid"),
            (Function::Min, _) => ("min(", ")"),
            (Function::Max, _) => ("max(", ")"),
        };
        sql.push_str(before);
        sql.push_str(column);
        sql.push_str(after);
    }

    fn can_be_told_indexes(&self) -> bool {
        false
    }

    fn through_index(&self, _index: &str, _sql: &mut String) {
        // It cannot be told, and knows more than others about what its tables hold.
    }

    fn ordered_join(&self) -> &'static str {
        "JOIN"
    }

    fn reported(&self, path: &str, reported: Reported, sql: &mut String) {
        let path = path.replace(['.', '['], ",").replace(']', "");
        let (operator, cast) = match reported {
            Reported::Text | Reported::Word => ("#>>", ""),
            Reported::Id => ("#>>", "::uuid"),
            Reported::Number => ("#>>", "::bigint"),
            Reported::Flag => ("#>>", "::boolean"),
            Reported::Time => ("#>>", "::timestamptz"),
            Reported::Json => ("#>", ""),
        };
        // Writing to a string does not fail.
        let _ = write!(sql, "(body {operator} '{{{path}}}'){cast}");
    }
}

impl Searches for Postgres {
    fn texts(&self) -> &'static str {
        "text"
    }

    fn begins(&self, query: &Query, word: &str) -> Vec<(&'static str, Value, &'static str)> {
        // A word has no character that would have to be escaped.
        let asked = format!("'{}{word}':*", mark(query.workspace, query.kind));
        vec![("x.words @@ ", asked.into(), "::tsquery")]
    }

    /// To count what has a common word, the index of words would have to be read to its end.
    fn explain(&self) -> Option<&'static str> {
        Some("EXPLAIN (FORMAT JSON) ")
    }

    fn by_owner(&self) -> &'static str {
        ""
    }

    fn source(&self) -> &'static str {
        "x.kind || ' ' || x.id"
    }
}
