//! Sessions: everything is done by someone.

use std::fmt;
use std::marker::PhantomData;

use super::engine::Call;
use super::run::Run;
use crate::error::{Error, Result};
use crate::model::{Actor, WorkspaceId};
use crate::operations::{Audience, Operation, Portal, Staff};
use crate::send::BoxFuture;

/// What somebody may do. `A` decides which operations there are: a customer's session has no way to
/// run one of staff, and so none to receive what is internal.
pub struct Session<A> {
    call: Call,
    audience: PhantomData<fn() -> A>,
}

/// The session of an agent, or of the host's own programs.
pub type AgentSession = Session<Staff>;

/// The session of a customer.
pub type CustomerSession = Session<Portal>;

impl<A: Audience> Session<A> {
    pub(super) fn new(call: Call) -> Self {
        Self {
            call,
            audience: PhantomData,
        }
    }

    /// Runs an operation.
    ///
    /// # Errors
    /// Those of the operation; `Denied` if the actor may not run it; `Unavailable` if the store could
    /// not be reached, or if others kept changing the same records.
    pub async fn run<O: Operation<For = A>>(&self, operation: O) -> Result<O::Output> {
        let mut run = Run::of(operation);
        O::perform(&mut run, &self.call).await?;
        run.answered()
    }

    /// The workspace.
    pub fn workspace(&self) -> WorkspaceId {
        self.call.workspace()
    }

    /// Who acts.
    pub fn actor(&self) -> Actor {
        self.call.actor()
    }
}

impl<A> Clone for Session<A> {
    fn clone(&self) -> Self {
        Self {
            call: self.call.clone(),
            audience: PhantomData,
        }
    }
}

impl<A> fmt::Debug for Session<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("call", &self.call).finish()
    }
}

/// A session that runs operations by name, with JSON in and out: what hosts in other languages use.
#[derive(Debug, Clone)]
pub struct AnySession {
    call: Call,
}

impl AnySession {
    pub(super) fn new(call: Call) -> Self {
        Self { call }
    }

    /// Runs the operation called `name` with `input`, its JSON, and gives its answer as JSON.
    ///
    /// # Errors
    /// `Invalid` for an unknown name or an input of another form, else those of [`Session::run`].
    pub fn call(&self, name: &str, input: &[u8]) -> BoxFuture<'static, Result<Vec<u8>>> {
        let found = crate::operations::find(name);
        let audience = match self.call.actor() {
            Actor::Customer(_) => Portal::NAME,
            Actor::Agent(_) | Actor::System => Staff::NAME,
        };
        match found.filter(|operation| operation.audience == audience) {
            Some(operation) => operation.run(self.call.clone(), input),
            None => {
                let message = format!("there is no operation `{name}` for {audience}");
                Box::pin(async move { Err(Error::invalid(message)) })
            }
        }
    }
}
