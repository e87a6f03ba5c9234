//! casekit's records in SQL databases: SQLite, PostgreSQL, MySQL and MariaDB.
//!
//! [`connect`] opens the store at an address, whichever database that is. A program that knows its
//! database takes the store itself, which can do more: `SqliteStore`, `PostgresStore`, `MysqlStore`.
//!
//! | feature | what it brings |
//! |---|---|
//! | `sqlite` (default) | SQLite, built in: a file or memory, nothing to install |
//! | `postgres` | PostgreSQL from version 14 on |
//! | `mysql` | MySQL from version 8 and MariaDB from version 10.6 on |
//!
//! # Where things are
//! `schema` derives tables from what the kinds of record declare; `compile` turns queries into SQL,
//! purely; `plan` makes a change set ready to be written; `dialect` says what differs between
//! databases. `sqlite` is the one store, `server` what the others share, `postgres` and `mysql` what
//! they do not.

mod answer;
mod compile;
mod connect;
mod declared;
mod dialect;
mod lent;
#[cfg(feature = "mysql")]
mod mysql;
mod plan;
#[cfg(feature = "postgres")]
mod postgres;
mod schema;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod server;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use connect::connect;
#[cfg(feature = "mysql")]
pub use mysql::MysqlStore;
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub use server::ServerStore;
#[cfg(feature = "sqlite")]
pub use sqlite::{INTERVAL as FOREIGN_COMMITS_SEEN_WITHIN, SqliteStore, SqliteWithin};
