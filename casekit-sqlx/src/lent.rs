//! Stores inside a transaction of the host's: what all databases say alike.

use casekit_core::{Error, ErrorKind};

/// What failed in the host's transaction: nothing that the engine would try again.
pub(crate) fn lent(error: Error) -> Error {
    if !error.is_retryable() && error.kind() != ErrorKind::Taken {
        return error;
    }
    let again = "roll the transaction back and begin again";
    Error::conflict(format!("{}: {again}", error.message())).with_source(error)
}

/// The error for a store whose transaction is over.
pub(crate) fn taken_back() -> Error {
    Error::invalid("the transaction of this store was taken back: make a store in another one")
}

/// The error for making tables.
pub(crate) fn no_migration() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "tables are made outside of a transaction: migrate before it begins",
    )
}

/// The error for waiting for events.
pub(crate) fn no_waiting() -> Error {
    Error::new(
        ErrorKind::Unsupported,
        "events are followed outside of a transaction",
    )
}
