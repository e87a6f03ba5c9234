//! Making the tables, and bringing those of an earlier version up to date.
//!
//! Tables follow from what the kinds of record declare. What was declared when a database was last
//! migrated is kept in `casekit_migration`: a kind whose fields are declared otherwise today has its
//! table written anew from its records, and indexes come and go. So a field that is added to a
//! kind needs no migration to be written.
//!
//! A field or kind that the database knows and we do not means that a newer version was here: what
//! we wrote would be missing in its columns, so we refuse. To take a field or kind away, or to
//! change a table that is not a kind's, raise [`LAYOUT`] and write the step.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use casekit_core::{Error, Result as CoreResult};

use super::core::Core;
use super::fault::Result;
use super::row::Param;
use super::session::{Next, Session, record};
use super::sql::sql;
use crate::declared::{Declared, DeclaredKind, declared, newer, older, refuse_newer};
use crate::dialect::{Dialect, Sqlite};
use crate::schema::{Index, Table, schema};
use crate::views;

/// The version of the tables that no kind declares.
const LAYOUT: i64 = 2;

/// How long to wait for another program that migrates.
const PATIENCE: Duration = Duration::from_secs(60);

/// The tables that no kind declares. Words in the index begin with a mark of two characters: so these are indexes
/// of one letter and of three, of which FTS5 uses the latter for two letters as well.
const TABLES: &str = "
CREATE TABLE casekit_migration (
  number INTEGER PRIMARY KEY, layout INTEGER NOT NULL, declared TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE TABLE casekit_counter (
  workspace BLOB PRIMARY KEY, seq INTEGER NOT NULL, number INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE casekit_commit (
  day INTEGER NOT NULL, workspace BLOB NOT NULL, id BLOB NOT NULL, seq INTEGER NOT NULL, numbers TEXT,
  PRIMARY KEY (day, workspace, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE casekit_unique (
  workspace BLOB NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, kind TEXT NOT NULL, id BLOB NOT NULL,
  PRIMARY KEY (workspace, name, value)
) STRICT, WITHOUT ROWID;
CREATE TABLE casekit_kind (code INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE casekit_shelf (
  number INTEGER PRIMARY KEY, workspace BLOB NOT NULL, kind TEXT NOT NULL, UNIQUE (workspace, kind)
) STRICT;
CREATE TABLE casekit_pending (
  workspace BLOB NOT NULL, kind TEXT NOT NULL, id BLOB NOT NULL, owner_kind TEXT NOT NULL,
  owner BLOB NOT NULL, public TEXT NOT NULL, internal TEXT NOT NULL,
  PRIMARY KEY (workspace, kind, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE casekit_source (
  at INTEGER PRIMARY KEY, workspace BLOB NOT NULL, kind TEXT NOT NULL, id BLOB NOT NULL
) STRICT;
CREATE INDEX casekit_source_key ON casekit_source (workspace, kind, id);
CREATE TABLE casekit_awaited (
  workspace BLOB NOT NULL, kind TEXT NOT NULL, id BLOB NOT NULL, handle INTEGER NOT NULL,
  PRIMARY KEY (workspace, kind, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX casekit_awaited_handle ON casekit_awaited (kind, handle);
CREATE VIRTUAL TABLE casekit_text USING fts5 (
  words, content = '', contentless_delete = 1, detail = column, prefix = '3 5', tokenize = 'ascii'
);";

impl Core {
    /// Makes the tables, or brings them up to date.
    pub(super) async fn migrate(self: &Arc<Self>) -> CoreResult<()> {
        let core = Arc::clone(self);
        super::background::run(move || core.write(|session| core.migrate_now(session))).await
    }

    fn migrate_now(&self, session: &Session<'_>) -> Result<()> {
        session.wait_when_busy(PATIENCE)?;
        // Most often there is nothing to do, and then a file that cannot be written will do too.
        if !is_up_to_date(stored(session)?.as_ref(), &declared(schema())) {
            session.run("BEGIN IMMEDIATE", &[])?;
            upgrade(session, self.clock.now().timestamp_millis())?;
            session.run("COMMIT", &[])?;
        }
        let waiting = session.first(
            "SELECT count(*) FROM (SELECT 1 FROM casekit_pending LIMIT 1000)",
            &[],
            |row| Ok(row.get::<_, u32>(0)?),
        )?;
        let waiting = waiting.unwrap_or(0);
        self.pending.store(waiting.into(), Ordering::Relaxed);
        Ok(())
    }
}

/// What a database was last migrated to.
struct Stored {
    layout: i64,
    declared: Declared,
}

fn is_up_to_date(stored: Option<&Stored>, ours: &Declared) -> bool {
    stored.is_some_and(|stored| stored.layout == LAYOUT && stored.declared == *ours)
}

/// What the database was last migrated to; none if it never was.
fn stored(session: &Session<'_>) -> Result<Option<Stored>> {
    let has_any = session.first(
        "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'casekit_migration'",
        &[],
        |_| Ok(()),
    )?;
    match has_any {
        Some(()) => last(session),
        None => Ok(None),
    }
}

/// The same, where it was.
fn last(session: &Session<'_>) -> Result<Option<Stored>> {
    let last = session.first(
        "SELECT layout, declared FROM casekit_migration ORDER BY number DESC LIMIT 1",
        &[],
        |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)),
    )?;
    let Some((layout, declared)) = last else {
        return Ok(None);
    };
    if layout > LAYOUT {
        return Err(newer("its layout").into());
    }
    let declared =
        serde_json::from_str(&declared).map_err(|error| newer("it").with_source(error))?;
    Ok(Some(Stored { layout, declared }))
}

/// Whether the tables are those that we would make.
pub(super) fn health(session: &Session<'_>) -> Result<()> {
    let (ours, stored) = (declared(schema()), last(session)?);
    if is_up_to_date(stored.as_ref(), &ours) {
        return Ok(());
    }
    let stored = stored.map(|stored| stored.declared).unwrap_or_default();
    refuse_newer(&stored, &ours)?;
    Err(older().into())
}

pub(super) fn upgrade(session: &Session<'_>, now_ms: i64) -> Result<()> {
    let (ours, stored) = (declared(schema()), stored(session)?);
    // Another program may have migrated while we waited for it.
    if is_up_to_date(stored.as_ref(), &ours) {
        return Ok(());
    }
    match &stored {
        Some(stored) => {
            refuse_newer(&stored.declared, &ours)?;
            session.script(&views::drop(&Sqlite))?;
        }
        None => session.script(TABLES)?,
    }
    let stored = stored.map(|stored| stored.declared).unwrap_or_default();
    for table in schema().tables() {
        let name = table.kind.name();
        session.run(
            "INSERT INTO casekit_kind (name) VALUES (?1) ON CONFLICT DO NOTHING",
            &[Param::Text(name)],
        )?;
        match (stored.get(name), ours.get(name)) {
            (None, _) => {
                session.script(&create(table, &table.name))?;
                session.script(&create_indexes(table, |_| true))?;
            }
            (Some(old), Some(new)) => change(session, table, old, new)?,
            (Some(_), None) => {}
        }
    }
    session.script(&views::create(&Sqlite)?)?;
    let declared = serde_json::to_string(&ours).map_err(Error::from)?;
    session.run(
        "INSERT INTO casekit_migration (layout, declared, at) VALUES (?1, ?2, ?3)",
        &[
            Param::Int(LAYOUT),
            Param::Text(&declared),
            Param::Int(now_ms),
        ],
    )?;
    Ok(())
}

/// Brings the table of a kind up to date.
fn change(
    session: &Session<'_>,
    table: &Table,
    old: &DeclaredKind,
    new: &DeclaredKind,
) -> Result<()> {
    let same = |index: &String| old.indexes.get(index) == new.indexes.get(index);
    let mut drops = String::new();
    for index in old.indexes.keys().filter(|index| !same(index)) {
        drops.push_str("DROP INDEX IF EXISTS ");
        Sqlite.name(index, &mut drops);
        drops.push(';');
    }
    session.script(&drops)?;
    if old.fields != new.fields {
        rewrite(session, table)?;
        return session.script(&create_indexes(table, |_| true));
    }
    session.script(&create_indexes(table, |index| !same(&index.name)))
}

/// Writes the table of a kind anew, from its records.
fn rewrite(session: &Session<'_>, table: &Table) -> Result<()> {
    let (name, old) = (&table.name, format!("{}_old", table.name));
    let values = format!("{name}_value");
    session.script(&format!(
        "DROP TABLE IF EXISTS {values}; ALTER TABLE {name} RENAME TO {old}; \
         DROP INDEX {};",
        table.key_index
    ))?;
    for index in &table.indexes {
        session.script(&format!("DROP INDEX IF EXISTS \"{}\"", index.name))?;
    }
    session.script(&create(table, name))?;
    let mut columns = String::from("handle, workspace, id, version, body");
    let mut holders = String::from("?1, ?2, ?3, ?4, ?5");
    for (at, column) in table.columns.iter().enumerate() {
        columns.push_str(", ");
        Sqlite.name(column.name, &mut columns);
        // Writing to a string does not fail.
        let _ = write!(holders, ", ?{}", at + 6);
    }
    let insert = format!("INSERT INTO {name} ({columns}) VALUES ({holders})");
    let all = format!("SELECT handle, workspace, id, version, body FROM {old}");
    session.each(&all, &[], |row| {
        let json = row.get_ref(4)?;
        let fields = record(table.kind, json)?.row();
        let handle: i64 = row.get(0)?;
        let workspace = super::row::id(row.get_ref(1)?)?;
        let id = super::row::id(row.get_ref(2)?)?;
        let mut params = vec![
            Param::Int(handle),
            Param::Id(&workspace),
            Param::Id(&id),
            Param::Int(row.get(3)?),
            Param::Json(json.as_bytes()?),
        ];
        params.extend(fields.one.iter().map(Param::Value));
        session.run(&insert, &params)?;
        if let Some(values) = &sql().kind(table.kind)?.values {
            for (field, value) in &fields.many {
                let tag = crate::compile::tag(value.holds());
                let (field, handle) = (Param::Text(field), Param::Int(handle));
                let (tag, value) = (Param::Value(&tag), Param::Value(value));
                let place = Param::Id(&workspace);
                session.run(&values.add, &[place, field, tag, value, handle])?;
            }
        }
        Ok(Next::More)
    })?;
    session.script(&format!("DROP TABLE {old}"))
}

/// The statements that make the table of a kind, and that of its values.
fn create(table: &Table, name: &str) -> String {
    let mut sql = format!(
        "CREATE TABLE {name} (handle INTEGER PRIMARY KEY, workspace BLOB NOT NULL, \
         id BLOB NOT NULL, version INTEGER NOT NULL"
    );
    for column in &table.columns {
        sql.push_str(", ");
        Sqlite.name(column.name, &mut sql);
        sql.push(' ');
        sql.push_str(Sqlite.column_type(column.holds));
        sql.push_str(" NOT NULL");
    }
    // The record comes last: a row is read up to the column that is asked for.
    sql.push_str(", body TEXT NOT NULL) STRICT;");
    if let Some(values) = &table.values {
        let _ = write!(
            sql,
            "CREATE TABLE {values} (workspace BLOB NOT NULL, field TEXT NOT NULL, \
             holds INTEGER NOT NULL, value ANY NOT NULL, handle INTEGER NOT NULL, \
             PRIMARY KEY (workspace, field, holds, value, handle)) STRICT, WITHOUT ROWID; \
             CREATE INDEX {values}_of ON {values} (handle, field, holds, value);"
        );
    }
    sql
}

/// The statements that make indexes of a kind, and the one of its key if it is missing.
fn create_indexes(table: &Table, which: impl Fn(&Index) -> bool) -> String {
    let (name, key) = (&table.name, &table.key_index);
    let mut sql = format!("CREATE UNIQUE INDEX IF NOT EXISTS {key} ON {name} (workspace, id);");
    for index in table.indexes.iter().filter(|index| which(index)) {
        sql.push_str("CREATE INDEX ");
        Sqlite.name(&index.name, &mut sql);
        let _ = write!(sql, " ON {name} (workspace");
        for field in index.fields {
            sql.push_str(", ");
            Sqlite.name(field, &mut sql);
        }
        sql.push_str(", id);");
    }
    sql
}
