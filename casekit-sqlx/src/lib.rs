//! casekit's records in SQL databases: SQLite now.
//!
//! # Where things are
//! `schema` derives tables from what the kinds of record declare; `compile` turns queries into SQL,
//! purely; `plan` makes a change set ready to be written; `dialect` says what differs between
//! databases; `sqlite` is the store.

mod compile;
mod dialect;
mod plan;
mod row;
mod schema;
mod sqlite;

pub use sqlite::{INTERVAL as FOREIGN_COMMITS_SEEN_WITHIN, SqliteStore};
