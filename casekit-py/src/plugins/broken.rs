//! Failures of ports that cannot fail.
//!
//! A clock, a source of ids and the filters of a policy have no way to fail in casekit. So that what they
//! raise is not lost, the call during which they broke remembers it: it asks no plugin any more, commits nothing
//! more, and ends with it.

use std::cell::RefCell;
use std::sync::Arc;

use async_trait::async_trait;
use casekit_core::model::{Entity, Event, Seq, WorkspaceId};
use casekit_core::port::{Lookup, Store};
use casekit_core::query::{Aggregate, AggregateRow, Page, Query};
use casekit_core::{ChangeSet, Committed, Error, Result};

tokio::task_local! {
    static BROKEN: RefCell<Option<Error>>;
}

/// Does `work`, which fails if a plugin broke meanwhile.
pub(crate) async fn watched<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    BROKEN
        .scope(RefCell::new(None), async {
            let done = work.await;
            match BROKEN.with(RefCell::take) {
                Some(error) => Err(error),
                None => done,
            }
        })
        .await
}

/// Remembers for the call that runs why a plugin did not work. Later failures may follow from the first.
pub(super) fn broke(error: Error) {
    // Outside of a call nobody can be told.
    let _ = BROKEN.try_with(|broken| broken.borrow_mut().get_or_insert(error).kind());
}

/// Fails, however often it is asked, if a plugin broke during this call. The call itself ends with why.
pub(super) fn unbroken() -> Result<()> {
    match BROKEN.try_with(|broken| broken.borrow().is_some()) {
        Ok(true) => Err(Error::bug("a plugin of the host failed before")),
        _ => Ok(()),
    }
}

/// A store that takes nothing from a call whose plugins broke.
#[derive(Debug)]
pub(crate) struct Guarded {
    store: Arc<dyn Store>,
}

impl Guarded {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }
}

#[async_trait]
impl Store for Guarded {
    async fn migrate(&self) -> Result<()> {
        self.store.migrate().await
    }

    async fn commit(&self, set: ChangeSet) -> Result<Committed> {
        unbroken()?;
        self.store.commit(set).await
    }

    async fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Entity>>> {
        self.store.load(lookups).await
    }

    async fn find(&self, query: &Query) -> Result<Page> {
        self.store.find(query).await
    }

    async fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<AggregateRow>> {
        self.store.aggregate(aggregate).await
    }

    async fn feed(&self, workspace: WorkspaceId, after: Seq, limit: u32) -> Result<Vec<Event>> {
        self.store.feed(workspace, after, limit).await
    }

    async fn wait(&self, workspace: WorkspaceId, after: Seq) -> Result<()> {
        self.store.wait(workspace, after).await
    }

    async fn health(&self) -> Result<()> {
        self.store.health().await
    }
}
