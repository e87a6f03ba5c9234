//! All or nothing, versions, and ids of commits.

use casekit_core::model::{Entity, FieldValue, Kind, Seq, Stored, Version, What};
use casekit_core::query::Query;
use casekit_core::{Committed, ErrorKind};
use futures_util::future::join_all;

use super::fixture::{
    Fixture, Outcome, check, create, delete, ensure, equal, refused, refused_stale, replace,
};

pub(super) async fn migrate_is_idempotent(mut fixture: Fixture) -> Outcome {
    let case = fixture.create_case().await?;
    fixture.store.migrate().await?;
    equal("the case", &fixture.get(case.key()).await?, &case)?;
    fixture.store.migrate().await?;
    let next = fixture.create_case().await?;
    equal("the next number", &next.number, &(case.number + 1))
}

pub(super) async fn commit_is_atomic(mut fixture: Fixture) -> Outcome {
    let kept = fixture.create_case().await?;
    let stale = kept.clone();
    let mut edited = kept.clone();
    edited.flagged = !edited.flagged;
    let kept = fixture.replace(&kept, edited).await?;
    let doomed = fixture.create_case().await?;
    let customer = fixture.some_customer();
    let fresh = fixture.make.case(&customer);
    let event = fixture.make.event(fresh.key(), What::Opened);
    let before = fixture.feed().await?;

    // The change that is refused comes last, so that a store that applies as it goes is seen.
    let mut set = fixture.set(vec![
        create(&customer),
        create(&fresh),
        delete(&doomed),
        replace(&stale, stale.clone()),
    ]);
    set.events = vec![event.clone()];
    refused_stale(
        "a set with one stale change",
        fixture.store.commit(set).await,
        &[kept.key()],
    )?;

    equal(
        "the new customer",
        &fixture.load(customer.key()).await?,
        &None,
    )?;
    equal("the new case", &fixture.load(fresh.key()).await?, &None)?;
    equal(
        "the deleted case",
        &fixture.get(doomed.key()).await?,
        &doomed,
    )?;
    equal("the stale case", &fixture.get(kept.key()).await?, &kept)?;
    equal("the events", &fixture.feed().await?, &before)?;
    equal("the event", &fixture.load(event.key()).await?, &None)?;
    // Its unique values, words, number and sequence number are still free.
    fixture.create(customer).await?;
    let mut set = fixture.set(vec![create(&fresh)]);
    set.events = vec![event];
    let committed = fixture.store.commit(set).await?;
    let next = doomed.number + 1;
    equal("the number", &committed.numbers, &vec![(fresh.key(), next)])?;
    equal("the sequence", &committed.seq, &Seq(1))
}

pub(super) async fn commit_refuses_stale(mut fixture: Fixture) -> Outcome {
    let first = fixture.create_case().await?;
    let second = fixture.create_case().await?;
    let third = fixture.create_case().await?;
    let fourth = fixture.create_case().await?;
    for seen in [&first, &second, &third] {
        let mut edited = seen.clone();
        edited.notes.push('!');
        fixture.replace(seen, edited).await?;
    }
    let what = "a replacement of an old version";
    let result = fixture.commit(vec![replace(&first, first.clone())]).await;
    refused_stale(what, result, &[first.key()])?;
    let result = fixture.commit(vec![delete(&second)]).await;
    refused_stale("a deletion of an old version", result, &[second.key()])?;
    let result = fixture.commit(vec![check(&third)]).await;
    refused_stale("a check of an old version", result, &[third.key()])?;
    let result = fixture.commit(vec![create(&fourth)]).await;
    refused_stale("a creation of what exists", result, &[fourth.key()])?;

    let customer = fixture.some_customer();
    let mut missing = fixture.make.case(&customer);
    missing.set_version(Version(1));
    for (what, change) in [
        (
            "a replacement of nothing",
            replace(&missing, missing.clone()),
        ),
        ("a deletion of nothing", delete(&missing)),
        ("a check of nothing", check(&missing)),
    ] {
        refused_stale(what, fixture.commit(vec![change]).await, &[missing.key()])?;
    }
    // A version that has not been reached yet is no better than one that has passed.
    let mut future = fourth.clone();
    future.set_version(Version(2));
    let result = fixture.commit(vec![check(&future)]).await;
    refused_stale("a check of a future version", result, &[fourth.key()])?;

    let all = vec![
        replace(&first, first.clone()),
        create(&customer),
        delete(&second),
        check(&third),
        create(&fourth),
        delete(&missing),
    ];
    let keys = [
        first.key(),
        second.key(),
        third.key(),
        fourth.key(),
        missing.key(),
    ];
    refused_stale(
        "a set with five stale changes",
        fixture.commit(all).await,
        &keys,
    )?;
    equal(
        "the fourth case",
        &fixture.get(fourth.key()).await?,
        &fourth,
    )
}

pub(super) async fn commit_refuses_invalid(mut fixture: Fixture) -> Outcome {
    let case = fixture.create_case().await?;
    let other = fixture.create_case().await?;
    let mut neighbour = fixture.neighbour();
    let foreign = neighbour.some_customer();
    let event = fixture.make.event(case.key(), What::Opened);
    let invalid = [
        ("a record changed twice", vec![check(&case), delete(&case)]),
        (
            "a record of another workspace",
            vec![check(&other), create(&foreign)],
        ),
        (
            "a record replaced by another",
            vec![replace(&case, other.clone())],
        ),
        ("an event created by a change", vec![create(&event)]),
    ];
    for (what, changes) in invalid {
        refused(what, fixture.commit(changes).await, ErrorKind::Bug)?;
    }
    let mut set = fixture.set(vec![delete(&case)]);
    set.events = vec![neighbour.make.event(case.key(), What::Deleted)];
    let result = fixture.store.commit(set).await;
    refused("an event of another workspace", result, ErrorKind::Bug)?;
    equal("the case", &fixture.get(case.key()).await?, &case)?;
    equal(
        "the foreign customer",
        &neighbour.load(foreign.key()).await?,
        &None,
    )
}

pub(super) async fn commit_sets_versions(mut fixture: Fixture) -> Outcome {
    // What the caller wrote into the new record's version does not count.
    let mut customer = fixture.some_customer();
    customer.set_version(Version(41));
    let mut seen = fixture.create(customer).await?;
    equal("the version of a new record", &seen.version, &Version(1))?;
    for version in 2..5 {
        let mut after = seen.clone();
        after.set_version(Version(7));
        after.notes.push('!');
        seen = fixture.replace(&seen, after).await?;
        equal(
            "the version after a replacement",
            &seen.version,
            &Version(version),
        )?;
    }
    let found = fixture
        .store
        .find(&Query::all(fixture.workspace, Kind::Customer))
        .await?;
    equal(
        "what find gives",
        &found.records,
        &vec![Entity::from(seen.clone())],
    )?;
    // A replacement that changes nothing is a write all the same.
    let same = fixture.replace(&seen, seen.clone()).await?;
    equal(
        "the version after nothing changed",
        &same.version,
        &Version(5),
    )
}

pub(super) async fn commit_checks_without_writing(mut fixture: Fixture) -> Outcome {
    let case = fixture.create_case().await?;
    let answer = fixture.commit(vec![check(&case)]).await?;
    equal("the answer to a check", &answer, &Committed::default())?;
    equal("the checked case", &fixture.get(case.key()).await?, &case)?;
    let customer = fixture.some_customer();
    fixture
        .commit(vec![check(&case), create(&customer)])
        .await?;
    equal("the case", &fixture.get(case.key()).await?, &case)?;
    ensure(fixture.load(customer.key()).await?.is_some(), || {
        "a change beside a check was not written".to_owned()
    })
}

pub(super) async fn commit_accepts_empty(mut fixture: Fixture) -> Outcome {
    let empty = fixture.commit(Vec::new()).await?;
    equal("in an empty workspace", &empty, &Committed::default())?;
    let case = fixture.create_case().await?;
    let mut set = fixture.set(Vec::new());
    set.events = vec![
        fixture.make.event(case.key(), What::Opened),
        fixture.make.event(case.key(), What::Changed),
    ];
    equal(
        "with two events",
        &fixture.store.commit(set).await?.seq,
        &Seq(2),
    )?;
    let empty = fixture.commit(Vec::new()).await?;
    equal("after two events", &empty.seq, &Seq(2))
}

pub(super) async fn commit_is_idempotent_by_id(mut fixture: Fixture) -> Outcome {
    let customer = fixture.some_customer();
    let case = fixture.make.case(&customer);
    let mut set = fixture.set(vec![create(&customer), create(&case)]);
    set.events = vec![fixture.make.event(case.key(), What::Opened)];
    let first = fixture.store.commit(set.clone()).await?;
    let case = fixture.get::<casekit_core::model::Case>(case.key()).await?;

    // Others commit in between: the answer is still that of the first time.
    let mut edited = case.clone();
    edited.flagged = !edited.flagged;
    let mut later = fixture.set(vec![replace(&case, edited)]);
    later.events = vec![fixture.make.event(case.key(), What::Changed)];
    let second = fixture.store.commit(later.clone()).await?;
    let state = (fixture.load(case.key()).await?, fixture.feed().await?);

    equal(
        "the answer to the first retry",
        &fixture.store.commit(set.clone()).await?,
        &first,
    )?;
    equal(
        "the answer to the second retry",
        &fixture.store.commit(later).await?,
        &second,
    )?;
    equal(
        "the answer to the third retry",
        &fixture.store.commit(set).await?,
        &first,
    )?;
    let now = (fixture.load(case.key()).await?, fixture.feed().await?);
    equal("the case and the events after retries", &now, &state)?;
    let next = fixture.create_case().await?;
    equal("the next number", &next.number, &(case.number + 1))
}

pub(super) async fn commit_remembers_only_success(mut fixture: Fixture) -> Outcome {
    let case = fixture.create_case().await?;
    let customer = fixture.some_customer();
    let mut edited = case.clone();
    edited.notes.push('!');
    let now = fixture.replace(&case, edited).await?;
    let mut set = fixture.set(vec![create(&customer), check(&case)]);
    refused_stale(
        "a stale check",
        fixture.store.commit(set.clone()).await,
        &[case.key()],
    )?;
    set.changes = vec![create(&customer), check(&now)];
    fixture.store.commit(set).await?;
    ensure(fixture.load(customer.key()).await?.is_some(), || {
        "a commit under the id of a refused one was not done".to_owned()
    })
}

pub(super) async fn commit_serialises(mut fixture: Fixture) -> Outcome {
    const CALLERS: u64 = 24;
    let contested = fixture.create_case().await?;
    let mut sets = Vec::new();
    for caller in 0..CALLERS {
        let customer = fixture.some_customer();
        let case = fixture.make.case(&customer);
        let mut set = fixture.set(vec![create(&case)]);
        set.events = vec![fixture.make.event(case.key(), What::Opened)];
        sets.push(set);
        let mut edited = contested.clone();
        edited.notes = format!("caller {caller}");
        sets.push(fixture.set(vec![replace(&contested, edited)]));
    }
    let answers = join_all(sets.into_iter().map(|set| fixture.store.commit(set))).await;
    let (mut numbers, mut seqs, mut won) = (Vec::new(), Vec::new(), 0);
    for (at, answer) in answers.into_iter().enumerate() {
        match answer {
            Ok(answer) if at % 2 == 0 => {
                numbers.extend(answer.numbers.iter().map(|(_, number)| *number));
                seqs.push(answer.seq.0);
            }
            Ok(_) => won += 1,
            lost => refused_stale("a change that came too late", lost, &[contested.key()])?,
        }
    }
    numbers.sort_unstable();
    seqs.sort_unstable();
    equal("how many of all changes to one record succeed", &won, &1)?;
    let first = contested.number + 1;
    equal("the numbers", &numbers, &(first..first + CALLERS).collect())?;
    equal("the sequence", &seqs, &(1..=CALLERS).collect())
}

pub(super) async fn commit_frees_what_is_deleted(mut fixture: Fixture) -> Outcome {
    let customer = fixture.some_customer();
    let unique = customer.unique();
    let customer = fixture.create(customer).await?;
    let mut changed = customer.clone();
    changed.name = "Quetzalcoatl".to_owned();
    let customer = fixture.replace(&customer, changed).await?;
    fixture.delete(&customer).await?;
    equal(
        "the deleted record",
        &fixture.load(customer.key()).await?,
        &None,
    )?;
    fixture
        .agree(&[], &Query::all(fixture.workspace, Kind::Customer))
        .await?;
    for unique in unique {
        let lookup = casekit_core::port::Lookup::Unique(fixture.workspace, unique);
        equal(
            "its unique value",
            &fixture.store.load(&[lookup]).await?,
            &vec![None],
        )?;
    }
    // The same id again: nothing of the first life is left.
    let mut again = customer.clone();
    again.name = "Somebody else".to_owned();
    again.custom.clear();
    let again = fixture.create(again).await?;
    equal(
        "the version in its second life",
        &again.version,
        &Version(1),
    )?;
    let mut search = Query::all(fixture.workspace, Kind::Customer);
    for words in ["quetzalcoatl", "somebody"] {
        search.text = super::text::asking(words);
        fixture
            .agree(&[Entity::from(again.clone())], &search)
            .await?;
    }
    Ok(())
}

pub(super) async fn commit_keeps_texts_exactly(mut fixture: Fixture) -> Outcome {
    let hard = [
        "",
        " leading and trailing blanks ",
        "quotes ' \" ` and \\ backslashes \\n",
        "tabs\tand\r\nlines\n\n",
        "per%cent under_score * ? [a-z]",
        "e\u{301} is not \u{e9}",
        "\u{202e}right to left\u{202c} العربية",
        "👩‍👩‍👧‍👦 🏳️‍🌈 \u{1f468}\u{1f3fd}",
        "\u{feff}marks\u{200b}\u{ffff}\u{10ffff}",
        "'; drop table cases; --",
        "{\"json\": [null]}",
    ];
    let customer = fixture.some_customer();
    let long = "Ærø 🚢 ".repeat(20_000);
    for text in hard.into_iter().chain([long.as_str()]) {
        let mut case = fixture.make.case(&customer);
        case.subject = text.to_owned();
        case.description = text.to_owned();
        case.tags.insert(text.chars().take(100).collect());
        case.custom
            .insert("text".to_owned(), FieldValue::Text(text.to_owned()));
        let mut stored = fixture.create(case.clone()).await?;
        stored.number = 0;
        stored.version = case.version;
        equal("a new record", &stored, &case)?;
        let before = fixture.get::<casekit_core::model::Case>(case.key()).await?;
        let mut after = before.clone();
        after.notes = text.to_owned();
        let stored = fixture.replace(&before, after.clone()).await?;
        after.version = before.version.next();
        equal("a replaced record", &stored, &after)?;
        fixture.delete(&stored).await?;
    }
    Ok(())
}
