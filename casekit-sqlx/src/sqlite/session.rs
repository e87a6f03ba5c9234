//! Running statements: every one goes through here, is kept prepared, and is counted.

use std::sync::atomic::{AtomicU64, Ordering};

use casekit_core::model::{Entity, Key, Kind, WorkspaceId};
use casekit_core::{Error, ErrorKind};
use rusqlite::types::ValueRef;
use rusqlite::{Row, params_from_iter};
use tracing::Span;
use uuid::Uuid;

use super::decoded::Decoded;
use super::fault::{Fault, Result};
use super::names::Names;
use super::row::Param;
use crate::compile::Statement;
use crate::told;

/// A connection in use.
#[derive(Debug)]
pub(crate) struct Session<'c> {
    connection: &'c rusqlite::Connection,
    statements: &'c AtomicU64,
    decoded: &'c Decoded,
    names: &'c Names,
}

impl<'c> Session<'c> {
    pub(crate) fn new(
        connection: &'c rusqlite::Connection,
        statements: &'c AtomicU64,
        decoded: &'c Decoded,
        names: &'c Names,
    ) -> Self {
        Self {
            connection,
            statements,
            decoded,
            names,
        }
    }

    /// Runs a statement; gives the number of rows that it wrote.
    pub(crate) fn run(&self, sql: &str, params: &[Param<'_>]) -> Result<usize> {
        let sql = self.names.put_into(sql);
        let span = self.count(&sql).entered();
        let mut statement = self.connection.prepare_cached(&sql)?;
        let written = statement.execute(params_from_iter(params))?;
        told::rows(&span, written);
        Ok(written)
    }

    /// Gives each row to `take`, until it answers that it has enough.
    pub(crate) fn each(
        &self,
        sql: &str,
        params: &[Param<'_>],
        mut take: impl FnMut(&Row<'_>) -> Result<Next>,
    ) -> Result<()> {
        let sql = self.names.put_into(sql);
        let span = self.count(&sql).entered();
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(params))?;
        let mut given = 0;
        while let Some(row) = rows.next()? {
            given += 1;
            if take(row)? == Next::Enough {
                break;
            }
        }
        told::rows(&span, given);
        Ok(())
    }

    /// Gives each row of a compiled query to `take`.
    pub(crate) fn select(
        &self,
        statement: &Statement,
        take: impl FnMut(&Row<'_>) -> Result<Next>,
    ) -> Result<()> {
        let params: Vec<Param<'_>> = statement.params.iter().map(Param::Value).collect();
        self.each(&statement.sql, &params, take)
    }

    /// The first row, if there is one.
    pub(crate) fn first<T>(
        &self,
        sql: &str,
        params: &[Param<'_>],
        read: impl FnOnce(&Row<'_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let (mut read, mut found) = (Some(read), None);
        self.each(sql, params, |row| {
            if let Some(read) = read.take() {
                found = Some(read(row)?);
            }
            Ok(Next::Enough)
        })?;
        Ok(found)
    }

    /// Several statements that are not kept prepared, such as those that make tables.
    pub(crate) fn script(&self, sql: &str) -> Result<()> {
        let sql = self.names.put_into(sql);
        let _span = self.count(&sql).entered();
        Ok(self.connection.execute_batch(&sql)?)
    }

    /// The record at `key`, in a column.
    pub(crate) fn record_at(&self, key: Key, body: ValueRef<'_>) -> Result<Entity> {
        let json = body.as_bytes()?;
        self.decoded.get(key, json, || record(key.kind, body))
    }

    /// The handle that the last insert gave its row.
    pub(crate) fn inserted(&self) -> i64 {
        self.connection.last_insert_rowid()
    }

    /// Reads several times from one state of the database.
    pub(crate) fn snapshot<T>(&self, read: impl FnOnce() -> Result<T>) -> Result<T> {
        if self.in_transaction() {
            return read();
        }
        self.run("BEGIN", &[])?;
        let done = read();
        // A failed end leaves the transaction open: whoever uses the connection next closes it.
        let end = self.run("COMMIT", &[]);
        let value = done?;
        end.map(|_| value)
    }

    /// Whether a transaction is open.
    pub(crate) fn in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    /// Ends a transaction without effect. Fails only where SQLite has ended it already.
    pub(crate) fn roll_back(&self) {
        if let Err(Fault::Sqlite(failure)) = self.run("ROLLBACK", &[]) {
            tracing::debug!(target: "casekit_sqlx", %failure, "roll back");
        }
    }

    /// How long to wait for another program that writes.
    pub(crate) fn wait_when_busy(&self, time: std::time::Duration) -> Result<()> {
        Ok(self.connection.busy_timeout(time)?)
    }

    /// The connection, for what is no statement.
    pub(crate) fn connection(&self) -> &rusqlite::Connection {
        self.connection
    }

    /// Counts a statement, and gives the span in which it runs.
    fn count(&self, sql: &str) -> Span {
        self.statements.fetch_add(1, Ordering::Relaxed);
        told::statement(sql)
    }
}

/// Whether to give more rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    More,
    Enough,
}

/// The record in a column.
pub(crate) fn record(kind: Kind, body: ValueRef<'_>) -> Result<Entity> {
    let json = body.as_bytes()?;
    kind.from_json(json).map_err(|error| {
        let noun = kind.declaration().noun;
        let message = format!("a {noun} in the database cannot be read");
        Fault::Refused(Error::new(ErrorKind::Storage, message).with_source(error))
    })
}

/// The key in three columns: workspace is known, kind and id stand from `at` on.
pub(crate) fn key(workspace: WorkspaceId, row: &Row<'_>, at: usize) -> Result<Key> {
    let kind = crate::schema::kind_named(row.get_ref(at)?.as_str()?)?;
    let id: Uuid = super::row::id(row.get_ref(at + 1)?)?;
    Ok(Key {
        workspace,
        kind,
        id,
    })
}
