//! What a restored backup has to be.

use std::collections::BTreeSet;

use casekit_core::model::{Body, Case, Event, Seq, What};
use casekit_core::operations::{
    Contact, FindCases, FindOrCreateCustomer, FindOutcome, OpenCase, ReadThread, SearchCases,
};
use casekit_core::port::{Lookup, Store};
use casekit_core::query::Cursor;
use casekit_core::{Change, ChangeSet, Desk};

use crate::work::{DELETED, Done, LAMP, WORKSPACE};

/// The most events and cases that are read at once.
const PAGE: u32 = 1_000;

/// How many cases are looked at one by one.
const SAMPLE: usize = 40;

/// Whether what was restored at `url` is the whole of what the original was at one moment, at which it
/// had `least` events or more, and goes on from there.
pub(crate) async fn assert_whole(url: &str, original: &dyn Store, done: &[Vec<Done>], least: u64) {
    let store = casekit_sqlx::connect(url).await.unwrap();
    store.migrate().await.unwrap();
    let events = events(&*store).await;
    assert!(events.len() as u64 >= least, "{} < {least}", events.len());
    // What happened is what happened there, up to that moment.
    let there = self::events(original).await;
    assert!(events.len() < there.len());
    assert_eq!(events[..], there[..events.len()]);
    let opened = events.iter().filter(|event| event.what == What::Opened);
    let opened = opened.count() as u64;
    let desk = Desk::builder_on(store.clone()).build();
    let cases = cases(&desk).await;
    let numbers: BTreeSet<u64> = cases.iter().map(|case| case.number).collect();
    assert_eq!(numbers.len(), cases.len(), "a number is there twice");
    assert_eq!(cases.len() as u64, opened - DELETED);
    assert_eq!(numbers.last(), Some(&opened));
    assert_threads(&desk, &cases).await;
    assert_sets(&*store, done, events.len() as u64).await;
    assert_goes_on(&desk, &*store).await;
}

/// All events, which have no gap.
async fn events(store: &dyn Store) -> Vec<Event> {
    let mut all: Vec<Event> = Vec::new();
    loop {
        let after = Seq(all.len() as u64);
        let some = store.feed(WORKSPACE, after, PAGE).await.unwrap();
        let seqs = some.iter().map(|event| event.seq.0);
        assert!(seqs.eq(after.0 + 1..=after.0 + some.len() as u64));
        if some.is_empty() {
            return all;
        }
        all.extend(some);
    }
}

async fn cases(desk: &Desk) -> Vec<Case> {
    let mut all = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        let find = FindCases {
            after,
            limit: PAGE,
            ..FindCases::default()
        };
        let page = desk.system(WORKSPACE).run(find).await.unwrap();
        all.extend(page.cases);
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

/// A case and its thread are of the same commit, and its words find it.
async fn assert_threads(desk: &Desk, cases: &[Case]) {
    let system = desk.system(WORKSPACE);
    let mut lamps: Vec<&Case> = cases.iter().collect();
    lamps.retain(|case| case.subject.starts_with(LAMP));
    // The last, which were written while the backup was taken.
    lamps.sort_by_key(|case| std::cmp::Reverse(case.number));
    assert!(lamps.len() > 2, "{}", lamps.len());
    for case in lamps.into_iter().take(SAMPLE) {
        let thread = system.run(ReadThread::of(case)).await.unwrap();
        let is_message = |body: &Body| matches!(body, Body::Message(_));
        let messages = thread.entries.iter();
        let messages = messages.filter(|entry| is_message(&entry.body)).count();
        assert_eq!(messages, case.attention.messages as usize);
        let found = system.run(SearchCases::new(&case.subject)).await.unwrap();
        let found: Vec<u64> = found.found.iter().map(|found| found.case.number).collect();
        assert_eq!(found, [case.number], "{}", case.subject);
    }
}

/// Of what each writer committed, the beginning is there, whole, and is known to be.
async fn assert_sets(store: &dyn Store, done: &[Vec<Done>], events: u64) {
    assert_eq!(done.len(), 2);
    for sets in done {
        let there = sets.iter().take_while(|(_, done)| done.seq.0 <= events);
        let there = there.count();
        for (place, (set, committed)) in sets.iter().enumerate() {
            let lookups: Vec<Lookup> = keys(set);
            let found = store.load(&lookups).await.unwrap();
            let found = found.iter().flatten().count();
            let expected = if place < there { lookups.len() } else { 0 };
            assert_eq!(found, expected, "set {place}, of which {there} are there");
            if place < there {
                // Sent again, as after a lost reply, it is remembered.
                assert_eq!(store.commit(set.clone()).await.unwrap(), *committed);
            }
        }
    }
    assert_eq!(self::events(store).await.len() as u64, events);
}

fn keys(set: &ChangeSet) -> Vec<Lookup> {
    let keys = set.changes.iter().map(Change::key);
    keys.map(Lookup::Key).collect()
}

/// The next number and event follow on, and who was known is known.
async fn assert_goes_on(desk: &Desk, store: &dyn Store) {
    let system = desk.system(WORKSPACE);
    let before = events(store).await;
    let opened = before.iter().filter(|event| event.what == What::Opened);
    let next = opened.count() as u64 + 1;
    let contact = Contact::email("", "carla0@example.com");
    let known = system.run(FindOrCreateCustomer { contact }).await.unwrap();
    assert_eq!(known.outcome, FindOutcome::Found);
    let open = OpenCase::new(known.customer.id, "afterwards").customer_says("Good news?");
    let case = system.run(open).await.unwrap();
    assert_eq!(case.number, next);
    let after = events(store).await;
    assert!(after.len() > before.len());
    let found = system.run(SearchCases::new("afterwards")).await.unwrap();
    assert_eq!(found.found.len(), 1);
}
