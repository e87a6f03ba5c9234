//! How SQLite means to run what we compile: along the declared indexes, without sorting.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use casekit_core::model::{AgentId, CaseId, CustomerId, Kind, Value, WorkspaceId};
use casekit_core::query::{Aggregate, Comparison, Direction, Filter, Measure, Query};
use sqlx::sqlite::SqliteConnectOptions;
use uuid::Uuid;

use super::connection::Connection;
use super::names::Names;
use super::session::Next;
use crate::compile::{self, Columns, Driver, Order, Source, Statement};
use crate::dialect::Sqlite;

const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(1));

/// The steps of the plan for statements.
async fn explain(statements: Vec<Statement>) -> String {
    let options = SqliteConnectOptions::new().in_memory(true);
    let connection = Connection::open(&options, Names::default(), Arc::new(AtomicU64::new(0)))
        .await
        .unwrap();
    let session = connection.session();
    super::migrate::upgrade(&session, 0).unwrap();
    let mut steps = String::new();
    for mut statement in statements {
        statement.sql.insert_str(0, "EXPLAIN QUERY PLAN ");
        session
            .select(&statement, |row| {
                steps.push_str(row.get_ref(3)?.as_str()?);
                steps.push('\n');
                Ok(Next::More)
            })
            .unwrap();
    }
    steps
}

/// The steps of the plan for the first and for a later page.
async fn plans(query: Query) -> String {
    let mut later = query.clone();
    let value = match later.sort.by {
        casekit_core::query::SortBy::Field(ref name) => {
            match query.kind.declaration().field(name).unwrap().holds {
                casekit_core::model::Holds::Text => Value::Text("m".into()),
                casekit_core::model::Holds::Int => Value::Int(5),
                _ => Value::Time(5),
            }
        }
        _ => Value::nil(),
    };
    later.after = Some(later.cursor(value, Uuid::from_u128(9)));
    let compiled = [query, later].map(|query| {
        let order = Order::of(&query).unwrap();
        let source = Driver::of(&query).map_or(Source::Table, Source::Driven);
        compile::select(&Sqlite, &query, Columns::Record, source, &order, Some(51)).unwrap()
    });
    explain(compiled.into()).await
}

async fn assert_indexed(query: Query, index: &str) {
    let steps = plans(query).await;
    assert!(!steps.contains("TEMP B-TREE"), "{steps}");
    for step in steps.lines() {
        assert!(step.starts_with("SEARCH t USING INDEX "), "{steps}");
        assert!(step.contains(&format!(" {index} ")), "{steps}");
    }
}

fn cases() -> Query {
    Query::all(WORKSPACE, Kind::Case).limit(50)
}

#[tokio::test]
async fn case_lists_go_along_an_index() {
    let agent = AgentId(Uuid::from_u128(2));
    let customer = CustomerId(Uuid::from_u128(3));
    let active = || Filter::equal("status", "active");
    let newest = Direction::Descending;
    assert_indexed(cases(), "casekit_case_key").await;
    assert_indexed(
        cases()
            .filter(active())
            .sort("awaiting_since", Direction::Ascending),
        "casekit_case_by_status_awaiting_since",
    )
    .await;
    assert_indexed(
        cases()
            .filter(active().and(Filter::equal("assignee", agent)))
            .sort("updated_at", newest),
        "casekit_case_by_assignee_status_updated_at",
    )
    .await;
    assert_indexed(
        cases()
            .filter(Filter::equal("customer", customer))
            .sort("opened_at", newest),
        "casekit_case_by_customer_opened_at",
    )
    .await;
    // A condition that selects little does not keep the order from being used.
    for field in [
        "opened_at",
        "updated_at",
        "customer_last_at",
        "customer_name",
        "subject",
        "number",
    ] {
        let filter = active().and(Filter::equal("merged", false));
        let expected = match field {
            "updated_at" => "casekit_case_by_status_updated_at".to_owned(),
            _ => format!("casekit_case_by_{field}"),
        };
        assert_indexed(cases().filter(filter).sort(field, newest), &expected).await;
    }
}

#[tokio::test]
async fn threads_and_feeds_go_along_an_index() {
    let case = CaseId(Uuid::from_u128(4));
    let of = |kind| Query::all(WORKSPACE, kind).filter(Filter::equal("case", case));
    assert_indexed(
        of(Kind::Entry).sort("at", Direction::Ascending),
        "casekit_entry_by_case_at",
    )
    .await;
    assert_indexed(
        of(Kind::Event).sort("seq", Direction::Descending),
        "casekit_event_by_case_seq",
    )
    .await;
}

#[tokio::test]
async fn few_records_are_found_and_then_sorted() {
    let customer = CustomerId(Uuid::from_u128(3));
    let by_customer = cases().filter(Filter::equal("customer", customer));
    let steps = plans(by_customer.sort("updated_at", Direction::Descending)).await;
    assert!(
        steps.contains("casekit_case_by_customer_opened_at"),
        "{steps}"
    );
    let steps = plans(cases().filter(Filter::is_in("number", [1_i64, 2, 3]))).await;
    assert!(steps.contains("casekit_case_by_number"), "{steps}");
    let case = CaseId(Uuid::from_u128(4));
    let relations = Query::all(WORKSPACE, Kind::Relation).filter(Filter::equal("cases", case));
    let steps = plans(relations).await;
    assert!(steps.starts_with("SEARCH v USING PRIMARY KEY"), "{steps}");
    assert!(
        steps.contains("SEARCH t USING INTEGER PRIMARY KEY"),
        "{steps}"
    );
}

#[tokio::test]
async fn few_records_are_counted_without_reading_the_others() {
    let customer = CustomerId(Uuid::from_u128(3));
    let theirs = Filter::equal("customer", customer).and(Filter::equal("merged", false));
    let groups = Aggregate::count(WORKSPACE, Kind::Case, theirs.clone()).by(&["status", "replied"]);
    let wrote = Filter::compare("customer_last_at", Comparison::Greater, Value::long_ago());
    let last = Measure::Max("customer_last_at".to_owned());
    let last = Aggregate::count(WORKSPACE, Kind::Case, theirs.and(wrote)).measures(vec![last]);
    for aggregate in [groups, last] {
        let statement = compile::aggregate(&Sqlite, &aggregate).unwrap();
        let steps = explain(vec![statement]).await;
        let first = steps.lines().next().unwrap();
        assert!(
            first.contains(" casekit_case_by_customer_opened_at (workspace=? AND customer=?)"),
            "{steps}"
        );
    }
    let tagged = Filter::equal("tags", "rare").and(Filter::equal("merged", false));
    let late = Filter::compare("opened_at", Comparison::AtLeast, Value::Time(5));
    for (filter, first) in [
        (tagged.clone(), "SEARCH v USING PRIMARY KEY"),
        (
            tagged.and(late),
            "SEARCH t USING INDEX casekit_case_by_opened_at",
        ),
    ] {
        let count = Aggregate::count(WORKSPACE, Kind::Case, filter).enough(1_001);
        let steps = explain(vec![compile::aggregate(&Sqlite, &count).unwrap()]).await;
        let is_whole = steps.contains("SCAN t");
        assert!(steps.contains(first) && !is_whole, "{steps}");
    }
}
