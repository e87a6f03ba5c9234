//! Plain SQL views for those who report: the records that people ask about, a column for what they
//! know by a name. They are made anew by every migration.

use std::fmt::Write as _;

use casekit_core::Result;
use casekit_core::model::Kind;

use crate::dialect::Dialect;
#[cfg(any(feature = "postgres", feature = "mysql"))]
use crate::schema::Schema;

/// What a column of a view holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reported {
    /// A text that is always there.
    Text,
    /// A word that may be absent: the name of a choice, an address.
    Word,
    /// An id; absent for none.
    Id,
    /// A whole number.
    Number,
    /// Yes or no.
    Flag,
    /// A moment in UTC; absent for never.
    Time,
    /// Several values, as JSON.
    Json,
}

/// A view of a kind of record: its columns, and where in the record they are.
struct View {
    name: &'static str,
    kind: Kind,
    columns: &'static [(&'static str, &'static str, Reported)],
}

use Reported::{Flag, Id, Json, Number, Text, Time, Word};

const VIEWS: [View; 3] = [
    View {
        name: "cases",
        kind: Kind::Case,
        columns: &[
            ("workspace", "workspace", Id),
            ("id", "id", Id),
            ("number", "number", Number),
            ("subject", "subject", Text),
            ("status", "status", Word),
            ("stage", "stage", Word),
            ("priority", "priority", Word),
            ("flagged", "flagged", Flag),
            ("origin", "origin", Word),
            ("language", "language", Word),
            ("tags", "tags", Json),
            ("custom", "custom", Json),
            ("product", "product", Id),
            ("customer", "customer", Id),
            ("customer_name", "customer_name", Text),
            ("organisation", "organisation", Id),
            ("owner", "owner", Id),
            ("assignee", "assignee", Id),
            ("opened_at", "opened_at", Time),
            ("updated_at", "updated_at", Time),
            ("closed_at", "closing.at", Time),
            ("closed_because", "closing.reason", Word),
            ("awaiting_since", "attention.awaiting_since", Time),
            ("first_reply_at", "attention.first_reply_at", Time),
            ("customer_last_at", "attention.customer_last_at", Time),
            ("staff_last_at", "attention.staff_last_at", Time),
            ("messages", "attention.messages", Number),
            ("reopened", "reopened", Number),
            ("merged_into", "merged_into", Id),
        ],
    },
    View {
        name: "entries",
        kind: Kind::Entry,
        columns: &[
            ("workspace", "workspace", Id),
            ("id", "id", Id),
            ("case_id", "case", Id),
            ("activity", "activity", Id),
            ("at", "at", Time),
            ("author_type", "author.type", Word),
            ("author", "author.id", Id),
            ("author_name", "author.name", Word),
            ("visibility", "visibility", Word),
            ("type", "body.type", Word),
            ("what", "body.what", Word),
            ("subject", "body.subject", Word),
            ("text", "body.text", Word),
            ("delivery", "body.delivery.type", Word),
        ],
    },
    View {
        name: "customers",
        kind: Kind::Customer,
        columns: &[
            ("workspace", "workspace", Id),
            ("id", "id", Id),
            ("name", "name", Text),
            ("email", "emails[0]", Word),
            ("emails", "emails", Json),
            ("phone", "phones[0]", Word),
            ("phones", "phones", Json),
            ("language", "language", Word),
            ("organisation", "organisation", Id),
            ("custom", "custom", Json),
            ("created_at", "created_at", Time),
            ("updated_at", "updated_at", Time),
            ("merged_into", "merged_into", Id),
        ],
    },
];

/// The names of the views.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) fn names(schema: &Schema) -> [String; VIEWS.len()] {
    VIEWS.map(|view| schema.named(view.name))
}

/// The statements that make the views.
pub(crate) fn create<D: Dialect>(dialect: &D) -> Result<String> {
    let schema = dialect.schema();
    let mut sql = String::new();
    for view in VIEWS {
        // Writing to a string does not fail.
        let _ = write!(sql, "CREATE VIEW {} AS SELECT ", schema.named(view.name));
        for (place, (name, path, reported)) in view.columns.iter().enumerate() {
            sql.push_str(if place == 0 { "" } else { ", " });
            dialect.reported(path, *reported, &mut sql);
            sql.push_str(" AS ");
            dialect.name(name, &mut sql);
        }
        let _ = write!(sql, " FROM {};", schema.table(view.kind)?.name);
    }
    Ok(sql)
}

/// The statements that take the views away, so that nothing stands in the way of a new table.
pub(crate) fn drop<D: Dialect>(dialect: &D) -> String {
    let mut sql = String::new();
    for view in VIEWS {
        let _ = write!(
            sql,
            "DROP VIEW IF EXISTS {};",
            dialect.schema().named(view.name)
        );
    }
    sql
}
