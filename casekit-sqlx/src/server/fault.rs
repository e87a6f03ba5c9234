//! What servers say when they cannot, as errors of casekit.

use casekit_core::{Error, ErrorKind};

use super::Server;

/// Why a step of ours failed.
#[derive(Debug)]
pub enum Fault {
    /// The database could not.
    Sqlx(sqlx::Error),
    /// We refused.
    Refused(Error),
}

pub(crate) type Result<T, E = Fault> = std::result::Result<T, E>;

/// What is the matter with a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Others were in the way, and it gave up: the same can succeed at once.
    Collision,
    /// Somebody held what we need for too long.
    Blocked,
    /// It took longer than the database was told that a statement may take.
    TooLong,
    /// The connection is gone.
    Lost,
    /// No connection became free in time.
    Exhausted,
    /// A table or column of ours is not there.
    Unprepared,
    /// It cannot be written to.
    ReadOnly,
    /// Something else.
    Other,
}

impl Fault {
    /// What is the matter; none if we refused.
    pub(crate) fn trouble<S: Server>(&self) -> Option<Trouble> {
        match self {
            Self::Refused(_) => None,
            Self::Sqlx(error) => Some(trouble::<S>(error)),
        }
    }

    /// The error to tell.
    pub(crate) fn into_error<S: Server>(self) -> Error {
        match self {
            Self::Refused(error) => error,
            Self::Sqlx(error) => match told(trouble::<S>(&error)) {
                Some((kind, message)) => Error::new(kind, message),
                None => Error::new(ErrorKind::Storage, format!("the database failed: {error}")),
            }
            .with_source(error),
        }
    }
}

fn trouble<S: Server>(error: &sqlx::Error) -> Trouble {
    match error {
        sqlx::Error::Database(error) => S::trouble(error.as_ref()),
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::PoolClosed => Trouble::Lost,
        sqlx::Error::PoolTimedOut => Trouble::Exhausted,
        _ => Trouble::Other,
    }
}

/// What to tell; none where only the database knows.
fn told(trouble: Trouble) -> Option<(ErrorKind, &'static str)> {
    Some(match trouble {
        Trouble::Collision => (
            ErrorKind::Unavailable,
            "others kept writing the same at the same moment, and the database gave up",
        ),
        Trouble::Blocked => (
            ErrorKind::Unavailable,
            "somebody else has held what this needs in a transaction for too long",
        ),
        Trouble::TooLong => (
            ErrorKind::Unavailable,
            "the database gave up, for it took longer than statements are allowed to take there",
        ),
        Trouble::Lost => (
            ErrorKind::Unavailable,
            "the database cannot be reached, or the connection was lost",
        ),
        Trouble::Exhausted => (
            ErrorKind::Unavailable,
            "no connection to the database became free in time, or it cannot be reached",
        ),
        Trouble::Unprepared => (
            ErrorKind::Storage,
            "the database has no tables of casekit yet, or of another version: migrate it first",
        ),
        Trouble::ReadOnly => (
            ErrorKind::Storage,
            "the database cannot be written: it is read-only",
        ),
        Trouble::Other => return None,
    })
}

/// The error for an address that does not lead to a database.
pub(crate) fn opening(error: sqlx::Error) -> Error {
    match &error {
        sqlx::Error::Configuration(why) => Error::invalid(format!(
            "the database's address cannot be understood: {why}"
        ))
        .with_source(error),
        _ => Error::unavailable("the database cannot be reached", error),
    }
}

/// The error for a server that does not answer who wants to connect.
pub(crate) fn silent() -> Error {
    let silent = std::io::Error::from(std::io::ErrorKind::TimedOut);
    Error::unavailable("the database cannot be reached: it does not answer", silent)
}

impl From<sqlx::Error> for Fault {
    fn from(error: sqlx::Error) -> Self {
        Self::Sqlx(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}
