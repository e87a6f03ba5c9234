//! What the tests share.

use casekit_core::model::{Entity, Event, FromEntity, Key, What, WorkspaceId};
use casekit_core::port::{Lookup, Store};
use casekit_core::{Change, ChangeSet};
use casekit_sqlx::SqliteStore;
use casekit_testkit::generate::Generator;
use tempfile::TempDir;
use uuid::Uuid;

/// The workspace of the tests.
pub(crate) const WORKSPACE: WorkspaceId =
    WorkspaceId(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0001));

/// A folder with a migrated database in it.
pub(crate) async fn store() -> (TempDir, SqliteStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    (folder, store)
}

/// Opens the database in a folder.
pub(crate) async fn open(folder: &TempDir) -> SqliteStore {
    let store = SqliteStore::open(folder.path().join("cases.db"))
        .await
        .unwrap();
    store.migrate().await.unwrap();
    store
}

/// A set that creates records.
pub(crate) fn creating(
    world: &mut Generator,
    records: Vec<Entity>,
    events: Vec<Event>,
) -> ChangeSet {
    ChangeSet {
        id: world.id(),
        workspace: world.workspace_id(),
        changes: records.into_iter().map(Change::Create).collect(),
        events,
    }
}

/// A case opened with its first message: a case, an activity, two entries, an event.
pub(crate) fn opened(world: &mut Generator) -> (Key, ChangeSet) {
    let customer = world.customer();
    let mut case = world.case(&customer);
    case.number = 0;
    let activity = world.activity(&case);
    let entries = [world.entry(&case), world.entry(&case)];
    let case = case.into_entity();
    let key = case.key();
    let event = world.event(key, What::Opened);
    let mut records = vec![case, activity.into_entity()];
    records.extend(entries.map(FromEntity::into_entity));
    (key, creating(world, records, vec![event]))
}

/// The record at a key.
pub(crate) async fn get(store: &SqliteStore, key: Key) -> Option<Entity> {
    let found = store.load(&[Lookup::Key(key)]).await.unwrap();
    found.into_iter().next().flatten()
}
