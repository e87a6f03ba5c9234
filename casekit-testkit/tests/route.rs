//! A store over several against the kit: it must behave as one.

use std::sync::Arc;

use casekit_core::model::{Kind, Seq, WorkspaceId};
use casekit_core::operations::{
    CreateCustomer, CreateWorkspace, OpenCase, ReceiveMessage, SearchCases,
};
use casekit_core::port::{RouteByWorkspace, Store};
use casekit_core::query::Query;
use casekit_core::{Desk, ErrorKind, Result};
use casekit_memory::MemoryStore;
use casekit_servers::fresh_postgres;
use casekit_sqlx::SqliteStore;
use uuid::Uuid;

/// Even workspaces here, odd ones there.
fn by_parity(workspace: WorkspaceId) -> Option<String> {
    let is_even = workspace.0.as_u128().is_multiple_of(2);
    Some(if is_even { "here" } else { "there" }.to_owned())
}

fn two() -> [(String, Arc<dyn Store>); 2] {
    ["here", "there"].map(|name| {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        (name.to_owned(), store)
    })
}

casekit_testkit::conformance_tests!(|| async {
    Ok(Arc::new(RouteByWorkspace::new(two(), by_parity)) as Arc<dyn Store>)
});

/// A third of the workspaces in each of three stores.
fn by_third(workspace: WorkspaceId) -> Option<String> {
    Some((workspace.0.as_u128() % 3).to_string())
}

/// A case comes in, goes on and is found.
async fn works_in(desk: &Desk, workspace: WorkspaceId) -> Result<()> {
    let system = desk.system(workspace);
    let name = "Acme".to_owned();
    system.run(CreateWorkspace { name }).await?;
    let carla = CreateCustomer::new("Carla", "carla@example.com");
    let carla = system.run(carla).await?.id;
    let open = OpenCase::new(carla, "Printer").customer_says("It is on fire");
    let case = system.run(open).await?;
    assert_eq!(case.number, 1, "each workspace counts for itself");
    let message = ReceiveMessage::new(&case, "Still burning");
    system.run(message).await?;
    let found = system.run(SearchCases::new("burn")).await?.found;
    assert_eq!(found.first().map(|found| found.case.id), Some(case.id));
    let mut feed = desk.subscribe(workspace, Seq(0));
    let mut seen = Vec::new();
    while let Some(event) = feed.try_next().await? {
        seen.push(event.seq.0);
    }
    assert_eq!(seen, (1..=7).collect::<Vec<_>>());
    Ok(())
}

#[tokio::test]
async fn two_files_and_a_server_are_one_desk() {
    let files = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let mut stores: Vec<Arc<dyn Store>> = Vec::new();
    for file in &files {
        let store = SqliteStore::open(file.path().join("desk.db")).await;
        stores.push(Arc::new(store.unwrap()));
    }
    let Some(url) = fresh_postgres().await else {
        return;
    };
    stores.push(casekit_sqlx::connect(&url).await.unwrap());
    let named = (0..3).map(|third| third.to_string());
    let route = RouteByWorkspace::new(named.zip(stores.iter().cloned()), by_third);
    let desk = Desk::builder(route).build();
    desk.migrate().await.unwrap();
    for number in 10..16_u128 {
        let workspace = WorkspaceId(Uuid::from_u128(number));
        works_in(&desk, workspace).await.unwrap();
        let cases = Query::all(workspace, Kind::Case);
        for (third, store) in (0_u128..).zip(&stores) {
            let held = store.find(&cases).await.unwrap().records.len();
            assert_eq!(
                held,
                usize::from(number % 3 == third),
                "{number} in {third}"
            );
        }
    }
}

#[tokio::test]
async fn a_workspace_lives_in_one_store_only() {
    let stores = two();
    let route = RouteByWorkspace::new(stores.clone(), by_parity);
    for (number, (_, home)) in (2_u128..4).zip(&stores) {
        let workspace = WorkspaceId(Uuid::from_u128(number));
        let desk = Desk::builder_on(home.clone()).build();
        let create = CreateWorkspace {
            name: "Acme".into(),
        };
        desk.system(workspace).run(create).await.unwrap();
        assert_eq!(
            route
                .feed(workspace, Default::default(), 10)
                .await
                .unwrap()
                .len(),
            1
        );
    }
}

#[tokio::test]
async fn a_workspace_without_a_place_is_told() {
    let route = RouteByWorkspace::new(two(), |_| None);
    let workspace = WorkspaceId(Uuid::from_u128(7));
    let query = Query::all(workspace, Kind::Case);
    let error = route.find(&query).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
    assert_eq!(
        error.message(),
        format!("workspace `{workspace}` has no place in any store")
    );
    let route = RouteByWorkspace::new(two(), |_| Some("elsewhere".to_owned()));
    let error = route.find(&query).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}
