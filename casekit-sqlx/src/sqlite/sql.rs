//! The statements that do not depend on a query, written once.

use std::fmt::Write as _;
use std::sync::LazyLock;

use casekit_core::Result;
use casekit_core::model::Kind;

use crate::dialect::{Dialect, Sqlite};
use crate::schema::{Table, schema};

/// A text in the index is at `place << PLACES | low`, where `place` is that of its owner.
pub(super) const PLACES: u32 = 20;

/// A place is `code << HANDLES | handle`, where `code` is that of the owner's kind.
pub(super) const HANDLES: u32 = 37;

/// All statements.
#[derive(Debug)]
pub(super) struct Sql {
    kinds: Vec<KindSql>,
    pub(super) counter: String,
    pub(super) count: String,
    pub(super) remembered: String,
    pub(super) remember: String,
    pub(super) claim: String,
    pub(super) release: String,
    pub(super) holder: String,
    pub(super) await_index: String,
}

/// The statements for one kind.
#[derive(Debug)]
pub(super) struct KindSql {
    table: &'static Table,
    /// Workspace, id, version, the single-valued fields, body. Writes no row if there is one.
    pub(super) insert: String,
    /// Workspace, id, version.
    pub(super) delete: String,
    /// Workspace, id.
    pub(super) version: String,
    /// Workspace, id.
    pub(super) handle: String,
    /// Workspace, id.
    pub(super) keep_handle: String,
    pub(super) values: Option<ValuesSql>,
}

/// The statements for the values of multi-valued fields.
#[derive(Debug)]
pub(super) struct ValuesSql {
    /// Workspace, field, type, value, handle.
    pub(super) add: String,
    /// Workspace, field, type, value, handle.
    pub(super) remove: String,
    /// Workspace, id.
    pub(super) clear: String,
}

/// All statements.
pub(super) fn sql() -> &'static Sql {
    static SQL: LazyLock<Sql> = LazyLock::new(Sql::new);
    &SQL
}

impl Sql {
    fn new() -> Self {
        let of = str::to_owned;
        Self {
            kinds: schema().tables().iter().map(KindSql::of).collect(),
            counter: of("SELECT seq, number FROM casekit_counter WHERE workspace = ?1"),
            count: of(
                "INSERT INTO casekit_counter (workspace, seq, number) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (workspace) DO UPDATE SET seq = excluded.seq, number = excluded.number",
            ),
            // Two programs at midnight may differ by a day.
            remembered: of("SELECT seq, numbers FROM casekit_commit \
                 WHERE day IN (?1 - 1, ?1, ?1 + 1) AND workspace = ?2 AND id = ?3"),
            remember: of(
                "INSERT INTO casekit_commit (day, workspace, id, seq, numbers) \
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            ),
            claim: of(
                "INSERT INTO casekit_unique (workspace, name, value, kind, id) \
                 VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            ),
            release: of("DELETE FROM casekit_unique \
                 WHERE workspace = ?1 AND name = ?2 AND value = ?3 AND kind = ?4 AND id = ?5"),
            holder: of("SELECT kind, id FROM casekit_unique \
                 WHERE workspace = ?1 AND name = ?2 AND value = ?3"),
            await_index: of("INSERT INTO casekit_pending \
                 (workspace, kind, id, owner_kind, owner, public, internal) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (workspace, kind, id) DO UPDATE \
                 SET owner_kind = excluded.owner_kind, owner = excluded.owner, \
                 public = excluded.public, internal = excluded.internal"),
        }
    }

    /// The statements for a kind.
    pub(super) fn kind(&self, kind: Kind) -> Result<&KindSql> {
        let table = schema().table(kind)?;
        let found = self.kinds.get(kind as usize);
        found
            .filter(|sql| std::ptr::eq(sql.table, table))
            .ok_or_else(|| casekit_core::Error::bug("a kind has no statements"))
    }
}

impl KindSql {
    fn of(table: &'static Table) -> Self {
        let (name, kind) = (&table.name, table.kind.name());
        let by_key = "WHERE workspace = ?1 AND id = ?2";
        let code = format!("(SELECT code FROM casekit_kind WHERE name = '{kind}')");
        Self {
            insert: insert(table),
            delete: format!("DELETE FROM {name} {by_key} AND version = ?3"),
            version: format!("SELECT version FROM {name} {by_key}"),
            handle: format!("SELECT handle FROM {name} {by_key}"),
            keep_handle: format!(
                "INSERT INTO casekit_awaited (workspace, kind, id, handle) \
                 SELECT workspace, '{kind}', id, handle FROM {name} AS t {by_key} AND EXISTS \
                 (SELECT 1 FROM casekit_source WHERE \
                 at >= ({code} << {HANDLES} | t.handle) << {PLACES} AND \
                 at < (({code} << {HANDLES} | t.handle) + 1) << {PLACES}) ON CONFLICT DO NOTHING"
            ),
            values: table.values.as_deref().map(|values| ValuesSql {
                add: format!(
                    "INSERT INTO {values} (workspace, field, holds, value, handle) \
                     VALUES (?1, ?2, ?3, ?4, ?5)"
                ),
                remove: format!(
                    "DELETE FROM {values} WHERE workspace = ?1 AND field = ?2 AND holds = ?3 \
                     AND value = ?4 AND handle = ?5"
                ),
                clear: format!(
                    "DELETE FROM {values} WHERE handle = (SELECT handle FROM {name} {by_key})"
                ),
            }),
            table,
        }
    }

    /// The statement that replaces a record of which these single-valued fields differ: version, the
    /// fields, body, workspace, id, version before. Indexes of other fields are left alone.
    pub(super) fn update(&self, changed: &[usize]) -> String {
        let mut sql = format!("UPDATE {} SET version = ?1", self.table.name);
        let mut parameter = 1;
        for column in changed.iter().filter_map(|&at| self.table.columns.get(at)) {
            parameter += 1;
            sql.push_str(", ");
            Sqlite.name(column.name, &mut sql);
            // Writing to a string does not fail.
            let _ = write!(sql, " = ?{parameter}");
        }
        let (body, place, id, before) =
            (parameter + 1, parameter + 2, parameter + 3, parameter + 4);
        let _ = write!(
            sql,
            ", body = ?{body} WHERE workspace = ?{place} AND id = ?{id} AND version = ?{before}"
        );
        sql
    }

    /// The statement that looks up so many records: workspace, ids. Gives `group`, id, body. It can be
    /// joined to others by `UNION ALL`: the parameters follow each other.
    pub(super) fn get(&self, group: usize, ids: usize) -> String {
        let mut sql = format!(
            "SELECT {group}, id, body FROM {} WHERE workspace = ? AND id ",
            self.table.name
        );
        if ids == 1 {
            sql.push_str("= ?");
            return sql;
        }
        sql.push_str("IN (?");
        sql.push_str(&", ?".repeat(ids - 1));
        sql.push(')');
        sql
    }
}

/// A new row's handle is the next, or the one that waits for it because there are texts of it.
fn insert(table: &Table) -> String {
    let (name, kind) = (&table.name, table.kind.name());
    let mut columns = String::from("handle, workspace, id, version");
    let mut values = format!(
        "coalesce((SELECT handle FROM casekit_awaited \
         WHERE workspace = ?1 AND kind = '{kind}' AND id = ?2), \
         max(ifnull((SELECT max(handle) FROM {name}), 0), \
         ifnull((SELECT max(handle) FROM casekit_awaited WHERE kind = '{kind}'), 0)) + 1), \
         ?1, ?2, ?3"
    );
    for (at, column) in table.columns.iter().enumerate() {
        columns.push_str(", ");
        Sqlite.name(column.name, &mut columns);
        let _ = write!(values, ", ?{}", at + 4);
    }
    let body = table.columns.len() + 4;
    format!(
        "INSERT INTO {name} ({columns}, body) VALUES ({values}, ?{body}) \
         ON CONFLICT (workspace, id) DO NOTHING"
    )
}
