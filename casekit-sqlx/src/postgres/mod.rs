//! PostgreSQL.

mod apply;
mod fault;
mod migrate;
mod row;
mod watch;

use std::future::Future;
use std::str::FromStr;
use std::sync::{Arc, Weak};

use casekit_core::Committed;
use casekit_core::model::{Holds, Value};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};

use crate::compile::Statement;
use crate::dialect::Postgres;
use crate::plan::Plan;
use crate::schema::Schema;
use crate::server::{Core, Result, Server, ServerStore, Trouble};

/// Cases in a PostgreSQL database.
///
/// Writing takes one round trip: the function `casekit_commit` in the database does what has to be
/// done under the lock of the workspace, so that the lock is never held across the network. Its text
/// follows from what the kinds of record declare, and comes and goes with the tables.
pub type PostgresStore = ServerStore<Postgres>;

/// How many statements a connection keeps prepared.
const STATEMENTS: usize = 500;

impl Server for Postgres {
    type Database = sqlx::Postgres;

    /// All that we ask has an index. PostgreSQL would still read a whole table now and then, as for a
    /// disk that turns, or compile a statement for longer than it runs.
    const SETTINGS: &'static str =
        "SET random_page_cost = 1.1; SET enable_seqscan = off; SET jit = off";

    fn new(schema: Schema) -> Self {
        Self {
            schema: Arc::new(schema),
        }
    }

    fn options(url: &str) -> sqlx::Result<PgConnectOptions> {
        let options = PgConnectOptions::from_str(url)?;
        Ok(options.statement_cache_capacity(STATEMENTS))
    }

    async fn rows(
        connection: &mut PgConnection,
        statement: &Statement,
    ) -> sqlx::Result<Vec<PgRow>> {
        let arguments = row::arguments(&statement.params)?;
        let sql = sqlx::AssertSqlSafe(statement.sql.as_str());
        sqlx::query_with(sql, arguments).fetch_all(connection).await
    }

    /// A statement that is kept prepared gets, after some calls, a plan for any values.
    async fn found(
        connection: &mut PgConnection,
        statement: &Statement,
    ) -> sqlx::Result<Vec<PgRow>> {
        let arguments = row::arguments(&statement.params)?;
        let sql = sqlx::AssertSqlSafe(statement.sql.as_str());
        let query = sqlx::query_with(sql, arguments).persistent(false);
        query.fetch_all(connection).await
    }

    async fn script(connection: &mut PgConnection, sql: String) -> sqlx::Result<()> {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(connection)
            .await?;
        Ok(())
    }

    fn value(row: &PgRow, at: usize, holds: Holds) -> sqlx::Result<Value> {
        row::value(row, at, holds)
    }

    fn json(row: &PgRow, at: usize) -> sqlx::Result<Vec<u8>> {
        row::json(row, at)
    }

    fn expected(row: &PgRow) -> sqlx::Result<Option<u64>> {
        row::expected(row).map(Some)
    }

    fn apply(
        core: &Core<Self>,
        plan: &Plan,
        day: i64,
    ) -> impl Future<Output = Result<Committed>> + Send {
        apply::apply(core, plan, day)
    }

    fn trouble(error: &dyn sqlx::error::DatabaseError) -> Trouble {
        fault::trouble(error)
    }

    fn watch(core: Weak<Core<Self>>) -> impl Future<Output = ()> + Send {
        watch::watch(core)
    }
}
