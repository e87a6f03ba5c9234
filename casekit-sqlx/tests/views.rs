//! The views for those who report, on every database.
#![cfg(all(feature = "sqlite", feature = "postgres", feature = "mysql"))]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use casekit_core::Desk;
use casekit_core::model::{Medium, Priority, Role, WorkspaceId};
use casekit_core::operations::{
    CloseCase, Contact, CreateAgent, CreateWorkspace, FindOrCreateCustomer, OpenCase, PatchCase,
    Reply,
};
use casekit_servers::{fresh_mysql, fresh_postgres};
use casekit_testkit::{ManualClock, SeededIds};
use chrono::TimeDelta;
use sqlx::{
    ColumnIndex, Connection, Database, Decode, Executor, IntoArguments, MySqlConnection,
    PgConnection, Row, SqliteConnection, Type,
};
use uuid::Uuid;

/// A case that waits, and one that was answered after half an hour and closed after an hour.
async fn work(url: &str) {
    let clock = ManualClock::default();
    let store = casekit_sqlx::connect(url).await.unwrap();
    let desk = Desk::builder_on(store).clock(clock.clone());
    let desk = desk.ids(SeededIds::new(3)).build();
    desk.migrate().await.unwrap();
    let workspace = WorkspaceId(Uuid::from_u128(1));
    let system = desk.system(workspace);
    let name = "Acme".to_owned();
    system.run(CreateWorkspace { name }).await.unwrap();
    let anna = CreateAgent::new("Anna", "anna@acme.example", Role::Agent);
    let anna = desk.agent(workspace, system.run(anna).await.unwrap().id);
    let contact = Contact::email("Señora Pérez", "perez@example.com");
    let found = system.run(FindOrCreateCustomer { contact }).await.unwrap();
    for (subject, text) in [("null", "It's \"smoking\""), ("Invoice", "Where is it?")] {
        let mut open = OpenCase::new(found.customer.id, subject).customer_says(text);
        open.origin = Medium::Email;
        open.priority = Priority::High;
        let case = system.run(open).await.unwrap();
        if subject == "null" {
            let mut patch = PatchCase::of(&case);
            patch.flagged = Some(true);
            anna.run(patch).await.unwrap();
        } else {
            clock.advance(TimeDelta::minutes(30));
            anna.run(Reply::new(&case, "In the post.")).await.unwrap();
            clock.advance(TimeDelta::minutes(30));
            anna.run(CloseCase::new(&case, "sent")).await.unwrap();
        }
    }
}

/// The rows of a question, the columns of each with a bar between.
async fn ask<C>(connection: &mut C, sql: &str) -> Vec<String>
where
    C: Connection,
    for<'c> &'c mut C: Executor<'c, Database = C::Database>,
    for<'r> String: Decode<'r, C::Database> + Type<C::Database>,
    for<'q> <C::Database as Database>::Arguments: IntoArguments<C::Database>,
    usize: ColumnIndex<<C::Database as Database>::Row>,
{
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(connection);
    let rows = rows.await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// Every database says the same; `minutes` is its way to count those between two times.
async fn assert_told<C>(connection: &mut C, minutes: impl Fn(&str, &str) -> String)
where
    C: Connection,
    for<'c> &'c mut C: Executor<'c, Database = C::Database>,
    for<'r> String: Decode<'r, C::Database> + Type<C::Database>,
    for<'q> <C::Database as Database>::Arguments: IntoArguments<C::Database>,
    usize: ColumnIndex<<C::Database as Database>::Row>,
{
    let cases = ask(
        connection,
        "SELECT concat_ws('|', number, subject, status, stage, priority, origin, customer_name, messages, \
         closed_because, CASE WHEN flagged THEN 'flagged' END) FROM casekit_cases ORDER BY number",
    );
    assert_eq!(
        cases.await,
        [
            "1|null|active|new|high|email|Señora Pérez|1|flagged",
            "2|Invoice|closed|closed|high|email|Señora Pérez|2|sent",
        ]
    );
    let (replied, closed) = (
        minutes("opened_at", "first_reply_at"),
        minutes("opened_at", "closed_at"),
    );
    let sql = format!(
        "SELECT concat_ws('|', number, CASE WHEN awaiting_since = opened_at THEN 'waits' END, {replied}, \
         {closed}, CASE WHEN owner = assignee THEN 'owned' END) FROM casekit_cases ORDER BY number"
    );
    assert_eq!(ask(connection, &sql).await, ["1|waits", "2|30|60"]);
    let entries = ask(
        connection,
        "SELECT concat_ws('|', e.author_type, e.author_name, e.visibility, e.type, e.text, e.delivery) \
         FROM casekit_entries e JOIN casekit_cases c ON c.workspace = e.workspace AND c.id = e.case_id \
         WHERE e.type = 'message' ORDER BY c.number, e.at",
    );
    assert_eq!(
        entries.await,
        [
            "customer|Señora Pérez|public|message|It's \"smoking\"|done",
            "customer|Señora Pérez|public|message|Where is it?|done",
            "agent|Anna|public|message|In the post.|pending",
        ]
    );
    let customers = ask(
        connection,
        "SELECT concat_ws('|', name, email, phone, language) FROM casekit_customers \
         WHERE merged_into IS NULL",
    );
    assert_eq!(customers.await, ["Señora Pérez|perez@example.com"]);
}

#[tokio::test]
async fn sqlite_tells_in_plain_sql() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("desk.db").display());
    work(&url).await;
    let mut connection = SqliteConnection::connect(&url).await.unwrap();
    let minutes = |from: &str, to: &str| {
        format!("cast(round((julianday({to}) - julianday({from})) * 1440) AS INTEGER)")
    };
    assert_told(&mut connection, minutes).await;
}

#[tokio::test]
async fn postgres_tells_in_plain_sql() {
    let Some(url) = fresh_postgres().await else {
        return;
    };
    work(&url).await;
    let mut connection = PgConnection::connect(&url).await.unwrap();
    let minutes = |from: &str, to: &str| format!("extract(epoch FROM {to} - {from})::int / 60");
    assert_told(&mut connection, minutes).await;
}

#[tokio::test]
async fn mysql_tells_in_plain_sql() {
    let Some(url) = fresh_mysql().await else {
        return;
    };
    work(&url).await;
    let mut connection = MySqlConnection::connect(&url).await.unwrap();
    let minutes = |from: &str, to: &str| format!("timestampdiff(MINUTE, {from}, {to})");
    assert_told(&mut connection, minutes).await;
}
