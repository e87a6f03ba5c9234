//! The store of casekit that lives in memory.
//!
//! It serves tests and the browser, and it is the measure of the other stores: what a filter means is
//! [`casekit_core::query::eval_filter`], and this store uses indexes only to ask it about fewer records.
//! It starts no thread, reads no clock and needs no runtime, so it runs the same in wasm.

mod commit;
mod conjuncts;
mod count;
mod find;
mod matches;
mod mirror;
mod order;
mod order_key;
mod plan;
mod remembered;
mod slots;
mod space;
mod span;
mod table;
mod texts;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use async_trait::async_trait;
use casekit_core::model::{Entity, Event, Seq, WorkspaceId};
use casekit_core::port::{Lookup, Store};
use casekit_core::query::{Aggregate, AggregateRow, Page, Query};
use casekit_core::{ChangeSet, Committed, Result};
use tokio::sync::Notify;

pub use crate::mirror::Mirror;
use crate::remembered::Remembered;
use crate::space::Space;

/// A store that keeps everything in memory and forgets it when it is dropped.
///
/// Share it with an [`Arc`](std::sync::Arc). It remembers the ids of the last 65,536 commits rather
/// than those of a day, because it has no clock and its memory must have a bound.
#[derive(Default)]
pub struct MemoryStore {
    // The lock is never held across an await.
    state: RwLock<State>,
    committed: Notify,
}

#[derive(Default)]
struct State {
    spaces: BTreeMap<WorkspaceId, Space>,
    remembered: Remembered,
}

// What it holds is not shown: there is too much of it, and it is not for logs.
impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    // A writer checks everything before it changes anything and cannot panic in between, so a
    // poisoned lock still guards whole data.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn last_seq(&self, workspace: WorkspaceId) -> Seq {
        let state = self.read();
        state.spaces.get(&workspace).map_or(Seq(0), Space::last_seq)
    }
}

impl State {
    fn commit(&mut self, set: ChangeSet) -> Result<Committed> {
        if let Some(answer) = self.remembered.answer(set.workspace, set.id) {
            return Ok(answer);
        }
        let (workspace, id) = (set.workspace, set.id);
        let answer = self.spaces.entry(workspace).or_default().commit(set)?;
        self.remembered.remember(workspace, id, answer.clone());
        Ok(answer)
    }

    fn look_up(&self, lookup: &Lookup) -> Option<Entity> {
        let space = self.spaces.get(&lookup.workspace())?;
        let key = match lookup {
            Lookup::Key(key) => *key,
            Lookup::Unique(_, unique) => space.holder(unique)?,
        };
        space.get(&key).cloned()
    }
}

#[cfg_attr(target_family = "wasm", async_trait(?Send))]
#[cfg_attr(not(target_family = "wasm"), async_trait)]
impl Store for MemoryStore {
    async fn migrate(&self) -> Result<()> {
        Ok(())
    }

    async fn commit(&self, set: ChangeSet) -> Result<Committed> {
        set.validate()?;
        let has_events = !set.events.is_empty();
        let answer = {
            let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
            state.commit(set)?
        };
        if has_events {
            self.committed.notify_waiters();
        }
        Ok(answer)
    }

    async fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Entity>>> {
        let state = self.read();
        Ok(lookups.iter().map(|l| state.look_up(l)).collect())
    }

    async fn find(&self, query: &Query) -> Result<Page> {
        query.validate()?;
        let found = {
            let state = self.read();
            let space = state.spaces.get(&query.workspace);
            let table = space.and_then(|space| space.table(query.kind));
            table.map(|table| table.find(query)).unwrap_or_default()
        };
        Ok(found.into_page())
    }

    async fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<AggregateRow>> {
        aggregate.validate()?;
        let state = self.read();
        let space = state.spaces.get(&aggregate.workspace);
        let table = space.and_then(|space| space.table(aggregate.kind));
        table.map_or_else(|| Ok(Vec::new()), |table| table.aggregate(aggregate))
    }

    async fn feed(&self, workspace: WorkspaceId, after: Seq, limit: u32) -> Result<Vec<Event>> {
        let state = self.read();
        let space = state.spaces.get(&workspace);
        Ok(space.map_or_else(Vec::new, |space| space.feed(after, limit)))
    }

    async fn wait(&self, workspace: WorkspaceId, after: Seq) -> Result<()> {
        loop {
            // Made before looking, so that a commit in between is not missed.
            let committed = self.committed.notified();
            if self.last_seq(workspace) > after {
                return Ok(());
            }
            committed.await;
        }
    }
}
