//! Inside a transaction of the host: both or not at all.
#![cfg(all(feature = "postgres", feature = "mysql", feature = "sqlite"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use std::pin::pin;
use std::task::Poll;

use casekit_core::desk::AgentSession;
use casekit_core::model::{CustomerId, FromEntity, Seq, Stored, What, WorkspaceId};
use casekit_core::operations::{
    Contact, CreateWorkspace, FindCases, FindOrCreateCustomer, OpenCase, PatchCase,
};
use casekit_core::port::{Lookup, Store};
use casekit_core::{Change, ChangeSet, Desk, ErrorKind};
use casekit_servers::{fresh_mysql, fresh_postgres};
use casekit_sqlx::{MysqlStore, PostgresStore, SqliteStore};
use casekit_testkit::generate::Generator;
use uuid::Uuid;

const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(0x77));

/// The most turns that a commit may take.
const MOST_TURNS: usize = 500;

/// Somebody who works on a store.
fn at_work(store: impl Store + 'static) -> AgentSession {
    Desk::new(store).system(WORKSPACE)
}

/// A workspace with a customer.
async fn set_up(store: impl Store + 'static) -> CustomerId {
    let desk = Desk::new(store);
    desk.migrate().await.unwrap();
    let system = desk.system(WORKSPACE);
    let name = "Shop".to_owned();
    system.run(CreateWorkspace { name }).await.unwrap();
    let contact = Contact::email("Carla", "carla@example.com");
    let found = system.run(FindOrCreateCustomer { contact }).await.unwrap();
    found.customer.id
}

/// A case opened with a message: records of three kinds, their values, words, and an event.
fn opened(make: &mut Generator) -> ChangeSet {
    let customer = make.customer();
    let mut case = make.case(&customer);
    (case.number, case.external_id) = (0, None);
    let mut activity = make.activity(&case);
    activity.external_id = None;
    let event = make.event(case.key(), What::Opened);
    let entry = make.entry(&case).into_entity();
    let records = [case.into_entity(), activity.into_entity(), entry];
    ChangeSet {
        id: make.id(),
        workspace: WORKSPACE,
        changes: records.into_iter().map(Change::Create).collect(),
        events: vec![event],
    }
}

/// Where the records of a set are looked up.
fn lookups(set: &ChangeSet) -> Vec<Lookup> {
    let keys = set.changes.iter().map(Change::key);
    keys.map(Lookup::Key).collect()
}

/// What a future gives, unless it is given up before because it had so many turns.
async fn given_up_after<T>(turns: usize, future: impl Future<Output = T>) -> Option<T> {
    let (mut future, mut left) = (pin!(future), turns);
    std::future::poll_fn(|context| {
        let Some(less) = left.checked_sub(1) else {
            return Poll::Ready(None);
        };
        left = less;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

/// The same story on each database: `$count` counts the host's own orders.
macro_rules! stories {
    ($store:ident, $pool:ty) => {
        use super::*;

        type Pool = $pool;

        async fn create_orders(pool: &Pool) {
            let sql = "CREATE TABLE orders (id BIGINT PRIMARY KEY)";
            sqlx::query(sql).execute(pool).await.unwrap();
        }

        async fn orders(pool: &Pool) -> i64 {
            let count = sqlx::query_scalar("SELECT count(*) FROM orders");
            count.fetch_one(pool).await.unwrap()
        }

        async fn cases(store: &(impl Store + Clone + 'static)) -> usize {
            let listed = at_work(store.clone()).run(FindCases::default()).await;
            listed.unwrap().cases.len()
        }

        #[tokio::test]
        async fn what_the_host_commits_is_there_with_what_it_wrote_itself() {
            let Some((pool, store, customer)) = world().await else {
                return;
            };
            let before = store.feed(WORKSPACE, Seq(0), 100).await.unwrap().len();
            let mut transaction = begin(&pool).await.unwrap();
            sqlx::query("INSERT INTO orders (id) VALUES (1)")
                .execute(&mut *transaction)
                .await
                .unwrap();
            let inside = store.within(transaction);
            let opened = at_work(inside.clone())
                .run(OpenCase::new(customer, "Where is it?").customer_says("Shipped?"))
                .await
                .unwrap();
            // It sees what it wrote; nobody else does.
            assert_eq!(cases(&inside).await, 1);
            assert_eq!(cases(&store).await, 0);
            let events = store.feed(WORKSPACE, Seq(0), 100).await.unwrap();
            assert_eq!(events.len(), before);
            inside.take_back().await.unwrap().commit().await.unwrap();
            assert_eq!((orders(&pool).await, cases(&store).await), (1, 1));
            let events = store.feed(WORKSPACE, Seq(0), 100).await.unwrap();
            let seqs: Vec<u64> = events.iter().map(|event| event.seq.0).collect();
            assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>());
            assert!(seqs.len() > before);
            assert_eq!(opened.number, 1);
        }

        #[tokio::test]
        async fn what_the_host_rolls_back_leaves_nothing_and_no_gap() {
            let Some((pool, store, customer)) = world().await else {
                return;
            };
            let mut transaction = begin(&pool).await.unwrap();
            sqlx::query("INSERT INTO orders (id) VALUES (1)")
                .execute(&mut *transaction)
                .await
                .unwrap();
            let inside = store.within(transaction);
            let session = at_work(inside.clone());
            session.run(OpenCase::new(customer, "One")).await.unwrap();
            session.run(OpenCase::new(customer, "Two")).await.unwrap();
            inside.take_back().await.unwrap().rollback().await.unwrap();
            assert_eq!((orders(&pool).await, cases(&store).await), (0, 0));
            let outside = at_work(store.clone());
            let opened = outside.run(OpenCase::new(customer, "Three")).await.unwrap();
            assert_eq!(opened.number, 1);
            let events = store.feed(WORKSPACE, Seq(0), 100).await.unwrap();
            assert_eq!(events.last().unwrap().seq.0, events.len() as u64);
            // The transaction is over, and the store with it.
            let error = session.run(OpenCase::new(customer, "Four")).await;
            assert_eq!(error.unwrap_err().kind(), ErrorKind::Invalid);
            let error = inside.take_back().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Invalid);
        }

        #[tokio::test]
        async fn a_conflict_is_the_hosts_and_is_not_tried_again() {
            let Some((pool, store, customer)) = world().await else {
                return;
            };
            let outside = at_work(store.clone());
            let case = outside.run(OpenCase::new(customer, "One")).await.unwrap();
            let inside = store.within(begin(&pool).await.unwrap());
            // What the set saw is no longer there.
            let stale = casekit_core::Change::Check {
                key: casekit_core::model::Stored::key(&case),
                version: casekit_core::model::Version(9),
            };
            let set = casekit_core::ChangeSet {
                id: Uuid::from_u128(5),
                workspace: WORKSPACE,
                changes: vec![stale],
                events: Vec::new(),
            };
            let error = inside.commit(set).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Conflict);
            assert!(error.stale_keys().is_empty() && !error.is_retryable());
            assert!(
                error.message().contains("roll the transaction back"),
                "{error}"
            );
            // The transaction is whole: nothing was written.
            let mut patch = PatchCase::of(&case);
            patch.subject = Some("Two".into());
            at_work(inside.clone()).run(patch).await.unwrap();
            inside.take_back().await.unwrap().commit().await.unwrap();
            let listed = outside.run(FindCases::default()).await.unwrap();
            assert_eq!(listed.cases[0].subject, "Two");
        }

        #[tokio::test]
        async fn a_commit_that_is_given_up_halfway_is_whole_or_not_there() {
            let Some((pool, store, _)) = world().await else {
                return;
            };
            let events = async || store.feed(WORKSPACE, Seq(0), 1_000).await.unwrap();
            let before = events().await.len();
            let mut make = Generator::new(1, WORKSPACE);
            for turns in 1.. {
                assert!(turns < MOST_TURNS, "it was given up each time");
                let set = opened(&mut make);
                let inside = store.within(begin(&pool).await.unwrap());
                let committed = given_up_after(turns, inside.commit(set.clone())).await;
                inside.take_back().await.unwrap().commit().await.unwrap();
                let found = store.load(&lookups(&set)).await.unwrap();
                let there = found.iter().flatten().count();
                assert!([0, 3].contains(&there), "{there} of 3 after {turns} turns");
                // Sent once more, it is known, or is written now.
                store.commit(set).await.unwrap();
                let seqs: Vec<u64> = events().await.iter().map(|event| event.seq.0).collect();
                let all = (before + turns) as u64;
                assert_eq!(seqs, (1..=all).collect::<Vec<_>>(), "after {turns} turns");
                if committed.is_some() {
                    break;
                }
            }
        }

        #[tokio::test]
        async fn tables_are_not_made_and_events_not_followed_inside() {
            let Some((pool, store, _)) = world().await else {
                return;
            };
            let inside = store.within(begin(&pool).await.unwrap());
            let error = inside.migrate().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            let error = inside.wait(WORKSPACE, Seq(100)).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            drop(store);
        }
    };
}

/// A pool on a server, where the host has a table of its own, and a store on it.
macro_rules! server {
    ($store:ident, $fresh:ident) => {
        async fn world() -> Option<(Pool, $store, CustomerId)> {
            let pool = Pool::connect(&$fresh().await?).await.unwrap();
            create_orders(&pool).await;
            let store = $store::from_pool(pool.clone());
            let customer = set_up(store.clone()).await;
            Some((pool, store, customer))
        }

        async fn begin(pool: &Pool) -> sqlx::Result<sqlx::Transaction<'static, Database>> {
            pool.begin().await
        }
    };
}

mod postgres {
    type Database = sqlx::Postgres;
    stories!(PostgresStore, sqlx::PgPool);
    server!(PostgresStore, fresh_postgres);
}

mod mysql {
    type Database = sqlx::MySql;
    stories!(MysqlStore, sqlx::MySqlPool);
    server!(MysqlStore, fresh_mysql);

    #[tokio::test]
    async fn of_a_set_that_fails_at_its_end_nothing_is_written() {
        let Some((pool, store, _)) = world().await else {
            return;
        };
        let rename = async |sql: &'static str| sqlx::raw_sql(sql).execute(&pool).await.unwrap();
        // Records are written before their words.
        rename("RENAME TABLE casekit_word TO aside").await;
        let set = opened(&mut Generator::new(1, WORKSPACE));
        let inside = store.within(begin(&pool).await.unwrap());
        let error = inside.commit(set.clone()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Storage);
        let mut transaction = inside.take_back().await.unwrap();
        sqlx::query("INSERT INTO orders (id) VALUES (1)")
            .execute(&mut *transaction)
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        rename("RENAME TABLE aside TO casekit_word").await;
        let found = store.load(&lookups(&set)).await.unwrap();
        assert_eq!(found, [None, None, None]);
        assert_eq!(orders(&pool).await, 1);
        store.commit(set).await.unwrap();
    }
}

mod sqlite {
    stories!(SqliteStore, sqlx::SqlitePool);

    async fn world() -> Option<(Pool, SqliteStore, CustomerId)> {
        // It goes with what was built: the pool outlives this function.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let file = folder.keep().join("host.db");
        let options = sqlx::sqlite::SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true);
        let pool = Pool::connect_with(options).await.unwrap();
        create_orders(&pool).await;
        let store = SqliteStore::from_pool(&pool).await.unwrap();
        let customer = set_up(store.clone()).await;
        Some((pool, store, customer))
    }

    async fn begin(pool: &Pool) -> sqlx::Result<sqlx::Transaction<'static, sqlx::Sqlite>> {
        pool.begin_with("BEGIN IMMEDIATE").await
    }
}
