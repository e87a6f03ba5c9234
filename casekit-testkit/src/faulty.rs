//! A store that fails on purpose.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use casekit_core::model::{Entity, Event, Seq, WorkspaceId};
use casekit_core::port::{Lookup, Store};
use casekit_core::query::{Aggregate, AggregateRow, Page, Query};
use casekit_core::{Change, ChangeSet, Committed, Error, Result};
use uuid::Uuid;

/// What goes wrong with a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// It does not reach the store: an error, and nothing has happened.
    Before,
    /// It takes effect, but the reply is lost: an error, although it has happened.
    AfterCommit,
    /// Others have their turn first, so that commits made at the same time mix.
    Delay,
    /// The store says that the records have changed, although they have not. Never after the reply
    /// to the same commit was lost: a store that remembers the commit would not say so.
    Conflict,
}

/// Wraps a store and makes commits fail, as a script or a seed says. The other calls are passed on.
#[derive(Debug)]
pub struct FaultyStore<S> {
    inner: S,
    plan: Mutex<Plan>,
}

#[derive(Debug)]
struct Plan {
    script: VecDeque<Fault>,
    /// After the script: one of these, drawn at random; none without a seed.
    drawn: Option<(fastrand::Rng, Vec<Fault>)>,
    /// The commits whose replies were lost: for them no store would answer with a conflict.
    lost: BTreeSet<Uuid>,
    injected: u64,
}

impl<S: Store> FaultyStore<S> {
    /// The commits fail in this order; after the last fault of the script, nothing goes wrong.
    pub fn scripted(inner: S, script: impl IntoIterator<Item = Fault>) -> Self {
        Self::with(inner, script.into_iter().collect(), None)
    }

    /// Each commit draws one of `faults`; name [`Fault::None`] several times to make faults rarer.
    pub fn seeded(inner: S, seed: u64, faults: &[Fault]) -> Self {
        let drawn = (fastrand::Rng::with_seed(seed), faults.to_vec());
        Self::with(inner, VecDeque::new(), Some(drawn))
    }

    fn with(inner: S, script: VecDeque<Fault>, drawn: Option<(fastrand::Rng, Vec<Fault>)>) -> Self {
        let plan = Plan {
            script,
            drawn,
            lost: BTreeSet::new(),
            injected: 0,
        };
        Self {
            inner,
            plan: Mutex::new(plan),
        }
    }

    /// How many faults there were so far.
    pub fn injected(&self) -> u64 {
        self.plan().injected
    }

    /// The store that is wrapped.
    pub fn inner(&self) -> &S {
        &self.inner
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, commit: Uuid) -> Fault {
        let mut plan = self.plan();
        let scripted = plan.script.pop_front();
        let fault = scripted.or_else(|| {
            let (rng, faults) = plan.drawn.as_mut()?;
            rng.choice(faults.iter()).copied()
        });
        let fault = match fault {
            Some(Fault::Conflict) if plan.lost.contains(&commit) => Fault::None,
            Some(fault) => fault,
            None => Fault::None,
        };
        if fault == Fault::AfterCommit {
            plan.lost.insert(commit);
        }
        plan.injected += u64::from(fault != Fault::None);
        fault
    }
}

fn lost(message: &'static str) -> Error {
    Error::unavailable(message, "a fault was injected")
}

#[cfg_attr(target_family = "wasm", async_trait(?Send))]
#[cfg_attr(not(target_family = "wasm"), async_trait)]
impl<S: Store> Store for FaultyStore<S> {
    async fn migrate(&self) -> Result<()> {
        self.inner.migrate().await
    }

    async fn commit(&self, set: ChangeSet) -> Result<Committed> {
        match self.next(set.id) {
            Fault::None => self.inner.commit(set).await,
            Fault::Before => Err(lost("the store cannot be reached")),
            Fault::AfterCommit => {
                self.inner.commit(set).await?;
                Err(lost("the reply of the store was lost"))
            }
            Fault::Delay => {
                for _ in 0..8 {
                    tokio::task::yield_now().await;
                }
                self.inner.commit(set).await
            }
            Fault::Conflict => {
                let keys = set.changes.iter().map(Change::key);
                Err(Error::stale(keys.collect()))
            }
        }
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
