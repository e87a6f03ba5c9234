//! The health check, on every database: well, without tables or with those of another version, and out of
//! reach.
#![cfg(all(feature = "sqlite", feature = "postgres", feature = "mysql"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::time::{Duration, Instant};

use casekit_core::{Desk, ErrorKind};
use casekit_servers::{fresh_mysql, fresh_postgres, start_mariadb, start_postgres};
use casekit_sqlx::{MysqlStore, PostgresStore, SqliteStore};

/// How long a check may take that finds nobody: the pool's patience, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A check of a database without tables says what to do; then one round trip tells that all is well.
async fn assert_asks_for_tables(desk: &Desk, statements: impl Fn() -> u64) {
    let error = desk.health().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(error.message().contains("migrate it first"), "{error}");
    desk.migrate().await.unwrap();
    let before = statements();
    desk.health().await.unwrap();
    assert_eq!(statements() - before, 1);
}

/// The tables of another version.
macro_rules! other_versions {
    ($desk:expr, $url:expr, $database:ty, $newer:expr) => {{
        let (desk, pool) = ($desk, sqlx::Pool::<$database>::connect($url).await.unwrap());
        let earlier = "UPDATE casekit_migration SET layout = layout - 1";
        sqlx::query(earlier).execute(&pool).await.unwrap();
        let error = desk.health().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Storage);
        assert!(error.message().contains("an earlier version"), "{error}");
        desk.migrate().await.unwrap();
        desk.health().await.unwrap();
        sqlx::query($newer).execute(&pool).await.unwrap();
        let error = desk.health().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Storage);
        assert!(error.message().contains("a newer version"), "{error}");
    }};
}

#[tokio::test]
async fn sqlite_is_well_with_the_tables_of_this_version() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("desk.db");
    let store = SqliteStore::open(&file).await.unwrap();
    let desk = Desk::new(store.clone());
    assert_asks_for_tables(&desk, || store.statement_count()).await;
    let url = format!("sqlite://{}", file.display());
    let newer = "INSERT INTO casekit_migration (layout, declared, at) VALUES (99, '{}', 0)";
    other_versions!(desk, &url, sqlx::Sqlite, newer);
}

#[tokio::test]
async fn postgres_is_well_with_the_tables_of_this_version() {
    let Some(url) = fresh_postgres().await else {
        return;
    };
    let store = PostgresStore::connect(&url).await.unwrap();
    let desk = Desk::new(store.clone());
    assert_asks_for_tables(&desk, || store.statement_count()).await;
    let newer = "INSERT INTO casekit_migration (layout, declared, at) VALUES (99, '{}', now())";
    other_versions!(desk, &url, sqlx::Postgres, newer);
}

#[tokio::test]
async fn mysql_is_well_with_the_tables_of_this_version() {
    let Some(url) = fresh_mysql().await else {
        return;
    };
    let store = MysqlStore::connect(&url).await.unwrap();
    let desk = Desk::new(store.clone());
    assert_asks_for_tables(&desk, || store.statement_count()).await;
    let newer = "INSERT INTO casekit_migration (layout, declared, at) VALUES (99, '{}', 0)";
    other_versions!(desk, &url, sqlx::MySql, newer);
}

/// A server of its own, which ends while the desk is open.
async fn ends(server: Result<casekit_servers::Server, String>) {
    // Whether there must be one is for the tests above to say.
    let Ok(server) = server else { return };
    let desk = Desk::builder_on(casekit_sqlx::connect(server.url()).await.unwrap()).build();
    desk.migrate().await.unwrap();
    desk.health().await.unwrap();
    drop(server);
    let begun = Instant::now();
    let error = desk.health().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_has_ended_is_unavailable() {
    ends(start_postgres()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mariadb_that_has_ended_is_unavailable() {
    ends(start_mariadb()).await;
}
