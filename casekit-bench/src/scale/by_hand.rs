//! What people do most, by hand-written SQL on the same database.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::ask::{Ask, Asker};
use super::on_postgres::OnPostgres;
use super::place::{Kind, Place};
use crate::task::{Job, Task};
use crate::theirs::Theirs;
use crate::world::World;

/// Somebody who wrote SQL for a task.
pub(crate) struct ByHand {
    task: Task,
    connection: Connection,
}

enum Connection {
    Sqlite(Box<Theirs>),
    Postgres(Box<OnPostgres>),
}

impl ByHand {
    /// The SQL for what is asked, if somebody wrote it.
    pub(crate) async fn of(place: &Place, ask: Ask, world: &World) -> Result<Option<Self>> {
        let task = match ask {
            Ask::Task(task) if task.writes() => task,
            Ask::Task(task @ (Task::Newest | Task::Load)) => task,
            _ => return Ok(None),
        };
        let connection = match place.kind() {
            Kind::Sqlite { file, .. } => Connection::Sqlite(Box::new(Theirs::open(file, world)?)),
            Kind::Postgres(url) => {
                Connection::Postgres(Box::new(OnPostgres::open(url, world).await?))
            }
            Kind::Mysql => return Ok(None),
        };
        Ok(Some(Self { task, connection }))
    }

    /// Asks once; gives how long it took, or nothing when there is nothing left to do.
    pub(crate) async fn ask(&mut self, asker: &mut Asker) -> Result<Option<Duration>> {
        let Some(job) = asker.draw(self.task, 1).pop() else {
            return Ok(None);
        };
        let start = Instant::now();
        self.run(job).await?;
        Ok(Some(start.elapsed()))
    }

    async fn run(&mut self, job: Job) -> Result<()> {
        match &mut self.connection {
            Connection::Sqlite(theirs) => theirs.run(job).map(|_| ()),
            Connection::Postgres(theirs) => theirs.run(job).await,
        }
    }
}
