//! What queries become, to be read in review.

use casekit_core::model::{AgentId, Kind, Value, WorkspaceId};
use casekit_core::query::{
    Aggregate, Comparison, Direction, Filter, Measure, Query, Scope, TextQuery,
};
use uuid::Uuid;

use super::{Chosen, Columns, Driver, Order, Source, Statement, Way, aggregate, select, way};
use crate::dialect::Sqlite;

const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(1));

fn cases() -> Query {
    Query::all(WORKSPACE, Kind::Case).limit(50)
}

fn agent() -> AgentId {
    AgentId(Uuid::from_u128(2))
}

fn shown(statement: Statement) -> String {
    let params: Vec<String> = statement.params.iter().map(|p| format!("{p:?}")).collect();
    format!("{}\n-- {}", statement.sql, params.join(", "))
}

fn page(query: &Query) -> String {
    let (order, limit) = (Order::of(query).unwrap(), Some(query.limit + 1));
    let found = select(
        &Sqlite,
        query,
        Columns::Record,
        Source::Table,
        &order,
        limit,
    );
    shown(found.unwrap())
}

fn filtered(filter: Filter) -> String {
    page(&cases().filter(filter))
}

#[test]
fn all_records_in_the_order_of_creation() {
    insta::assert_snapshot!(page(&cases()));
}

#[test]
fn the_case_load_of_an_agent() {
    let filter = Filter::equal("assignee", agent()).and(Filter::equal("status", "active"));
    insta::assert_snapshot!(page(
        &cases()
            .filter(filter)
            .sort("updated_at", Direction::Descending)
    ));
}

#[test]
fn the_next_page_begins_after_the_last_record() {
    for direction in [Direction::Ascending, Direction::Descending] {
        let mut query = cases().sort("subject", direction);
        query.after = Some(query.cursor("printer".into(), Uuid::from_u128(7)));
        insta::assert_snapshot!(page(&query));
    }
    let mut query = cases();
    query.after = Some(query.cursor(Value::nil(), Uuid::from_u128(7)));
    insta::assert_snapshot!(page(&query));
}

#[test]
fn comparisons() {
    use Comparison::{AtLeast, AtMost, Equal, Greater, Less, StartsWith};
    for is in [Equal, Less, AtMost, Greater, AtLeast] {
        insta::assert_snapshot!(filtered(Filter::compare("updated_at", is, Value::Time(9))));
    }
    insta::assert_snapshot!(filtered(Filter::compare("subject", StartsWith, "pri")));
    insta::assert_snapshot!(filtered(Filter::compare("tags", StartsWith, "v")));
}

#[test]
fn lists_share_statements_with_lists_of_similar_length() {
    insta::assert_snapshot!(filtered(Filter::is_in("number", [1_i64, 2, 3])));
    insta::assert_snapshot!(filtered(Filter::is_in("number", [1_i64])));
    insta::assert_snapshot!(filtered(Filter::is_in("number", Vec::<i64>::new())));
}

#[test]
fn nested_filters() {
    let either = Filter::Any(vec![
        Filter::equal("flagged", true),
        Filter::equal("tags", "vip").negate(),
        Filter::Any(Vec::new()),
        Filter::all(),
    ]);
    insta::assert_snapshot!(filtered(either.and(Filter::equal("merged", false))));
}

#[test]
fn custom_values_compare_with_their_own_type() {
    let values = vec![Value::Text("red".into()), Value::Bool(true), "blue".into()];
    let field = "custom.colour".to_owned();
    insta::assert_snapshot!(filtered(Filter::In { field, values }.negate()));
}

#[test]
fn names_are_quoted() {
    let entries = Query::all(WORKSPACE, Kind::Entry).limit(50);
    let query = entries.filter(Filter::equal("case", Uuid::from_u128(2)));
    insta::assert_snapshot!(page(&query.sort("case", Direction::Ascending)));
}

#[test]
fn what_holds_a_value_drives() {
    let query = Query::all(WORKSPACE, Kind::Relation).filter(Filter::equal("cases", agent()));
    let driver = Driver::of(&query).unwrap();
    assert!(driver.is_selective());
    let order = Order::of(&query).unwrap();
    let source = Source::Driven(driver);
    let found = select(&Sqlite, &query, Columns::Record, source, &order, Some(101));
    insta::assert_snapshot!(shown(found.unwrap()));
    assert!(matches!(
        way(&Sqlite, &query),
        Ok(Way::Known(Source::Driven(_)))
    ));
    assert!(Driver::of(&cases().filter(Filter::equal("tags", "a").negate())).is_none());
}

#[test]
fn a_value_that_many_may_hold_drives_if_few_do() {
    let query = cases().filter(Filter::equal("tags", "a"));
    let Ok(Way::Counted(counted)) = way(&Sqlite, &query) else {
        panic!("nobody knows how many have it");
    };
    let [counted] = <[_; 1]>::try_from(counted).unwrap();
    assert!(matches!(counted.source, Source::Driven(_)));
    assert!(counted.is_few(1_023) && !counted.is_few(1_024));
    insta::assert_snapshot!(shown(counted.statement));
}

/// What could be collected for a query, and how a page is looked for along its order.
fn counted(query: &Query) -> String {
    let Ok(Way::Counted(counted)) = way(&Sqlite, query) else {
        panic!("nothing is counted");
    };
    let order = Order::of(query).unwrap();
    let along = select(&Sqlite, query, Columns::Tried, Source::Along, &order, None);
    let mut all = vec![shown(along.unwrap())];
    for counted in counted {
        all.push(shown(counted.statement));
        let source = counted.source;
        let few = select(&Sqlite, query, Columns::Record, source, &order, Some(51));
        all.push(shown(few.unwrap()));
    }
    all.join("\n\n")
}

#[test]
fn what_a_part_of_a_filter_selects_is_counted_where_no_index_has_it_with_the_order() {
    let own = Filter::equal("assignee", agent()).and(Filter::equal("status", "closed"));
    let by_subject = cases().sort("subject", Direction::Descending);
    insta::assert_snapshot!(counted(&by_subject.clone().filter(own.clone())));
    let since = Filter::compare("opened_at", Comparison::AtLeast, Value::Time(5));
    let until = Filter::compare("opened_at", Comparison::Less, Value::Time(9));
    let week = since.and(until);
    let by_change = cases().sort("updated_at", Direction::Descending);
    let active = Filter::equal("status", "active");
    insta::assert_snapshot!(counted(&by_change.clone().filter(week.clone().and(active))));
    let flagged = Filter::equal("flagged", true).and(Filter::equal("tags", "a"));
    insta::assert_snapshot!(counted(&by_subject.clone().filter(flagged)));
    insta::assert_snapshot!(counted(&by_subject.filter(own.clone().and(week.clone()))));
    // The index of the order begins with whose they are, or the range is one of the order.
    let by_opening = cases().sort("opened_at", Direction::Ascending);
    for query in [by_change.filter(own), by_opening.filter(week)] {
        assert!(matches!(
            way(&Sqlite, &query),
            Ok(Way::Known(Source::Table))
        ));
    }
}

#[test]
fn what_has_to_be_sorted_anyway_is_collected_by_what_few_meet() {
    let tagged = Filter::equal("tags", "usual");
    let theirs = Filter::equal("customer", agent());
    let collected = |filter: Filter| {
        let query = cases().filter(filter);
        let query = query.sort("awaiting_since", Direction::Ascending);
        let Ok(Way::Known(source)) = way(&Sqlite, &query) else {
            panic!("nothing has to be counted");
        };
        let order = Order::of(&query).unwrap();
        let found = select(&Sqlite, &query, Columns::Record, source, &order, Some(51));
        found.unwrap().sql
    };
    let by_customer = "INDEXED BY \"casekit_case_by_customer_opened_at\"";
    assert!(collected(tagged.clone().and(theirs)).contains(by_customer));
    assert!(collected(tagged).contains("FROM \"casekit_case_value\" AS v CROSS JOIN"));
}

#[test]
fn of_what_is_too_much_the_least_is_collected_after_all() {
    let by = |index: &'static str| Source::Through(index);
    let chosen = |counted: [(i64, Source<'static>); 2]| match Chosen::along(counted.into()) {
        Chosen::Along {
            else_through: Source::Through(index),
        } => index,
        other => panic!("{other:?}"),
    };
    assert_eq!(chosen([(2_000, by("id")), (4_096, by("range"))]), "id");
    assert_eq!(chosen([(2_000, by("id")), (1_999, by("range"))]), "range");
    // Nobody knows how many more there are: a range is read at one place.
    assert_eq!(chosen([(4_096, by("id")), (4_096, by("range"))]), "range");
}

#[test]
fn a_search_looks_at_handles() {
    let mut query = cases().sort("updated_at", Direction::Descending);
    query.text = TextQuery::new("refund", Scope::All);
    let order = Order::of(&query).unwrap();
    let among = Source::Among {
        function: "json_each",
        argument: "[1,2]",
    };
    let found = select(&Sqlite, &query, Columns::Record, among, &order, Some(51));
    insta::assert_snapshot!(shown(found.unwrap()));
    let walk = select(&Sqlite, &query, Columns::Tried, Source::Along, &order, None);
    insta::assert_snapshot!(shown(walk.unwrap()));
}

#[test]
fn aggregates() {
    let measures = vec![
        Measure::Count,
        Measure::Sum("messages".into()),
        Measure::Min("opened_at".into()),
        Measure::Max("updated_at".into()),
    ];
    let filter = Filter::equal("merged", false);
    let all = Aggregate::count(WORKSPACE, Kind::Case, filter).measures(measures);
    insta::assert_snapshot!(shown(aggregate(&Sqlite, &all).unwrap()));
    let status = Filter::equal("status", "active");
    let bounded = Aggregate::count(WORKSPACE, Kind::Case, status).enough(1_001);
    insta::assert_snapshot!(shown(aggregate(&Sqlite, &bounded).unwrap()));
    let grouped = all.by(&["status", "assignee"]);
    insta::assert_snapshot!(shown(aggregate(&Sqlite, &grouped).unwrap()));
}

#[test]
fn a_cursor_with_a_value_of_another_type_is_refused() {
    let mut query = cases().sort("updated_at", Direction::Ascending);
    query.after = Some(query.cursor("text".into(), Uuid::from_u128(7)));
    assert!(Order::of(&query).is_err());
}
