//! A connection that sqlx opens and on which we run statements ourselves.
//!
//! sqlx's driver hands every statement to a worker thread, which costs many times the statement. So
//! sqlx gives what hosts know (addresses, options, pools), and rusqlite runs on the same handle.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use casekit_core::{Error, Result};
use rusqlite::config::DbConfig;
use sqlx::ConnectOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::decoded::Decoded;
use super::fault::opening;
use super::names::Names;
use super::session::Session;

/// After so many steps of SQLite's machine it is asked whether to go on.
const STEPS: i32 = 1_000;

/// How many statements a connection keeps prepared.
const STATEMENTS: usize = 256;

/// A connection of our own.
///
/// The order of the fields is that in which they are dropped: first the statements, which are
/// finalised, then what owns the handle, which closes it.
pub(crate) struct Connection {
    rusqlite: rusqlite::Connection,
    budget: Arc<Budget>,
    statements: Arc<AtomicU64>,
    decoded: Decoded,
    names: Names,
    _owner: SqliteConnection,
}

/// How long a query may run where it holds up others.
#[derive(Debug)]
struct Budget(AtomicI64);

impl Connection {
    /// Opens a connection. `statements` counts what is run.
    pub(crate) async fn open(
        options: &SqliteConnectOptions,
        names: Names,
        statements: Arc<AtomicU64>,
    ) -> Result<Self> {
        let mut owner = options.connect().await.map_err(opening)?;
        let budget = Arc::new(Budget(AtomicI64::new(i64::MAX)));
        let asked = Arc::clone(&budget);
        let rusqlite = {
            let mut handle = owner.lock_handle().await.map_err(opening)?;
            handle.set_progress_handler(STEPS, move || asked.goes_on());
            let raw = handle.as_raw_handle().as_ptr();
            #[expect(
                unsafe_code,
                reason = "rusqlite runs on the handle that sqlx opened. The handle lives as long as \
                          `owner`, which is private to this struct and dropped after `rusqlite`; \
                          sqlx's worker thread touches a handle only when it is given a command, and \
                          from here on nobody gives it one. Both link the same SQLite, as cargo \
                          allows one `libsqlite3-sys` only"
            )]
            // SAFETY: as said above; `raw` is open and used by nobody else.
            let borrowed = unsafe { rusqlite::Connection::from_handle(raw) };
            borrowed.map_err(|error| super::fault::Fault::from(error).into_error())?
        };
        rusqlite.set_prepared_statement_cache_capacity(STATEMENTS);
        // Else SQLite prepares a statement anew whenever a parameter is bound that it has looked at
        // to plan it, such as each `LIMIT`. Our statements name their indexes themselves.
        let stable = rusqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true);
        stable.map_err(|error| super::fault::Fault::from(error).into_error())?;
        Ok(Self {
            rusqlite,
            budget,
            statements,
            decoded: Decoded::default(),
            names,
            _owner: owner,
        })
    }

    /// To run statements for as long as they take.
    pub(crate) fn session(&self) -> Session<'_> {
        self.budget.0.store(i64::MAX, Ordering::Relaxed);
        Session::new(&self.rusqlite, &self.statements, &self.decoded, &self.names)
    }

    /// Runs `work` unless it takes long; `None` if it did.
    pub(crate) fn briefly<T>(
        &self,
        steps: i64,
        work: impl FnOnce(&Session<'_>) -> Result<T, super::fault::Fault>,
    ) -> Option<Result<T>> {
        let session = self.session();
        self.budget
            .0
            .store(steps / i64::from(STEPS), Ordering::Relaxed);
        let done = work(&session);
        let exhausted = self.budget.0.swap(i64::MAX, Ordering::Relaxed) < 0;
        if session.in_transaction() {
            session.roll_back();
        }
        match done {
            Err(_) if exhausted => None,
            done => Some(done.map_err(super::fault::Fault::into_error)),
        }
    }
}

impl Budget {
    fn goes_on(&self) -> bool {
        let left = self.0.load(Ordering::Relaxed) - 1;
        self.0.store(left, Ordering::Relaxed);
        left >= 0
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

/// The lock was held by a thread that panicked: what it guards has been left whole, because
/// a transaction that was not committed is rolled back before the next use.
pub(crate) fn unpoisoned<T>(result: std::sync::LockResult<T>) -> T {
    result.unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// An error for what ended without an answer.
pub(crate) fn no_answer() -> Error {
    Error::bug("a task of the store ended without an answer")
}
