//! A store inside a transaction of the host's.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use async_trait::async_trait;
use casekit_core::model::{Entity, Event, Seq, WorkspaceId};
use casekit_core::port::{Clock, Lookup, Store};
use casekit_core::query::{Aggregate, AggregateRow, Page, Query};
use casekit_core::{ChangeSet, Committed, Result};
use sqlx::sqlite::LockedSqliteHandle;
use sqlx::{Sqlite, Transaction};
use tokio::sync::Mutex;

use super::apply::{Batch, Shared};
use super::decoded::Decoded;
use super::fault::{Fault, Result as Done, opening};
use super::names::Names;
use super::session::Session;
use super::{find, search};
use crate::lent::{lent, no_migration, no_waiting, taken_back};
use crate::plan::Plan;

/// A store inside a transaction of the host's: see [`SqliteStore::within`](super::SqliteStore::within).
///
/// It is cheap to clone; clones share the transaction.
#[derive(Debug, Clone)]
pub struct SqliteWithin {
    shared: Arc<Lent>,
}

#[derive(Debug)]
struct Lent {
    transaction: Mutex<Option<Transaction<'static, Sqlite>>>,
    clock: Arc<dyn Clock>,
    statements: AtomicU64,
    names: Names,
}

/// The host's connection, on which we run statements as on our own.
///
/// The order of the fields is that in which they are dropped: first the statements, which are
/// finalised, then what keeps the host's statements from running meanwhile.
struct Borrowed<'h> {
    rusqlite: rusqlite::Connection,
    _handle: LockedSqliteHandle<'h>,
}

impl<'h> Borrowed<'h> {
    fn new(mut handle: LockedSqliteHandle<'h>) -> Done<Self> {
        let raw = handle.as_raw_handle().as_ptr();
        #[expect(
            unsafe_code,
            reason = "rusqlite runs on the handle that sqlx opened. It is locked for as long as this \
                      struct lives, which drops `rusqlite` first; and what is borrowed is not closed. \
                      Both link the same SQLite, as cargo allows one `libsqlite3-sys` only"
        )]
        // SAFETY: as said above; `raw` is open and used by nobody else.
        let rusqlite = unsafe { rusqlite::Connection::from_handle(raw) }?;
        Ok(Self {
            rusqlite,
            _handle: handle,
        })
    }
}

impl SqliteWithin {
    pub(super) fn new(
        transaction: Transaction<'static, Sqlite>,
        names: Names,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let shared = Lent {
            transaction: Mutex::new(Some(transaction)),
            clock,
            statements: AtomicU64::new(0),
            names,
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// The transaction, to commit it or roll it back. The store cannot be used any more.
    pub async fn take_back(&self) -> Result<Transaction<'static, Sqlite>> {
        let transaction = self.shared.transaction.lock().await.take();
        transaction.ok_or_else(taken_back)
    }

    /// Works on the host's connection.
    async fn work<T>(&self, work: impl FnOnce(&Session<'_>) -> Done<T>) -> Result<T> {
        let mut transaction = self.shared.transaction.lock().await;
        let transaction = transaction.as_mut().ok_or_else(taken_back)?;
        let handle = transaction.lock_handle().await.map_err(opening)?;
        let borrowed = Borrowed::new(handle).map_err(Fault::into_error)?;
        let decoded = Decoded::default();
        let Lent {
            statements, names, ..
        } = &*self.shared;
        let session = Session::new(&borrowed.rusqlite, statements, &decoded, names);
        work(&session).map_err(|fault| lent(fault.into_error()))
    }
}

#[async_trait]
impl Store for SqliteWithin {
    async fn migrate(&self) -> Result<()> {
        Err(no_migration())
    }

    async fn commit(&self, set: ChangeSet) -> Result<Committed> {
        let plan = Plan::of(set)?;
        let now = self.shared.clock.now().timestamp_millis();
        self.work(|session| {
            let mut batch = Batch::new(session, Shared::Yes, now);
            let committed = batch.apply(&plan)?;
            batch.finish()?;
            Ok(committed)
        })
        .await
    }

    async fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Entity>>> {
        self.work(|session| find::load(session, lookups)).await
    }

    async fn find(&self, query: &Query) -> Result<Page> {
        query.validate()?;
        self.work(|session| match &query.text {
            Some(text) => Ok(search::search(session, query, text)?.0),
            None => find::find(session, query),
        })
        .await
    }

    async fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<AggregateRow>> {
        aggregate.validate()?;
        self.work(|session| find::aggregate(session, aggregate))
            .await
    }

    async fn feed(&self, workspace: WorkspaceId, after: Seq, limit: u32) -> Result<Vec<Event>> {
        self.work(|session| find::feed(session, workspace, after, limit))
            .await
    }

    async fn wait(&self, _workspace: WorkspaceId, _after: Seq) -> Result<()> {
        Err(no_waiting())
    }
}
