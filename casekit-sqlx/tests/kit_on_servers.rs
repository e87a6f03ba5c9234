//! The stores on servers against the kit, and its model test.
//!
//! `support/soak.rs` tells what makes that longer.
#![cfg(all(feature = "postgres", feature = "mysql"))]

#[path = "support/soak.rs"]
mod soak;

use std::sync::Arc;

use casekit_core::port::Store;
use casekit_core::{Error, Result};
use casekit_memory::MemoryStore;
use casekit_servers::{fresh_mysql, fresh_postgres};
use casekit_testkit::conformance::run_conformance;
use casekit_testkit::model_test;
use soak::Soak;

async fn migrated(url: &str) -> Result<Arc<dyn Store>> {
    let store = casekit_sqlx::connect(url).await?;
    store.migrate().await?;
    Ok(store)
}

/// One database for all behaviours, which have workspaces of their own.
async fn has_every_behaviour_of_the_port(url: String) {
    let open = move || {
        let url = url.clone();
        async move { migrated(&url).await }
    };
    let report = run_conformance(open).await;
    assert!(report.is_conformant(), "{report}");
}

/// Random commits and questions, answered as in memory.
async fn answers_as_memory_does(name: &'static str, url: &str) -> Result<()> {
    let store = migrated(url).await?;
    let soak = Soak::of(name, 0, 800);
    for seed in soak.seeds.clone() {
        let report = model_test(seed, soak.steps, &MemoryStore::new(), &*store).await;
        let report = report.map_err(|difference| Error::bug(difference.to_string()))?;
        assert!(report.committed > soak.steps / 4, "{report:?}");
        soak.done(seed, &report);
    }
    Ok(())
}

/// Where there is no server, which is said loudly, nothing is tested: a test a server and not one a
/// behaviour, so that few count as passed then.
macro_rules! kit {
    ($name:ident, $called:literal, $fresh:ident) => {
        mod $name {
            use super::*;

            #[tokio::test]
            async fn it_has_every_behaviour_of_the_port() {
                if let Some(url) = $fresh().await {
                    has_every_behaviour_of_the_port(url).await;
                }
            }

            #[tokio::test]
            async fn it_answers_as_memory_does() -> Result<()> {
                match $fresh().await {
                    Some(url) => answers_as_memory_does($called, &url).await,
                    None => Ok(()),
                }
            }
        }
    };
}

kit!(postgres, "PostgreSQL", fresh_postgres);
kit!(mysql, "MariaDB", fresh_mysql);
