//! What is put off is done, also when nobody commits any more.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::time::{Duration, Instant};

use casekit_core::model::{Entity, Kind, Version, WorkspaceId};
use casekit_core::port::Store;
use casekit_core::query::{Query, Scope, TextQuery};
use casekit_core::{Change, ChangeSet};
use casekit_sqlx::SqliteStore;
use casekit_testkit::generate::Generator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use uuid::Uuid;

/// How long the work may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(1));

/// A set that creates so many customers.
fn customers(world: &mut Generator, count: usize) -> ChangeSet {
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
async fn the_texts_of_a_large_commit_do_not_wait() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cases.db");
    let store = SqliteStore::open(&path).await.unwrap();
    store.migrate().await.unwrap();
    let mut world = Generator::new(1, WORKSPACE);
    store.commit(customers(&mut world, 256)).await.unwrap();
    let file = rusqlite::Connection::open(&path).unwrap();
    assert_eq!(waiting(&file), 0);
    // One that waits is indexed, once, with what has become of it meanwhile.
    let mut customer = world.customer();
    let mut set = customers(&mut world, 0);
    set.changes = vec![Change::Create(customer.clone().into())];
    store.commit(set).await.unwrap();
    assert_eq!(waiting(&file), 1);
    customer.version = Version(1);
    let before = Entity::from(customer.clone());
    customer.name = "Xaviera".to_owned();
    let mut set = customers(&mut world, 256);
    let after = Entity::from(customer);
    set.changes.push(Change::Replace { before, after });
    store.commit(set).await.unwrap();
    assert_eq!(waiting(&file), 0);
    let mut query = Query::all(WORKSPACE, Kind::Customer);
    query.text = TextQuery::new("xaviera", Scope::All);
    assert_eq!(store.find(&query).await.unwrap().records.len(), 1);
}

#[tokio::test]
async fn all_texts_of_many_commits_are_indexed_without_another_commit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cases.db");
    let store = SqliteStore::open(&path).await.unwrap();
    store.migrate().await.unwrap();
    let mut world = Generator::new(1, WORKSPACE);
    for _ in 0..10 {
        store.commit(customers(&mut world, 200)).await.unwrap();
    }
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
    let mut world = Generator::new(1, WORKSPACE);
    for _ in 0..10 {
        let set = customers(&mut world, 200);
        inside.commit(set).await.unwrap();
    }
    inside.take_back().await.unwrap().commit().await.unwrap();
    let file = rusqlite::Connection::open(&path).unwrap();
    assert_eq!(waiting(&file), 2_000);
    let mut query = Query::all(WORKSPACE, Kind::Customer);
    query.text = TextQuery::new("anna", Scope::All);
    store.find(&query).await.unwrap();
    until_few_wait(&file).await;
}
