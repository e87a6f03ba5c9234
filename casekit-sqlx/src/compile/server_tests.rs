//! What questions become on servers, to be read in review.

use casekit_core::model::{AgentId, Key, Kind, Unique, Value, WorkspaceId};
use casekit_core::query::{Aggregate, Direction, Filter, Measure, Query, Scope, SortBy, TextQuery};
use uuid::Uuid;

use super::{Columns, Driver, Order, Source, Statement};
use super::{Start, aggregate, count, holders, records, search, select};
use crate::dialect::{Mysql, Postgres};
use crate::schema::{PREFIX, Schema};
use crate::server::Server;

const WORKSPACE: WorkspaceId = WorkspaceId(Uuid::from_u128(1));

/// A statement in both dialects. The parameters are told once: they differ only where one repeats some.
macro_rules! both {
    ($compile:expr) => {{
        let postgres: Statement = $compile(&Postgres::new(Schema::new(PREFIX)));
        let mysql: Statement = $compile(&Mysql::new(Schema::new(PREFIX)));
        format!("{}\n\n{}\n\n-- {:?}", postgres.sql, mysql.sql, mysql.params)
    }};
}

macro_rules! page {
    ($query:expr) => {{
        let query: Query = $query;
        both!(|dialect| {
            let order = Order::of(&query).unwrap();
            let source = Driver::of(&query).map_or(Source::Table, Source::Driven);
            select(dialect, &query, Columns::Record, source, &order, Some(51)).unwrap()
        })
    }};
}

fn cases() -> Query {
    Query::all(WORKSPACE, Kind::Case).limit(50)
}

#[test]
fn a_later_page_of_a_list() {
    let filter = Filter::equal("assignee", AgentId(Uuid::from_u128(2)));
    let filter = filter.and(Filter::equal("status", "active"));
    let query = cases().filter(filter);
    let mut query = query.sort("updated_at", Direction::Descending);
    query.after = Some(query.cursor(Value::Time(9), Uuid::from_u128(7)));
    insta::assert_snapshot!(page!(query));
}

#[test]
fn values_of_several_types() {
    let values = vec![
        Value::Text("red".into()),
        Value::Bool(true),
        Value::Real(-1.5),
    ];
    let field = "custom.colour".to_owned();
    let filter = Filter::In { field, values }.negate();
    insta::assert_snapshot!(page!(cases().filter(filter)));
}

#[test]
fn what_holds_a_value() {
    let query = Query::all(WORKSPACE, Kind::Relation);
    let case = AgentId(Uuid::from_u128(2));
    insta::assert_snapshot!(page!(query.filter(Filter::equal("cases", case))));
}

#[test]
fn a_search_by_relevance() {
    let mut query = cases().filter(Filter::equal("status", "active"));
    let text = TextQuery::new("smoking printer", Scope::Public).unwrap();
    query.text = Some(text.clone());
    query.sort.by = SortBy::Relevance;
    query.sort.direction = Direction::Descending;
    query.after = Some(query.cursor(Value::Real(5.0), Uuid::from_u128(7)));
    for start in [Start::Word(1, 9), Start::Newest(0, 9), Start::Filter] {
        insta::assert_snapshot!(both!(
            |dialect| search(dialect, &query, &text, start, 51).unwrap()
        ));
        insta::assert_snapshot!(both!(
            |dialect| count(dialect, &query, &text, start, 9).unwrap()
        ));
    }
}

#[test]
fn counts_sums_and_extremes() {
    let measures = vec![
        Measure::Count,
        Measure::Sum("number".into()),
        Measure::Min("assignee".into()),
        Measure::Max("flagged".into()),
    ];
    let counted = Aggregate::count(WORKSPACE, Kind::Case, Filter::equal("merged", false));
    let counted = counted.measures(measures).by(&["status"]);
    insta::assert_snapshot!(both!(|dialect| aggregate(dialect, &counted).unwrap()));
}

#[test]
fn lookups() {
    let key = |kind, id| Key {
        workspace: WORKSPACE,
        kind,
        id: Uuid::from_u128(id),
    };
    let cases = [key(Kind::Case, 1), key(Kind::Case, 2), key(Kind::Case, 3)];
    let groups = [&[key(Kind::Agent, 4)][..], &cases];
    insta::assert_snapshot!(both!(|dialect| records(dialect, &groups).unwrap()));
    let email = Unique::new("customer_email", "a@example.com");
    let groups = [&[(WORKSPACE, &email)][..]];
    insta::assert_snapshot!(both!(|dialect| holders(dialect, &groups)));
}
