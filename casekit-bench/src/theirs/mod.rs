//! Hand-written SQL through rusqlite, on a copy of the same file: what somebody would write who
//! needs exactly these operations on exactly these tables, and nothing else.
//!
//! It writes the same rows as casekit, each operation in a transaction of its own, with prepared
//! statements and the same pragmas, and answers with the same structs, read from the same JSON. It
//! leaves out what casekit does beside: it asks for nobody's permission, knows no retry and no
//! conflict, checks no input, follows no merged case, and never puts the words that wait into the
//! text index.

mod read;
pub(crate) mod records;
mod rows;
mod write;

use std::path::Path;

use anyhow::Result;
use casekit_core::model::{Agent, Case, CaseId, Customer, CustomerId, WorkspaceId};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use uuid::Uuid;

use crate::task::Job;
use crate::world::World;

/// A connection, and who works on it.
pub(crate) struct Theirs {
    connection: Connection,
    workspace: WorkspaceId,
    agent: Agent,
    /// What the words of cases begin with in the text index.
    mark: String,
}

impl Theirs {
    pub(crate) fn open(path: &Path, world: &World) -> Result<Self> {
        let connection = Connection::open(path)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON; \
             PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000;",
        )?;
        connection.set_prepared_statement_cache_capacity(256);
        let mark = read::mark(&connection, world.workspace)?;
        Ok(Self {
            connection,
            workspace: world.workspace,
            agent: world.agent.clone(),
            mark,
        })
    }

    /// Does a job; gives how many cases it was answered.
    pub(crate) fn run(&mut self, job: Job) -> Result<usize> {
        match job {
            Job::Open {
                customer,
                subject,
                text,
            } => self.open_case(customer, &subject, &text).map(|_| 1),
            Job::Reply { case, text } => self.reply(case, &text).map(|_| 1),
            Job::Patch { case } => self.patch(case).map(|_| 1),
            Job::Number(number) => self.by_number(number).map(|_| 1),
            Job::Newest => Ok(self.newest()?.len()),
            Job::Load => Ok(self.case_load()?.into_iter().map(|list| list.len()).sum()),
            Job::Search(words) => Ok(self.search(&words)?.len()),
        }
    }

    fn begin(&mut self) -> Result<Transaction<'_>> {
        let kind = TransactionBehavior::Immediate;
        Ok(self.connection.transaction_with_behavior(kind)?)
    }
}

/// A case, to be changed.
fn case(connection: &Connection, workspace: WorkspaceId, id: CaseId) -> Result<Case> {
    decoded(
        connection,
        "SELECT body FROM casekit_case WHERE workspace = ?1 AND id = ?2",
        (workspace.0, id.0),
    )
}

fn customer(connection: &Connection, workspace: WorkspaceId, id: CustomerId) -> Result<Customer> {
    decoded(
        connection,
        "SELECT body FROM casekit_customer WHERE workspace = ?1 AND id = ?2",
        (workspace.0, id.0),
    )
}

/// The record at a key.
fn decoded<T: serde::de::DeserializeOwned>(
    connection: &Connection,
    sql: &str,
    (workspace, id): (Uuid, Uuid),
) -> Result<T> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![workspace.as_bytes(), id.as_bytes()])?;
    let row = rows
        .next()?
        .ok_or_else(|| anyhow::anyhow!("no such record: {id}"))?;
    Ok(serde_json::from_slice(row.get_ref(0)?.as_bytes()?)?)
}
