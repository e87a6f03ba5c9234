//! What is put off is done, also when nobody commits any more.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::time::{Duration, Instant};

use casekit_core::model::{Entity, Kind, WorkspaceId};
use casekit_core::port::Store;
use casekit_core::query::{Query, Scope, TextQuery};
use casekit_core::{Change, ChangeSet};
use casekit_sqlx::SqliteStore;
use casekit_testkit::generate::Generator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use uuid::Uuid;

/// How long the work may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A set that creates so many customers.
fn customers(count: usize) -> ChangeSet {
    let mut world = Generator::new(1, WorkspaceId(Uuid::from_u128(1)));
    let customers = (0..count).map(|_| Change::Create(Entity::from(world.customer())));
    ChangeSet {
        changes: customers.collect(),
        id: world.id(),
        workspace: world.workspace_id(),
        events: Vec::new(),
    }
}

/// How many texts of a database wait to be indexed.
fn waiting(file: &rusqlite::Connection) -> u32 {
    let sql = "SELECT count(*) FROM casekit_pending";
    file.query_row(sql, [], |row| row.get(0)).unwrap()
}

/// Returns when few texts wait; some may always wait for company.
async fn until_few_wait(file: &rusqlite::Connection) {
    let start = Instant::now();
    while waiting(file) >= 128 {
        assert!(start.elapsed() < PATIENCE, "{} texts wait", waiting(file));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn all_texts_of_a_large_commit_are_indexed_without_another_commit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cases.db");
    let store = SqliteStore::open(&path).await.unwrap();
    store.migrate().await.unwrap();
    store.commit(customers(2_000)).await.unwrap();
    let file = rusqlite::Connection::open(&path).unwrap();
    until_few_wait(&file).await;
}

#[tokio::test]
async fn texts_that_came_in_a_transaction_of_the_hosts_are_indexed_when_somebody_searches() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cases.db");
    let options = SqliteConnectOptions::new().filename(&path);
    let pool = SqlitePool::connect_with(options.create_if_missing(true)).await;
    let pool = pool.unwrap();
    let store = SqliteStore::from_pool(&pool).await.unwrap();
    store.migrate().await.unwrap();
    let inside = store.within(pool.begin_with("BEGIN IMMEDIATE").await.unwrap());
    let set = customers(2_000);
    let workspace = set.workspace;
    inside.commit(set).await.unwrap();
    inside.take_back().await.unwrap().commit().await.unwrap();
    let file = rusqlite::Connection::open(&path).unwrap();
    assert_eq!(waiting(&file), 2_000);
    let mut query = Query::all(workspace, Kind::Customer);
    query.text = TextQuery::new("anna", Scope::All);
    store.find(&query).await.unwrap();
    until_few_wait(&file).await;
}
