//! Databases of every layout that there ever was are opened by this version.
//!
//! `fixtures` has a dump of each layout for each database. A layout is what `LAYOUT` counts in
//! `src/sqlite/migrate.rs` and `src/server/migrate.rs`. Before one of them is raised, the last commit with the
//! old one is dumped; a test here fails when that was forgotten. So, at that commit, with `N` for its layout:
//!
//! ```sh
//! cargo xtask servers           # in another terminal; run here what it prints after `export`
//! fill="cargo test -p casekit-sqlx --all-features --test released -- --ignored fill"
//! cd casekit-sqlx/tests/fixtures
//!
//! CASEKIT_FIXTURE_URL="sqlite:///tmp/fixture.db" $fill
//! sqlite3 /tmp/fixture.db "VACUUM INTO 'vN.sqlite'"
//!
//! psql "$CASEKIT_TEST_POSTGRES_URL" -c 'CREATE DATABASE fixture'
//! url=$(echo "$CASEKIT_TEST_POSTGRES_URL" | sed 's,/postgres?,/fixture?,')
//! CASEKIT_FIXTURE_URL="$url" $fill
//! pg_dump --inserts --no-owner --no-privileges "$url" | grep -v '^\\\|^--' > vN.postgres.sql
//!
//! socket=$(echo "$CASEKIT_TEST_MYSQL_URL" | sed 's,.*socket=,,')
//! mariadb --no-defaults --socket="$socket" --user=root -e 'CREATE DATABASE fixture'
//! url=$(echo "$CASEKIT_TEST_MYSQL_URL" | sed 's,/mysql?,/fixture?,')
//! CASEKIT_FIXTURE_URL="$url" $fill
//! mariadb-dump --no-defaults --socket="$socket" --user=root --hex-blob --skip-extended-insert \
//!     --skip-comments fixture | grep -v '^/\*M!\|DEFINER=' > vN.mysql.sql
//! ```
//!
//! Then name the layout in `released!` below, and raise `LAYOUT`. What goes from the dumps: commands of the
//! client programs, because the tests hand the files to the server, and who made the views.
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
use casekit_sqlx::SqliteStore;
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

async fn sqlite_goes_on(dump: &[u8], layout: i64) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("released.db");
    std::fs::write(&file, dump).unwrap();
    let connection = rusqlite::Connection::open(&file).unwrap();
    let dumped = connection.query_row(LAYOUT, [], |row| row.get::<_, i64>(0));
    assert_eq!(dumped.unwrap(), layout);
    connection.close().unwrap();
    assert_goes_on(&format!("sqlite://{}", file.display())).await;
}

async fn postgres_goes_on(dump: &'static str, layout: i64) {
    let Some(url) = fresh_postgres().await else {
        return;
    };
    let mut connection = PgConnection::connect(&url).await.unwrap();
    connection.execute(sqlx::raw_sql(dump)).await.unwrap();
    // The dump has taken the schema from the path in which names are looked up.
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let dumped: i64 = sqlx::query_scalar(LAYOUT)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(dumped, layout);
    assert_goes_on(&url).await;
    let view = "SELECT count(*) FROM public.casekit_cases";
    connection.execute(view).await.unwrap();
}

async fn mysql_goes_on(dump: &'static str, layout: i64) {
    let Some(url) = fresh_mysql().await else {
        return;
    };
    let mut connection = MySqlConnection::connect(&url).await.unwrap();
    connection.execute(sqlx::raw_sql(dump)).await.unwrap();
    let dumped: i64 = sqlx::query_scalar(LAYOUT)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!(dumped, layout);
    assert_goes_on(&url).await;
    let view = "SELECT count(*) FROM casekit_cases";
    connection.execute(view).await.unwrap();
}

/// The layout of a database.
const LAYOUT: &str = "SELECT layout FROM casekit_migration ORDER BY number DESC LIMIT 1";

/// The dumps of layouts, and a test of each.
macro_rules! released {
    ($($name:ident: $layout:literal,)*) => {
        /// The layouts of which there is a dump.
        const DUMPED: &[i64] = &[$($layout),*];

        $(mod $name {
            use super::*;

            #[tokio::test]
            async fn on_sqlite() {
                let dump = include_bytes!(concat!("fixtures/v", $layout, ".sqlite"));
                sqlite_goes_on(dump, $layout).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                let dump = include_str!(concat!("fixtures/v", $layout, ".postgres.sql"));
                postgres_goes_on(dump, $layout).await;
            }

            #[tokio::test]
            async fn on_mysql() {
                let dump = include_str!(concat!("fixtures/v", $layout, ".mysql.sql"));
                mysql_goes_on(dump, $layout).await;
            }
        })*
    };
}

released! {
    version_1: 1,
    version_2: 2,
}

/// Every layout before today's was dumped, on each database.
#[tokio::test]
async fn no_layout_was_forgotten() {
    let today = |layout: i64| assert!((1..layout).all(|earlier| DUMPED.contains(&earlier)));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("today.db");
    let store = SqliteStore::open(&file).await.unwrap();
    store.migrate().await.unwrap();
    let connection = rusqlite::Connection::open(&file).unwrap();
    today(connection.query_row(LAYOUT, [], |row| row.get(0)).unwrap());
    if let Some(url) = fresh_postgres().await {
        casekit_sqlx::connect(&url)
            .await
            .unwrap()
            .migrate()
            .await
            .unwrap();
        let mut connection = PgConnection::connect(&url).await.unwrap();
        let layout = sqlx::query_scalar(LAYOUT).fetch_one(&mut connection).await;
        today(layout.unwrap());
    }
    if let Some(url) = fresh_mysql().await {
        casekit_sqlx::connect(&url)
            .await
            .unwrap()
            .migrate()
            .await
            .unwrap();
        let mut connection = MySqlConnection::connect(&url).await.unwrap();
        let layout = sqlx::query_scalar(LAYOUT).fetch_one(&mut connection).await;
        today(layout.unwrap());
    }
}
