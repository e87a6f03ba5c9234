//! From an address to a store.

use std::sync::Arc;

use casekit_core::port::Store;
use casekit_core::{Error, Result};

/// How addresses begin.
const KNOWN: [&str; 5] = ["sqlite", "postgres", "postgresql", "mysql", "mariadb"];

/// Opens the store at an address: `sqlite:` and a path, `postgres:` or `postgresql:`, `mysql:` or
/// `mariadb:` and what sqlx understands.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let store = casekit_sqlx::connect("sqlite::memory:").await?;
/// store.migrate().await?;
/// # Ok::<(), casekit_core::Error>(()) }).unwrap();
/// ```
pub async fn connect(url: &str) -> Result<Arc<dyn Store>> {
    match url.split_once(':').map(|(scheme, _)| scheme) {
        #[cfg(feature = "sqlite")]
        Some("sqlite") => Ok(Arc::new(crate::SqliteStore::connect(url).await?)),
        #[cfg(feature = "postgres")]
        Some("postgres" | "postgresql") => Ok(Arc::new(crate::PostgresStore::connect(url).await?)),
        #[cfg(feature = "mysql")]
        Some("mysql" | "mariadb") => Ok(Arc::new(crate::MysqlStore::connect(url).await?)),
        // The address may hold a password: it is not told.
        Some(scheme) if KNOWN.contains(&scheme) => Err(Error::invalid(format!(
            "this program was built without support for `{scheme}:`"
        ))),
        _ => Err(Error::invalid(
            "a database's address begins with `sqlite:`, `postgres:` or `mysql:`",
        )),
    }
}
