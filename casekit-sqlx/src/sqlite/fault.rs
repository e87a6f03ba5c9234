//! What SQLite says when it cannot, as errors of casekit.

use casekit_core::{Error, ErrorKind};
use rusqlite::ffi;

/// Why a step of ours failed.
#[derive(Debug)]
pub(crate) enum Fault {
    /// SQLite could not.
    Sqlite(Failure),
    /// We refused.
    Refused(Error),
}

/// A failure inside SQLite, which may have to be told to several callers.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message} (SQLite's code {code})")]
pub(crate) struct Failure {
    /// SQLite's extended result code.
    code: i32,
    message: String,
}

pub(crate) type Result<T, E = Fault> = std::result::Result<T, E>;

impl Failure {
    pub(crate) fn new(code: i32, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message }
    }

    /// Somebody else writes at the moment.
    pub(crate) fn is_busy(&self) -> bool {
        self.is(ffi::SQLITE_BUSY) || self.is(ffi::SQLITE_LOCKED)
    }

    /// Whether it has this primary result code.
    pub(crate) fn is(&self, code: i32) -> bool {
        self.code & 0xff == code
    }

    /// The error to tell.
    pub(crate) fn error(&self) -> Error {
        let (kind, message) = match self.code & 0xff {
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => (
                ErrorKind::Unavailable,
                "the database is busy: another program writes to it",
            ),
            ffi::SQLITE_INTERRUPT => (ErrorKind::Unavailable, "the query was interrupted"),
            ffi::SQLITE_FULL => (ErrorKind::Storage, "the disk is full"),
            ffi::SQLITE_READONLY => (
                ErrorKind::Storage,
                "the database cannot be written: it is read-only",
            ),
            ffi::SQLITE_NOTADB => (ErrorKind::Storage, "the file is not a database"),
            ffi::SQLITE_CORRUPT => (ErrorKind::Storage, "the database is damaged"),
            ffi::SQLITE_CANTOPEN => (ErrorKind::Storage, "the database cannot be opened"),
            ffi::SQLITE_IOERR => (
                ErrorKind::Storage,
                "the database's file cannot be read or written",
            ),
            ffi::SQLITE_ERROR if self.message.starts_with("no such table") => (
                ErrorKind::Storage,
                "the database has no tables of casekit yet, or of another version: migrate it first",
            ),
            ffi::SQLITE_ERROR if self.message.starts_with("no such column") => (
                ErrorKind::Storage,
                "the database's tables are of another version: migrate it first",
            ),
            _ => (ErrorKind::Storage, "the database failed"),
        };
        Error::new(kind, message).with_source(self.clone())
    }
}

impl Fault {
    /// The error to tell.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Sqlite(failure) => failure.error(),
            Self::Refused(error) => error,
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(match error {
            rusqlite::Error::SqliteFailure(code, message) => Failure {
                code: code.extended_code,
                message: message.unwrap_or_else(|| code.to_string()),
            },
            // A statement that cannot be prepared.
            rusqlite::Error::SqlInputError { error, msg, .. } => Failure {
                code: error.extended_code,
                message: msg,
            },
            // A column that does not hold what it must.
            other => Failure::new(ffi::SQLITE_MISMATCH, other.to_string()),
        })
    }
}

impl From<rusqlite::types::FromSqlError> for Fault {
    fn from(error: rusqlite::types::FromSqlError) -> Self {
        Self::Sqlite(Failure::new(ffi::SQLITE_MISMATCH, error.to_string()))
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// An error while a connection is opened.
pub(crate) fn opening(error: sqlx::Error) -> Error {
    match &error {
        sqlx::Error::Configuration(why) => Error::invalid(format!(
            "the database's address cannot be understood: {why}"
        ))
        .with_source(error),
        sqlx::Error::Database(told) => {
            let code = told.code().and_then(|code| code.parse().ok());
            let code = code.unwrap_or(ffi::SQLITE_ERROR);
            Failure::new(code, told.message()).error()
        }
        _ => Error::unavailable("the database cannot be opened", error),
    }
}
