//! The order of what is found.

use casekit_core::model::{Actor, Closing, Entity, Status, Stored, Value};
use casekit_core::query::{Direction, Filter, SortBy};

use super::fixture::{Failure, Fixture, Outcome, create, ensure, equal};

pub(super) async fn find_sorts_ties_by_id(mut fixture: Fixture) -> Outcome {
    let customer = fixture.some_customer();
    let mut cases: Vec<_> = (0..24).map(|_| fixture.make.case(&customer)).collect();
    for (at, case) in cases.iter_mut().enumerate() {
        case.opened_at = customer.created_at;
        case.subject = "same".to_owned();
        case.flagged = at % 3 == 0;
    }
    // Not stored in the order of their ids.
    fixture.make.rng.shuffle(&mut cases);
    fixture.commit(cases.iter().map(create).collect()).await?;
    let keys: Vec<_> = cases.iter().map(Stored::key).collect();
    let known = fixture.load_all(&keys).await?;
    for field in [
        "opened_at",
        "subject",
        "flagged",
        "origin",
        "priority",
        "status",
    ] {
        for direction in [Direction::Ascending, Direction::Descending] {
            for limit in [3, 100] {
                let query = fixture.cases().sort(field, direction).limit(limit);
                fixture.agree(&known, &query).await?;
                let some = query.filter(Filter::equal("flagged", false));
                fixture.agree(&known, &some).await?;
            }
        }
    }
    let mut newest_first = fixture.cases().limit(5);
    newest_first.sort.by = SortBy::Id;
    newest_first.sort.direction = Direction::Descending;
    fixture.agree(&known, &newest_first).await
}

pub(super) async fn find_sorts_absent_by_stand_in(mut fixture: Fixture) -> Outcome {
    let mut known = fixture.populate(30).await?;
    known.extend(open_and_closed(&mut fixture).await?);
    for direction in [Direction::Ascending, Direction::Descending] {
        for field in [
            "closed_at",
            "awaiting_since",
            "assignee",
            "product",
            "language",
        ] {
            let query = fixture.cases().sort(field, direction).limit(4);
            fixture.agree(&known, &query).await?;
        }
    }
    let sorted = fixture.cases().sort("closed_at", Direction::Ascending);
    let found = fixture.store.find(&sorted).await?;
    let open: Vec<bool> = found.records.iter().map(is_open).collect();
    ensure(open.is_sorted(), || {
        format!("a time that has not come is not last: {open:?}")
    })?;
    // "Not closed yet" can be asked for.
    let filter = Filter::equal("closed_at", Value::never());
    let count = fixture.ids(&fixture.cases().filter(filter)).await?.len();
    equal(
        "the open cases",
        &count,
        &open.iter().filter(|open| **open).count(),
    )
}

/// A case of each: those that are generated could all be open.
async fn open_and_closed(fixture: &mut Fixture) -> Result<Vec<Entity>, Failure> {
    let customer = fixture.some_customer();
    let open = fixture.make.case(&customer);
    let mut closed = fixture.make.case(&customer);
    closed.status = Status::Closed;
    closed.closing = Some(Closing {
        at: closed.opened_at,
        by: Actor::System,
        reason: String::new(),
    });
    let cases = [open, closed];
    fixture.commit(cases.iter().map(create).collect()).await?;
    fixture.load_all(&cases.each_ref().map(Stored::key)).await
}

fn is_open(record: &Entity) -> bool {
    matches!(record, Entity::Case(case) if case.closing.is_none())
}
