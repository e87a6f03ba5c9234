//! A store written in Python.

use std::time::Duration;

use async_trait::async_trait;
use casekit_core::model::{Entity, Event, Seq, WorkspaceId};
use casekit_core::port::{Lookup, Store};
use casekit_core::query::{Aggregate, AggregateRow, Page, Query};
use casekit_core::{ChangeSet, Committed, Error, ErrorKind, Result};

use super::bridge::Plugin;

/// How long a store may wait for an event before it is asked again. One that is no longer listened to goes on
/// for as long, in a thread that cannot be told.
const WAIT: Duration = Duration::from_secs(1);

/// Makes the port of a store written in Python.
#[derive(Debug)]
pub(crate) struct PluginStore(pub(crate) Plugin);

#[async_trait]
impl Store for PluginStore {
    async fn migrate(&self) -> Result<()> {
        self.0.ask("migrate", &()).await
    }

    async fn commit(&self, set: ChangeSet) -> Result<Committed> {
        self.0.ask("commit", &set).await
    }

    async fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Entity>>> {
        let found: Vec<Option<Entity>> = self.0.ask("load", &lookups).await?;
        if found.len() != lookups.len() {
            return Err(Error::bug(format!(
                "the host's store answered {} lookups of {}",
                found.len(),
                lookups.len()
            )));
        }
        Ok(found)
    }

    async fn find(&self, query: &Query) -> Result<Page> {
        self.0.ask("find", query).await
    }

    async fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<AggregateRow>> {
        self.0.ask("aggregate", aggregate).await
    }

    async fn feed(&self, workspace: WorkspaceId, after: Seq, limit: u32) -> Result<Vec<Event>> {
        self.0.ask("feed", &(workspace, after, limit)).await
    }

    async fn wait(&self, workspace: WorkspaceId, after: Seq) -> Result<()> {
        let question = (workspace, after, WAIT.as_secs_f64());
        match self.0.ask("wait", &question).await {
            // It may return early, and is asked again.
            Err(error) if error.kind() == ErrorKind::Unavailable => {
                tokio::time::sleep(WAIT).await;
                Ok(())
            }
            answer => answer,
        }
    }
}
