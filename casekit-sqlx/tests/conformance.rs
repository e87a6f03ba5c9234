//! The SQLite store against the kit, in a file and in memory.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use casekit_core::model::{Entity, Event, Seq, WorkspaceId};
use casekit_core::port::{Lookup, Store};
use casekit_core::query::{Aggregate, AggregateRow, Page, Query};
use casekit_core::{ChangeSet, Committed, Result};
use casekit_sqlx::SqliteStore;

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

/// A store whose texts are all in the index before they are searched; otherwise texts wait there
/// until there are many.
#[derive(Debug)]
struct Tidy(SqliteStore);

#[async_trait::async_trait]
impl Store for Tidy {
    async fn migrate(&self) -> Result<()> {
        self.0.migrate().await
    }
    async fn commit(&self, set: ChangeSet) -> Result<Committed> {
        self.0.commit(set).await
    }
    async fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Entity>>> {
        self.0.load(lookups).await
    }
    async fn find(&self, query: &Query) -> Result<Page> {
        self.0.tidy().await?;
        self.0.find(query).await
    }
    async fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<AggregateRow>> {
        self.0.aggregate(aggregate).await
    }
    async fn feed(&self, workspace: WorkspaceId, after: Seq, limit: u32) -> Result<Vec<Event>> {
        self.0.feed(workspace, after, limit).await
    }
    async fn wait(&self, workspace: WorkspaceId, after: Seq) -> Result<()> {
        self.0.wait(workspace, after).await
    }
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
