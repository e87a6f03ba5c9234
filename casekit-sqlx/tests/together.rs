//! Many at once: threads, programs, and what they cost.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking"
)]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;

use casekit_core::model::{Case, Entity, FromEntity, Kind, Seq, Version};
use casekit_core::port::{Lookup, Store};
use casekit_core::query::{Direction, Filter, Query};
use casekit_core::{Change, ChangeSet, ErrorKind};
use casekit_sqlx::SqliteStore;
use casekit_testkit::generate::Generator;
use support::{WORKSPACE, get, open, opened, store};

const THREADS: u64 = 8;
const EACH: u64 = 40;

/// Runs `work` on eight threads with a runtime each.
fn on_threads(work: impl Fn(u64) + Send + Sync + 'static) {
    let work = Arc::new(work);
    let threads = (0..THREADS).map(|thread| {
        let work = Arc::clone(&work);
        std::thread::spawn(move || work(thread))
    });
    let threads: Vec<_> = threads.collect();
    threads
        .into_iter()
        .for_each(|thread| thread.join().unwrap());
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(future)
}

async fn numbers_are_given_once(stores: Vec<SqliteStore>) {
    let store = stores[0].clone();
    on_threads(move |thread| {
        let store = stores[thread as usize % stores.len()].clone();
        let mut world = Generator::new(thread, WORKSPACE);
        block_on(async {
            let mut last = 0;
            for _ in 0..EACH {
                let (key, set) = opened(&mut world);
                let number = store.commit(set).await.unwrap().number(&key).unwrap();
                assert!(number > last, "a later commit gets a higher number");
                last = number;
            }
        });
    });
    let all = THREADS * EACH;
    let events = store.feed(WORKSPACE, Seq(0), 10_000).await.unwrap();
    let seqs: Vec<u64> = events.iter().map(|event| event.seq.0).collect();
    assert_eq!(seqs, (1..=all).collect::<Vec<_>>());
    let query = Query::all(WORKSPACE, Kind::Case)
        .sort("number", Direction::Ascending)
        .limit(1_000);
    let found = store.find(&query).await.unwrap().records;
    let numbers = found
        .into_iter()
        .filter_map(Case::from_entity)
        .map(|case| case.number);
    assert_eq!(numbers.collect::<Vec<_>>(), (1..=all).collect::<Vec<_>>());
}

#[tokio::test]
async fn eight_threads_share_numbers_and_sequence() {
    let (_folder, store) = store().await;
    numbers_are_given_once(vec![store]).await;
    let store = SqliteStore::connect("sqlite::memory:").await.unwrap();
    store.migrate().await.unwrap();
    numbers_are_given_once(vec![store]).await;
}

#[tokio::test]
async fn two_programs_share_numbers_and_sequence() {
    let (folder, store) = store().await;
    // A store of its own sees the file as another program does.
    let other = open(&folder).await;
    numbers_are_given_once(vec![store, other]).await;
}

#[tokio::test]
async fn of_eight_who_claim_one_gets_it() {
    let (_folder, store) = store().await;
    let mut world = Generator::new(1, WORKSPACE);
    let mut cases = Vec::new();
    for _ in 0..EACH {
        let (key, set) = opened(&mut world);
        store.commit(set).await.unwrap();
        cases.push(get(&store, key).await.unwrap());
    }
    let winners = Arc::new(std::sync::Mutex::new(Vec::new()));
    let (claims, agreed) = (store.clone(), Arc::clone(&winners));
    let seen = cases.clone();
    on_threads(move |thread| {
        let mut world = Generator::new(100 + thread, WORKSPACE);
        block_on(async {
            for before in &seen {
                let mut case = Case::from_entity(before.clone()).unwrap();
                case.subject = format!("taken by {thread}");
                let set = ChangeSet {
                    id: world.id(),
                    workspace: WORKSPACE,
                    changes: vec![Change::Replace {
                        before: before.clone(),
                        after: case.into_entity(),
                    }],
                    events: Vec::new(),
                };
                match claims.commit(set).await {
                    Ok(_) => agreed.lock().unwrap().push((before.key(), thread)),
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::Conflict);
                        assert_eq!(error.stale_keys(), [before.key()]);
                    }
                }
            }
        });
    });
    let winners = winners.lock().unwrap().clone();
    let taken: BTreeSet<_> = winners.iter().map(|(key, _)| *key).collect();
    assert_eq!((winners.len(), taken.len()), (cases.len(), cases.len()));
    for (key, thread) in winners {
        let case = Case::from_entity(get(&store, key).await.unwrap()).unwrap();
        assert_eq!(case.subject, format!("taken by {thread}"));
        assert_eq!(case.version, Version(2));
    }
}

#[tokio::test]
async fn a_refused_set_does_not_concern_those_committed_with_it() {
    let (_folder, store) = store().await;
    let mut world = Generator::new(1, WORKSPACE);
    let (key, first) = opened(&mut world);
    store.commit(first.clone()).await.unwrap();
    let mut all = tokio::task::JoinSet::new();
    for at in 0..60 {
        let (_, mut set) = opened(&mut world);
        if at % 3 == 0 {
            // Creates a case that exists.
            set.changes.push(first.changes[0].clone());
        }
        let store = store.clone();
        all.spawn(async move { (at, store.commit(set).await) });
    }
    for (at, done) in all.join_all().await {
        match done {
            Ok(_) => assert_ne!(at % 3, 0),
            Err(error) => assert_eq!((at % 3, error.stale_keys()), (0, [key].as_slice())),
        }
    }
    let events = store.feed(WORKSPACE, Seq(0), 1_000).await.unwrap();
    assert_eq!(events.len(), 41);
    assert_eq!(events.last().unwrap().seq, Seq(41));
}

#[tokio::test]
async fn a_commit_waits_for_another_program_without_holding_up_the_executor() {
    let (folder, store) = store().await;
    let other = rusqlite::Connection::open(folder.path().join("cases.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut world = Generator::new(1, WORKSPACE);
    let (key, set) = opened(&mut world);
    let commit = tokio::spawn({
        let store = store.clone();
        async move { store.commit(set).await }
    });
    // The executor has one thread: that we come back here shows that it is free.
    for _ in 0..100 {
        tokio::task::yield_now().await;
        assert!(!commit.is_finished());
    }
    assert!(get(&store, key).await.is_none());
    other.execute_batch("COMMIT").unwrap();
    commit.await.unwrap().unwrap();
    assert!(get(&store, key).await.is_some());
}

#[tokio::test]
async fn a_commit_of_another_program_wakes() {
    let (folder, store) = store().await;
    let other = open(&folder).await;
    let mut world = Generator::new(1, WORKSPACE);
    let waiter = tokio::spawn(async move {
        store.wait(WORKSPACE, Seq(0)).await.unwrap();
        store.feed(WORKSPACE, Seq(0), 10).await.unwrap().len()
    });
    tokio::task::yield_now().await;
    other.commit(opened(&mut world).1).await.unwrap();
    assert_eq!(waiter.await.unwrap(), 1);
}

#[test]
fn no_runtime_is_needed() {
    let (_folder, store) = futures_executor(store());
    let mut world = Generator::new(1, WORKSPACE);
    let (key, set) = opened(&mut world);
    futures_executor(store.commit(set)).unwrap();
    let query = Query::all(WORKSPACE, Kind::Case);
    let found = futures_executor(store.find(&query)).unwrap().records;
    assert_eq!(found.iter().map(Entity::key).collect::<Vec<_>>(), [key]);
    let mut text = query;
    text.text = casekit_core::query::TextQuery::new("nowhere", casekit_core::query::Scope::All);
    assert!(
        futures_executor(store.find(&text))
            .unwrap()
            .records
            .is_empty()
    );
}

/// Polls on this thread, with nothing of tokio around.
fn futures_executor<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(done) => return done,
            std::task::Poll::Pending => std::thread::park(),
        }
    }
}

#[tokio::test]
async fn statements_are_few() {
    let (_folder, store) = store().await;
    let mut world = Generator::new(1, WORKSPACE);
    let (key, mut set) = opened(&mut world);
    // Tags and custom values are a statement each: this case has none.
    if let Change::Create(Entity::Case(case)) = &mut set.changes[0] {
        let case = Arc::make_mut(case);
        case.tags.clear();
        case.custom.clear();
        case.operators.clear();
        case.external_id = None;
    }
    if let Change::Create(Entity::Activity(activity)) = &mut set.changes[1] {
        let activity = Arc::make_mut(activity);
        activity.tags.clear();
        activity.external_id = None;
    }
    let texts = set.changes.iter().filter_map(Change::after);
    let texts = texts
        .filter(|record| record.search_text().is_some())
        .count() as u64;
    // Begin, known id, counter, 4 records, the event, the id, counter, commit, and a row for each text.
    let before = store.statement_count();
    store.commit(set).await.unwrap();
    assert_eq!(store.statement_count() - before, 11 + texts);
    let before = store.statement_count();
    store.load(&[Lookup::Key(key)]).await.unwrap();
    assert_eq!(store.statement_count() - before, 1);
    // Several in one statement, which sees one state by itself.
    let before = store.statement_count();
    store.load(&vec![Lookup::Key(key); 50]).await.unwrap();
    assert_eq!(store.statement_count() - before, 1);
    let page = Query::all(WORKSPACE, Kind::Case)
        .filter(Filter::equal("status", "active"))
        .sort("updated_at", Direction::Descending);
    let before = store.statement_count();
    store.find(&page).await.unwrap();
    assert_eq!(store.statement_count() - before, 1);
}

/// A commit that is too large for an executor is left to another thread of its runtime. Others may
/// wait in the same queue when that runtime ends.
#[test]
fn a_runtime_that_ends_leaves_nobody_waiting() {
    let (_folder, store) = block_on(store());
    let mut world = Generator::new(1, WORKSPACE);
    // The thread wakes too late most of the time.
    for _ in 0..20 {
        let large = ChangeSet {
            changes: (0..100)
                .map(|_| Change::Create(world.customer().into()))
                .collect(),
            id: world.id(),
            workspace: WORKSPACE,
            events: Vec::new(),
        };
        left_by_a_runtime(&store, large);
    }
}

fn left_by_a_runtime(store: &SqliteStore, set: ChangeSet) {
    let ends = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    // The thread is there already, and idle.
    ends.block_on(ends.spawn_blocking(|| ())).unwrap();
    let mut commit = Box::pin(store.commit(set));
    {
        let _context = ends.enter();
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        // The first time it lets others go first, the second time it leaves the work to the thread.
        assert!(commit.as_mut().poll(&mut context).is_pending());
        if let std::task::Poll::Ready(done) = commit.as_mut().poll(&mut context) {
            // The thread was fast.
            done.unwrap();
            return;
        }
    }
    ends.shutdown_background();
    let patience = std::time::Duration::from_secs(30);
    let done = block_on(async { tokio::time::timeout(patience, commit).await });
    done.unwrap().unwrap();
}

#[tokio::test]
async fn a_commit_that_is_given_up_before_its_turn_is_never_made() {
    let (_folder, store) = store().await;
    let mut world = Generator::new(1, WORKSPACE);
    let (given_up, set) = opened(&mut world);
    tokio::select! {
        biased;
        _ = store.commit(set) => unreachable!("it lets others go first"),
        () = std::future::ready(()) => {}
    }
    let (made, set) = opened(&mut world);
    let committed = store.commit(set).await.unwrap();
    assert_eq!(committed.number(&made), Some(1));
    assert!(get(&store, given_up).await.is_none());
}
