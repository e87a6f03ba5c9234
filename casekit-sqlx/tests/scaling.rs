//! What docs/scaling.md says: which operations a replica can answer, and workspaces on several servers.
#![cfg(all(feature = "sqlite", feature = "postgres"))]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use casekit_core::model::{Actor, Role, Seq, WorkspaceId};
use casekit_core::operations::{
    AddNote, CaseRef, Contact, CreateAgent, CreateOrganisation, CreateProduct, CreateWorkspace,
    OpenCase, ReadEvents, ReadThread, SaveDraft, registry,
};
use casekit_core::port::{Access, RouteByWorkspace, Store};
use casekit_core::{Desk, ErrorKind};
use casekit_servers::{Server, fresh_postgres, start_postgres, start_postgres_replica};
use serde_json::{Value as Json, json};
use uuid::Uuid;

const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(0x42));

const DOCUMENT: &str = include_str!("../../docs/scaling.md");

/// Operations that write nothing and ask for more than to read.
const SUPERVISED: [&str; 2] = ["read_events", "workspace_statistics"];

/// How long a replica may lag, on a busy machine.
const LAG: Duration = Duration::from_secs(30);

#[test]
fn the_document_names_every_operation_that_reads() {
    let section = DOCUMENT.split("## Replicas").nth(1).unwrap();
    let table = section.split("\n## ").next().unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| row.split('|').nth(1).unwrap());
    let names = cells.flat_map(|cell| cell.split('`').skip(1).step_by(2));
    let named: BTreeSet<&str> = names.collect();
    let reads = registry().iter();
    let reads = reads.filter(|operation| operation.access == Access::Read);
    let reads: BTreeSet<&str> = reads.map(|read| read.name).chain(SUPERVISED).collect();
    assert_eq!(named, reads);
}

/// Something to ask for of everything.
struct Filled {
    desk: Desk,
    agent: Actor,
    customer: Actor,
    /// What each operation is asked with; those that are not named need nothing.
    inputs: Vec<(&'static str, Json)>,
}

async fn fill(store: Arc<dyn Store>) -> Filled {
    let desk = Desk::builder_on(store).build();
    desk.migrate().await.unwrap();
    let system = desk.system(WORKSPACE);
    let name = "Acme".to_owned();
    system.run(CreateWorkspace { name }).await.unwrap();
    let anna = CreateAgent::new("Anna", "anna@acme.example", Role::Admin);
    let anna = system.run(anna).await.unwrap();
    let product = system.run(CreateProduct::new("Printer")).await.unwrap();
    let organisation = CreateOrganisation::new("Acme");
    let organisation = system.run(organisation).await.unwrap();
    let carla = Contact::email("Carla", "carla@example.com");
    let open = OpenCase::new(carla, "Printer").customer_says("It smokes.");
    let case = system.run(open).await.unwrap();
    let agent = desk.agent(WORKSPACE, anna.id);
    let draft = SaveDraft {
        case: case.id.into(),
        purpose: serde_json::from_value(json!("reply")).unwrap(),
        text: "Unplug".into(),
    };
    agent.run(draft).await.unwrap();
    let thread = agent.run(ReadThread::of(&case)).await.unwrap();
    let entry = thread.entries.iter().find(|entry| entry.activity.is_some());
    let entry = entry.unwrap();
    let (one, customer) = (json!({"case": case.id}), json!({"customer": case.customer}));
    let inputs = vec![
        ("read_thread", one.clone()),
        ("get_entry", json!({"entry": entry.id})),
        ("get_case", one.clone()),
        ("related_cases", one.clone()),
        ("get_product", json!({"product": product.id})),
        ("customer_statistics", customer.clone()),
        ("get_agent", json!({"agent": anna.id})),
        ("my_case", one.clone()),
        ("my_linked_cases", one.clone()),
        ("my_thread", one.clone()),
        ("journey", customer.clone()),
        ("get_activity", json!({"activity": entry.activity})),
        ("get_draft", json!({"case": case.id, "purpose": "reply"})),
        ("get_customer", customer.clone()),
        (
            "look_up_customer",
            json!({"by": {"email": "carla@example.com"}}),
        ),
        ("get_organisation", json!({"organisation": organisation.id})),
        ("list_merged_customers", customer),
        ("search_cases", json!({"text": "smok"})),
        ("read_events", json!({"after": 0})),
    ];
    Filled {
        desk,
        agent: Actor::Agent(anna.id),
        customer: Actor::Customer(case.customer),
        inputs,
    }
}

/// A server and its replica, if there can be any.
fn servers() -> Option<(Server, Server)> {
    // Whether there must be a server is for others to say, who need no second one.
    let first = start_postgres().ok()?;
    let replica = start_postgres_replica(&first);
    Some((first, replica.unwrap_or_else(|why| panic!("{why}"))))
}

/// Waits until a replica has every event of the desk that it follows.
async fn follow(replica: &Desk, desk: &Desk) {
    let (after, limit) = (Seq(0), 1_000);
    let system = desk.system(WORKSPACE);
    let events = system.run(ReadEvents { after, limit }).await;
    let events = events.unwrap().len() as u64;
    let begun = Instant::now();
    // The tables come like everything else.
    while replica.health().await.is_err() {
        assert!(begun.elapsed() < LAG, "the replica does not follow");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut feed = replica.subscribe(WORKSPACE, Seq(0));
    let mut last = 0;
    while last < events {
        assert!(begun.elapsed() < LAG, "the replica does not follow");
        let next = tokio::time::timeout(LAG, feed.next()).await;
        last = next.unwrap().unwrap().seq.0;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_answers_every_operation_that_reads_and_follows() {
    let Some((first, second)) = servers() else {
        return;
    };
    let filled = fill(casekit_sqlx::connect(first.url()).await.unwrap()).await;
    let replica = casekit_sqlx::connect(second.url()).await.unwrap();
    let replica = Desk::builder_on(replica).build();
    follow(&replica, &filled.desk).await;
    // There is nothing to do, so that nothing is written.
    replica.migrate().await.unwrap();
    replica.health().await.unwrap();
    for operation in registry() {
        if operation.access != Access::Read && !SUPERVISED.contains(&operation.name) {
            continue;
        }
        let actor = match operation.audience {
            "staff" => filled.agent,
            _ => filled.customer,
        };
        let input = filled
            .inputs
            .iter()
            .find(|(name, _)| *name == operation.name);
        let input = input.map_or_else(|| json!({}), |(_, input)| input.clone());
        let asked = |desk: &Desk| {
            let session = desk.session(WORKSPACE, actor);
            session.call(operation.name, input.to_string().as_bytes())
        };
        let there = asked(&filled.desk).await;
        let there = there.unwrap_or_else(|error| panic!("{}: {error}", operation.name));
        assert_eq!(asked(&replica).await.unwrap(), there, "{}", operation.name);
    }
    // What writes is refused, and what is written there comes.
    let case = CaseRef::from(1);
    let system = replica.system(WORKSPACE);
    let refused = system.run(AddNote::new(case, "No")).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Storage);
    let system = filled.desk.system(WORKSPACE);
    system.run(AddNote::new(case, "Yes")).await.unwrap();
    follow(&replica, &filled.desk).await;
}

/// The example of the document, which the test below compares with it.
async fn two_servers(
    eu_1: &str,
    eu_2: &str,
    tenants: HashMap<WorkspaceId, String>,
) -> casekit_core::Result<Desk> {
    // DOCUMENT
    let mut stores = Vec::new();
    for (name, url) in [("eu-1", eu_1), ("eu-2", eu_2)] {
        stores.push((name.to_owned(), casekit_sqlx::connect(url).await?));
    }
    let home = move |workspace: WorkspaceId| tenants.get(&workspace).cloned();
    let desk = Desk::new(RouteByWorkspace::new(stores, home));
    desk.migrate().await?;
    // DOCUMENT
    Ok(desk)
}

#[tokio::test]
async fn workspaces_live_where_they_are_placed() {
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite://{}", folder.path().join("desk.db").display());
    let Some(server) = fresh_postgres().await else {
        return;
    };
    let [here, there, nowhere] = [1, 2, 3].map(|id| WorkspaceId(Uuid::from_u128(id)));
    let tenants = [(here, "eu-1".to_owned()), (there, "eu-2".to_owned())];
    let desk = two_servers(&file, &server, tenants.into()).await.unwrap();
    desk.health().await.unwrap();
    for (workspace, url) in [(here, &file), (there, &server)] {
        let name = "Acme".to_owned();
        let system = desk.system(workspace);
        system.run(CreateWorkspace { name }).await.unwrap();
        let store = casekit_sqlx::connect(url).await.unwrap();
        assert_eq!(store.feed(workspace, Seq(0), 9).await.unwrap().len(), 1);
    }
    let name = "Acme".to_owned();
    let system = desk.system(nowhere);
    let refused = system.run(CreateWorkspace { name }).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::NotFound);
    // One of them is not as it must be.
    let pool = sqlx::PgPool::connect(&server).await.unwrap();
    let drop = "DROP TABLE casekit_migration";
    sqlx::query(drop).execute(&pool).await.unwrap();
    let error = desk.health().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(error.message().contains("`eu-2`"), "{error}");
}

#[test]
fn the_example_is_that_of_the_document() {
    let here = include_str!("scaling.rs").split("// DOCUMENT\n").nth(1);
    let there = DOCUMENT.split("```rust\n").nth(1).unwrap();
    let there = there.split("```").next().unwrap();
    let lines = |text: &'static str| text.lines().map(str::trim).filter(|line| !line.is_empty());
    assert!(lines(here.unwrap()).eq(lines(there)));
}
