//! Opening the connections of a store.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use casekit_core::port::Clock;
use casekit_core::{ErrorKind, Result};
use rusqlite::ffi;
use sqlx::sqlite::{SqliteConnectOptions, SqliteSynchronous};

use super::connection::Connection;
use super::core::Core;
use super::fault::{Fault, Result as Done};
use super::names::Names;
use super::session::Session;

/// How many connections read beside the one that writes.
const READERS: usize = 4;

/// How many kilobytes of pages the connection that writes keeps, as SQLite's pragma takes it: what does not fit
/// is written to the log before the commit, and often again by it.
const WRITER_CACHE: &str = "-64000";

/// How long to wait for another program that opens the database at the same moment: so many tries,
/// so long each.
const TRIES: u32 = 100;
const TRY: Duration = Duration::from_millis(50);

/// Opens a database.
pub(super) async fn open(
    options: SqliteConnectOptions,
    names: Names,
    clock: Arc<dyn Clock>,
) -> Result<Core> {
    super::forked::begin()?;
    let statements = Arc::new(AtomicU64::new(0));
    let options = options
        .synchronous(SqliteSynchronous::Normal)
        .foreign_keys(true)
        .busy_timeout(TRY)
        .pragma("temp_store", "memory")
        .pragma("cache_size", "-16000");
    let writing = options.clone().pragma("cache_size", WRITER_CACHE);
    let writer = connect(&writing, &names, &statements).await?;
    let (writer, log) = super::background::run(move || {
        let log = write_ahead(&writer.session()).map_err(Fault::into_error)?;
        Ok((writer, log))
    })
    .await?;
    let mut readers = Vec::new();
    if log == Log::Ahead {
        super::maintain::watch_log(&writer.session());
        for _ in 0..READERS {
            readers.push(connect(&options, &names, &statements).await?);
        }
    }
    Ok(Core::new(writer, readers, names, clock, statements))
}

/// Opens a connection. Another program that is the last to close the file, or the first to open it
/// after a crash, holds it for itself meanwhile.
async fn connect(
    options: &SqliteConnectOptions,
    names: &Names,
    statements: &Arc<AtomicU64>,
) -> Result<Connection> {
    for _ in 1..TRIES {
        match Connection::open(options, names.clone(), Arc::clone(statements)).await {
            Err(error) if error.kind() == ErrorKind::Unavailable => {
                tracing::debug!(target: "casekit_sqlx", %error, "open again");
                super::background::run(|| {
                    std::thread::sleep(TRY);
                    Ok(())
                })
                .await?;
            }
            done => return done,
        }
    }
    Connection::open(options, names.clone(), Arc::clone(statements)).await
}

/// How the database keeps what is not yet in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Log {
    /// In a log that is written ahead: readers and the writer do not hold each other up.
    Ahead,
    /// In another way: in memory, or on a system that cannot share memory.
    Otherwise,
}

fn write_ahead(session: &Session<'_>) -> Done<Log> {
    let mut tries = TRIES;
    loop {
        match session.first("PRAGMA journal_mode = WAL", &[], mode) {
            Ok(mode) => return Ok(mode.unwrap_or(Log::Otherwise)),
            Err(Fault::Sqlite(failure)) if failure.is_busy() && tries > 0 => {
                // SQLite does not wait here by itself.
                tries -= 1;
                std::thread::sleep(TRY);
            }
            Err(Fault::Sqlite(failure)) if failure.is(ffi::SQLITE_READONLY) => {
                let mode = session.first("PRAGMA journal_mode", &[], mode)?;
                return Ok(mode.unwrap_or(Log::Otherwise));
            }
            Err(fault) => return Err(fault),
        }
    }
}

fn mode(row: &rusqlite::Row<'_>) -> Done<Log> {
    Ok(match row.get_ref(0)?.as_str()? {
        "wal" => Log::Ahead,
        _ => Log::Otherwise,
    })
}
