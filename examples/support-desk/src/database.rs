//! Where a desk is kept.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use casekit_core::desk::AgentSession;
use casekit_core::model::{Workspace, WorkspaceId};
use casekit_core::operations::{CreateWorkspace, GetWorkspace};
use casekit_core::port::Store;
use casekit_core::{Desk, Error, ErrorKind, Result};
use casekit_memory::MemoryStore;
use percent_encoding::percent_decode_str;
use uuid::Uuid;

use crate::replay::{DayClock, DayIds, Purpose};

/// A database has one workspace, and this is its id. A program with several tenants would give each
/// one of its own.
const WORKSPACE: WorkspaceId =
    WorkspaceId(Uuid::from_u128(0x7365_7276_6963_8064_8573_6b00_0000_0001));

/// How the addresses of servers begin.
const SERVERS: [&str; 4] = ["postgres://", "postgresql://", "mysql://", "mariadb://"];

/// Where a desk is kept, by its URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Database {
    /// In memory, forgotten at the end.
    Memory,
    /// In a file.
    Sqlite {
        /// The URL.
        url: String,
        /// The file.
        path: PathBuf,
    },
    /// On a server: PostgreSQL, MySQL or MariaDB.
    Server {
        /// The URL.
        url: String,
    },
}

impl FromStr for Database {
    type Err = String;

    fn from_str(url: &str) -> Result<Self, String> {
        if url == "memory:" || url == "memory://" {
            return Ok(Self::Memory);
        }
        let path = url
            .strip_prefix("sqlite://")
            .or(url.strip_prefix("sqlite:"));
        match path.map(|path| path.split_once('?').map_or(path, |(path, _)| path)) {
            Some("" | ":memory:") => Err("for a desk in memory use `memory:`".to_owned()),
            Some(path) => {
                let path = percent_decode_str(path).decode_utf8();
                let path = path.map_err(|_| "the path is not UTF-8".to_owned())?;
                Ok(Self::Sqlite {
                    url: url.to_owned(),
                    path: PathBuf::from(path.as_ref()),
                })
            }
            None if SERVERS.iter().any(|scheme| url.starts_with(scheme)) => Ok(Self::Server {
                url: url.to_owned(),
            }),
            None => Err(
                "supported are `sqlite://PATH` (as in `sqlite://support-desk.db`), \
                 `postgres://USER@HOST/DATABASE`, `mysql://USER@HOST/DATABASE` and `memory:`"
                    .to_owned(),
            ),
        }
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory:"),
            Self::Sqlite { url, .. } => f.write_str(url),
            Self::Server { url } => f.write_str(&without_password(url)),
        }
    }
}

/// An address as it can be shown.
fn without_password(url: &str) -> String {
    let shown = url.split_once("://").and_then(|(scheme, rest)| {
        let (who, rest) = rest.split_once('@')?;
        let (user, _) = who.split_once(':')?;
        Some(format!("{scheme}://{user}@{rest}"))
    });
    shown.unwrap_or_else(|| url.to_owned())
}

/// A desk on a database, with its workspace.
#[derive(Debug)]
pub(crate) struct Office {
    pub(crate) desk: Desk,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) workspace: WorkspaceId,
}

impl Office {
    /// Opens the desk, and creates it if it is not there.
    pub(crate) async fn open_or_create(database: &Database) -> Result<Self> {
        let office = Self::connect(database).await?;
        if office.workspace_record().await?.is_none() {
            office.create().await?;
        }
        Ok(office)
    }

    async fn create(&self) -> Result<()> {
        let name = "Support desk".to_owned();
        self.system().run(CreateWorkspace { name }).await?;
        Ok(())
    }

    /// Creates a desk whose ids and times are the same every time, for as long as it is open.
    pub(crate) async fn create_repeatable(database: &Database) -> Result<Self> {
        let mut office = Self::connect(database).await?;
        if office.workspace_record().await?.is_some() {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!(
                    "there is a desk at `{database}` already: only a new one is the same every time"
                ),
            ));
        }
        office.desk = Desk::builder_on(office.store.clone())
            .clock(DayClock::default())
            .ids(DayIds::new(Purpose::Import))
            .build();
        office.create().await?;
        Ok(office)
    }

    /// Opens a desk that is there: looking at one must not leave an empty one behind.
    pub(crate) async fn open(database: &Database) -> Result<Self> {
        let absent = || {
            Error::new(
                ErrorKind::NotFound,
                format!(
                    "there is no desk at `{database}` yet: `support-desk` sets one up with a demo day, \
                     `support-desk import-log` with an event log"
                ),
            )
        };
        if let Database::Sqlite { path, .. } = database
            && !path.exists()
        {
            return Err(absent());
        }
        let office = Self::connect(database).await?;
        match office.workspace_record().await? {
            Some(_) => Ok(office),
            None => Err(absent()),
        }
    }

    async fn connect(database: &Database) -> Result<Self> {
        let store: Arc<dyn Store> = match database {
            Database::Memory => Arc::new(MemoryStore::new()),
            Database::Sqlite { url, .. } | Database::Server { url } => {
                casekit_sqlx::connect(url).await?
            }
        };
        let desk = Desk::builder_on(store.clone()).build();
        desk.migrate().await?;
        Ok(Self {
            desk,
            store,
            workspace: WORKSPACE,
        })
    }

    /// What this program itself does, in nobody's name.
    pub(crate) fn system(&self) -> AgentSession {
        self.desk.system(self.workspace)
    }

    /// The record of the workspace, if there is one.
    pub(crate) async fn workspace_record(&self) -> Result<Option<Workspace>> {
        match self.system().run(GetWorkspace {}).await {
            Ok(workspace) => Ok(Some(workspace)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(url: &str) -> PathBuf {
        match url.parse() {
            Ok(Database::Sqlite { path, .. }) => path,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_url_names_a_file_or_memory() {
        assert_eq!("memory:".parse(), Ok(Database::Memory));
        assert_eq!(path("sqlite://desk.db"), PathBuf::from("desk.db"));
        assert_eq!(path("sqlite://my%20desk.db"), PathBuf::from("my desk.db"));
        assert_eq!(
            path("sqlite:///var/desk.db?mode=rwc"),
            PathBuf::from("/var/desk.db")
        );
    }

    #[test]
    fn a_password_is_not_shown() {
        let shown = |url: &str| url.parse::<Database>().unwrap().to_string();
        assert_eq!(
            shown("postgres://me:secret@host/desk"),
            "postgres://me@host/desk"
        );
        assert_eq!(shown("mysql://me@host/desk"), "mysql://me@host/desk");
    }

    #[test]
    fn other_urls_are_told_what_is_supported() {
        for url in ["oracle://localhost/desk", "desk.db", ""] {
            let error = url.parse::<Database>().unwrap_err();
            assert!(error.contains("sqlite://"), "{url}: {error}");
        }
        assert!(
            "sqlite::memory:"
                .parse::<Database>()
                .unwrap_err()
                .contains("`memory:`")
        );
    }
}
