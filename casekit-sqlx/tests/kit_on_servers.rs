//! The stores on servers against the kit, and its model test.
//!
//! `CASEKIT_MODEL_SEEDS` and `CASEKIT_MODEL_STEPS` make that longer.
#![cfg(all(feature = "postgres", feature = "mysql"))]

use std::sync::Arc;

use casekit_core::port::Store;
use casekit_core::{Error, Result};
use casekit_memory::MemoryStore;
use casekit_servers::{fresh_mysql, fresh_postgres};
use casekit_testkit::model_test;
use tokio::sync::OnceCell;

/// The store at an address; where there is no server, which has been said loudly, memory.
async fn migrated(url: Option<&str>) -> Result<Arc<dyn Store>> {
    let Some(url) = url else {
        return Ok(Arc::new(MemoryStore::new()));
    };
    let store = casekit_sqlx::connect(url).await?;
    store.migrate().await?;
    Ok(store)
}

fn size(name: &str, default: u32) -> u32 {
    let given = std::env::var(name).ok();
    given.and_then(|n| n.parse().ok()).unwrap_or(default)
}

/// Random commits and questions, answered as in memory.
async fn answers_as_memory_does(url: Option<&str>) -> Result<()> {
    let store = migrated(url).await?;
    let steps = size("CASEKIT_MODEL_STEPS", 800);
    for seed in 0..u64::from(size("CASEKIT_MODEL_SEEDS", 2)) {
        let report = model_test(seed, steps, &MemoryStore::new(), &*store).await;
        let report = report.map_err(|difference| Error::bug(difference.to_string()))?;
        assert!(report.committed > steps / 4, "{report:?}");
    }
    Ok(())
}

macro_rules! kit {
    ($name:ident, $fresh:ident) => {
        mod $name {
            use super::*;

            /// A database for all tests of the kit, which have workspaces of their own.
            static SHARED: OnceCell<Option<String>> = OnceCell::const_new();

            casekit_testkit::conformance_tests!(|| async {
                migrated(SHARED.get_or_init($fresh).await.as_deref()).await
            });

            #[tokio::test]
            async fn it_answers_as_memory_does() -> Result<()> {
                answers_as_memory_does($fresh().await.as_deref()).await
            }
        }
    };
}

kit!(postgres, fresh_postgres);
kit!(mysql, fresh_mysql);
