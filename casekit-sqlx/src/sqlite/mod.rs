//! SQLite.

mod apply;
mod background;
mod connection;
mod core;
mod decoded;
mod fault;
mod find;
mod forked;
mod index;
mod maintain;
mod matches;
mod migrate;
mod names;
mod open;
#[cfg(test)]
mod plans;
mod row;
mod search;
mod session;
mod sql;
mod store;
mod watch;
#[cfg(test)]
mod ways;
mod within;
mod writer;

pub use store::SqliteStore;
pub use watch::INTERVAL;
pub use within::SqliteWithin;
