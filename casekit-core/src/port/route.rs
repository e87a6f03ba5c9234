//! A store over several: each workspace lives in one of them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::store::{Lookup, Store};
use crate::change::{ChangeSet, Committed};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Entity, Event, Seq, WorkspaceId};
use crate::query::{Aggregate, AggregateRow, Page, Query};
use crate::send::{MaybeSend, MaybeSync};

/// Says in which store a workspace lives, by the name that [`RouteByWorkspace::new`] was given.
///
/// It must always give the same name for a workspace, until the host has moved its data.
pub trait Placement: MaybeSend + MaybeSync {
    /// The name of the store; none if the workspace is not known.
    fn store_of(&self, workspace: WorkspaceId) -> Option<String>;
}

impl<F: Fn(WorkspaceId) -> Option<String> + MaybeSend + MaybeSync> Placement for F {
    fn store_of(&self, workspace: WorkspaceId) -> Option<String> {
        self(workspace)
    }
}

/// A store over several, for more workspaces than one server holds.
///
/// No operation of casekit reads or writes more than one workspace, so nothing spans two stores,
/// and each keeps its promises alone.
pub struct RouteByWorkspace {
    stores: BTreeMap<String, Arc<dyn Store>>,
    placement: Box<dyn Placement>,
}

impl RouteByWorkspace {
    /// A store over `stores`, each with its name; `placement` says which one a workspace lives in.
    pub fn new(
        stores: impl IntoIterator<Item = (String, Arc<dyn Store>)>,
        placement: impl Placement + 'static,
    ) -> Self {
        Self {
            stores: stores.into_iter().collect(),
            placement: Box::new(placement),
        }
    }

    /// The store in which the workspace lives.
    fn of(&self, workspace: WorkspaceId) -> Result<&Arc<dyn Store>> {
        let Some(name) = self.placement.store_of(workspace) else {
            let message = format!("workspace `{workspace}` has no place in any store");
            return Err(Error::new(ErrorKind::NotFound, message));
        };
        self.stores.get(&name).ok_or_else(|| {
            let message =
                format!("workspace `{workspace}` is placed in `{name}`, which is no store");
            Error::new(ErrorKind::Unavailable, message)
        })
    }
}

impl fmt::Debug for RouteByWorkspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let stores = &self.stores;
        let mut shown = f.debug_struct("RouteByWorkspace");
        shown.field("stores", stores).finish_non_exhaustive()
    }
}

#[cfg_attr(target_family = "wasm", async_trait(?Send))]
#[cfg_attr(not(target_family = "wasm"), async_trait)]
impl Store for RouteByWorkspace {
    /// Creates or upgrades the schema of every store.
    async fn migrate(&self) -> Result<()> {
        for store in self.stores.values() {
            store.migrate().await?;
        }
        Ok(())
    }

    async fn commit(&self, set: ChangeSet) -> Result<Committed> {
        self.of(set.workspace)?.commit(set).await
    }

    /// One round trip for each workspace that is asked about: for an operation that is one.
    async fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Entity>>> {
        let mut by_workspace = BTreeMap::<WorkspaceId, Vec<usize>>::new();
        for (at, lookup) in lookups.iter().enumerate() {
            by_workspace.entry(lookup.workspace()).or_default().push(at);
        }
        let mut answers = vec![None; lookups.len()];
        for (workspace, places) in by_workspace {
            let asked: Vec<Lookup> = places
                .iter()
                .filter_map(|at| lookups.get(*at).cloned())
                .collect();
            let found = self.of(workspace)?.load(&asked).await?;
            for (at, entity) in places.into_iter().zip(found) {
                if let Some(answer) = answers.get_mut(at) {
                    *answer = entity;
                }
            }
        }
        Ok(answers)
    }

    async fn find(&self, query: &Query) -> Result<Page> {
        self.of(query.workspace)?.find(query).await
    }

    async fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<AggregateRow>> {
        self.of(aggregate.workspace)?.aggregate(aggregate).await
    }

    async fn feed(&self, workspace: WorkspaceId, after: Seq, limit: u32) -> Result<Vec<Event>> {
        self.of(workspace)?.feed(workspace, after, limit).await
    }

    async fn wait(&self, workspace: WorkspaceId, after: Seq) -> Result<()> {
        self.of(workspace)?.wait(workspace, after).await
    }

    /// Whether all stores can be used; else the error of the first that cannot, by name.
    async fn health(&self) -> Result<()> {
        for (name, store) in &self.stores {
            store.health().await.map_err(|error| {
                let message = format!("the store `{name}`: {}", error.message());
                Error::new(error.kind(), message).with_source(error)
            })?;
        }
        Ok(())
    }
}
