//! Many callers of hand-written SQL.

use std::path::Path;
use std::sync::{Barrier, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::task::{Job, Task};
use crate::theirs::Theirs;
use crate::world::World;

/// The connections of a host that runs its own SQL: one that writes, and one to read for each core,
/// each behind a lock.
pub(crate) struct Lanes {
    writer: Vec<Mutex<Theirs>>,
    readers: Vec<Mutex<Theirs>>,
}

impl Lanes {
    pub(crate) fn open(path: &Path, world: &World) -> Result<Self> {
        let open = || Theirs::open(path, world).map(Mutex::new);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            writer: vec![open()?],
            readers: (0..cores).map(|_| open()).collect::<Result<_>>()?,
        })
    }

    fn of(&self, task: Task) -> &[Mutex<Theirs>] {
        if task.writes() {
            &self.writer
        } else {
            &self.readers
        }
    }

    /// The connection of one caller.
    pub(crate) fn caller(&self) -> Result<MutexGuard<'_, Theirs>> {
        let writer = self.writer.first().context("there is no connection")?;
        Ok(locked(writer))
    }

    /// Does jobs one after the other on the connection of one caller; gives how long each took.
    pub(crate) fn one_by_one(&self, jobs: Vec<Job>) -> Result<Vec<Duration>> {
        let mut theirs = self.caller()?;
        jobs.into_iter()
            .map(|job| {
                let start = Instant::now();
                theirs.run(job)?;
                Ok(start.elapsed())
            })
            .collect()
    }

    /// Does jobs in so many threads; gives how long all took together.
    pub(crate) fn together(&self, task: Task, jobs: Vec<Job>, callers: usize) -> Result<Duration> {
        let lanes = self.of(task);
        let barrier = Barrier::new(callers);
        let size = jobs.len().div_ceil(callers).max(1);
        let mut lists: Vec<Vec<Job>> = jobs.chunks(size).map(<[Job]>::to_vec).collect();
        lists.resize(callers, Vec::new());
        let turns = std::thread::scope(|scope| {
            let barrier = &barrier;
            let callers = lists.into_iter().enumerate().map(|(caller, list)| {
                scope.spawn(move || -> Result<[Instant; 2]> {
                    barrier.wait();
                    let start = Instant::now();
                    for job in list {
                        free(lanes, caller)?.run(job)?;
                    }
                    Ok([start, Instant::now()])
                })
            });
            let callers: Vec<_> = callers.collect();
            let turns = callers.into_iter().map(|caller| {
                let turn = caller.join();
                turn.map_err(|_| anyhow::anyhow!("a caller panicked"))?
            });
            turns.collect::<Result<Vec<_>>>()
        })?;
        let starts = turns.iter().map(|[start, _]| *start).min();
        let ends = turns.iter().map(|[_, end]| *end).max();
        let both = starts.zip(ends).context("nobody called")?;
        Ok(both.1 - both.0)
    }

    /// How many threads are tried: one for each caller, and one for each connection, which then
    /// never wait for each other.
    pub(crate) fn ways(&self, task: Task, callers: usize) -> [usize; 2] {
        [callers, self.of(task).len()]
    }
}

/// A connection that nobody uses, or the caller's own when it is its turn.
fn free(lanes: &[Mutex<Theirs>], caller: usize) -> Result<MutexGuard<'_, Theirs>> {
    if let Some(free) = lanes.iter().find_map(|lane| lane.try_lock().ok()) {
        return Ok(free);
    }
    let own = lanes.get(caller % lanes.len().max(1));
    Ok(locked(own.context("there is no connection")?))
}

fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
