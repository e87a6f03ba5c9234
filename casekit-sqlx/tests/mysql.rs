//! The MySQL or MariaDB store against the kit, and its model test.
#![cfg(feature = "mysql")]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

use std::sync::Arc;

use casekit_core::port::Store;
use casekit_memory::MemoryStore;
use casekit_servers::fresh_mysql;
use casekit_sqlx::MysqlStore;
use casekit_testkit::model_test;
use tokio::sync::OnceCell;

/// A database for all tests of the kit, which have workspaces of their own.
async fn shared() -> Option<String> {
    static SHARED: OnceCell<Option<String>> = OnceCell::const_new();
    SHARED.get_or_init(fresh_mysql).await.clone()
}

casekit_testkit::conformance_tests!(|| async {
    let Some(url) = shared().await else {
        // That it is missing has been said loudly.
        return Ok(Arc::new(MemoryStore::new()) as Arc<dyn Store>);
    };
    let store = MysqlStore::connect(&url).await?;
    store.migrate().await?;
    Ok(Arc::new(store) as Arc<dyn Store>)
});

fn size(name: &str, default: u32) -> u32 {
    let given = std::env::var(name).ok();
    given.and_then(|n| n.parse().ok()).unwrap_or(default)
}

#[tokio::test]
async fn it_answers_as_memory_does() {
    let Some(url) = fresh_mysql().await else {
        return;
    };
    let store = MysqlStore::connect(&url).await.unwrap();
    store.migrate().await.unwrap();
    let steps = size("CASEKIT_MODEL_STEPS", 800);
    for seed in 0..u64::from(size("CASEKIT_MODEL_SEEDS", 2)) {
        match model_test(seed, steps, &MemoryStore::new(), &store).await {
            Ok(report) => assert!(report.committed > steps / 4, "{report:?}"),
            Err(difference) => panic!("{difference}"),
        }
    }
}
