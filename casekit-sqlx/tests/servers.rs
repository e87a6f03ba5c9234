//! Stores on servers: opening and migrating, many at once, what it costs, and what cannot be had.
#![cfg(all(feature = "postgres", feature = "mysql"))]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use casekit_core::model::{
    ExternalId, FromEntity, Key, Kind, Seq, Stored, Unique, What, WorkspaceId,
};
use casekit_core::port::{Lookup, Store};
use casekit_core::query::{Comparison, Direction, Filter, Query, Scope, TextQuery};
use casekit_core::{Change, ChangeSet, ErrorKind};
use casekit_servers::{fresh_mysql, fresh_postgres};
use casekit_sqlx::{MysqlStore, PostgresStore};
use casekit_testkit::generate::Generator;
use sqlx::Executor as _;
use uuid::Uuid;

const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(0x42));

/// A case opened with its first message: a case, an activity, two entries, an event.
fn opened(world: &mut Generator) -> (Key, ChangeSet) {
    let customer = world.customer();
    let mut case = world.case(&customer);
    case.number = 0;
    case.external_id = None;
    let mut activity = world.activity(&case);
    activity.external_id = None;
    let entries = [world.entry(&case), world.entry(&case)];
    let key = case.key();
    let mut records = vec![case.into_entity(), activity.into_entity()];
    records.extend(entries.map(FromEntity::into_entity));
    let set = ChangeSet {
        id: world.id(),
        workspace: WORKSPACE,
        changes: records.into_iter().map(Change::Create).collect(),
        events: vec![world.event(key, What::Opened)],
    };
    (key, set)
}

/// Eight tasks open cases through two stores; another follows.
async fn numbers_are_given_once(stores: [Arc<dyn Store>; 2]) {
    const TASKS: u64 = 8;
    const EACH: u64 = 20;
    let follower = Arc::clone(&stores[1]);
    let follower = tokio::spawn(async move {
        let mut seen = Vec::new();
        while seen.len() < (TASKS * EACH) as usize {
            let after = Seq(seen.last().copied().unwrap_or(0));
            follower.wait(WORKSPACE, after).await.unwrap();
            let events = follower.feed(WORKSPACE, after, 7).await.unwrap();
            seen.extend(events.iter().map(|event| event.seq.0));
        }
        seen
    });
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..TASKS {
        let store = Arc::clone(&stores[(task % 2) as usize]);
        tasks.spawn(async move {
            let mut world = Generator::new(task, WORKSPACE);
            let mut last = 0;
            for _ in 0..EACH {
                let (key, set) = opened(&mut world);
                let number = store.commit(set).await.unwrap().number(&key).unwrap();
                assert!(number > last, "a later commit gets a higher number");
                last = number;
            }
        });
    }
    tasks.join_all().await;
    let all: Vec<u64> = (1..=TASKS * EACH).collect();
    let seen = tokio::time::timeout(Duration::from_secs(30), follower).await;
    assert_eq!(seen.unwrap().unwrap(), all);
    let query = Query::all(WORKSPACE, Kind::Case)
        .sort("number", Direction::Ascending)
        .limit(1_000);
    let found = stores[0].find(&query).await.unwrap().records;
    let cases = found
        .into_iter()
        .filter_map(casekit_core::model::Case::from_entity);
    assert_eq!(cases.map(|case| case.number).collect::<Vec<_>>(), all);
}

/// What both give.
async fn futures_of<T>(futures: [impl Future<Output = casekit_core::Result<T>>; 2]) -> [T; 2] {
    let [first, second] = futures;
    [first.await.unwrap(), second.await.unwrap()]
}

/// How many statements a piece of work takes.
macro_rules! counted {
    ($store:expr, $work:expr) => {{
        let before = $store.statement_count();
        $work.await.unwrap();
        $store.statement_count() - before
    }};
}

macro_rules! stories {
    ($store:ident, $database:ty, $fresh:ident, $commit:expr, $search:expr, $newer:expr, $declare:expr,
     $without_flagged:expr) => {
        use super::*;

        type Pool = sqlx::Pool<$database>;

        async fn fresh() -> Option<(String, $store)> {
            let url = $fresh().await?;
            let store = $store::connect(&url).await.unwrap();
            store.migrate().await.unwrap();
            Some((url, store))
        }

        /// Makes the database one of a version that declared something else of cases.
        async fn declared_otherwise(pool: &Pool, change: impl FnOnce(&mut serde_json::Value)) {
            let declared = sqlx::query_scalar("SELECT declared FROM casekit_migration");
            let declared: String = declared.fetch_one(pool).await.unwrap();
            let mut earlier: serde_json::Value = serde_json::from_str(&declared).unwrap();
            change(&mut earlier["case"]);
            let changed = sqlx::query($declare).bind(earlier.to_string());
            changed.execute(pool).await.unwrap();
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn ten_migrate_at_once() {
            let Some(url) = $fresh().await else { return };
            let mut all = tokio::task::JoinSet::new();
            for _ in 0..10 {
                let url = url.clone();
                all.spawn(async move {
                    let store = $store::connect(&url).await.unwrap();
                    store.migrate().await.unwrap();
                });
            }
            all.join_all().await;
            let pool = Pool::connect(&url).await.unwrap();
            let count = sqlx::query_scalar("SELECT count(*) FROM casekit_migration");
            let times: i64 = count.fetch_one(&pool).await.unwrap();
            assert_eq!(times, 1);
        }

        #[tokio::test]
        async fn a_database_of_a_newer_version_is_refused() {
            let Some((url, store)) = fresh().await else {
                return;
            };
            let pool = Pool::connect(&url).await.unwrap();
            sqlx::query($newer).execute(&pool).await.unwrap();
            let error = store.migrate().await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Storage);
            assert!(
                error.message().contains("newer version of casekit"),
                "{error}"
            );
        }

        #[tokio::test]
        async fn a_database_of_an_earlier_version_is_brought_up_to_date() {
            let Some((url, store)) = fresh().await else {
                return;
            };
            let mut world = Generator::new(1, WORKSPACE);
            for _ in 0..30 {
                store.commit(opened(&mut world).1).await.unwrap();
            }
            let flagged = Query::all(WORKSPACE, Kind::Case).filter(Filter::equal("flagged", true));
            let tagged = Query::all(WORKSPACE, Kind::Case);
            let tagged = tagged.filter(Filter::compare("tags", Comparison::AtLeast, ""));
            let before = [&flagged, &tagged].map(|query| store.find(query));
            let before = futures_of(before).await;
            assert!(before.iter().all(|page| !page.records.is_empty()));
            // As if the field had not been declared when the database was made.
            let pool = Pool::connect(&url).await.unwrap();
            for sql in [
                "ALTER TABLE casekit_case DROP COLUMN flagged",
                "DELETE FROM casekit_case_value",
            ] {
                sqlx::query(sql).execute(&pool).await.unwrap();
            }
            declared_otherwise(&pool, |case| {
                let fields = case["fields"].as_object_mut().unwrap();
                fields.remove("flagged").unwrap();
                let indexes = case["indexes"].as_object_mut().unwrap();
                indexes.remove("casekit_case_by_flagged").unwrap();
            })
            .await;
            store.migrate().await.unwrap();
            let after = futures_of([&flagged, &tagged].map(|query| store.find(query))).await;
            assert_eq!(before, after);
            let (key, set) = opened(&mut world);
            assert_eq!(store.commit(set).await.unwrap().number(&key), Some(31));
        }

        #[tokio::test]
        async fn an_index_that_comes_or_goes_leaves_the_table_where_it_is() {
            let Some((url, store)) = fresh().await else {
                return;
            };
            let mut world = Generator::new(1, WORKSPACE);
            let (key, set) = opened(&mut world);
            store.commit(set).await.unwrap();
            let pool = Pool::connect(&url).await.unwrap();
            for sql in [
                $without_flagged,
                "CREATE INDEX casekit_case_by_body ON casekit_case (workspace, version, id)",
            ] {
                sqlx::query(sql).execute(&pool).await.unwrap();
            }
            let table = identity(&pool).await;
            // As if one had not been declared, and another one had.
            declared_otherwise(&pool, |case| {
                let indexes = case["indexes"].as_object_mut().unwrap();
                indexes.remove("casekit_case_by_flagged").unwrap();
                let other = "casekit_case_by_body".to_owned();
                indexes.insert(other, serde_json::json!(["version"]));
            })
            .await;
            store.migrate().await.unwrap();
            let names = indexes_of_cases(&pool).await;
            let has = |name: &str| names.iter().any(|other| other == name);
            assert!(has("casekit_case_by_flagged") && !has("casekit_case_by_body"));
            assert_eq!(identity(&pool).await, table);
            let found = store.load(&[Lookup::Key(key)]).await.unwrap();
            assert!(found[0].is_some());
        }

        #[tokio::test]
        async fn a_database_with_an_earlier_layout_is_brought_up_to_date() {
            let Some((url, store)) = fresh().await else {
                return;
            };
            let pool = Pool::connect(&url).await.unwrap();
            let earlier = "UPDATE casekit_migration SET layout = layout - 1";
            sqlx::query(earlier).execute(&pool).await.unwrap();
            store.migrate().await.unwrap();
            let layouts = "SELECT layout FROM casekit_migration ORDER BY number";
            let layouts = sqlx::query_scalar(layouts).fetch_all(&pool).await;
            let layouts: Vec<i64> = layouts.unwrap();
            assert_eq!(layouts[..], [layouts[1] - 1, layouts[1]]);
        }

        #[tokio::test]
        async fn nothing_can_be_done_before_migrating() {
            let Some(url) = $fresh().await else { return };
            let store = $store::connect(&url).await.unwrap();
            let mut world = Generator::new(1, WORKSPACE);
            let error = store.commit(opened(&mut world).1).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Storage);
            assert!(error.message().contains("migrate"), "{error}");
        }

        #[tokio::test]
        async fn tables_stand_beside_those_of_others() {
            let Some((url, store)) = fresh().await else {
                return;
            };
            let pool = Pool::connect(&url).await.unwrap();
            let other = $store::from_pool_prefixed(pool.clone(), "desk2_").unwrap();
            other.migrate().await.unwrap();
            let mut world = Generator::new(1, WORKSPACE);
            let (key, set) = opened(&mut world);
            other.commit(set).await.unwrap();
            let found = other.load(&[Lookup::Key(key)]).await.unwrap();
            assert!(found[0].is_some());
            let found = store.load(&[Lookup::Key(key)]).await.unwrap();
            assert!(found[0].is_none());
            for wrong in [
                "",
                "Desk_",
                "2desk",
                "a-b",
                "a\"b",
                "much_too_long_prefix_",
                "sqlite_desk",
                "pg_desk",
            ] {
                let refused = $store::from_pool_prefixed(pool.clone(), wrong);
                assert_eq!(refused.unwrap_err().kind(), ErrorKind::Invalid, "{wrong}");
            }
        }

        #[tokio::test]
        async fn no_free_connection_is_told_in_time() {
            let Some((url, _)) = fresh().await else {
                return;
            };
            let pool = sqlx::pool::PoolOptions::<$database>::new()
                .max_connections(1)
                .acquire_timeout(Duration::from_millis(100));
            let pool = pool.connect(&url).await.unwrap();
            let store = $store::from_pool(pool.clone());
            let held = pool.acquire().await.unwrap();
            let begun = Instant::now();
            let mut world = Generator::new(1, WORKSPACE);
            let (_, set) = opened(&mut world);
            let error = store.commit(set.clone()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable);
            assert!(error.message().contains("no connection"), "{error}");
            assert!(begun.elapsed() < Duration::from_secs(5));
            drop(held);
            store.commit(set).await.unwrap();
        }

        #[tokio::test]
        async fn a_statement_that_may_not_take_so_long_is_told() {
            let Some((url, store)) = fresh().await else {
                return;
            };
            let mut world = Generator::new(1, WORKSPACE);
            let (_, first) = opened(&mut world);
            store.commit(first).await.unwrap();
            let pool =
                sqlx::pool::PoolOptions::<$database>::new().after_connect(|connection, _| {
                    Box::pin(async move { connection.execute(AT_MOST_50_MS).await.map(drop) })
                });
            let impatient = $store::from_pool(pool.connect(&url).await.unwrap());
            let (_, set) = opened(&mut world);
            // The host's own transaction keeps the workspace from others.
            let pool = Pool::connect(&url).await.unwrap();
            let holding = store.within(pool.begin().await.unwrap());
            let (_, held) = opened(&mut world);
            holding.commit(held).await.unwrap();
            let error = impatient.commit(set.clone()).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable);
            assert!(error.message().contains("longer than"), "{error}");
            let host = holding.take_back().await.unwrap();
            host.rollback().await.unwrap();
            store.commit(set).await.unwrap();
        }

        #[tokio::test]
        async fn views_that_are_missing_are_made_anew() {
            let Some((url, store)) = fresh().await else {
                return;
            };
            let pool = Pool::connect(&url).await.unwrap();
            pool.execute("DROP VIEW casekit_cases").await.unwrap();
            store.migrate().await.unwrap();
            let cases: i64 = sqlx::query_scalar("SELECT count(*) FROM casekit_cases")
                .fetch_one(&pool)
                .await
                .unwrap();
            assert_eq!(cases, 0);
        }

        #[tokio::test]
        async fn connections_that_are_gone_are_replaced() {
            let Some((url, store)) = fresh().await else {
                return;
            };
            let mut world = Generator::new(1, WORKSPACE);
            let (key, set) = opened(&mut world);
            store.commit(set).await.unwrap();
            let other = Pool::connect(&url).await.unwrap();
            end_others(&other).await;
            let found = store.load(&[Lookup::Key(key)]).await.unwrap();
            assert!(found[0].is_some());
            end_others(&other).await;
            let (key, set) = opened(&mut world);
            assert_eq!(store.commit(set).await.unwrap().number(&key), Some(2));
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn when_all_connections_are_gone_the_first_that_asks_is_answered() {
            let Some((url, store)) = fresh().await else {
                return;
            };
            let mut world = Generator::new(1, WORKSPACE);
            let (key, set) = opened(&mut world);
            store.commit(set).await.unwrap();
            // They wait for each other, each with a connection.
            let mut all = tokio::task::JoinSet::new();
            for (_, set) in (0..10).map(|_| opened(&mut world)) {
                let store = store.clone();
                all.spawn(async move { store.commit(set).await.unwrap() });
            }
            all.join_all().await;
            let other = Pool::connect(&url).await.unwrap();
            end_others(&other).await;
            for _ in 0..10 {
                let found = store.load(&[Lookup::Key(key)]).await.unwrap();
                assert!(found[0].is_some());
            }
        }

        #[tokio::test(flavor = "multi_thread")]
        async fn eight_writers_share_numbers_and_sequence_and_one_follows() {
            let Some((url, store)) = fresh().await else {
                return;
            };
            let other = $store::connect(&url).await.unwrap();
            numbers_are_given_once([Arc::new(store), Arc::new(other)]).await;
        }

        #[tokio::test]
        async fn what_is_as_long_as_can_be_fits_into_every_index() {
            let Some((_, store)) = fresh().await else {
                return;
            };
            let mut world = Generator::new(1, WORKSPACE);
            let long = |characters: usize| "😀".repeat(characters);
            let customer = world.customer();
            let mut case = world.case(&customer);
            case.number = 0;
            case.subject = long(1_000);
            case.tags = [long(100)].into();
            let (system, id) = (long(64), long(255));
            case.external_id = Some(ExternalId { system, id });
            let value = case.external_id.as_ref().unwrap().joined();
            let key = case.key();
            let set = ChangeSet {
                id: world.id(),
                workspace: WORKSPACE,
                changes: vec![Change::Create(case.into_entity())],
                events: Vec::new(),
            };
            store.commit(set).await.unwrap();
            let unique = Unique::new("case_external_id", value);
            let found = store.load(&[Lookup::Unique(WORKSPACE, unique)]).await;
            assert_eq!(found.unwrap()[0].as_ref().unwrap().key(), key);
            let tagged = Filter::equal("tags", long(100));
            let query = Query::all(WORKSPACE, Kind::Case).filter(tagged);
            assert_eq!(store.find(&query).await.unwrap().records.len(), 1);
        }

        #[tokio::test]
        async fn statements_are_few() {
            let Some((_, store)) = fresh().await else {
                return;
            };
            let mut world = Generator::new(1, WORKSPACE);
            let (key, mut set) = opened(&mut world);
            let few = counted!(store, store.commit(set.clone()));
            assert!(few <= $commit.0, "{few}");
            // Many records take few more.
            set.id = world.id();
            set.changes.clear();
            set.events.clear();
            let many = (0..40).flat_map(|_| opened(&mut world).1.changes);
            set.changes.extend(many);
            let many = counted!(store, store.commit(set));
            assert!(many <= $commit.1, "{many}");
            let all = [Lookup::Key(key)];
            assert_eq!(counted!(store, store.load(&all)), 1);
            let two = [
                Lookup::Key(key),
                Lookup::Unique(WORKSPACE, Unique::new("a", "b")),
            ];
            assert_eq!(counted!(store, store.load(&two)), 2);
            let mut page = Query::all(WORKSPACE, Kind::Case)
                .filter(Filter::equal("status", "active"))
                .sort("updated_at", Direction::Descending);
            assert_eq!(counted!(store, store.find(&page)), 1);
            page.text = TextQuery::new("printer", Scope::All);
            assert_eq!(counted!(store, store.find(&page)), $search);
            assert_eq!(counted!(store, store.feed(WORKSPACE, Seq(0), 10)), 1);
        }
    };
}

mod postgres {
    const AT_MOST_50_MS: &str = "SET statement_timeout = 50";

    stories!(
        PostgresStore,
        sqlx::Postgres,
        fresh_postgres,
        // One call does it all.
        (1, 1),
        // What it expects, how many there are, and the search.
        3,
        "INSERT INTO casekit_migration (layout, declared, at) VALUES (99, '{}', now())",
        "UPDATE casekit_migration SET declared = $1",
        "DROP INDEX casekit_case_by_flagged"
    );

    /// What a table keeps as long as it is not made anew.
    async fn identity(pool: &Pool) -> i64 {
        let sql = "SELECT 'casekit_case'::regclass::oid::bigint";
        sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
    }

    async fn indexes_of_cases(pool: &Pool) -> Vec<String> {
        let sql = "SELECT indexname::text FROM pg_indexes WHERE tablename = 'casekit_case'";
        sqlx::query_scalar(sql).fetch_all(pool).await.unwrap()
    }

    #[tokio::test]
    async fn a_function_that_is_missing_or_another_is_made_anew() {
        let Some((url, store)) = fresh().await else {
            return;
        };
        let pool = Pool::connect(&url).await.unwrap();
        let mut world = Generator::new(1, WORKSPACE);
        let parameters = "(_workspace uuid, _id uuid, _day bigint, _set jsonb)";
        let drop = format!("DROP FUNCTION casekit_commit{parameters}");
        let other = format!(
            "CREATE OR REPLACE FUNCTION casekit_commit{parameters} RETURNS jsonb \
             LANGUAGE sql AS 'SELECT NULL::jsonb'"
        );
        for (number, sql) in [(1, drop), (2, other)] {
            let sql = sqlx::AssertSqlSafe(sql);
            sqlx::query(sql).execute(&pool).await.unwrap();
            store.migrate().await.unwrap();
            let (key, set) = opened(&mut world);
            let committed = store.commit(set).await.unwrap();
            assert_eq!(committed.number(&key), Some(number));
        }
    }

    #[tokio::test]
    async fn who_may_use_the_tables_but_not_the_views_finds_nothing_to_migrate() {
        let Some((url, _)) = fresh().await else {
            return;
        };
        let pool = Pool::connect(&url).await.unwrap();
        let role = format!("desk_{}", Uuid::now_v7().simple());
        let made = format!("CREATE ROLE {role}; GRANT SELECT ON casekit_migration TO {role}");
        pool.execute(sqlx::AssertSqlSafe(made)).await.unwrap();
        let used = format!("SET ROLE {role}");
        let theirs = sqlx::postgres::PgPoolOptions::new().after_connect(move |connection, _| {
            let used = sqlx::AssertSqlSafe(used.clone());
            Box::pin(async move { connection.execute(used).await.map(drop) })
        });
        let theirs = theirs.connect(&url).await.unwrap();
        PostgresStore::from_pool(theirs.clone())
            .migrate()
            .await
            .unwrap();
        theirs.close().await;
        let gone = format!("DROP OWNED BY {role}; DROP ROLE {role}");
        pool.execute(sqlx::AssertSqlSafe(gone)).await.unwrap();
    }

    /// Ends all connections to the database but this one.
    async fn end_others(pool: &Pool) {
        sqlx::query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .execute(pool)
        .await
        .unwrap();
    }
}

mod mysql {
    const AT_MOST_50_MS: &str = "SET SESSION max_statement_time = 0.05";

    stories!(
        MysqlStore,
        sqlx::MySql,
        fresh_mysql,
        // The counter (looked for, made, looked for again), the id, what is seen of four kinds, four
        // kinds and their values, words, the counter, the id, and the end.
        (26, 90),
        // How many there are, and the search.
        2,
        "INSERT INTO casekit_migration (layout, declared, at) VALUES (99, '{}', 0)",
        "UPDATE casekit_migration SET declared = ?",
        "ALTER TABLE casekit_case DROP INDEX casekit_case_by_flagged, COMMENT 'as it was'"
    );

    /// What a table keeps as long as it is not made anew.
    async fn identity(pool: &Pool) -> String {
        let sql = "SELECT table_comment FROM information_schema.tables \
                   WHERE table_schema = DATABASE() AND table_name = 'casekit_case'";
        sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
    }

    async fn indexes_of_cases(pool: &Pool) -> Vec<String> {
        let sql = "SELECT DISTINCT index_name FROM information_schema.statistics \
                   WHERE table_schema = DATABASE() AND table_name = 'casekit_case'";
        sqlx::query_scalar(sql).fetch_all(pool).await.unwrap()
    }

    /// Ends all connections to the database but this one.
    async fn end_others(pool: &Pool) {
        let others: Vec<u64> = sqlx::query_scalar(
            "SELECT CAST(id AS UNSIGNED) FROM information_schema.processlist \
             WHERE db = DATABASE() AND id <> CONNECTION_ID()",
        )
        .fetch_all(pool)
        .await
        .unwrap();
        for other in others {
            let sql = sqlx::AssertSqlSafe(format!("KILL {other}"));
            sqlx::query(sql).execute(pool).await.unwrap();
        }
    }
}

#[tokio::test]
async fn addresses_choose_the_store_and_keep_their_secrets() {
    let error = casekit_sqlx::connect("oracle://me:secret@host/x")
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert!(!error.message().contains("secret"), "{error}");
    for nowhere in [
        "postgres://me@localhost/x?host=/nowhere",
        "mysql://me@localhost/x?socket=/nowhere/socket",
    ] {
        let begun = Instant::now();
        let error = casekit_sqlx::connect(nowhere).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
    if let Some(url) = fresh_postgres().await {
        casekit_sqlx::connect(&url)
            .await
            .unwrap()
            .migrate()
            .await
            .unwrap();
    }
    if let Some(url) = fresh_mysql().await {
        let url = url.replacen("mysql:", "mariadb:", 1);
        casekit_sqlx::connect(&url)
            .await
            .unwrap()
            .migrate()
            .await
            .unwrap();
    }
}
