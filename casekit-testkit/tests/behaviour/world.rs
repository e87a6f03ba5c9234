//! A small help desk on every store: who works there, and who writes to it.

use std::future::Future;
use std::sync::Arc;

use casekit_core::desk::{AgentSession, CustomerSession};
use casekit_core::model::*;
use casekit_core::operations::*;
use casekit_core::port::Store;
use casekit_core::{Desk, Error, ErrorKind};
use casekit_testkit::{ManualClock, SeededIds};
use chrono::TimeDelta;

use crate::stores::every_store;

/// A workspace with an admin, a supervisor, two agents and two customers.
pub(crate) struct World {
    pub(crate) desk: Desk,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: ManualClock,
    pub(crate) workspace: WorkspaceId,
    pub(crate) system: AgentSession,
    pub(crate) admin: AgentSession,
    pub(crate) supervisor: AgentSession,
    pub(crate) anna: AgentSession,
    pub(crate) ben: AgentSession,
    pub(crate) anna_id: AgentId,
    pub(crate) ben_id: AgentId,
    pub(crate) carla: CustomerId,
    pub(crate) dirk: CustomerId,
}

/// Runs `test` in a new world on every store there is.
pub(crate) async fn on_every_store<F: Future<Output = ()>>(test: impl Fn(World) -> F) {
    every_store(async |store, seed| test(World::on(store, seed).await).await).await;
}

impl World {
    /// A new world on `store`, with ids of its own.
    pub(crate) async fn on(store: Arc<dyn Store>, seed: u64) -> Self {
        let clock = ManualClock::default();
        let desk = Desk::builder_on(store.clone())
            .clock(clock.clone())
            .ids(SeededIds::new(seed))
            .build();
        desk.migrate().await.unwrap();
        let workspace = WorkspaceId(desk.new_id());
        let system = desk.system(workspace);
        system
            .run(CreateWorkspace {
                name: "Acme".into(),
            })
            .await
            .unwrap();
        let mut agents = Vec::new();
        for (name, role) in [
            ("Ada Admin", Role::Admin),
            ("Sam Supervisor", Role::Supervisor),
            ("Anna Agent", Role::Agent),
            ("Ben Agent", Role::Agent),
        ] {
            let address = format!("{}@acme.example", name.to_lowercase().replace(' ', "."));
            let new = CreateAgent::new(name, &address, role);
            agents.push(system.run(new).await.unwrap().id);
        }
        let mut customers = Vec::new();
        for (name, address) in [
            ("Carla Pérez", "carla@example.com"),
            ("Dirk de Vries", "dirk@example.nl"),
        ] {
            let contact = Contact::email(name, address);
            let found = system.run(FindOrCreateCustomer { contact }).await.unwrap();
            customers.push(found.customer.id);
        }
        let [admin, supervisor, anna, ben] = agents[..] else {
            panic!("four agents")
        };
        Self {
            admin: desk.agent(workspace, admin),
            supervisor: desk.agent(workspace, supervisor),
            anna: desk.agent(workspace, anna),
            ben: desk.agent(workspace, ben),
            anna_id: anna,
            ben_id: ben,
            carla: customers[0],
            dirk: customers[1],
            workspace,
            system,
            clock,
            desk,
            store,
        }
    }

    /// A case that Carla opened by mail: it came in by itself.
    pub(crate) async fn mail(&self, subject: &str, text: &str) -> Case {
        self.mail_of(self.carla, subject, text).await
    }

    /// A case that a customer opened by mail.
    pub(crate) async fn mail_of(&self, customer: CustomerId, subject: &str, text: &str) -> Case {
        let mut open = OpenCase::new(customer, subject).customer_says(text);
        open.origin = Medium::Email;
        self.system.run(open).await.unwrap()
    }

    /// What the customer's own session may do.
    pub(crate) fn customer(&self, id: CustomerId) -> CustomerSession {
        self.desk.customer(self.workspace, id)
    }

    /// The case as it is now.
    pub(crate) async fn case(&self, case: &Case) -> Case {
        self.system
            .run(GetCase {
                case: case.id.into(),
            })
            .await
            .unwrap()
    }

    /// An agent no longer works here.
    pub(crate) async fn leaves(&self, agent: AgentId) {
        let agent = self.admin.run(GetAgent { agent }).await.unwrap();
        let mut patch = PatchAgent::of(&agent);
        patch.active = Some(false);
        self.admin.run(patch).await.unwrap();
    }

    /// The activity of what was said first in a case.
    pub(crate) async fn first_activity(&self, case: &Case) -> ActivityId {
        let thread = self.thread(case).await;
        let activity = thread.iter().find_map(|entry| entry.activity);
        activity.unwrap()
    }

    /// The whole thread of a case.
    pub(crate) async fn thread(&self, case: &Case) -> Vec<Entry> {
        let page = self.system.run(ReadThread::of(case.id)).await.unwrap();
        assert!(page.next.is_none());
        page.entries
    }

    /// What happened in the history of a case, without what was said.
    pub(crate) async fn history(&self, case: &Case) -> Vec<Happening> {
        let entries = self.thread(case).await.into_iter();
        entries
            .filter_map(|entry| match entry.body {
                Body::Happening(happening) => Some(happening),
                _ => None,
            })
            .collect()
    }

    /// Another minute passes; gives the time since.
    pub(crate) fn minute(&self) -> Time {
        self.minutes(1)
    }

    /// Minutes pass; gives the time since.
    pub(crate) fn minutes(&self, minutes: i64) -> Time {
        self.clock.advance(TimeDelta::minutes(minutes));
        casekit_core::port::Clock::now(&self.clock)
    }

    /// Days pass.
    pub(crate) fn days(&self, days: i64) {
        self.clock.advance(TimeDelta::days(days));
    }
}

/// Asserts that `result` is an error of `kind`, and gives it.
#[track_caller]
pub(crate) fn refused<T: std::fmt::Debug>(result: Result<T, Error>, kind: ErrorKind) -> Error {
    let error = result.unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    error
}

/// The text of a message, note or comment.
pub(crate) fn text(entry: &Entry) -> &str {
    match &entry.body {
        Body::Message(message) => &message.text,
        Body::Note(remark) | Body::Comment(remark) => &remark.text,
        _ => "",
    }
}
