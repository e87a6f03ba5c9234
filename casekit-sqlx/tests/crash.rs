//! A program that is killed while it writes loses nothing that it was told is committed.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

mod support;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use casekit_core::Change;
use casekit_core::model::{Entity, Kind, Seq, Value};
use casekit_core::port::{Lookup, Store};
use casekit_core::query::{Aggregate, Filter};
use casekit_sqlx::SqliteStore;
use casekit_testkit::generate::Generator;
use support::{WORKSPACE, get, open, opened, store};
use tempfile::TempDir;

/// Set for the program that is killed: the file, and the seed of what it writes.
const CHILD: &str = "CASEKIT_CRASH_CHILD";
const SEED: &str = "CASEKIT_CRASH_SEED";
const SECONDS: &str = "CASEKIT_CRASH_SECONDS";

/// How many commit at the same time.
const CALLERS: u64 = 4;

/// The program that is killed; as a test, without the variable, it does nothing.
#[test]
fn child() {
    let Ok(path) = std::env::var(CHILD) else {
        return;
    };
    let seed: u64 = std::env::var(SEED).unwrap().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let store = SqliteStore::open(path).await.unwrap();
        store.migrate().await.unwrap();
        let mut callers = tokio::task::JoinSet::new();
        for caller in 0..CALLERS {
            let store = store.clone();
            callers.spawn(async move {
                let mut world = Generator::new(seed * CALLERS + caller, WORKSPACE);
                loop {
                    let (key, set) = opened(&mut world);
                    let committed = store.commit(set).await.unwrap();
                    let number = committed.number(&key).unwrap();
                    // One write for a line, so that a line is whole or not there.
                    let line = format!("ack {caller} {number}\n");
                    std::io::stdout().write_all(line.as_bytes()).unwrap();
                    std::io::stdout().flush().unwrap();
                }
            });
        }
        callers.join_all().await;
    });
}

/// Runs the program for a while, kills it, and gives how many commits of each caller it acknowledged.
fn run_and_kill(path: &Path, seed: u64, after: Duration) -> Vec<(u64, u64)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, path)
        .env(SEED, seed.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let reader = std::thread::spawn(move || {
        let acks = lines.map_while(Result::ok).filter_map(|line| {
            let (_, ack) = line.split_once("ack ")?;
            let (caller, number) = ack.split_once(' ')?;
            Some((caller.parse().ok()?, number.parse().ok()?))
        });
        acks.collect::<Vec<(u64, u64)>>()
    });
    std::thread::sleep(after);
    // SIGKILL: nothing of the program runs any more.
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

/// Checks that the file is whole and that what was acknowledged is there; gives the number of cases.
async fn check(folder: &TempDir, seed: u64, acks: &[(u64, u64)]) -> u64 {
    let connection = rusqlite::Connection::open(folder.path().join("cases.db")).unwrap();
    let whole: String = connection
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(whole, "ok");
    connection
        .execute_batch("INSERT INTO casekit_text (casekit_text) VALUES ('integrity-check')")
        .unwrap();
    drop(connection);
    let store = open(folder).await;
    for caller in 0..CALLERS {
        // The same seed gives the same sets again.
        let mut world = Generator::new(seed * CALLERS + caller, WORKSPACE);
        for (_, number) in acks.iter().filter(|(by, _)| *by == caller) {
            let (key, set) = opened(&mut world);
            match get(&store, key).await {
                Some(Entity::Case(case)) => assert_eq!(case.number, *number),
                other => panic!("an acknowledged case is lost: {other:?}"),
            }
            let keys = set.changes.iter().map(Change::key).map(Lookup::Key);
            let there = store.load(&keys.collect::<Vec<_>>()).await.unwrap();
            assert!(
                there.iter().all(Option::is_some),
                "a change set is there in part"
            );
        }
    }
    assert_sequence(&store).await
}

/// Every event has a case and every case an event: what was not acknowledged is there whole or not at all.
async fn assert_sequence(store: &SqliteStore) -> u64 {
    let (mut last, mut cases) = (0, 0);
    loop {
        let events = store.feed(WORKSPACE, Seq(last), 500).await.unwrap();
        if events.is_empty() {
            break;
        }
        let about: Vec<_> = events
            .iter()
            .map(|event| Lookup::Key(event.about))
            .collect();
        for (event, case) in events.iter().zip(store.load(&about).await.unwrap()) {
            assert_eq!(event.seq, Seq(last + 1));
            assert!(case.is_some());
            last += 1;
            cases += 1;
        }
    }
    for (kind, each) in [(Kind::Case, 1), (Kind::Activity, 1), (Kind::Entry, 2)] {
        let count = Aggregate::count(WORKSPACE, kind, Filter::all());
        let rows = store.aggregate(&count).await.unwrap();
        let found = rows.first().map(|row| row.values.clone());
        // With no record there is no row.
        let expected = (cases > 0).then(|| vec![Value::Int(cases * each)]);
        assert_eq!(found, expected);
    }
    cases.cast_unsigned()
}

#[tokio::test]
async fn what_is_acknowledged_survives_being_killed() {
    let seconds = std::env::var(SECONDS)
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(5);
    let until = Instant::now() + Duration::from_secs(seconds);
    let (folder, store) = store().await;
    drop(store);
    let path = folder.path().join("cases.db");
    let (mut kills, mut acknowledged) = (0_u64, 0);
    // Seeded, so that what is written and when it is killed do not depend on chance alone.
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    while Instant::now() < until || kills < 3 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let after = Duration::from_millis(150 + (state >> 33) % 700);
        let acks = run_and_kill(&path, kills, after);
        kills += 1;
        acknowledged += acks.len();
        let there = check(&folder, kills - 1, &acks).await;
        assert!(there >= acknowledged as u64);
    }
    assert!(acknowledged > 0, "nothing was written in {kills} runs");
    println!("{kills} kills, {acknowledged} commits acknowledged");
}
