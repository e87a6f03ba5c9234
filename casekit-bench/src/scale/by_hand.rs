//! The lists that people look at most, by hand-written SQL on the same database.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::ask::Ask;
use super::place::Place;
use crate::task::{Job, Task};
use crate::theirs::Theirs;
use crate::world::World;

/// A list that somebody wrote a query for.
pub(crate) struct ByHand {
    theirs: Theirs,
    job: Job,
}

impl ByHand {
    /// The query for what is asked, if somebody would write one.
    pub(crate) fn of(place: &Place, ask: Ask, world: &World) -> Result<Option<Self>> {
        let job = match ask {
            Ask::Task(Task::Newest) => Job::Newest,
            Ask::Task(Task::Load) => Job::Load,
            _ => return Ok(None),
        };
        let theirs = Theirs::open(place.file(), world)?;
        Ok(Some(Self { theirs, job }))
    }

    /// Asks once; gives how long it took.
    pub(crate) fn ask(&mut self) -> Result<Duration> {
        let start = Instant::now();
        self.theirs.run(self.job.clone())?;
        Ok(start.elapsed())
    }
}
