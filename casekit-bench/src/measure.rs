//! One task on all sides, in rounds, so that what disturbs the machine disturbs all.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::task::JoinSet;

use crate::ground::Ground;
use crate::ours::Ours;
use crate::samples::Samples;
use crate::task::{Job, Jobs, Task};
use crate::world::World;

/// How much is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Effort {
    pub(crate) rounds: usize,
    /// About how long a side takes in a round.
    pub(crate) turn: Duration,
    /// How many callers there are at once, where there are many.
    pub(crate) callers: usize,
    /// The most edits of a turn: each case is edited once.
    pub(crate) patches: usize,
}

/// Which sides are measured; one alone is for a profiler.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Side {
    /// casekit on SQLite.
    Sqlite,
    /// casekit in memory.
    Memory,
    /// Hand-written SQL.
    Rusqlite,
}

/// What one task took.
#[derive(Debug)]
pub(crate) struct Figures {
    pub(crate) task: Task,
    pub(crate) sqlite: Samples,
    pub(crate) rusqlite: Samples,
    pub(crate) memory: Samples,
    /// How long one operation of many callers took, in each round.
    pub(crate) many_sqlite: Samples,
    pub(crate) many_rusqlite: Samples,
}

impl Figures {
    fn new(task: Task) -> Self {
        Self {
            task,
            sqlite: Samples::default(),
            rusqlite: Samples::default(),
            memory: Samples::default(),
            many_sqlite: Samples::default(),
            many_rusqlite: Samples::default(),
        }
    }
}

/// Measures a task.
pub(crate) fn task(
    task: Task,
    sides: &[Side],
    effort: Effort,
    ground: &Ground,
    world: &mut World,
    jobs: &mut Jobs,
) -> Result<Figures> {
    let mut figures = Figures::new(task);
    let count = turns(task, effort, ground, world, jobs)?;
    for round in 0..effort.rounds {
        let alone = jobs.draw(task, count, world);
        let many = count
            .div_ceil(effort.callers)
            .max(if task.writes() { 4 } else { 1 });
        let many = jobs.draw(task, many * effort.callers, world);
        let mut order = sides.to_vec();
        if round % 2 == 1 {
            order.reverse();
        }
        for side in order {
            match side {
                Side::Sqlite => sqlite(ground, &mut figures, alone.clone(), many.clone(), effort)?,
                Side::Rusqlite => rusqlite(ground, &mut figures, &alone, &many, effort)?,
                Side::Memory => memory(ground, &mut figures, alone.clone())?,
            }
        }
    }
    Ok(figures)
}

/// How many jobs fit into a turn; tries a few, which also warms the caches.
fn turns(
    task: Task,
    effort: Effort,
    ground: &Ground,
    world: &mut World,
    jobs: &mut Jobs,
) -> Result<usize> {
    let few = jobs.draw(task, 8, world);
    let start = Instant::now();
    ground.theirs.one_by_one(few.clone())?;
    let start_ours = Instant::now();
    one_by_one(ground, &ground.sqlite, few.clone())?;
    one_by_one(ground, &ground.memory, few)?;
    let slower = (start_ours - start).max(start_ours.elapsed()).as_secs_f64() / 8.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "bounded, and not negative"
    )]
    let count = (effort.turn.as_secs_f64() / slower).clamp(5.0, 10_000.0) as usize;
    Ok(match task {
        Task::Patch => count.min(effort.patches),
        _ => count,
    })
}

fn sqlite(
    ground: &Ground,
    figures: &mut Figures,
    alone: Vec<Job>,
    many: Vec<Job>,
    effort: Effort,
) -> Result<()> {
    for took in one_by_one(ground, &ground.sqlite, alone)? {
        figures.sqlite.add(took);
    }
    let count = u32::try_from(many.len().max(1))?;
    let took = together(ground, &ground.sqlite, many, effort.callers)?;
    figures.many_sqlite.add(took / count);
    ground.settle()
}

fn rusqlite(
    ground: &Ground,
    figures: &mut Figures,
    alone: &[Job],
    many: &[Job],
    effort: Effort,
) -> Result<()> {
    for took in ground.theirs.one_by_one(alone.to_vec())? {
        figures.rusqlite.add(took);
    }
    // Half of the jobs each way; the faster counts.
    let ways = ground.theirs.ways(figures.task, effort.callers);
    let half = many.len().div_ceil(2).max(1);
    let mut best = None;
    for (threads, some) in ways.into_iter().zip(many.chunks(half)) {
        let took = ground
            .theirs
            .together(figures.task, some.to_vec(), threads)?;
        let each = took / u32::try_from(some.len())?;
        best = Some(best.map_or(each, |best: Duration| best.min(each)));
    }
    figures
        .many_rusqlite
        .add(best.context("there was nothing to do")?);
    Ok(())
}

fn memory(ground: &Ground, figures: &mut Figures, alone: Vec<Job>) -> Result<()> {
    for took in one_by_one(ground, &ground.memory, alone)? {
        figures.memory.add(took);
    }
    Ok(())
}

/// Does jobs one after the other; gives how long each took.
fn one_by_one(ground: &Ground, ours: &Ours, jobs: Vec<Job>) -> Result<Vec<Duration>> {
    ground.runtime.block_on(async {
        let mut all = Vec::with_capacity(jobs.len());
        for job in jobs {
            let start = Instant::now();
            ours.run(job).await?;
            all.push(start.elapsed());
        }
        Ok(all)
    })
}

/// Does jobs in so many tasks; gives how long all took together.
fn together(ground: &Ground, ours: &Ours, jobs: Vec<Job>, callers: usize) -> Result<Duration> {
    let size = jobs.len().div_ceil(callers).max(1);
    let lists: Vec<Vec<Job>> = jobs.chunks(size).map(<[Job]>::to_vec).collect();
    ground.runtime.block_on(async {
        let mut tasks = JoinSet::new();
        let start = Instant::now();
        for list in lists {
            let ours = ours.clone();
            tasks.spawn(async move {
                for job in list {
                    ours.run(job).await?;
                }
                anyhow::Ok(())
            });
        }
        while let Some(done) = tasks.join_next().await {
            done??;
        }
        Ok(start.elapsed())
    })
}
