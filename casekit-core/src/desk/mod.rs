//! The desk: where a host begins. It holds the ports and gives sessions, and a session runs operations.

mod context;
mod engine;
mod run;
mod session;
mod subscription;

use std::sync::Arc;

pub use context::{Context, Found};
pub use engine::Call;
pub use run::Run;
pub use session::{AgentSession, AnySession, CustomerSession, Session};
pub use subscription::Subscription;

use crate::error::Result;
use crate::model::{Actor, AgentId, CustomerId, Seq, WorkspaceId};
use crate::operations::{Portal, Staff};
use crate::port::{Clock, Ids, Policy, RolePolicy, Store, SystemClock, SystemIds};

/// A help desk on a store. Cheap to clone; several can live in one process.
#[derive(Debug, Clone)]
pub struct Desk {
    ports: Arc<Ports>,
}

/// What a desk needs from outside.
#[derive(Debug)]
pub(crate) struct Ports {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) policy: Arc<dyn Policy>,
}

/// Builds a [`Desk`].
#[derive(Debug)]
pub struct DeskBuilder {
    ports: Ports,
}

impl DeskBuilder {
    /// Tells the time by `clock` instead of the machine's.
    #[must_use]
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.ports.clock = Arc::new(clock);
        self
    }

    /// Takes ids from `ids` instead of the machine's randomness.
    #[must_use]
    pub fn ids(mut self, ids: impl Ids + 'static) -> Self {
        self.ports.ids = Arc::new(ids);
        self
    }

    /// Asks `policy` instead of deciding by role.
    #[must_use]
    pub fn policy(mut self, policy: impl Policy + 'static) -> Self {
        self.ports.policy = Arc::new(policy);
        self
    }

    /// The desk.
    #[cfg_attr(
        target_family = "wasm",
        expect(
            clippy::arc_with_non_send_sync,
            reason = "natively it is `Send`; in wasm nothing leaves its thread"
        )
    )]
    pub fn build(self) -> Desk {
        Desk {
            ports: Arc::new(self.ports),
        }
    }
}

impl Desk {
    /// A desk on `store` with the machine's clock and ids, and permissions by role. The store must
    /// have been migrated: see [`Desk::migrate`].
    pub fn new(store: impl Store + 'static) -> Self {
        Self::builder(store).build()
    }

    /// Begins a desk on `store` with other ports.
    pub fn builder(store: impl Store + 'static) -> DeskBuilder {
        Self::builder_on(Arc::new(store))
    }

    /// Begins a desk on a store that others hold too.
    pub fn builder_on(store: Arc<dyn Store>) -> DeskBuilder {
        DeskBuilder {
            ports: Ports {
                store,
                clock: Arc::new(SystemClock),
                ids: Arc::new(SystemIds),
                policy: Arc::new(RolePolicy),
            },
        }
    }

    /// Creates or upgrades the store's schema. Idempotent.
    pub async fn migrate(&self) -> Result<()> {
        self.ports.store.migrate().await
    }

    /// Whether the store answers, for a host that is asked whether it is well. One round trip that
    /// changes nothing.
    ///
    /// # Errors
    /// `Unavailable` if the store cannot be reached; `Storage` if it cannot be used as it is: because it was
    /// never [migrated](Desk::migrate), or by another version.
    pub async fn health(&self) -> Result<()> {
        self.ports.store.health().await
    }

    /// What the agent `id` may do. The host has authenticated them.
    pub fn agent(&self, workspace: WorkspaceId, id: AgentId) -> AgentSession {
        Session::new(self.call(workspace, Actor::Agent(id)))
    }

    /// What the customer `id` may do and see. The host has authenticated them.
    pub fn customer(&self, workspace: WorkspaceId, id: CustomerId) -> CustomerSession {
        Session::<Portal>::new(self.call(workspace, Actor::Customer(id)))
    }

    /// What the host's own programs do: set-up, intake, imports.
    pub fn system(&self, workspace: WorkspaceId) -> AgentSession {
        Session::<Staff>::new(self.call(workspace, Actor::System))
    }

    /// A session that runs operations by name, with JSON in and out: for hosts in other languages.
    pub fn session(&self, workspace: WorkspaceId, actor: Actor) -> AnySession {
        AnySession::new(self.call(workspace, actor))
    }

    /// A new id, such as for a workspace.
    pub fn new_id(&self) -> uuid::Uuid {
        self.ports.ids.next(self.ports.clock.now())
    }

    /// The events of a workspace after a sequence number, for the host: it sees everything.
    pub fn subscribe(&self, workspace: WorkspaceId, after: Seq) -> Subscription {
        Subscription::new(self.ports.store.clone(), workspace, after)
    }

    fn call(&self, workspace: WorkspaceId, actor: Actor) -> Call {
        Call::new(self.ports.clone(), workspace, actor)
    }
}
