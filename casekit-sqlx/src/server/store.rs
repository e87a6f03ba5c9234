//! The store.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use casekit_core::model::{Entity, Event, Seq, WorkspaceId};
use casekit_core::port::{Clock, Lookup, Store, SystemClock};
use casekit_core::query::{Aggregate, AggregateRow, Page, Query};
use casekit_core::{ChangeSet, Committed, Error, Result};
use sqlx::pool::PoolOptions;
use sqlx::{Connection, Pool, Transaction};
use tokio::sync::Mutex;

use super::connection::Place;
use super::fault::{opening, silent};
use super::parked::Parking;
use super::{ConnectionOf, Core, Server, find, search};
use crate::lent::{taken_back, to_the_end};
use crate::plan::Plan;
use crate::schema::{PREFIX, Schema, checked};

/// Milliseconds of a day, by which commits are remembered.
const DAY_MS: i64 = 86_400_000;

/// How many connections a pool of ours has.
const CONNECTIONS: u32 = 10;

/// How long to wait for one of them.
const PATIENCE: Duration = Duration::from_secs(5);

/// Cases in a database on a server.
///
/// It is cheap to clone; clones share connections. It has to be used inside a tokio runtime, and any
/// number of programs can use one database at the same time.
///
/// Call [`migrate`](Store::migrate) before anything else, and after every update of casekit.
#[derive(Debug)]
pub struct ServerStore<S: Server> {
    core: Arc<Core<S>>,
}

impl<S: Server> Clone for ServerStore<S> {
    fn clone(&self) -> Self {
        let core = Arc::clone(&self.core);
        Self { core }
    }
}

impl<S: Server> ServerStore<S> {
    /// What each connection of ours is told first, for a host that wants its own pool to be told the same, in
    /// `PoolOptions::after_connect`. All lists go along indexes without it, too.
    pub const SETTINGS: &'static str = S::SETTINGS;

    /// Connects to the database at an address, with up to ten connections.
    pub async fn connect(url: &str) -> Result<Self> {
        let options = S::options(url).map_err(opening)?;
        let pool = PoolOptions::<S::Database>::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            // A connection that is gone is noticed when it is used, and another one taken.
            .test_before_acquire(false)
            .after_connect(|connection, _| Box::pin(S::script(connection, S::SETTINGS.to_owned())));
        // A pool would try until its patience ends, and then not tell why.
        let first = tokio::time::timeout(PATIENCE, ConnectionOf::<S>::connect_with(&options)).await;
        let first = first.map_err(|_| silent())?.map_err(opening)?;
        first.close().await.map_err(opening)?;
        let place = Place::Pool(Parking::own(pool.connect_lazy_with(options)));
        Ok(Self::new(Schema::new(PREFIX), place, Arc::new(SystemClock)))
    }

    /// Uses a pool that the host has, with the settings that its connections have: see
    /// [`SETTINGS`](Self::SETTINGS).
    pub fn from_pool(pool: Pool<S::Database>) -> Self {
        Self::new(
            Schema::new(PREFIX),
            Place::Pool(Parking::of_host(pool)),
            Arc::new(SystemClock),
        )
    }

    /// Uses a pool that the host has, and tables whose names begin with `prefix` instead of
    /// `casekit_`: up to 16 characters of a-z, 0-9 and _, of which the first is a letter.
    pub fn from_pool_prefixed(pool: Pool<S::Database>, prefix: &str) -> Result<Self> {
        let clock = Arc::new(SystemClock);
        Ok(Self::new(
            Schema::new(checked(prefix)?),
            Place::Pool(Parking::of_host(pool)),
            clock,
        ))
    }

    fn new(schema: Schema, place: Place<S>, clock: Arc<dyn Clock>) -> Self {
        let core = Arc::new(Core::new(S::new(schema), place, clock));
        Self { core }
    }

    /// A store inside a transaction of the host's: what is written through it takes effect when the
    /// host commits, together with what the host itself writes, or not at all.
    ///
    /// Put a [`Desk`](casekit_core::Desk) on it for the time of the transaction, and
    /// [take the transaction back](Self::take_back) to commit it. Nothing is tried again inside: when an
    /// operation fails with a conflict, roll back and begin again. Until the host commits, others who
    /// write to the workspace wait: keep it short.
    #[must_use]
    pub fn within(&self, transaction: Transaction<'static, S::Database>) -> Self {
        let place = Place::Transaction(Mutex::new(Some(transaction)));
        let clock = Arc::clone(&self.core.clock);
        let core = Core::new(self.core.server.clone(), place, clock);
        Self {
            core: Arc::new(core),
        }
    }

    /// The transaction that this store was made [within](Self::within), to commit it or roll it back. The
    /// store cannot be used any more.
    pub async fn take_back(&self) -> Result<Transaction<'static, S::Database>> {
        match &self.core.place {
            Place::Pool(_) => Err(Error::invalid("this store is not inside a transaction")),
            Place::Transaction(transaction) => {
                let transaction = transaction.lock().await.take();
                transaction.ok_or_else(taken_back)
            }
        }
    }

    #[cfg(test)]
    pub(super) fn core(&self) -> &Core<S> {
        &self.core
    }

    /// How many statements were run so far, for tests that pin it.
    #[doc(hidden)]
    pub fn statement_count(&self) -> u64 {
        self.core.statements.load(Ordering::Relaxed)
    }
}

async fn commit<S: Server>(core: &Core<S>, plan: &Plan) -> Result<Committed> {
    let day = core.clock.now().timestamp_millis().div_euclid(DAY_MS);
    let committed = core.patiently(|| S::apply(core, plan, day)).await?;
    if !plan.events.is_empty() {
        core.tell_changed();
    }
    Ok(committed)
}

#[async_trait]
impl<S: Server> Store for ServerStore<S> {
    async fn migrate(&self) -> Result<()> {
        super::migrate::migrate(&self.core).await
    }

    async fn commit(&self, set: ChangeSet) -> Result<Committed> {
        let plan = Plan::of(set)?;
        match self.core.place {
            Place::Pool(_) => commit(&self.core, &plan).await,
            Place::Transaction(_) => {
                let core = Arc::clone(&self.core);
                to_the_end(async move { commit(&core, &plan).await }).await
            }
        }
    }

    async fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Entity>>> {
        let core = &*self.core;
        core.patiently(async || find::load(&mut core.session().await?, lookups).await)
            .await
    }

    async fn find(&self, query: &Query) -> Result<Page> {
        query.validate()?;
        let core = &*self.core;
        core.patiently(async || {
            let mut session = core.session().await?;
            match &query.text {
                Some(text) => search::search(&mut session, query, text).await,
                None => find::find(&mut session, query).await,
            }
        })
        .await
    }

    async fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<AggregateRow>> {
        aggregate.validate()?;
        let core = &*self.core;
        core.patiently(async || find::aggregate(&mut core.session().await?, aggregate).await)
            .await
    }

    async fn feed(&self, workspace: WorkspaceId, after: Seq, limit: u32) -> Result<Vec<Event>> {
        let core = &*self.core;
        core.patiently(async || {
            find::feed(&mut core.session().await?, workspace, after, limit).await
        })
        .await
    }

    async fn wait(&self, workspace: WorkspaceId, after: Seq) -> Result<()> {
        self.core.wait(workspace, after).await
    }

    async fn health(&self) -> Result<()> {
        super::migrate::health(&self.core).await
    }
}
