//! What the stores on servers share: PostgreSQL, MySQL and MariaDB.
//!
//! Everything but how a change set is written, how tables are made, how values travel, and how one
//! is woken.

mod answers;
mod batch;
mod connection;
mod fault;
mod find;
mod indexes;
mod migrate;
mod parked;
#[cfg(all(test, feature = "postgres", feature = "mysql"))]
mod plans;
mod retry;
mod rewrite;
mod rows;
mod search;
#[cfg(all(test, feature = "postgres", feature = "mysql"))]
mod searches;
mod store;
mod watch;
#[cfg(all(test, feature = "postgres", feature = "mysql"))]
mod ways;

use std::future::Future;
use std::sync::Weak;

use casekit_core::Committed;
use casekit_core::model::{Holds, Value};
use sqlx::Database;

#[cfg(feature = "mysql")]
pub(crate) use answers::id;
pub(crate) use answers::int;
#[cfg(feature = "mysql")]
pub(crate) use batch::OfKind;
pub(crate) use batch::{Batch, Claim, TextOf};
#[cfg(feature = "postgres")]
pub(crate) use connection::Place;
pub(crate) use connection::{Core, Session};
pub(crate) use fault::{Fault, Result, Trouble};
#[cfg(feature = "mysql")]
pub(crate) use find::holders;
pub(crate) use migrate::Tables;
pub(crate) use rows::Rows;
#[cfg(feature = "mysql")]
pub(crate) use rows::remove;
pub use store::ServerStore;

use crate::compile::Statement;
use crate::dialect::Searches;
use crate::plan::Plan;
use crate::schema::Schema;

/// A connection.
pub(crate) type ConnectionOf<S> = <<S as Server>::Database as Database>::Connection;

/// How to connect.
pub(crate) type OptionsOf<S> = <ConnectionOf<S> as sqlx::Connection>::Options;

/// A row of an answer.
pub(crate) type RowOf<S> = <<S as Server>::Database as Database>::Row;

/// A kind of database that is a server.
pub trait Server: Searches + Tables + Clone + std::fmt::Debug + Send + Sync + 'static {
    /// How sqlx knows it.
    type Database: Database;

    /// With tables of these names.
    fn new(schema: Schema) -> Self;

    /// What each connection of ours is told first.
    const SETTINGS: &'static str;

    /// How to connect to the database at an address.
    fn options(url: &str) -> sqlx::Result<OptionsOf<Self>>;

    /// Runs a statement and gives its rows.
    fn rows(
        connection: &mut ConnectionOf<Self>,
        statement: &Statement,
    ) -> impl Future<Output = sqlx::Result<Vec<RowOf<Self>>>> + Send;

    /// The same for a search, whose best plan depends on what is searched for.
    fn found(
        connection: &mut ConnectionOf<Self>,
        statement: &Statement,
    ) -> impl Future<Output = sqlx::Result<Vec<RowOf<Self>>>> + Send {
        Self::rows(connection, statement)
    }

    /// Runs statements without parameters.
    fn script(
        connection: &mut ConnectionOf<Self>,
        sql: String,
    ) -> impl Future<Output = sqlx::Result<()>> + Send;

    /// A value in a column.
    fn value(row: &RowOf<Self>, at: usize, holds: Holds) -> sqlx::Result<Value>;

    /// JSON in a column.
    fn json(row: &RowOf<Self>, at: usize) -> sqlx::Result<Vec<u8>>;

    /// How many rows a database expects that can [explain](Searches::explain) what it would do; none if it
    /// cannot.
    fn expected(_row: &RowOf<Self>) -> sqlx::Result<Option<u64>> {
        Ok(None)
    }

    /// Writes a change set, or nothing; `day` is the day, to remember commits by.
    fn apply(
        core: &Core<Self>,
        plan: &Plan,
        day: i64,
    ) -> impl Future<Output = Result<Committed>> + Send;

    /// What is the matter.
    fn trouble(error: &dyn sqlx::error::DatabaseError) -> Trouble;

    /// Tells of events that others commit, while somebody waits for some.
    fn watch(core: Weak<Core<Self>>) -> impl Future<Output = ()> + Send;
}
