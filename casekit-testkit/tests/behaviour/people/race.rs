//! A store in which somebody else gets in between: without threads, the same in every run.

use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use casekit_core::model::{Entity, Event, Seq, WorkspaceId};
use casekit_core::port::{Lookup, Store};
use casekit_core::query::{Aggregate, AggregateRow, Page, Query};
use casekit_core::{BoxFuture, ChangeSet, Committed, Desk, Result};
use casekit_testkit::SeededIds;

use super::desk::TestDesk;

/// Does what `other` does after the first operation has loaded and before it commits.
struct Between {
    inner: Arc<dyn Store>,
    other: Mutex<Option<BoxFuture<'static, ()>>>,
}

impl fmt::Debug for Between {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Between").finish_non_exhaustive()
    }
}

impl TestDesk {
    /// A desk on the same store, whose first commit comes after `other` is done.
    pub(crate) fn raced_by(&self, other: impl Future<Output = ()> + Send + 'static) -> Desk {
        let store = Between {
            inner: self.store.clone(),
            other: Mutex::new(Some(Box::pin(other))),
        };
        Desk::builder(store)
            .clock(self.clock.clone())
            .ids(SeededIds::new(2))
            .build()
    }
}

#[async_trait]
impl Store for Between {
    async fn migrate(&self) -> Result<()> {
        self.inner.migrate().await
    }

    async fn commit(&self, set: ChangeSet) -> Result<Committed> {
        let other = self.other.lock().unwrap().take();
        if let Some(other) = other {
            other.await;
        }
        self.inner.commit(set).await
    }

    async fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Entity>>> {
        self.inner.load(lookups).await
    }

    async fn find(&self, query: &Query) -> Result<Page> {
        self.inner.find(query).await
    }

    async fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<AggregateRow>> {
        self.inner.aggregate(aggregate).await
    }

    async fn feed(&self, workspace: WorkspaceId, after: Seq, limit: u32) -> Result<Vec<Event>> {
        self.inner.feed(workspace, after, limit).await
    }

    async fn wait(&self, workspace: WorkspaceId, after: Seq) -> Result<()> {
        self.inner.wait(workspace, after).await
    }
}
