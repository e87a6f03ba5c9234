//! The engine: load, decide, commit; on a conflict, again.

use std::sync::Arc;

use super::Ports;
use super::context::Context;
use super::run::Run;
use crate::change::{ChangeSet, Committed};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Actor, Time, WorkspaceId, to_millisecond};
use crate::operations::Operation;
use crate::port::Access;
use crate::send::{BoxFuture, MaybeSend};

/// How often an operation is run again when others changed what it read. Every round one of those
/// who collide succeeds, so this is also how many can collide on one record.
const ATTEMPTS: u32 = 128;

/// How often a commit is sent again when its reply was lost. The change set's id makes that safe.
const SENDS: u32 = 3;

/// Somebody's wish to run operations in a workspace.
#[derive(Debug, Clone)]
pub struct Call {
    ports: Arc<Ports>,
    workspace: WorkspaceId,
    actor: Actor,
}

impl Call {
    pub(super) fn new(ports: Arc<Ports>, workspace: WorkspaceId, actor: Actor) -> Self {
        Self {
            ports,
            workspace,
            actor,
        }
    }

    /// The workspace.
    pub fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    /// Who acts.
    pub fn actor(&self) -> Actor {
        self.actor
    }

    pub(crate) fn ports(&self) -> &Ports {
        &self.ports
    }

    pub(crate) fn now(&self) -> Time {
        to_millisecond(self.ports.clock.now())
    }

    /// Runs an operation in one atomic step.
    ///
    /// # Errors
    /// See [`Session::run`](super::Session::run).
    pub fn atomically<'a, O: Operation>(
        &'a self,
        run: &'a mut Run<O>,
    ) -> BoxFuture<'a, Result<()>> {
        self.boxed(Facts::of::<O>(), run)
    }

    // Neither this nor what follows is generic, so that it is compiled once and not for every operation.
    fn boxed<'a>(
        &'a self,
        facts: Facts,
        attempt: &'a mut dyn Attempt,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.until_committed(facts, attempt))
    }

    /// Runs an operation, whatever its type, until what it staged is committed, if it staged anything.
    #[tracing::instrument(name = "casekit.operation", level = "debug", skip_all, fields(operation = facts.name))]
    async fn until_committed(&self, facts: Facts, attempt: &mut dyn Attempt) -> Result<()> {
        // All attempts have one: a commit that is sent again is known by it.
        let mut id = None;
        let mut stale = Vec::new();
        for _ in 0..ATTEMPTS {
            let mut context = Context::begin(self, &facts).await?;
            attempt.run(&mut context).await?;
            let free = context.found_free();
            let Some(set) = context.into_change_set(&mut id) else {
                return Ok(());
            };
            match self.commit(set).await {
                Ok(committed) => {
                    attempt.finish(&committed);
                    return Ok(());
                }
                Err(error) if !error.stale_keys().is_empty() => {
                    stale = error.stale_keys().to_vec();
                    tracing::debug!(stale = stale.len(), "casekit.conflict");
                }
                // Two who look for the same customer, find none and create one: the second finds the first's.
                Err(error) if free.iter().any(|unique| error.is_taken(unique)) => {
                    tracing::debug!("casekit.overtaken");
                }
                Err(error) => return Err(error),
            }
        }
        Err(Error::new(
            ErrorKind::Unavailable,
            format!("others kept changing the same records: gave up after {ATTEMPTS} attempts"),
        )
        .with_stale(stale))
    }

    async fn commit(&self, set: ChangeSet) -> Result<Committed> {
        for _ in 1..SENDS {
            match self.ports.store.commit(set.clone()).await {
                Err(error) if error.kind() == ErrorKind::Unavailable => {
                    tracing::debug!(%error, "casekit.commit_sent_again");
                }
                answer => return answer,
            }
        }
        self.ports.store.commit(set).await
    }
}

/// What the engine needs to know about an operation.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) name: &'static str,
    pub(super) access: Access,
    pub(super) without_workspace: bool,
}

impl Facts {
    const fn of<O: Operation>() -> Self {
        Self {
            name: O::NAME,
            access: O::ACCESS,
            without_workspace: O::WITHOUT_WORKSPACE,
        }
    }
}

/// An operation of any type, to be run as often as it takes.
pub(super) trait Attempt: MaybeSend {
    /// Runs it and keeps its answer.
    fn run<'a>(&'a mut self, context: &'a mut Context) -> BoxFuture<'a, Result<()>>;

    /// Puts what only the commit knows into the answer.
    fn finish(&mut self, committed: &Committed);
}
