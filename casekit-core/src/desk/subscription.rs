//! Following the events of a workspace.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::error::Result;
use crate::model::{Event, Seq, WorkspaceId};
use crate::port::Store;

/// How many events are fetched at once.
const BATCH: u32 = 100;

/// The events of a workspace, in order, each once, from a sequence number on.
///
/// To resume after a disconnect, subscribe again after the last [`Event::seq`] that was handled.
#[derive(Debug)]
pub struct Subscription {
    store: Arc<dyn Store>,
    workspace: WorkspaceId,
    after: Seq,
    fetched: VecDeque<Event>,
}

impl Subscription {
    pub(super) fn new(store: Arc<dyn Store>, workspace: WorkspaceId, after: Seq) -> Self {
        Self {
            store,
            workspace,
            after,
            fetched: VecDeque::new(),
        }
    }

    /// The next event; waits until there is one. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Result<Event> {
        loop {
            if let Some(event) = self.try_next().await? {
                return Ok(event);
            }
            self.store.wait(self.workspace, self.after).await?;
        }
    }

    /// The next event, if there is one already.
    pub async fn try_next(&mut self) -> Result<Option<Event>> {
        if self.fetched.is_empty() {
            let events = self.store.feed(self.workspace, self.after, BATCH).await?;
            self.fetched.extend(events);
        }
        let next = self.fetched.pop_front();
        if let Some(event) = &next {
            self.after = event.seq;
        }
        Ok(next)
    }
}
