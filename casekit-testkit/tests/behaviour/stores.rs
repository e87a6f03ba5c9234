//! Every store there is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use casekit_core::port::Store;
use casekit_memory::MemoryStore;
use casekit_servers::{fresh_mysql, fresh_postgres};
use casekit_sqlx::SqliteStore;
use tokio::sync::OnceCell;

/// Runs `test` on every store there is, with a seed for its ids. Stores on servers are shared by all tests,
/// which have workspaces of their own there.
pub(crate) async fn every_store(test: impl AsyncFn(Arc<dyn Store>, u64)) {
    const ALONE: u64 = 7;
    eprintln!("store: memory");
    test(Arc::new(MemoryStore::new()), ALONE).await;
    eprintln!("store: sqlite");
    let folder = tempfile::tempdir().unwrap();
    let sqlite = SqliteStore::open(folder.path().join("desk.db"));
    test(Arc::new(sqlite.await.unwrap()), ALONE).await;
    static POSTGRES: OnceCell<Option<String>> = OnceCell::const_new();
    static MYSQL: OnceCell<Option<String>> = OnceCell::const_new();
    let postgres = POSTGRES.get_or_init(fresh_postgres).await;
    let mysql = MYSQL.get_or_init(fresh_mysql).await;
    for url in [postgres, mysql].into_iter().flatten() {
        static SEED: AtomicU64 = AtomicU64::new(1_000);
        eprintln!("store: {}", url.split(':').next().unwrap_or_default());
        let store = casekit_sqlx::connect(url).await.unwrap();
        test(store, SEED.fetch_add(1, Ordering::Relaxed)).await;
    }
}
