//! Databases of every version that was released are opened by this one.
//!
//! `fixtures` has a dump of each. To add those of a version, make an empty database, name it in
//! `CASEKIT_FIXTURE_URL`, run the ignored test here with that version, and dump the database:
//! `pg_dump --inserts --no-owner --no-privileges`, `mariadb-dump --hex-blob --skip-extended-insert`,
//! `VACUUM INTO`.
#![cfg(all(feature = "sqlite", feature = "postgres", feature = "mysql"))]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking"
)]

use std::sync::Arc;

use casekit_core::Desk;
use casekit_core::model::{Medium, Seq, WorkspaceId};
use casekit_core::operations::{
    CloseCase, Contact, CreateWorkspace, FindCases, FindOrCreateCustomer, GetCase, OpenCase,
    PatchCase, ReadThread, SearchCases,
};
use casekit_core::port::Store;
use casekit_servers::{fresh_mysql, fresh_postgres};
use casekit_testkit::{ManualClock, SeededIds};
use sqlx::{Connection, Executor, MySqlConnection, PgConnection};
use uuid::Uuid;

const WORKSPACE: WorkspaceId =
    WorkspaceId(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0001));

/// A desk whose ids and times are the same in every run of `seed`.
fn desk(store: Arc<dyn Store>, seed: u64) -> Desk {
    let desk = Desk::builder_on(store).clock(ManualClock::default());
    desk.ids(SeededIds::new(seed)).build()
}

/// What the dumps were made of: a workspace, a customer, two cases, one of them closed.
#[tokio::test]
#[ignore = "fills a database that is to be dumped"]
async fn fill_a_database_to_be_dumped() {
    let url = std::env::var("CASEKIT_FIXTURE_URL").unwrap();
    let desk = desk(casekit_sqlx::connect(&url).await.unwrap(), 1);
    desk.migrate().await.unwrap();
    let system = desk.system(WORKSPACE);
    let name = "Acme".to_owned();
    system.run(CreateWorkspace { name }).await.unwrap();
    let contact = Contact::email("Señora Pérez", "perez@example.com");
    let found = system.run(FindOrCreateCustomer { contact }).await.unwrap();
    for (subject, text) in [
        (
            "The printer smokes",
            "It's on fire: 'help', \"quick\" \\ 100 %",
        ),
        ("Invoice missing", "Naïve question: where is it?"),
    ] {
        let mut open = OpenCase::new(found.customer.id, subject).customer_says(text);
        open.origin = Medium::Email;
        let case = system.run(open).await.unwrap();
        let mut patch = PatchCase::of(&case);
        patch.tags = Some(["urgent".to_owned()].into());
        let case = system.run(patch).await.unwrap();
        if subject.starts_with("Invoice") {
            system.run(CloseCase::new(case.id, "sent")).await.unwrap();
        }
    }
}

/// All is there, is found, and goes on.
async fn assert_goes_on(url: &str) {
    let store = casekit_sqlx::connect(url).await.unwrap();
    let desk = desk(Arc::clone(&store), 2);
    desk.migrate().await.unwrap();
    let system = desk.system(WORKSPACE);
    let case = system.run(GetCase { case: 1.into() }).await.unwrap();
    assert_eq!(case.subject, "The printer smokes");
    let thread = system.run(ReadThread::of(case.id)).await.unwrap();
    assert!(thread.entries.len() >= 2);
    for words in ["fire help", "smok", "naive", "perez"] {
        let found = system.run(SearchCases::new(words)).await.unwrap();
        assert!(!found.found.is_empty(), "{words}");
    }
    let all = system.run(FindCases::default()).await.unwrap();
    assert_eq!(all.cases.len(), 2);
    let events = store.feed(WORKSPACE, Seq(0), 100).await.unwrap();
    let seqs: Vec<u64> = events.iter().map(|event| event.seq.0).collect();
    assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
    // The customer is the one who was there, and the next number follows.
    let contact = Contact::email("", "PEREZ@example.com");
    let found = system.run(FindOrCreateCustomer { contact }).await.unwrap();
    assert_eq!(found.customer.name, "Señora Pérez");
    let opened = system.run(OpenCase::new(case.customer, "Third"));
    assert_eq!(opened.await.unwrap().number, 3);
    let mut patch = PatchCase::of(&all.cases[0]);
    patch.tags = Some(["later".to_owned()].into());
    system.run(patch).await.unwrap();
    let events = store.feed(WORKSPACE, Seq(0), 100).await.unwrap();
    assert_eq!(events.last().unwrap().seq.0, events.len() as u64);
}

#[tokio::test]
async fn version_1_on_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("v1.db");
    std::fs::write(&file, include_bytes!("fixtures/v1.sqlite")).unwrap();
    assert_goes_on(&format!("sqlite://{}", file.display())).await;
}

#[tokio::test]
async fn version_1_on_postgres() {
    let Some(url) = fresh_postgres().await else {
        return;
    };
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let dump = sqlx::raw_sql(include_str!("fixtures/v1.postgres.sql"));
    connection.execute(dump).await.unwrap();
    assert_goes_on(&url).await;
    let view = "SELECT count(*) FROM public.casekit_cases";
    connection.execute(view).await.unwrap();
}

#[tokio::test]
async fn version_1_on_mysql() {
    let Some(url) = fresh_mysql().await else {
        return;
    };
    let mut connection = MySqlConnection::connect(&url).await.unwrap();
    let dump = sqlx::raw_sql(include_str!("fixtures/v1.mysql.sql"));
    connection.execute(dump).await.unwrap();
    assert_goes_on(&url).await;
    let view = "SELECT count(*) FROM casekit_cases";
    connection.execute(view).await.unwrap();
}
