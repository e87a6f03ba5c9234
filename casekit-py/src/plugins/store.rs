//! A store written in Python.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use casekit_core::model::{Entity, Event, Seq, WorkspaceId};
use casekit_core::port::{Lookup, Store};
use casekit_core::query::{Aggregate, AggregateRow, Page, Query};
use casekit_core::{ChangeSet, Committed, Error, ErrorKind, Result};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use tokio::sync::Semaphore;

use super::bridge::Plugin;

/// How long a store may wait for an event before it is asked again. One that is no longer listened to goes on
/// for as long, in a thread that cannot be told.
const WAIT: Duration = Duration::from_secs(1);

/// How many waits there can be at once, so that they leave threads to everything else. Beyond that one looks again after
/// [`WAIT`].
const MOST_WAITING: usize = 64;

/// Waiting for the next event. Its error is shared by all who wait.
type Wait = BoxFuture<'static, std::result::Result<(), Arc<Error>>>;

/// Makes the port of a store written in Python.
pub(crate) struct PluginStore {
    plugin: Plugin,
    /// What is waited for. Those who wait for the same share it, for in a plain store each takes a thread.
    waits: Mutex<HashMap<(WorkspaceId, Seq), WeakShared<Wait>>>,
    /// Room for waits.
    room: Arc<Semaphore>,
}

impl PluginStore {
    pub(crate) fn new(plugin: Plugin) -> Self {
        Self {
            plugin,
            waits: Mutex::default(),
            room: Arc::new(Semaphore::new(MOST_WAITING)),
        }
    }

    fn shared_wait(&self, workspace: WorkspaceId, after: Seq) -> Shared<Wait> {
        let mut waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner);
        let under_way = waits.get(&(workspace, after));
        let under_way = under_way.and_then(WeakShared::upgrade);
        // One that is over tells of what was: it would be waited for again and again.
        if let Some(wait) = under_way.filter(|wait| wait.peek().is_none()) {
            return wait;
        }
        waits.retain(|_, wait| wait.upgrade().is_some());
        let room = Arc::clone(&self.room);
        let wait = wait(self.plugin.clone(), room, workspace, after);
        let wait = wait.boxed().shared();
        waits.extend(wait.downgrade().map(|weak| ((workspace, after), weak)));
        wait
    }
}

impl fmt::Debug for PluginStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PluginStore")
    }
}

/// Waits once. It may return early, and is asked again.
async fn wait(
    plugin: Plugin,
    room: Arc<Semaphore>,
    workspace: WorkspaceId,
    after: Seq,
) -> std::result::Result<(), Arc<Error>> {
    let Ok(_room) = room.try_acquire() else {
        tokio::time::sleep(WAIT).await;
        return Ok(());
    };
    let question = (workspace, after, WAIT.as_secs_f64());
    match plugin.ask("wait", &question).await {
        Err(error) if error.kind() == ErrorKind::Unavailable => {
            tokio::time::sleep(WAIT).await;
            Ok(())
        }
        answer => answer.map_err(Arc::new),
    }
}

#[async_trait]
impl Store for PluginStore {
    async fn migrate(&self) -> Result<()> {
        self.plugin.ask("migrate", &()).await
    }

    async fn commit(&self, set: ChangeSet) -> Result<Committed> {
        self.plugin.ask("commit", &set).await
    }

    async fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Entity>>> {
        let found: Vec<Option<Entity>> = self.plugin.ask("load", &lookups).await?;
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
        self.plugin.ask("find", query).await
    }

    async fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<AggregateRow>> {
        self.plugin.ask("aggregate", aggregate).await
    }

    async fn feed(&self, workspace: WorkspaceId, after: Seq, limit: u32) -> Result<Vec<Event>> {
        self.plugin.ask("feed", &(workspace, after, limit)).await
    }

    async fn wait(&self, workspace: WorkspaceId, after: Seq) -> Result<()> {
        let waited = self.shared_wait(workspace, after).await;
        waited.map_err(|error| Error::from(error.to_wire()).with_source(error))
    }
}
