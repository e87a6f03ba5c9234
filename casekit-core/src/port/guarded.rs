//! A store that asks before each commit whether it may.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::store::{Lookup, Store};
use crate::change::{ChangeSet, Committed};
use crate::error::Result;
use crate::model::{Entity, Event, Seq, WorkspaceId};
use crate::query::{Aggregate, AggregateRow, Page, Query};
use crate::send::{MaybeSend, MaybeSync};

/// A store that commits nothing while its guard refuses.
///
/// A clock, ids and the filters of a policy cannot fail. A binding, in which they are functions of another language and
/// can, remembers the failure and lets the guard tell it, so that nothing is committed of what stood in for their answers.
/// An error of kind [`Unavailable`](crate::ErrorKind::Unavailable) would be asked for again.
pub struct Guarded<G> {
    store: Arc<dyn Store>,
    guard: G,
}

impl<G: Fn() -> Result<()> + MaybeSend + MaybeSync> Guarded<G> {
    /// `store`, whose commits `guard` can refuse.
    pub fn new(store: Arc<dyn Store>, guard: G) -> Self {
        Self { store, guard }
    }
}

impl<G> fmt::Debug for Guarded<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Guarded");
        shown.field("store", &self.store).finish_non_exhaustive()
    }
}

#[cfg_attr(target_family = "wasm", async_trait(?Send))]
#[cfg_attr(not(target_family = "wasm"), async_trait)]
impl<G: Fn() -> Result<()> + MaybeSend + MaybeSync> Store for Guarded<G> {
    async fn migrate(&self) -> Result<()> {
        self.store.migrate().await
    }

    async fn commit(&self, set: ChangeSet) -> Result<Committed> {
        (self.guard)()?;
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
