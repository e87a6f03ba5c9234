//! A mirror of a store's records finds and counts as the store does, whatever was replaced and deleted.

use casekit_core::model::{Entity, Kind, WorkspaceId};
use casekit_core::port::Store;
use casekit_core::query::{Aggregate, Filter, Query, Scope, TextQuery};
use casekit_core::{Change, ChangeSet};
use casekit_memory::{MemoryStore, Mirror};
use casekit_testkit::generate::Generator;
use uuid::Uuid;

fn set(make: &mut Generator, workspace: WorkspaceId, changes: Vec<Change>) -> ChangeSet {
    ChangeSet {
        id: make.id(),
        workspace,
        changes,
        events: Vec::new(),
    }
}

#[expect(clippy::unwrap_used, reason = "a helper of tests fails by panicking")]
async fn everything(store: &MemoryStore, workspace: WorkspaceId) -> Vec<Entity> {
    let mut records = Vec::new();
    for kind in Kind::ALL {
        let all = Query::all(workspace, *kind).limit(1_000);
        records.extend(store.find(&all).await.unwrap().records);
    }
    records
}

#[tokio::test]
async fn a_mirror_answers_as_the_store() {
    let workspace = WorkspaceId(Uuid::from_u128(7));
    let mut make = Generator::new(7, workspace);
    let store = MemoryStore::new();
    let scene = make.scene(50);
    let created = scene.records.iter().cloned().map(Change::Create).collect();
    let first = set(&mut make, workspace, created);
    store.commit(first).await.expect("created");
    let mut mirror = Mirror::new();
    for record in everything(&store, workspace).await {
        mirror.put(record);
    }

    let cases = Query::all(workspace, Kind::Case).limit(1_000);
    let found = store.find(&cases).await.expect("found").records;
    let deleted = found.into_iter().step_by(3);
    let changes = deleted.map(|before| Change::Delete { before }).collect();
    let second = set(&mut make, workspace, changes);
    for change in &second.changes {
        mirror.remove(change.key());
    }
    store.commit(second).await.expect("deleted");

    let mut words = cases.clone();
    words.text = TextQuery::new("printer", Scope::All);
    for query in [&cases, &words] {
        let wanted = store.find(query).await.expect("found");
        assert!(!wanted.records.is_empty(), "{query:?}");
        assert_eq!(mirror.find(query).expect("found"), wanted);
    }
    let count = Aggregate::count(workspace, Kind::Case, Filter::all()).by(&["status"]);
    let wanted = store.aggregate(&count).await.expect("counted");
    assert_eq!(mirror.aggregate(&count).expect("counted"), wanted);
    assert!(mirror.find(&cases.limit(0)).is_err());
}
