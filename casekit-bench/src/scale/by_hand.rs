//! The lists that people look at most, by hand-written SQL on the same database.

use std::time::{Duration, Instant};

use anyhow::Result;
use casekit_core::model::{Case, ProductId};
use sqlx::{Connection, PgConnection, Row};
use uuid::Uuid;

use super::ask::Ask;
use super::place::{Kind, Place};
use crate::task::{Job, Task};
use crate::theirs::Theirs;
use crate::world::World;

/// A list that somebody wrote a query for.
pub(crate) enum ByHand {
    Sqlite(Box<Theirs>, Job),
    Postgres(Box<OnPostgres>, Task),
}

impl ByHand {
    /// The query for what is asked, if somebody would write one.
    pub(crate) async fn of(place: &Place, ask: Ask, world: &World) -> Result<Option<Self>> {
        let (task, job) = match ask {
            Ask::Task(task @ Task::Newest) => (task, Job::Newest),
            Ask::Task(task @ Task::Load) => (task, Job::Load),
            _ => return Ok(None),
        };
        Ok(match place.kind() {
            Kind::Sqlite { file, .. } => {
                Some(Self::Sqlite(Box::new(Theirs::open(file, world)?), job))
            }
            Kind::Postgres(url) => {
                let lists = OnPostgres::open(url, world).await?;
                Some(Self::Postgres(Box::new(lists), task))
            }
            Kind::Mysql => None,
        })
    }

    /// Asks once; gives how long it took.
    pub(crate) async fn ask(&mut self) -> Result<Duration> {
        let start = Instant::now();
        match self {
            Self::Sqlite(theirs, job) => {
                theirs.run(job.clone())?;
            }
            Self::Postgres(lists, Task::Load) => lists.case_load().await?,
            Self::Postgres(lists, _) => lists.newest().await?,
        }
        Ok(start.elapsed())
    }
}

/// A connection to PostgreSQL, and who looks.
pub(crate) struct OnPostgres {
    connection: PgConnection,
    workspace: Uuid,
    agent: Uuid,
    products: Vec<Uuid>,
}

impl OnPostgres {
    async fn open(url: &str, world: &World) -> Result<Self> {
        let products = world.agent.products.iter();
        let products = products.map(|ProductId(id)| *id);
        Ok(Self {
            connection: PgConnection::connect(url).await?,
            workspace: world.workspace.0,
            agent: world.agent.id.0,
            products: products.chain([Uuid::nil()]).collect(),
        })
    }

    async fn newest(&mut self) -> Result<()> {
        let sql = "SELECT body::text FROM casekit_case WHERE workspace = $1 AND NOT merged \
             ORDER BY updated_at DESC, id DESC LIMIT 51";
        let list = sqlx::query(sql).bind(self.workspace);
        decoded(&list.fetch_all(&mut self.connection).await?)
    }

    /// What waits for a reply, what is one's own, what nobody has.
    async fn case_load(&mut self) -> Result<()> {
        let waiting = sqlx::query(
            "SELECT body::text FROM casekit_case WHERE workspace = $1 AND status = 'active' \
             AND awaiting_since < '9999-01-01' AND product = ANY ($2) \
             ORDER BY awaiting_since, id LIMIT 51",
        );
        let waiting = waiting.bind(self.workspace).bind(&self.products);
        decoded(&waiting.fetch_all(&mut self.connection).await?)?;
        for (agent, order) in [(self.agent, "DESC"), (Uuid::nil(), "ASC")] {
            let list = format!(
                "SELECT body::text FROM casekit_case WHERE workspace = $1 AND status = 'active' \
                 AND assignee = $2 ORDER BY updated_at {order}, id {order} LIMIT 51"
            );
            let list = sqlx::query(sqlx::AssertSqlSafe(list));
            let list = list.bind(self.workspace).bind(agent);
            decoded(&list.fetch_all(&mut self.connection).await?)?;
        }
        Ok(())
    }
}

/// Reads the cases, as whoever asked for them would.
fn decoded(rows: &[sqlx::postgres::PgRow]) -> Result<()> {
    for row in rows {
        let _: Case = serde_json::from_str(row.try_get(0)?)?;
    }
    Ok(())
}
