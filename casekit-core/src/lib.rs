//! casekit.

mod change;
pub mod desk;
mod error;
pub mod model;
pub mod operations;
pub mod port;
pub mod query;
mod rules;
mod send;

pub use change::{Change, ChangeSet, Committed, Difference, TextChange};
pub use desk::Desk;
pub use error::{Error, ErrorKind, Result, WireError};
pub use send::{BoxFuture, MaybeSend, MaybeSync};
