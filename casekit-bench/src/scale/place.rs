//! A store that is filled and measured.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use casekit_core::port::Store;
use casekit_servers::{fresh_mysql, fresh_postgres};
use casekit_sqlx::SqliteStore;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

/// An empty store; a file is gone when this is dropped, a database with its server.
pub(crate) struct Place {
    store: Arc<dyn Store>,
    kind: Kind,
}

/// Where the store is.
pub(crate) enum Kind {
    /// In a file.
    Sqlite {
        store: SqliteStore,
        file: PathBuf,
        _folder: TempDir,
    },
    /// In a PostgreSQL database at this address.
    Postgres(String),
    /// In a MySQL or MariaDB database.
    Mysql,
}

impl Place {
    /// What this names: `sqlite` for a new file, `postgres` or `mysql` for a new database on a server
    /// that the environment names or that is started.
    pub(crate) async fn open(name: &str) -> Result<Self> {
        let place = match name {
            "sqlite" => Self::sqlite().await?,
            "postgres" => {
                let url = fresh_postgres().await.context("there is no PostgreSQL")?;
                let store = casekit_sqlx::connect(&url).await?;
                let kind = Kind::Postgres(url);
                Self { store, kind }
            }
            "mysql" => {
                let url = fresh_mysql()
                    .await
                    .context("there is no MySQL or MariaDB")?;
                let store = casekit_sqlx::connect(&url).await?;
                let kind = Kind::Mysql;
                Self { store, kind }
            }
            other => bail!("`{other}` cannot be measured: `sqlite`, `postgres` and `mysql` can"),
        };
        place.store.migrate().await?;
        Ok(place)
    }

    async fn sqlite() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("casekit-scale").tempdir()?;
        let file = folder.path().join("scale.db");
        let store = SqliteStore::open(&file).await?;
        let kind = Kind::Sqlite {
            store: store.clone(),
            file,
            _folder: folder,
        };
        let store = Arc::new(store);
        Ok(Self { store, kind })
    }

    pub(crate) fn store(&self) -> Arc<dyn Store> {
        Arc::clone(&self.store)
    }

    /// Where it is, for those who read it by hand.
    pub(crate) fn kind(&self) -> &Kind {
        &self.kind
    }

    /// Finishes what the store puts off, and what a server would do by itself in the night.
    pub(crate) async fn settle(&self) -> Result<()> {
        match &self.kind {
            Kind::Sqlite { store, .. } => store.tidy().await?,
            Kind::Postgres(url) => {
                let mut connection = PgConnection::connect(url).await?;
                sqlx::raw_sql("VACUUM ANALYZE")
                    .execute(&mut connection)
                    .await?;
            }
            Kind::Mysql => {}
        }
        Ok(())
    }
}
