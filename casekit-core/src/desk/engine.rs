//! The engine: load, decide, commit; on a conflict, again.

use std::sync::Arc;

use uuid::Uuid;

use super::Ports;
use super::context::Context;
use crate::change::{ChangeSet, Committed};
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Actor, Time, WorkspaceId, to_millisecond};
use crate::operations::Operation;

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

    pub(crate) fn new_id(&self) -> Uuid {
        self.ports.ids.next(self.now())
    }

    /// Runs an operation in one atomic step.
    ///
    /// # Errors
    /// See [`Session::run`](super::Session::run).
    #[tracing::instrument(name = "casekit.operation", level = "debug", skip_all, fields(operation = O::NAME))]
    pub async fn atomically<O: Operation>(&self, operation: &O) -> Result<O::Output> {
        let id = self.new_id();
        for _ in 0..ATTEMPTS {
            let mut context = Context::begin::<O>(self).await?;
            let mut output = operation.run(&mut context).await?;
            let free = context.found_free();
            let set = context.into_change_set(id);
            if set.changes.is_empty() && set.events.is_empty() {
                return Ok(output);
            }
            match self.commit(set).await {
                Ok(committed) => {
                    O::finish(&mut output, &committed);
                    return Ok(output);
                }
                Err(error) if !error.stale_keys().is_empty() => {
                    tracing::debug!(stale = error.stale_keys().len(), "casekit.conflict");
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
        ))
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
