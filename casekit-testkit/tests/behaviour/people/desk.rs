//! A desk to test on: a clock that stands still, ids from a seed, and a workspace with an admin, a
//! supervisor, two agents and a customer, on every store.

use std::sync::Arc;

use casekit_core::Desk;
use casekit_core::desk::{AgentSession, CustomerSession};
use casekit_core::model::{AgentId, CustomerId, Event, Role, Seq, WorkspaceId};
use casekit_core::operations::{CreateAgent, CreateCustomer, CreateWorkspace};
use casekit_core::port::Store;
use casekit_testkit::{ManualClock, SeededIds};

use crate::stores::every_store;

/// A desk with everyone in place. It is Monday, 5 January 2026, 9:00 UTC.
#[derive(Debug)]
pub(crate) struct TestDesk {
    pub(crate) desk: Desk,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: ManualClock,
    pub(crate) workspace: WorkspaceId,
    /// Ada, an admin.
    pub(crate) admin: AgentId,
    /// Sue, a supervisor.
    pub(crate) supervisor: AgentId,
    /// Ann, an agent.
    pub(crate) ann: AgentId,
    /// Ben, an agent.
    pub(crate) ben: AgentId,
    /// Carla, <carla@example.com>.
    pub(crate) customer: CustomerId,
}

impl TestDesk {
    /// A desk on `store` with everyone in place.
    pub(crate) async fn on(store: Arc<dyn Store>, seed: u64) -> Self {
        let clock = ManualClock::default();
        let desk = Desk::builder_on(store.clone())
            .clock(clock.clone())
            .ids(SeededIds::new(seed))
            .build();
        desk.migrate().await.unwrap();
        let workspace = WorkspaceId(desk.new_id());
        let system = desk.system(workspace);
        let name = "Acme".to_owned();
        system.run(CreateWorkspace { name }).await.unwrap();
        let mut agents = Vec::new();
        for (name, role) in [
            ("Ada", Role::Admin),
            ("Sue", Role::Supervisor),
            ("Ann", Role::Agent),
            ("Ben", Role::Agent),
        ] {
            let email = format!("{}@acme.example", name.to_lowercase());
            let agent = CreateAgent::new(name, &email, role);
            agents.push(system.run(agent).await.unwrap().id);
        }
        let customer = CreateCustomer::new("Carla", "carla@example.com");
        let customer = system.run(customer).await.unwrap().id;
        Self {
            desk,
            store,
            clock,
            workspace,
            admin: agents[0],
            supervisor: agents[1],
            ann: agents[2],
            ben: agents[3],
            customer,
        }
    }

    /// The session of an agent.
    pub(crate) fn agent(&self, agent: AgentId) -> AgentSession {
        self.desk.agent(self.workspace, agent)
    }

    /// The session of the host's own programs.
    pub(crate) fn system(&self) -> AgentSession {
        self.desk.system(self.workspace)
    }

    /// The session of a customer.
    pub(crate) fn customer(&self, customer: CustomerId) -> CustomerSession {
        self.desk.customer(self.workspace, customer)
    }

    /// All events so far.
    pub(crate) async fn events(&self) -> Vec<Event> {
        let mut feed = self.desk.subscribe(self.workspace, Seq(0));
        let mut events = Vec::new();
        while let Some(event) = feed.try_next().await.unwrap() {
            events.push(event);
        }
        events
    }
}

/// Runs `test` on every store there is, each time on a new desk.
pub(crate) async fn on_every_store(test: impl AsyncFn(TestDesk)) {
    every_store(async |store, seed| test(TestDesk::on(store, seed).await).await).await;
}
