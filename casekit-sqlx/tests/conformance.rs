//! The SQLite store against the kit, in a file and in memory.

#[path = "support/tidy.rs"]
mod tidy;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use casekit_core::port::Store;
use casekit_sqlx::SqliteStore;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tidy::Tidy;

mod memory {
    use super::*;

    casekit_testkit::conformance_tests!(|| async {
        let store = SqliteStore::connect("sqlite::memory:").await?;
        store.migrate().await?;
        Ok(Arc::new(store) as Arc<dyn Store>)
    });
}

mod file {
    use super::*;

    casekit_testkit::conformance_tests!(|| async {
        let store = SqliteStore::open(fresh()).await?;
        store.migrate().await?;
        Ok(Arc::new(store) as Arc<dyn Store>)
    });
}

mod indexed {
    use super::*;

    casekit_testkit::conformance_tests!(|| async {
        let store = SqliteStore::connect("sqlite::memory:").await?;
        store.migrate().await?;
        Ok(Arc::new(Tidy(store)) as Arc<dyn Store>)
    });
}

mod prefixed {
    use super::*;

    casekit_testkit::conformance_tests!(|| async {
        let file = SqliteConnectOptions::new().filename(fresh());
        let pool = SqlitePool::connect_lazy_with(file.create_if_missing(true));
        let store = SqliteStore::from_pool_prefixed(&pool, "desk2_").await?;
        store.migrate().await?;
        Ok(Arc::new(store) as Arc<dyn Store>)
    });
}

/// A file that is not there yet. The store outlives the test, so nobody could remove it at the end:
/// the next run does.
fn fresh() -> PathBuf {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let name = format!("conformance-{number}.db");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    for ending in ["", "-wal", "-shm"] {
        let mut file = path.clone().into_os_string();
        file.push(ending);
        // Most often there is none.
        let _ = std::fs::remove_file(file);
    }
    path
}
