//! What is put off is done, also when nobody commits any more.

use std::time::{Duration, Instant};

use casekit_core::model::{Entity, WorkspaceId};
use casekit_core::port::Store;
use casekit_core::{Change, ChangeSet};
use casekit_sqlx::SqliteStore;
use casekit_testkit::generate::Generator;
use uuid::Uuid;

/// How long the work may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn all_texts_of_a_large_commit_are_indexed_without_another_commit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cases.db");
    let store = SqliteStore::open(&path).await.unwrap();
    store.migrate().await.unwrap();
    let mut world = Generator::new(1, WorkspaceId(Uuid::from_u128(1)));
    let customers = (0..2_000).map(|_| Change::Create(Entity::from(world.customer())));
    let set = ChangeSet {
        changes: customers.collect(),
        id: world.id(),
        workspace: world.workspace_id(),
        events: Vec::new(),
    };
    store.commit(set).await.unwrap();
    let file = rusqlite::Connection::open(&path).unwrap();
    let waiting = || -> u32 {
        let sql = "SELECT count(*) FROM casekit_pending";
        file.query_row(sql, [], |row| row.get(0)).unwrap()
    };
    let start = Instant::now();
    // Some may always wait for company.
    while waiting() >= 128 {
        assert!(start.elapsed() < PATIENCE, "{} texts wait", waiting());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
