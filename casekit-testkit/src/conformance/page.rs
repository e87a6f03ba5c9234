//! Pages and cursors.

use std::sync::Arc;

use casekit_core::model::{Case, Entity, Key, Stored};
use casekit_core::query::{Direction, Filter, Query, Sort, SortBy};
use casekit_core::{Change, ErrorKind};

use super::fixture::{Failure, Fixture, Outcome, create, ensure, equal, refused};

pub(super) async fn find_pages_without_gap(fixture: Fixture) -> Outcome {
    let sorts = [
        SortBy::Id,
        SortBy::Field("updated_at".to_owned()),
        SortBy::Field("priority".to_owned()),
        SortBy::Field("subject".to_owned()),
        SortBy::Field("flagged".to_owned()),
    ];
    for by in sorts {
        for direction in [Direction::Ascending, Direction::Descending] {
            let by = by.clone();
            page_while_writing(fixture.neighbour(), Sort { by, direction }).await?;
        }
    }
    Ok(())
}

/// Follows a query to its end while other cases are moved, deleted or joined by new ones.
async fn page_while_writing(mut fixture: Fixture, sort: Sort) -> Outcome {
    let customer = fixture.some_customer();
    let cases: Vec<Case> = (0..30).map(|_| fixture.make.case(&customer)).collect();
    fixture.commit(cases.iter().map(create).collect()).await?;
    let keys: Vec<Key> = cases.iter().map(Stored::key).collect();
    let mut quiet = fixture.load_all(&keys).await?;
    fixture.make.rng.shuffle(&mut quiet);
    let mut busy = quiet.split_off(20).into_iter();
    let mut quiet: Vec<Key> = quiet.iter().map(Entity::key).collect();
    quiet.sort();

    let mut query = fixture.cases().limit(4);
    query.sort = sort;
    let mut seen: Vec<Key> = Vec::new();
    // At most one new case comes with each page, so the pages end.
    for _ in 0..30 {
        let page = fixture.store.find(&query).await?;
        seen.extend(page.records.iter().map(Entity::key));
        let Some(next) = page.next else {
            let mut got: Vec<Key> = seen.into_iter().filter(|k| quiet.contains(k)).collect();
            got.sort();
            return equal("the cases that nobody touched", &got, &quiet);
        };
        query.after = Some(next);
        let mut changes = vec![create(&fixture.make.case(&customer))];
        changes.extend(busy.next().map(|before| Change::Delete { before }));
        if let Some(before) = busy.next() {
            let mut after = fixture.make.edit(&before);
            if let Entity::Case(case) = &mut after {
                let case = Arc::make_mut(case);
                case.updated_at = fixture.make.time();
                case.flagged = !case.flagged;
            }
            changes.push(Change::Replace { before, after });
        }
        fixture.commit(changes).await?;
    }
    Err(Failure("the pages do not end".to_owned()))
}

pub(super) async fn find_continues_after_deletion(mut fixture: Fixture) -> Outcome {
    fixture.populate(20).await?;
    for sort in ["number", "opened_at", "priority"] {
        let mut query = fixture.cases().sort(sort, Direction::Ascending);
        let all = fixture.ids(&query).await?;
        query.limit = 3;
        let page = fixture.store.find(&query).await?;
        let Some(Entity::Case(last)) = page.records.last() else {
            return Err(Failure("the first page is empty".to_owned()));
        };
        fixture.delete(&**last).await?;
        query.after = page.next;
        let rest = fixture.ids(&query).await?;
        equal(
            &format!("what follows by {sort}"),
            &Some(rest.as_slice()),
            &all.get(3..),
        )?;
    }
    Ok(())
}

pub(super) async fn find_bounds_the_page(mut fixture: Fixture) -> Outcome {
    let customer = fixture.some_customer();
    let mut cases: Vec<Case> = (0..6).map(|_| fixture.make.case(&customer)).collect();
    for case in &mut cases {
        case.subject = "sixfold".to_owned();
    }
    fixture.commit(cases.iter().map(create).collect()).await?;
    let mut searched = fixture.cases();
    searched.text = super::text::asking("sixfold");
    let filtered = fixture.cases().filter(Filter::equal("status", "active"));
    let sorted = fixture.cases().sort("priority", Direction::Descending);
    for query in [fixture.cases(), filtered, sorted, searched] {
        for (limit, more) in [(1, true), (5, true), (6, false), (7, false), (1_000, false)] {
            let page = fixture.store.find(&query.clone().limit(limit)).await?;
            let wanted = 6.min(limit as usize);
            equal("the size of the page", &page.records.len(), &wanted)?;
            ensure(page.next.is_some() == more, || {
                format!("with a limit of {limit}, next is {:?}", page.next)
            })?;
        }
    }
    let none = fixture.cases().filter(Filter::equal("status", "closed"));
    let page = fixture.store.find(&none).await?;
    ensure(page.records.is_empty() && page.next.is_none(), || {
        format!("nothing matches, but the page is {page:?}")
    })
}

pub(super) async fn find_refuses_foreign_cursor(mut fixture: Fixture) -> Outcome {
    fixture.populate(8).await?;
    let query = fixture
        .cases()
        .sort("updated_at", Direction::Ascending)
        .limit(3);
    let cursor = fixture.store.find(&query).await?.next;
    ensure(cursor.is_some(), || "there is no second page".to_owned())?;
    let mut others = vec![
        query.clone().sort("updated_at", Direction::Descending),
        query.clone().sort("opened_at", Direction::Ascending),
        query.clone().filter(Filter::equal("flagged", true)),
        Query::all(fixture.workspace, casekit_core::model::Kind::Entry).limit(3),
    ];
    let mut elsewhere = query.clone();
    elsewhere.workspace = fixture.neighbour().workspace;
    others.push(elsewhere);
    let mut searched = query.clone();
    searched.text = super::text::asking("printer");
    others.push(searched);
    for mut other in others {
        other.after = cursor.clone();
        refused(
            "a foreign cursor",
            fixture.store.find(&other).await,
            ErrorKind::Invalid,
        )?;
    }
    // Another limit is no other query.
    let mut same = query.limit(1);
    same.after = cursor;
    fixture.store.find(&same).await?;
    Ok(())
}
