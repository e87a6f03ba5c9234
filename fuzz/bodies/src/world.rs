//! The small world in which operations run: the same every time, with ids that seeds can name.

use std::sync::Arc;

use casekit_core::model::{Actor, AgentId, CustomerId, Entity, ProductId, Role, WorkspaceId};
use casekit_core::port::Store;
use casekit_core::{Change, ChangeSet, Desk, Result};
use casekit_memory::MemoryStore;
use casekit_testkit::generate::Generator;
use casekit_testkit::{ManualClock, SeededIds};
use futures_util::FutureExt;
use serde_json::{Value, json};
use uuid::Uuid;

/// The workspace.
pub(crate) const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(0xa));
/// An agent who may do everything.
pub(crate) const AGENT: AgentId = AgentId(Uuid::from_u128(0xb));
/// A customer.
pub(crate) const CUSTOMER: CustomerId = CustomerId(Uuid::from_u128(0xc));
/// A product.
pub(crate) const PRODUCT: ProductId = ProductId(Uuid::from_u128(0xd));

/// A desk with two cases.
pub(crate) struct World {
    desk: Desk,
}

impl World {
    /// A new one.
    pub(crate) fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let people = store.commit(people()).now_or_never();
        people
            .expect("memory never waits")
            .expect("people can be stored");
        let desk = Desk::builder_on(store);
        let desk = desk
            .clock(ManualClock::default())
            .ids(SeededIds::new(1))
            .build();
        let world = Self { desk };
        for (actor, name, input) in history() {
            let answer = world.call(actor, name, input.to_string().as_bytes());
            answer.expect("the history can be told");
        }
        world
    }

    /// Runs an operation.
    pub(crate) fn call(&self, actor: Actor, name: &str, input: &[u8]) -> Result<Vec<u8>> {
        let session = self.desk.session(WORKSPACE, actor);
        let answer = session.call(name, input).now_or_never();
        answer.expect("nothing waits for others here")
    }
}

fn people() -> ChangeSet {
    let mut generator = Generator::new(1, WORKSPACE);
    let mut agent = generator.agent();
    (agent.id, agent.role, agent.active) = (AGENT, Role::Admin, true);
    let mut customer = generator.customer();
    (customer.id, customer.merged_into) = (CUSTOMER, None);
    let mut product = generator.product();
    product.id = PRODUCT;
    let records = [
        Entity::from(generator.workspace()),
        Entity::from(agent),
        Entity::from(customer),
        Entity::from(product),
    ];
    ChangeSet {
        id: generator.id(),
        workspace: WORKSPACE,
        changes: records.into_iter().map(Change::Create).collect(),
        events: Vec::new(),
    }
}

fn history() -> [(Actor, &'static str, Value); 4] {
    let (agent, system) = (Actor::Agent(AGENT), Actor::System);
    let message = json!({ "by": "customer", "message": { "text": "The lamp does not light up" } });
    let open =
        |subject| json!({ "customer": CUSTOMER, "subject": subject, "message": message.clone() });
    [
        (system, "open_case", open("Lamp")),
        (agent, "take_case", json!({ "case": 1 })),
        (
            agent,
            "add_note",
            json!({ "case": 1, "text": "the bulb, again" }),
        ),
        (system, "open_case", open("Café lamp")),
    ]
}
