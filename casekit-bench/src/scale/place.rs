//! A store that is filled and measured.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, bail};
use casekit_core::port::Store;
use casekit_sqlx::SqliteStore;
use tempfile::TempDir;

/// An empty store, which is gone when this is dropped.
pub(crate) struct Place {
    sqlite: SqliteStore,
    file: PathBuf,
    _folder: TempDir,
}

impl Place {
    /// What this names: `sqlite` for a new file.
    pub(crate) async fn open(name: &str) -> Result<Self> {
        if name != "sqlite" {
            bail!("`{name}` cannot be measured: `sqlite` can");
        }
        let folder = tempfile::Builder::new().prefix("casekit-scale").tempdir()?;
        let file = folder.path().join("scale.db");
        let sqlite = SqliteStore::open(&file).await?;
        sqlite.migrate().await?;
        Ok(Self {
            sqlite,
            file,
            _folder: folder,
        })
    }

    pub(crate) fn store(&self) -> Arc<dyn Store> {
        Arc::new(self.sqlite.clone())
    }

    /// The file, for those who read it by hand.
    pub(crate) fn file(&self) -> &Path {
        &self.file
    }

    /// Finishes what the store puts off.
    pub(crate) async fn settle(&self) -> Result<()> {
        Ok(self.sqlite.tidy().await?)
    }
}
