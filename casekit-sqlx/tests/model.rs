//! The model test of the kit: random commits and questions, answered by SQLite as in memory.
//!
//! `CASEKIT_MODEL_SEEDS` and `CASEKIT_MODEL_STEPS` make it longer.

#![expect(clippy::panic, reason = "a test fails by panicking")]

#[path = "support/tidy.rs"]
mod tidy;

use casekit_core::port::Store;
use casekit_memory::MemoryStore;
use casekit_sqlx::SqliteStore;
use casekit_testkit::model_test;
use tidy::Tidy;

fn size(name: &str, default: u32) -> u32 {
    let given = std::env::var(name).ok();
    given.and_then(|n| n.parse().ok()).unwrap_or(default)
}

async fn migrated(store: casekit_core::Result<SqliteStore>) -> SqliteStore {
    let store = store.unwrap_or_else(|error| panic!("{error}"));
    let done = store.migrate().await;
    done.unwrap_or_else(|error| panic!("{error}"));
    store
}

async fn compare(seed: u64, steps: u32, store: &dyn Store) {
    let oracle = MemoryStore::new();
    match model_test(seed, steps, &oracle, store).await {
        Ok(report) => assert!(report.committed > steps / 4, "{report:?}"),
        Err(difference) => panic!("{difference}"),
    }
}

#[tokio::test]
async fn a_file_answers_as_memory_does() {
    for seed in 0..u64::from(size("CASEKIT_MODEL_SEEDS", 2)) {
        let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
        let store = migrated(SqliteStore::open(folder.path().join("cases.db")).await).await;
        compare(seed, size("CASEKIT_MODEL_STEPS", 800), &store).await;
    }
}

#[tokio::test]
async fn what_is_indexed_is_found_as_what_waits_for_the_index() {
    for seed in 100..100 + u64::from(size("CASEKIT_MODEL_SEEDS", 2)) {
        let store = migrated(SqliteStore::connect("sqlite::memory:").await).await;
        compare(seed, size("CASEKIT_MODEL_STEPS", 500), &Tidy(store)).await;
    }
}
