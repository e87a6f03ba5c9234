//! MySQL and MariaDB.

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
use sqlx::mysql::{MySqlConnectOptions, MySqlConnection, MySqlRow};

use crate::compile::Statement;
use crate::dialect::Mysql;
use crate::plan::Plan;
use crate::schema::Schema;
use crate::server::{Core, Result, Server, ServerStore, Trouble};

/// Cases in a MySQL or MariaDB database.
///
/// Writing takes a transaction of several statements, each of which writes many rows. Texts are found
/// through a table of their words: the full text index of these databases leaves words out, and which
/// ones is not ours to say.
///
/// A server with a binary log must not keep it by statements (`binlog_format=STATEMENT`): it could not
/// log what a transaction wrote that sees what others have committed.
pub type MysqlStore = ServerStore<Mysql>;

/// How many statements a connection keeps prepared.
const STATEMENTS: usize = 500;

impl Server for Mysql {
    type Database = sqlx::MySql;

    /// So long a commit waits for a transaction of the host's that has written to the workspace.
    const SETTINGS: &'static str = "SET SESSION innodb_lock_wait_timeout = 10";

    fn new(schema: Schema) -> Self {
        Self {
            schema: Arc::new(schema),
        }
    }

    fn options(url: &str) -> sqlx::Result<MySqlConnectOptions> {
        let options = MySqlConnectOptions::from_str(url)?;
        Ok(options.statement_cache_capacity(STATEMENTS))
    }

    async fn rows(
        connection: &mut MySqlConnection,
        statement: &Statement,
    ) -> sqlx::Result<Vec<MySqlRow>> {
        let arguments = row::arguments(&statement.params)?;
        let sql = sqlx::AssertSqlSafe(statement.sql.as_str());
        sqlx::query_with(sql, arguments).fetch_all(connection).await
    }

    async fn script(connection: &mut MySqlConnection, sql: String) -> sqlx::Result<()> {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(connection)
            .await?;
        Ok(())
    }

    fn value(row: &MySqlRow, at: usize, holds: Holds) -> sqlx::Result<Value> {
        row::value(row, at, holds)
    }

    fn json(row: &MySqlRow, at: usize) -> sqlx::Result<Vec<u8>> {
        row::bytes(row, at)
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
