//! The model test of the kit: random commits and questions, answered by SQLite as in memory.
//!
//! `support/soak.rs` tells what makes it longer.

#![expect(clippy::panic, reason = "a test fails by panicking")]

#[path = "support/soak.rs"]
mod soak;
#[path = "support/tidy.rs"]
mod tidy;

use casekit_core::port::Store;
use casekit_memory::MemoryStore;
use casekit_sqlx::SqliteStore;
use casekit_testkit::model_test;
use soak::Soak;
use tidy::Tidy;

async fn migrated(store: casekit_core::Result<SqliteStore>) -> SqliteStore {
    let store = store.unwrap_or_else(|error| panic!("{error}"));
    let done = store.migrate().await;
    done.unwrap_or_else(|error| panic!("{error}"));
    store
}

async fn compare(seed: u64, soak: &Soak, store: &dyn Store) {
    let oracle = MemoryStore::new();
    match model_test(seed, soak.steps, &oracle, store).await {
        Ok(report) => {
            assert!(report.committed > soak.steps / 4, "{report:?}");
            soak.done(seed, &report);
        }
        Err(difference) => panic!("{difference}"),
    }
}

#[tokio::test]
async fn a_file_answers_as_memory_does() {
    let soak = Soak::of("SQLite, a file", 0, 800);
    for seed in soak.seeds.clone() {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
        let store = migrated(SqliteStore::open(folder.path().join("cases.db")).await).await;
        compare(seed, &soak, &store).await;
    }
}

#[tokio::test]
async fn what_is_indexed_is_found_as_what_waits_for_the_index() {
    let soak = Soak::of("SQLite, indexed at once", 100, 500);
    for seed in soak.seeds.clone() {
        let store = migrated(SqliteStore::connect("sqlite::memory:").await).await;
        compare(seed, &soak, &Tidy(store)).await;
    }
}
