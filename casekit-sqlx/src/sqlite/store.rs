//! The store.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use casekit_core::model::{Entity, Event, Seq, WorkspaceId};
use casekit_core::port::{Clock, Lookup, Store, SystemClock};
use casekit_core::query::{Aggregate, AggregateRow, Page, Query, TextQuery};
use casekit_core::{ChangeSet, Committed, Result};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{Sqlite, Transaction};

use super::core::Core;
use super::fault::opening;
use super::names::Names;
use super::session::Session;
use super::within::SqliteWithin;
use super::{find, search};
use crate::plan::Plan;

/// Cases in a SQLite database: a file, or in memory.
///
/// It is cheap to clone; clones share connections. In a file it has one connection that writes and
/// four that read; several programs can use one file at the same time.
///
/// Call [`migrate`](Store::migrate) before anything else, and after every update of casekit.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    core: Arc<Core>,
}

impl SqliteStore {
    /// Opens the database at `url`, and makes the file if there is none: `sqlite:///path/to/file.db`,
    /// `sqlite://relative.db`, `sqlite::memory:`; `sqlite://file.db?mode=ro` only reads.
    pub async fn connect(url: &str) -> Result<Self> {
        let options = SqliteConnectOptions::from_str(url).map_err(opening)?;
        let read_only = url.contains("mode=ro") || url.contains("immutable=");
        Self::connect_with(options.create_if_missing(!read_only)).await
    }

    /// Opens the database file at `path`, and makes it if there is none.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        let options = SqliteConnectOptions::new().filename(path);
        Self::connect_with(options.create_if_missing(true)).await
    }

    /// Opens a database with options of sqlx, which say where it is and how it is opened.
    ///
    /// The write-ahead log and `synchronous = normal` are set in any case. With these, a commit
    /// survives a crash of the program; a crash of the machine can lose the last commits, never
    /// part of one.
    pub async fn connect_with(options: SqliteConnectOptions) -> Result<Self> {
        Self::connect_at(options, Arc::new(SystemClock)).await
    }

    /// The same with a clock of the caller's: it tells how old a commit is whose id is remembered.
    pub async fn connect_at(options: SqliteConnectOptions, clock: Arc<dyn Clock>) -> Result<Self> {
        Self::connect_to(options, Names::default(), clock).await
    }

    async fn connect_to(
        options: SqliteConnectOptions,
        names: Names,
        clock: Arc<dyn Clock>,
    ) -> Result<Self> {
        let core = super::open::open(options, names, clock).await?;
        Ok(Self {
            core: Arc::new(core),
        })
    }

    /// Opens the database of a pool that the host has. The pool keeps its connections: the store
    /// opens its own, with the same options.
    pub async fn from_pool(pool: &SqlitePool) -> Result<Self> {
        Self::connect_with(pool.connect_options().as_ref().clone()).await
    }

    /// The same with tables whose names begin with `prefix` instead of `casekit_`: up to 16 characters of
    /// a-z, 0-9 and _, of which the first is a letter.
    pub async fn from_pool_prefixed(pool: &SqlitePool, prefix: &str) -> Result<Self> {
        let options = pool.connect_options().as_ref().clone();
        Self::connect_to(options, Names::beginning(prefix)?, Arc::new(SystemClock)).await
    }

    /// A store inside a transaction of the host's: what is written through it takes effect when the
    /// host commits, together with what the host itself writes, or not at all.
    ///
    /// The transaction must be of a pool on the same database. Begin it with
    /// `begin_with("BEGIN IMMEDIATE")`: else SQLite may refuse the first write because somebody else
    /// has written since.
    ///
    /// Put a [`Desk`](casekit_core::Desk) on it for the time of the transaction, and
    /// [take the transaction back](SqliteWithin::take_back) to commit it. Nothing is tried again
    /// inside: when an operation fails with a conflict, roll back and begin again.
    #[must_use]
    pub fn within(&self, transaction: Transaction<'static, Sqlite>) -> SqliteWithin {
        SqliteWithin::new(
            transaction,
            self.core.names.clone(),
            Arc::clone(&self.core.clock),
        )
    }

    /// Does now what the store otherwise puts off until many commits have come: it indexes the texts
    /// that wait, copies the write-ahead log into the file, and forgets the ids of old commits.
    ///
    /// Nobody has to call it. After a large import, or before a file is copied, it can help.
    pub async fn tidy(&self) -> Result<()> {
        let core = Arc::clone(&self.core);
        super::background::run(move || core.tidy()).await
    }

    async fn search(&self, query: &Query, text: &TextQuery) -> Result<Page> {
        let search = |session: &Session<'_>, query: &Query, text: &TextQuery| {
            session.snapshot(|| search::search(session, query, text))
        };
        let now = self.core.search_now(|session| search(session, query, text));
        let done = match now {
            Some(done) => done,
            None => {
                let (query, text) = (query.clone(), text.clone());
                let search = move |session: &Session<'_>| search(session, &query, &text);
                self.core.read_long(search).await
            }
        };
        let (page, waiting) = done?;
        self.core.note_waiting(waiting);
        Ok(page)
    }

    #[cfg(test)]
    pub(super) fn core(&self) -> &Arc<Core> {
        &self.core
    }

    /// How many statements were run so far, for tests that pin it.
    #[doc(hidden)]
    pub fn statement_count(&self) -> u64 {
        self.core.statements.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn migrate(&self) -> Result<()> {
        self.core.migrate().await
    }

    async fn commit(&self, set: ChangeSet) -> Result<Committed> {
        self.core.commit(Plan::of(set)?).await
    }

    async fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Entity>>> {
        let now = self.core.read_now(|session| find::load(session, lookups));
        match now {
            Some(done) => done,
            None => {
                let lookups = lookups.to_vec();
                let load = move |session: &Session<'_>| find::load(session, &lookups);
                self.core.read_long(load).await
            }
        }
    }

    async fn find(&self, query: &Query) -> Result<Page> {
        query.validate()?;
        if let Some(text) = &query.text {
            return self.search(query, text).await;
        }
        match self.core.read_now(|session| find::find(session, query)) {
            Some(done) => done,
            None => {
                let query = query.clone();
                let find = move |session: &Session<'_>| find::find(session, &query);
                self.core.read_long(find).await
            }
        }
    }

    async fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<AggregateRow>> {
        aggregate.validate()?;
        let now = self
            .core
            .read_now(|session| find::aggregate(session, aggregate));
        match now {
            Some(done) => done,
            None => {
                let aggregate = aggregate.clone();
                let count = move |session: &Session<'_>| find::aggregate(session, &aggregate);
                self.core.read_long(count).await
            }
        }
    }

    async fn feed(&self, workspace: WorkspaceId, after: Seq, limit: u32) -> Result<Vec<Event>> {
        let now = self
            .core
            .read_now(|session| find::feed(session, workspace, after, limit));
        match now {
            Some(done) => done,
            None => {
                let feed =
                    move |session: &Session<'_>| find::feed(session, workspace, after, limit);
                self.core.read_long(feed).await
            }
        }
    }

    async fn wait(&self, workspace: WorkspaceId, after: Seq) -> Result<()> {
        self.core.wait(workspace, after).await
    }

    async fn health(&self) -> Result<()> {
        match self.core.read_now(super::migrate::health) {
            Some(done) => done,
            None => self.core.read_long(super::migrate::health).await,
        }
    }
}
