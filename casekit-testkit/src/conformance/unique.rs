//! Values that only one record of a workspace holds.

use casekit_core::model::{Customer, Stored, Unique};
use casekit_core::port::Lookup;
use casekit_core::{Error, ErrorKind};

use super::fixture::{Failure, Fixture, Outcome, create, delete, equal, refused, replace};

async fn holder(fixture: &Fixture, email: &str) -> Result<Option<uuid::Uuid>, Failure> {
    let lookup = Lookup::Unique(fixture.workspace, Unique::new("customer_email", email));
    let found = fixture.store.load(&[lookup]).await?;
    let first = found.into_iter().next().flatten();
    Ok(first.map(|record| record.key().id))
}

fn with_email(fixture: &mut Fixture, email: &str) -> Customer {
    let mut customer = fixture.some_customer();
    customer.emails = vec![email.to_owned()];
    customer.phones.clear();
    customer
}

fn names_holder(error: &Error, holder: &Customer) -> Outcome {
    let wanted = serde_json::json!({
        "name": "customer_email",
        "value": "zoë@example.org",
        "holder": holder.id,
    });
    equal("the details", &error.details(), &Some(&wanted))
}

pub(super) async fn commit_keeps_unique_keys(mut fixture: Fixture) -> Outcome {
    let held = with_email(&mut fixture, "zoë@example.org");
    let held = fixture.create(held).await?;
    let rival = with_email(&mut fixture, " ZOË@example.org ");
    let result = fixture.commit(vec![create(&rival)]).await;
    names_holder(&refused("a creation", result, ErrorKind::Taken)?, &held)?;

    let other = with_email(&mut fixture, "other@example.org");
    let other = fixture.create(other).await?;
    let mut claims = other.clone();
    claims.emails.push("zoë@example.org".to_owned());
    let result = fixture.commit(vec![replace(&other, claims.clone())]).await;
    names_holder(&refused("a replacement", result, ErrorKind::Taken)?, &held)?;
    equal("the other", &fixture.get(other.key()).await?, &other)?;

    // A holder that is changed in the same set but keeps the value still holds it.
    let mut kept = held.clone();
    kept.notes.push('!');
    let changes = vec![replace(&other, claims), replace(&held, kept.clone())];
    refused(
        "a claim of what is kept",
        fixture.commit(changes).await,
        ErrorKind::Taken,
    )?;
    // Keeping its own value is no claim.
    let held = fixture.replace(&held, kept).await?;

    let (one, two) = (
        with_email(&mut fixture, "new@example.org"),
        with_email(&mut fixture, "new@example.org"),
    );
    let result = fixture.commit(vec![create(&one), create(&two)]).await;
    refused("two claims in one set", result, ErrorKind::Taken)?;
    equal(
        "the holder",
        &holder(&fixture, "new@example.org").await?,
        &None,
    )?;

    // The same value twice in one record is one claim.
    let mut twice = one;
    twice.emails.push("NEW@example.org".to_owned());
    fixture.create(twice).await?;

    // Stale keys are reported first.
    let mut old = held.clone();
    old.version = casekit_core::model::Version(1);
    let rival = with_email(&mut fixture, "zoë@example.org");
    let result = fixture.commit(vec![create(&rival), delete(&old)]).await;
    super::fixture::refused_stale("a set both taken and stale", result, &[held.key()])
}

pub(super) async fn commit_releases_before_claiming(mut fixture: Fixture) -> Outcome {
    let (a, b) = ("a@example.org", "b@example.org");
    let one = with_email(&mut fixture, a);
    let two = with_email(&mut fixture, b);
    let one = fixture.create(one).await?;
    let two = fixture.create(two).await?;

    // They swap: whichever comes first claims what the other has not yet released.
    let (mut one_after, mut two_after) = (one.clone(), two.clone());
    std::mem::swap(&mut one_after.emails, &mut two_after.emails);
    fixture
        .commit(vec![replace(&one, one_after), replace(&two, two_after)])
        .await?;
    equal("who holds a", &holder(&fixture, a).await?, &Some(two.id.0))?;
    equal("who holds b", &holder(&fixture, b).await?, &Some(one.id.0))?;

    // A new record claims what a deleted one releases, in either order.
    let two = fixture.get::<Customer>(two.key()).await?;
    let heir = with_email(&mut fixture, a);
    fixture.commit(vec![create(&heir), delete(&two)]).await?;
    equal(
        "who inherits a",
        &holder(&fixture, a).await?,
        &Some(heir.id.0),
    )?;
    let heir = fixture.get::<Customer>(heir.key()).await?;
    let last = with_email(&mut fixture, a);
    fixture.commit(vec![delete(&heir), create(&last)]).await?;
    equal(
        "who has a in the end",
        &holder(&fixture, a).await?,
        &Some(last.id.0),
    )?;

    // What a replacement releases is free afterwards.
    let last = fixture.get::<Customer>(last.key()).await?;
    let mut without = last.clone();
    without.emails.clear();
    fixture.replace(&last, without).await?;
    equal(
        "who holds what was released",
        &holder(&fixture, a).await?,
        &None,
    )?;
    let next = with_email(&mut fixture, a);
    fixture.create(next).await?;
    Ok(())
}
