//! The sequence of events, and waiting for more of them.

use casekit_core::model::{Entity, Event, Key, Kind, Seq, Stored, Version, What};
use casekit_core::query::{Direction, Query};

use super::fixture::{Failure, Fixture, Outcome, ensure, equal, replace};
use crate::watchdog::within;

/// Commits `count` events and gives them as they were handed in.
async fn commit_events(fixture: &mut Fixture, count: usize) -> Result<Vec<Event>, Failure> {
    let about = fixture.make.agent().key();
    let mut set = fixture.set(Vec::new());
    for _ in 0..count {
        set.events.push(fixture.make.event(about, What::Changed));
    }
    let events = set.events.clone();
    fixture.store.commit(set).await?;
    Ok(events)
}

fn seqs(events: &[Event]) -> Vec<u64> {
    events.iter().map(|event| event.seq.0).collect()
}

pub(super) async fn commit_assigns_sequence(mut fixture: Fixture) -> Outcome {
    let mut wanted = Vec::new();
    for count in [1, 3, 0, 2] {
        wanted.extend(commit_events(&mut fixture, count).await?);
    }
    for (event, seq) in wanted.iter_mut().zip(1..) {
        // All but sequence and version is as it was handed in.
        event.seq = Seq(seq);
        event.version = Version(1);
    }
    equal("the feed", &fixture.feed().await?, &wanted)?;
    for event in &wanted {
        equal(
            "the event by its key",
            &fixture.get(event.key()).await?,
            event,
        )?;
    }
    let newest_first =
        Query::all(fixture.workspace, Kind::Event).sort("seq", Direction::Descending);
    let found = fixture.store.find(&newest_first).await?;
    let wanted: Vec<Entity> = wanted.into_iter().rev().map(Entity::from).collect();
    equal("the events by sequence", &found.records, &wanted)?;
    // What a caller writes into the sequence does not count.
    let about = fixture.make.agent().key();
    let mut set = fixture.set(Vec::new());
    let mut event = fixture.make.event(about, What::Changed);
    event.seq = Seq(99);
    event.version = Version(9);
    set.events = vec![event];
    equal(
        "the sequence",
        &fixture.store.commit(set).await?.seq,
        &Seq(7),
    )?;
    equal(
        "the last sequence",
        &seqs(&fixture.feed().await?).last().copied(),
        &Some(7),
    )
}

pub(super) async fn commit_replaces_events(mut fixture: Fixture) -> Outcome {
    commit_events(&mut fixture, 3).await?;
    let before = fixture.feed().await?;
    let Some(secret) = before.get(1) else {
        return Err(Failure("the second event is missing".to_owned()));
    };
    let mut erased = secret.clone();
    erased.changes.clear();
    let answer = fixture
        .commit(vec![replace(secret, erased.clone())])
        .await?;
    equal("the last sequence", &answer.seq, &Seq(3))?;
    erased.version = Version(2);
    equal(
        "the event by its key",
        &fixture.get(secret.key()).await?,
        &erased,
    )?;
    let mut wanted = before.clone();
    wanted.splice(1..2, [erased]);
    equal("the feed", &fixture.feed().await?, &wanted)?;
    let by_seq = Query::all(fixture.workspace, Kind::Event).sort("seq", Direction::Ascending);
    let found = fixture.store.find(&by_seq).await?;
    let wanted: Vec<Entity> = wanted.into_iter().map(Entity::from).collect();
    equal("the events by sequence", &found.records, &wanted)
}

pub(super) async fn feed_is_in_order(mut fixture: Fixture) -> Outcome {
    let mut handed_in = Vec::new();
    for count in [2, 1, 4, 1, 3] {
        handed_in.extend(commit_events(&mut fixture, count).await?);
    }
    let ids: Vec<_> = handed_in.iter().map(|event| event.id).collect();
    for step in [1, 2, 3, 100] {
        let (mut got, mut after) = (Vec::new(), Seq(0));
        loop {
            let page = fixture.store.feed(fixture.workspace, after, step).await?;
            let Some(last) = page.last() else {
                break;
            };
            after = last.seq;
            got.extend(page);
            ensure(got.len() <= ids.len(), || {
                format!("{} events of {}", got.len(), ids.len())
            })?;
        }
        equal("the sequence", &seqs(&got), &(1..=11).collect())?;
        let got: Vec<_> = got.iter().map(|event| event.id).collect();
        equal("the events", &got, &ids)?;
    }
    Ok(())
}

pub(super) async fn feed_bounds_the_page(mut fixture: Fixture) -> Outcome {
    commit_events(&mut fixture, 5).await?;
    let cases: [(u64, u32, Vec<u64>); 7] = [
        (0, 2, vec![1, 2]),
        (0, 5, vec![1, 2, 3, 4, 5]),
        (3, 10, vec![4, 5]),
        (4, 1, vec![5]),
        (5, 10, vec![]),
        (1_000_000, 10, vec![]),
        (0, 0, vec![]),
    ];
    for (after, limit, wanted) in cases {
        let feed = fixture
            .store
            .feed(fixture.workspace, Seq(after), limit)
            .await?;
        equal(
            &format!("{limit} events after {after}"),
            &seqs(&feed),
            &wanted,
        )?;
    }
    Ok(())
}

pub(super) async fn wait_wakes(mut fixture: Fixture) -> Outcome {
    let store = std::sync::Arc::clone(&fixture.store);
    let workspace = fixture.workspace;
    let patience = fixture.patience / 2;
    let about: Key = fixture.make.agent().key();
    for seq in 0..3 {
        let mut set = fixture.set(Vec::new());
        set.events = vec![fixture.make.event(about, What::Changed)];
        let commit = async {
            // The one who waits comes first.
            tokio::task::yield_now().await;
            store.commit(set).await
        };
        let both = async { tokio::join!(store.wait(workspace, Seq(seq)), commit) };
        let Some((woken, committed)) = within(patience, both).await else {
            return Err(Failure(
                "a commit did not wake the one who waits".to_owned(),
            ));
        };
        woken?;
        committed?;
        let Some(woken) = within(patience, store.wait(workspace, Seq(seq))).await else {
            return Err(Failure(
                "waiting for what is there did not return".to_owned(),
            ));
        };
        woken?;
    }
    Ok(())
}
