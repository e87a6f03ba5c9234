//! Stores inside a transaction of the host's: what all databases say alike.

use casekit_core::{Error, ErrorKind};
#[cfg(any(feature = "postgres", feature = "mysql"))]
use tracing::Instrument as _;

/// What failed in the host's transaction: nothing that the engine would try again.
pub(crate) fn lent(error: Error) -> Error {
    if !error.is_retryable() && error.kind() != ErrorKind::Taken {
        return error;
    }
    let again = "roll the transaction back and begin again";
    Error::conflict(format!("{}: {again}", error.message())).with_source(error)
}

/// Does what writes in the host's transaction, to its end, also when nobody waits for it any more: the host
/// would get back a transaction with half of it, on a connection that expects the rest of an answer.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = casekit_core::Result<T>> + Send + 'static,
) -> casekit_core::Result<T> {
    let done = tokio::spawn(work.in_current_span()).await;
    done.map_err(|error| Error::unavailable("the program ends before the commit has", error))?
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
