//! Looking records up.

use casekit_core::model::{Case, Entity, Key, Kind, Stored, Unique};
use casekit_core::port::Lookup;

use super::fixture::{Fixture, Outcome, create, equal};

pub(super) async fn load_answers_in_order(mut fixture: Fixture) -> Outcome {
    let case = fixture.create_case().await?;
    let customer = fixture.some_customer();
    let customer = fixture.create(customer).await?;
    let missing = fixture.make.agent().key();
    // The right id, but of another kind.
    let other_kind = Key {
        kind: Kind::Tombstone,
        ..case.key()
    };
    let mut lookups = vec![
        Lookup::Key(customer.key()),
        Lookup::Key(missing),
        Lookup::Key(case.key()),
        Lookup::Key(other_kind),
        Lookup::Key(customer.key()),
    ];
    lookups.extend(
        customer
            .unique()
            .into_iter()
            .map(|unique| Lookup::Unique(fixture.workspace, unique)),
    );
    lookups.push(Lookup::Key(case.key()));
    let (case, customer) = (Some(Entity::from(case)), Some(Entity::from(customer)));
    let mut wanted = vec![customer.clone(), None, case.clone(), None, customer.clone()];
    wanted.resize(lookups.len() - 1, customer);
    wanted.push(case);
    equal("the answers", &fixture.store.load(&lookups).await?, &wanted)
}

pub(super) async fn load_finds_by_unique(mut fixture: Fixture) -> Outcome {
    let mut customer = fixture.some_customer();
    customer.emails = vec![
        "Señor@Example.org".to_owned(),
        "second@example.org".to_owned(),
    ];
    customer.phones = vec!["+32 2 345".to_owned()];
    customer
        .external_ids
        .insert("crm".to_owned(), "x'y\"z".to_owned());
    let customer = fixture.create(customer).await?;
    for unique in customer.unique() {
        let lookup = Lookup::Unique(fixture.workspace, unique.clone());
        let found = fixture.store.load(&[lookup]).await?;
        let wanted = vec![Some(Entity::from(customer.clone()))];
        equal(&format!("who holds {unique:?}"), &found, &wanted)?;
    }
    for (name, value) in [
        ("customer_email", "senor@example.org"),
        ("customer_email", "Señor@Example.org"),
        ("customer_email", "señor@example.or"),
        ("customer_phone", "señor@example.org"),
        ("agent_email", "señor@example.org"),
    ] {
        let lookup = Lookup::Unique(fixture.workspace, Unique::new(name, value));
        let found = fixture.store.load(&[lookup]).await?;
        equal(&format!("who holds {name} {value}"), &found, &vec![None])?;
    }
    Ok(())
}

pub(super) async fn load_reads_own_writes(mut fixture: Fixture) -> Outcome {
    let mut case = fixture.create_case().await?;
    for round in 0..20 {
        let mut after = case.clone();
        after.notes = format!("round {round}");
        fixture
            .commit(vec![super::fixture::replace(&case, after.clone())])
            .await?;
        case = fixture.get::<Case>(case.key()).await?;
        equal("the notes just written", &case.notes, &after.notes)?;
        let found = fixture.store.find(&fixture.cases()).await?;
        equal(
            "what find gives",
            &found.records,
            &vec![Entity::from(case.clone())],
        )?;
    }
    fixture.delete(&case).await?;
    equal(
        "the case just deleted",
        &fixture.load(case.key()).await?,
        &None,
    )
}

pub(super) async fn load_accepts_many(mut fixture: Fixture) -> Outcome {
    equal("no answers", &fixture.store.load(&[]).await?, &Vec::new())?;
    let customers: Vec<_> = (0..50).map(|_| fixture.some_customer()).collect();
    fixture
        .commit(customers.iter().map(create).collect())
        .await?;
    let mut keys = Vec::new();
    for at in 0..5_000 {
        let missing = fixture.make.id();
        let known = customers.get(at / 100).filter(|_| at % 100 == 0);
        keys.push(Key {
            workspace: fixture.workspace,
            kind: Kind::Customer,
            id: known.map_or(missing, |customer| customer.id.0),
        });
    }
    let lookups: Vec<Lookup> = keys.iter().copied().map(Lookup::Key).collect();
    let found = fixture.store.load(&lookups).await?;
    equal("the number of answers", &found.len(), &keys.len())?;
    for (at, (key, found)) in keys.iter().zip(&found).enumerate() {
        let wanted = (at % 100 == 0).then_some(*key);
        equal(
            "the key of an answer",
            &found.as_ref().map(Entity::key),
            &wanted,
        )?;
    }
    Ok(())
}
