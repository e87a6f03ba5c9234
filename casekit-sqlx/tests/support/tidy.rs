//! A store whose texts are all indexed before they are searched.

use casekit_core::model::{Entity, Event, Seq, WorkspaceId};
use casekit_core::port::{Lookup, Store};
use casekit_core::query::{Aggregate, AggregateRow, Page, Query};
use casekit_core::{ChangeSet, Committed, Result};
use casekit_sqlx::SqliteStore;

/// A store whose texts are all in the index before they are searched; otherwise texts wait there
/// until there are many.
#[derive(Debug)]
pub(crate) struct Tidy(pub(crate) SqliteStore);

#[async_trait::async_trait]
impl Store for Tidy {
    async fn migrate(&self) -> Result<()> {
        self.0.migrate().await
    }
    async fn commit(&self, set: ChangeSet) -> Result<Committed> {
        self.0.commit(set).await
    }
    async fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Entity>>> {
        self.0.load(lookups).await
    }
    async fn find(&self, query: &Query) -> Result<Page> {
        self.0.tidy().await?;
        self.0.find(query).await
    }
    async fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<AggregateRow>> {
        self.0.aggregate(aggregate).await
    }
    async fn feed(&self, workspace: WorkspaceId, after: Seq, limit: u32) -> Result<Vec<Event>> {
        self.0.feed(workspace, after, limit).await
    }
    async fn wait(&self, workspace: WorkspaceId, after: Seq) -> Result<()> {
        self.0.wait(workspace, after).await
    }
}
