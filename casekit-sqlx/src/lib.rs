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
//! # Inside the host's own transaction
//! "Ship the order and open the case" happens both or not at all when the desk works on a store
//! `within` the host's transaction. It is the same with each database; SQLite wants to be told at the
//! beginning that there will be a write.
//!
//! ```
//! # #[cfg(feature = "sqlite")]
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! # use casekit_core::{Desk, model::WorkspaceId, operations::*, port::Store};
//! # use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
//! # let folder = tempfile::tempdir()?;
//! # let options = SqliteConnectOptions::new().filename(folder.path().join("host.db"));
//! # let pool = SqlitePool::connect_with(options.create_if_missing(true)).await?;
//! # sqlx::query("CREATE TABLE orders (id INTEGER)").execute(&pool).await?;
//! let store = casekit_sqlx::SqliteStore::from_pool(&pool).await?;
//! store.migrate().await?;
//! # let workspace = WorkspaceId(uuid::Uuid::from_u128(1));
//! # let create = CreateWorkspace { name: "Shop".into() };
//! # Desk::new(store.clone()).system(workspace).run(create).await?;
//!
//! let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
//! sqlx::query("INSERT INTO orders (id) VALUES (7)").execute(&mut *transaction).await?;
//! let inside = store.within(transaction);
//! let system = Desk::new(inside.clone()).system(workspace);
//! let carla = Contact::email("Carla", "carla@example.com");
//! system.run(OpenCase::new(carla, "Your order 7").customer_says("When does it come?")).await?;
//! inside.take_back().await?.commit().await?;
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
//! ```
//!
//! # Where things are
//! `schema` derives tables from what the kinds of record declare; `compile` turns queries into SQL,
//! purely; `plan` makes a change set ready to be written; `dialect` says what differs between
//! databases. `sqlite` is the one store, `server` what the others share, `postgres` and `mysql` what
//! they do not.
#![cfg_attr(
    all(feature = "sqlite", not(any(feature = "postgres", feature = "mysql"))),
    expect(
        dead_code,
        unreachable_pub,
        reason = "some parts are there for databases that are left out"
    )
)]
#![cfg_attr(
    not(feature = "sqlite"),
    expect(
        dead_code,
        unused_imports,
        reason = "some parts are there for databases that are left out"
    )
)]

mod answer;
mod compile;
mod connect;
mod declared;
mod dialect;
mod lent;
#[cfg(test)]
mod many_cases;
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
#[cfg(test)]
mod ten_cases;
mod told;
mod views;

pub use connect::connect;
#[cfg(feature = "mysql")]
pub use mysql::MysqlStore;
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub use server::ServerStore;
#[cfg(feature = "sqlite")]
pub use sqlite::{INTERVAL as FOREIGN_COMMITS_SEEN_WITHIN, SqliteStore, SqliteWithin};
