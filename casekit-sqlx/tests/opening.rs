//! Opening databases: of all kinds, by several at once, and what cannot be opened.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests fail by panicking"
)]

mod support;

use casekit_core::model::{Kind, Seq};
use casekit_core::port::Store;
use casekit_core::query::{Direction, Filter, Query};
use casekit_core::{Error, ErrorKind};
use casekit_sqlx::SqliteStore;
use casekit_testkit::generate::Generator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use support::{WORKSPACE, get, open, opened, store};
use tokio::net::TcpListener;

/// The error of opening and migrating what is at a path.
async fn refused(url: &str) -> Error {
    match SqliteStore::connect(url).await {
        Err(error) => error,
        Ok(store) => store.migrate().await.expect_err("it cannot be used"),
    }
}

#[tokio::test]
async fn what_was_committed_is_there_after_opening_again() {
    let (folder, store) = store().await;
    let mut world = Generator::new(1, WORKSPACE);
    let (key, set) = opened(&mut world);
    store.commit(set).await.unwrap();
    drop(store);
    let store = open(&folder).await;
    assert!(get(&store, key).await.is_some());
    assert_eq!(store.feed(WORKSPACE, Seq(0), 10).await.unwrap().len(), 1);
}

#[tokio::test]
async fn addresses_name_files_and_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("by address.db");
    let url = format!("sqlite://{}", path.display());
    SqliteStore::connect(&url)
        .await
        .unwrap()
        .migrate()
        .await
        .unwrap();
    assert!(path.exists());
    let store = SqliteStore::connect("sqlite::memory:").await.unwrap();
    store.migrate().await.unwrap();
    let clone = store.clone();
    let mut world = Generator::new(1, WORKSPACE);
    let (key, set) = opened(&mut world);
    store.commit(set).await.unwrap();
    assert!(get(&clone, key).await.is_some());
    let other = SqliteStore::connect("sqlite::memory:").await.unwrap();
    other.migrate().await.unwrap();
    assert!(get(&other, key).await.is_none());
    let wrong = SqliteStore::connect("sqlite://a.db?mode=often").await;
    assert_eq!(wrong.expect_err("no such mode").kind(), ErrorKind::Invalid);
}

#[tokio::test]
async fn a_pool_of_the_host_is_not_starved() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new()
        .filename(folder.path().join("host.db"))
        .create_if_missing(true);
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await
        .unwrap();
    sqlx::query("CREATE TABLE theirs (id INTEGER)")
        .execute(&pool)
        .await
        .unwrap();
    let held = pool.acquire().await.unwrap();
    let store = SqliteStore::from_pool(&pool).await.unwrap();
    store.migrate().await.unwrap();
    let mut world = Generator::new(1, WORKSPACE);
    store.commit(opened(&mut world).1).await.unwrap();
    drop(held);
    let cases: i64 = sqlx::query_scalar("SELECT count(*) FROM casekit_case")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(cases, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_migrate_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cases.db");
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let path = path.clone();
        all.spawn(async move {
            let store = SqliteStore::open(path).await.unwrap();
            store.migrate().await.unwrap();
        });
    }
    all.join_all().await;
    let connection = rusqlite::Connection::open(&path).unwrap();
    let times: i64 = connection
        .query_row("SELECT count(*) FROM casekit_migration", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(times, 1);
}

#[tokio::test]
async fn nothing_can_be_done_before_migrating() {
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("new.db"))
        .await
        .unwrap();
    let mut world = Generator::new(1, WORKSPACE);
    let error = store
        .commit(opened(&mut world).1)
        .await
        .expect_err("no tables");
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(error.message().contains("migrate"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("letter.txt");
    std::fs::write(&path, "Dear Sir or Madam, ".repeat(100)).unwrap();
    let error = refused(&format!("sqlite://{}", path.display())).await;
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert_eq!(error.message(), "the file is not a database");
}

#[tokio::test]
async fn a_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let error = refused(&format!("sqlite://{}", folder.path().display())).await;
    assert_eq!(error.kind(), ErrorKind::Storage);
    let missing = folder.path().join("no/such/folder/a.db");
    let error = refused(&format!("sqlite://{}", missing.display())).await;
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert_eq!(error.message(), "the database cannot be opened");
}

#[tokio::test]
async fn a_read_only_file_can_be_read_and_not_written() {
    let (folder, store) = store().await;
    let mut world = Generator::new(1, WORKSPACE);
    let (key, set) = opened(&mut world);
    store.commit(set).await.unwrap();
    let url = format!(
        "sqlite://{}?mode=ro",
        folder.path().join("cases.db").display()
    );
    let reader = SqliteStore::connect(&url).await.unwrap();
    reader.migrate().await.unwrap();
    assert!(get(&reader, key).await.is_some());
    let error = reader
        .commit(opened(&mut world).1)
        .await
        .expect_err("read-only");
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(error.message().contains("read-only"), "{error}");
    // One that has no tables yet cannot be used at all.
    let empty = folder.path().join("empty.db");
    rusqlite::Connection::open(&empty)
        .unwrap()
        .execute_batch("CREATE TABLE theirs (id INTEGER)")
        .unwrap();
    let error = refused(&format!("sqlite://{}?mode=ro", empty.display())).await;
    assert_eq!(error.kind(), ErrorKind::Storage);
    assert!(error.message().contains("read-only"), "{error}");
}

#[tokio::test]
async fn a_database_with_an_earlier_layout_is_brought_up_to_date() {
    let (folder, store) = store().await;
    let file = rusqlite::Connection::open(folder.path().join("cases.db")).unwrap();
    let earlier = "UPDATE casekit_migration SET layout = layout - 1";
    file.execute(earlier, []).unwrap();
    store.migrate().await.unwrap();
    let layouts = "SELECT max(layout) - min(layout), count(*) FROM casekit_migration";
    let layouts = file.query_row(layouts, [], |row| Ok((row.get(0)?, row.get(1)?)));
    assert_eq!(layouts.unwrap(), (1, 2));
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused() {
    let newer = [
        "UPDATE casekit_migration SET layout = 999",
        "UPDATE casekit_migration SET declared = json_set(declared, '$.case.fields.mood', json('{\"holds\":\"text\",\"several\":false}'))",
        "UPDATE casekit_migration SET declared = json_set(declared, '$.invoice', json('{\"fields\":{},\"indexes\":{}}'))",
        "UPDATE casekit_migration SET declared = 'of a form that will come later'",
    ];
    for change in newer {
        let (folder, store) = store().await;
        drop(store);
        let path = folder.path().join("cases.db");
        let connection = rusqlite::Connection::open(&path).unwrap();
        connection.execute_batch(change).unwrap();
        drop(connection);
        let error = refused(&format!("sqlite://{}", path.display())).await;
        assert_eq!(error.kind(), ErrorKind::Storage, "{change}");
        assert!(error.message().contains("newer version"), "{error}");
    }
}

/// As a version would have left it whose cases had no `flagged`, whose `priority` was a text, whose
/// tags could not be found, and which listed cases otherwise.
const EARLIER: &str = "
    DROP INDEX casekit_case_by_flagged;
    ALTER TABLE casekit_case DROP COLUMN flagged;
    ALTER TABLE casekit_case DROP COLUMN priority;
    ALTER TABLE casekit_case ADD COLUMN priority TEXT NOT NULL DEFAULT 'normal';
    DROP TABLE casekit_case_value;
    DROP INDEX casekit_entry_by_case_at;
    CREATE INDEX casekit_entry_by_at ON casekit_entry (workspace, at, id);
    DROP TABLE casekit_tombstone;
    UPDATE casekit_migration SET declared = json_remove(declared, '$.case.fields.flagged',
      '$.case.fields.tags', '$.case.fields.operators', '$.case.fields.custom', '$.tombstone',
      '$.case.indexes.casekit_case_by_flagged', '$.entry.indexes.casekit_entry_by_case_at');
    UPDATE casekit_migration SET declared = json_set(declared, '$.case.fields.priority.holds', 'text',
      '$.entry.indexes.casekit_entry_by_at', json('[\"at\"]'));";

#[tokio::test]
async fn a_database_of_an_earlier_version_is_brought_up_to_date() {
    let (folder, store) = store().await;
    let mut world = Generator::new(3, WORKSPACE);
    for _ in 0..40 {
        store.commit(opened(&mut world).1).await.unwrap();
    }
    store.tidy().await.unwrap();
    let all = Query::all(WORKSPACE, Kind::Case).sort("priority", Direction::Ascending);
    let tagged = all
        .clone()
        .filter(Filter::is_in("tags", ["vip", "billing", "refund"]));
    let flagged = all.clone().filter(Filter::equal("flagged", true));
    let queries = [all, tagged, flagged];
    let mut before = Vec::new();
    for query in &queries {
        before.push(store.find(query).await.unwrap());
    }
    assert!(!before[2].records.is_empty());
    drop(store);
    let path = folder.path().join("cases.db");
    let schema =
        "SELECT group_concat(sql, ';' ORDER BY name) FROM sqlite_schema WHERE name LIKE 'casekit%'";
    let read = |connection: &rusqlite::Connection| -> String {
        connection.query_row(schema, [], |row| row.get(0)).unwrap()
    };
    let connection = rusqlite::Connection::open(&path).unwrap();
    let fresh = read(&connection);
    connection.execute_batch(EARLIER).unwrap();
    assert_ne!(read(&connection), fresh);
    let store = open(&folder).await;
    for (query, before) in queries.iter().zip(before) {
        assert_eq!(store.find(query).await.unwrap(), before);
    }
    let plain = |sql: &str| sql.replace(['"', ' ', '\n'], "").to_lowercase();
    assert_eq!(plain(&read(&connection)), plain(&fresh));
    store.commit(opened(&mut world).1).await.unwrap();
}

#[tokio::test]
async fn tables_stand_beside_those_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let file = SqliteConnectOptions::new().filename(folder.path().join("host.db"));
    let pool = SqlitePoolOptions::new()
        .connect_with(file.create_if_missing(true))
        .await
        .unwrap();
    let store = SqliteStore::from_pool(&pool).await.unwrap();
    let other = SqliteStore::from_pool_prefixed(&pool, "desk2_")
        .await
        .unwrap();
    // One after the other, and again: each knows its own tables only.
    for _ in 0..2 {
        store.migrate().await.unwrap();
        other.migrate().await.unwrap();
    }
    let mut world = Generator::new(1, WORKSPACE);
    let (key, set) = opened(&mut world);
    let inside = other.within(pool.begin_with("BEGIN IMMEDIATE").await.unwrap());
    inside.commit(set).await.unwrap();
    inside.take_back().await.unwrap().commit().await.unwrap();
    assert!(get(&other, key).await.is_some());
    assert!(get(&store, key).await.is_none());
    let names = "SELECT count(*) FROM sqlite_schema WHERE name LIKE ";
    for (name, expected) in [("'desk2_cases'", 1), ("'casekit_cases'", 1)] {
        let sql = sqlx::AssertSqlSafe(format!("{names}{name}"));
        let found: i64 = sqlx::query_scalar(sql).fetch_one(&pool).await.unwrap();
        assert_eq!(found, expected, "{name}");
    }
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
        let refused = SqliteStore::from_pool_prefixed(&pool, wrong).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::Invalid, "{wrong}");
    }
}

/// A server behind a firewall: one can connect, and then hears nothing. With a clock that runs ahead while all wait.
#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_answer_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    for kind in ["postgresql", "mysql"] {
        let url = format!("{kind}://me:secret@127.0.0.1:{port}/desk");
        let error = casekit_sqlx::connect(&url).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert!(error.message().contains("does not answer"), "{error}");
        assert!(error.is_retryable());
    }
}
