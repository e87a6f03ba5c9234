//! What a refused change set leaves in the index of words: nothing, also where it had indexed its texts
//! already and shares the transaction with others.
#![cfg(feature = "sqlite")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use casekit_core::model::{Entity, Kind, What, WorkspaceId};
use casekit_core::port::Store;
use casekit_core::query::{Query, Scope, SortBy, TextQuery};
use casekit_core::{Change, ChangeSet, ErrorKind};
use casekit_sqlx::SqliteStore;
use casekit_testkit::generate::Generator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tempfile::TempDir;
use uuid::Uuid;

const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(1));

/// From so many texts on a change set indexes its own.
const MANY: usize = 256;

/// Many customers whose names have a word.
fn called(world: &mut Generator, word: &str) -> ChangeSet {
    let customers = (0..MANY).map(|_| {
        let mut customer = world.customer();
        customer.name = format!("{word} smith");
        Change::Create(Entity::from(customer))
    });
    ChangeSet {
        changes: customers.collect(),
        id: world.id(),
        workspace: WORKSPACE,
        events: Vec::new(),
    }
}

/// A set that creates what exists, after its other records are written and indexed: it creates an event again.
fn refused(world: &mut Generator, word: &str, first: &ChangeSet) -> ChangeSet {
    ChangeSet {
        events: first.events.clone(),
        ..called(world, word)
    }
}

/// A set with an event.
fn first(world: &mut Generator) -> ChangeSet {
    let mut set = called(world, "first");
    let about = set.changes.first().unwrap().key();
    let event = world.event(about, What::Created);
    set.events.push(event);
    set
}

async fn found(store: &impl Store, word: &str) -> usize {
    let mut query = Query::all(WORKSPACE, Kind::Customer).limit(1_000);
    query.text = TextQuery::new(word, Scope::All);
    query.sort.by = SortBy::Relevance;
    store.find(&query).await.unwrap().records.len()
}

/// Whether the index is whole: it has for each text what the text says, and nothing else.
async fn assert_whole(folder: &TempDir, store: &SqliteStore) {
    store.tidy().await.unwrap();
    let file = rusqlite::Connection::open(folder.path().join("cases.db")).unwrap();
    let check = "INSERT INTO casekit_text (casekit_text) VALUES ('integrity-check')";
    file.execute(check, []).unwrap();
    let count = |sql: &str| file.query_row(sql, [], |row| row.get::<_, u32>(0));
    let customers = count("SELECT count(*) FROM casekit_customer").unwrap();
    let texts = count("SELECT count(*) FROM casekit_source").unwrap();
    assert_eq!(texts, customers);
}

#[tokio::test]
async fn others_in_its_transaction_are_found_and_it_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("cases.db")).await;
    let store = store.unwrap();
    store.migrate().await.unwrap();
    let mut world = Generator::new(1, WORKSPACE);
    let first = first(&mut world);
    store.commit(first.clone()).await.unwrap();
    let sets = [
        called(&mut world, "before"),
        refused(&mut world, "refused", &first),
        called(&mut world, "after"),
    ];
    let [before, refused, after] = sets.map(|set| store.commit(set));
    // Each waits once before it writes, so that all three come into one transaction.
    let (before, refused, after) = tokio::join!(before, refused, after);
    before.unwrap();
    after.unwrap();
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Conflict);
    for (word, expected) in [
        ("first", MANY),
        ("before", MANY),
        ("refused", 0),
        ("after", MANY),
    ] {
        assert_eq!(found(&store, word).await, expected, "{word}");
    }
    assert_whole(&folder, &store).await;
}

#[tokio::test]
async fn the_transaction_of_a_host_goes_on_without_it() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("cases.db"))
        .create_if_missing(true);
    let pool = SqlitePoolOptions::new()
        .connect_with(options)
        .await
        .unwrap();
    let store = SqliteStore::from_pool(&pool).await.unwrap();
    store.migrate().await.unwrap();
    let mut world = Generator::new(1, WORKSPACE);
    let first = first(&mut world);
    store.commit(first.clone()).await.unwrap();
    let transaction = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let inside = store.within(transaction);
    inside.commit(called(&mut world, "before")).await.unwrap();
    let set = refused(&mut world, "refused", &first);
    let error = inside.commit(set).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    inside.commit(called(&mut world, "after")).await.unwrap();
    assert_eq!(found(&inside, "refused").await, 0);
    inside.take_back().await.unwrap().commit().await.unwrap();
    for (word, expected) in [("before", MANY), ("refused", 0), ("after", MANY)] {
        assert_eq!(found(&store, word).await, expected, "{word}");
    }
    assert_whole(&folder, &store).await;
}
