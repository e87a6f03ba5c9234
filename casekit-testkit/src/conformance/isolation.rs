//! One workspace never reaches another.

use casekit_core::model::{Entity, Key, Kind, Seq, Stored, Unique, What};
use casekit_core::port::Lookup;
use casekit_core::query::{Aggregate, Filter, Query};

use super::fixture::{Fixture, Outcome, create, equal};

pub(super) async fn commit_isolates_workspaces(mut fixture: Fixture) -> Outcome {
    let mut neighbour = fixture.neighbour();
    let mut numbers = Vec::new();
    for fixture in [&mut fixture, &mut neighbour] {
        let mut customer = fixture.some_customer();
        customer.emails = vec!["same@example.org".to_owned()];
        let case = fixture.make.case(&customer);
        let mut set = fixture.set(vec![create(&customer), create(&case)]);
        set.events = vec![fixture.make.event(case.key(), What::Opened)];
        let committed = fixture.store.commit(set).await?;
        numbers.push((committed.seq, committed.number(&case.key())));
    }
    let first = (Seq(1), Some(1));
    equal("sequence and number of each", &numbers, &vec![first, first])
}

pub(super) async fn load_isolates_workspaces(mut fixture: Fixture) -> Outcome {
    let mut neighbour = fixture.neighbour();
    let mut customer = fixture.some_customer();
    customer.emails = vec!["mine@example.org".to_owned()];
    let customer = fixture.create(customer).await?;
    neighbour.create_case().await?;
    let lookups = [
        Lookup::Key(Key {
            workspace: neighbour.workspace,
            ..customer.key()
        }),
        Lookup::Unique(
            neighbour.workspace,
            Unique::new("customer_email", "mine@example.org"),
        ),
    ];
    let found = fixture.store.load(&lookups).await?;
    equal("what the neighbour sees", &found, &vec![None, None])
}

pub(super) async fn find_isolates_workspaces(mut fixture: Fixture) -> Outcome {
    let mut neighbour = fixture.neighbour();
    let mine = fixture.populate(8).await?;
    let theirs = neighbour.populate(5).await?;
    for (fixture, known) in [(&fixture, &mine), (&neighbour, &theirs)] {
        for kind in [Kind::Case, Kind::Entry, Kind::Customer, Kind::Event] {
            let mut query = Query::all(fixture.workspace, kind);
            fixture.agree(known, &query).await?;
            for words in ["printer", "e", "example"] {
                query.text = super::text::asking(words);
                fixture.agree(known, &query).await?;
            }
            let count = Aggregate::count(fixture.workspace, kind, Filter::all());
            let rows = fixture.store.aggregate(&count).await?;
            let wanted = casekit_core::query::eval_aggregate(&count, known.iter())?;
            equal("the count", &rows, &wanted)?;
        }
    }
    // A filter for a neighbour's id finds nothing either.
    let customer = theirs.iter().find_map(|record| match record {
        Entity::Case(case) => Some(case.customer),
        _ => None,
    });
    if let Some(customer) = customer {
        let query = fixture.cases().filter(Filter::equal("customer", customer));
        equal(
            "cases of a neighbour's customer",
            &fixture.ids(&query).await?,
            &Vec::new(),
        )?;
    }
    Ok(())
}

pub(super) async fn feed_isolates_workspaces(mut fixture: Fixture) -> Outcome {
    let mut neighbour = fixture.neighbour();
    for round in 1..4_u64 {
        for fixture in [&mut fixture, &mut neighbour] {
            let about = fixture.make.agent().key();
            let mut set = fixture.set(Vec::new());
            set.events = vec![fixture.make.event(about, What::Created)];
            let id = set.events.first().map(|event| event.id);
            let committed = fixture.store.commit(set).await?;
            equal("the sequence", &committed.seq, &Seq(round))?;
            let feed = fixture
                .store
                .feed(fixture.workspace, Seq(round - 1), 10)
                .await?;
            equal("the number of new events", &feed.len(), &1)?;
            equal("the new event", &feed.first().map(|event| event.id), &id)?;
        }
    }
    let stranger = fixture.neighbour();
    equal(
        "the feed of an unknown workspace",
        &stranger.feed().await?,
        &Vec::new(),
    )
}
