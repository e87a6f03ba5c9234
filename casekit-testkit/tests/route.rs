//! A store over several against the kit: it must behave as one.

use std::sync::Arc;

use casekit_core::ErrorKind;
use casekit_core::model::WorkspaceId;
use casekit_core::port::{RouteByWorkspace, Store};
use casekit_core::query::Query;
use casekit_memory::MemoryStore;
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

#[tokio::test]
async fn a_workspace_lives_in_one_store_only() {
    let stores = two();
    let route = RouteByWorkspace::new(stores.clone(), by_parity);
    for (number, (_, home)) in (2_u128..4).zip(&stores) {
        let workspace = WorkspaceId(Uuid::from_u128(number));
        let desk = casekit_core::Desk::builder_on(home.clone()).build();
        let create = casekit_core::operations::CreateWorkspace {
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
    let query = Query::all(workspace, casekit_core::model::Kind::Case);
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
