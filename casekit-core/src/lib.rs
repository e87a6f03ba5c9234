//! casekit.

mod change;
mod error;
pub mod model;
pub mod port;
pub mod query;
mod send;

pub use change::{Change, ChangeSet, Committed, Difference, TextChange};
pub use error::{Error, ErrorKind, Result, WireError};
pub use send::{BoxFuture, MaybeSend, MaybeSync};
