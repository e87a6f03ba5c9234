//! Measures casekit beside hand-written SQL: `cargo xtask bench`.
//!
//! What is measured is in `task`; `ours` does it with casekit, `theirs` with rusqlite; `measure` lets
//! them take turns; `table` prints what came out. Progress goes to standard error, the tables to
//! standard output.

mod ground;
mod machine;
mod measure;
mod ours;
mod samples;
mod scale;
mod table;
mod task;
mod theirs;
mod threads;
mod words;
mod world;

use std::time::Duration;

use anyhow::Result;
use clap::Parser;

use crate::ground::Ground;
use crate::measure::{Effort, Side};
use crate::task::{Jobs, Task};
use crate::world::World;

#[derive(Debug, Parser)]
#[command(about = "Measures casekit beside hand-written SQL")]
struct Arguments {
    /// A short run on few cases: to see that it works, not how fast.
    #[arg(long)]
    quick: bool,
    /// How many cases there are.
    #[arg(long)]
    cases: Option<usize>,
    /// How many rounds the sides take turns.
    #[arg(long)]
    rounds: Option<usize>,
    /// How many milliseconds a side takes in a round, about.
    #[arg(long)]
    turn_ms: Option<u64>,
    /// Only operations whose name contains this.
    #[arg(long, default_value = "")]
    only: String,
    /// How operations slow down as stores grow, instead.
    #[arg(long)]
    scale: bool,
    /// The sizes of the stores that are compared, in cases.
    #[arg(long, value_delimiter = ',', default_value = "10000,100000,1000000")]
    sizes: Vec<usize>,
    /// Which stores are compared at these sizes: `sqlite`, `postgres`, `mysql`.
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres")]
    stores: Vec<String>,
    /// Only this side, for a profiler.
    #[arg(long)]
    side: Vec<Side>,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let about = machine::describe(&command());
    if arguments.scale {
        let table = scale::run(&arguments.sizes, &arguments.stores, &arguments.only)?;
        println!("{about}\n\n{table}");
        return Ok(());
    }
    let (cases, rounds, turn) = match arguments.quick {
        true => (5_000, 3, Duration::from_millis(20)),
        false => (100_000, 9, Duration::from_millis(100)),
    };
    let cases = arguments.cases.unwrap_or(cases);
    let rounds = arguments.rounds.unwrap_or(rounds);
    let turn = arguments.turn_ms.map_or(turn, Duration::from_millis);
    let effort = Effort {
        rounds,
        turn,
        callers: 64,
        patches: (cases / rounds / 4).max(64),
    };
    let mut sides = arguments.side;
    if sides.is_empty() {
        sides = vec![Side::Sqlite, Side::Rusqlite, Side::Memory];
    }
    let mut world = World::new();
    let ground = Ground::fill(&mut world, cases)?;
    let mut jobs = Jobs::new(&world);
    let mut all = Vec::new();
    for task in Task::ALL {
        if task.name().contains(&arguments.only) {
            eprintln!("measure: {}", task.name());
            all.push(measure::task(
                task, &sides, effort, &ground, &mut world, &mut jobs,
            )?);
        }
    }
    println!(
        "{about}\n\n{cases} cases.\n\n{}",
        table::of(&all, effort.callers)
    );
    Ok(())
}

/// The command that was given.
fn command() -> String {
    let arguments = std::env::args().skip(1);
    let words = ["cargo", "xtask", "bench"].map(str::to_owned);
    words
        .into_iter()
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Enough for a full page of what is frequent.
    const CASES: usize = 300;

    #[test]
    fn every_side_answers_every_task_alike() -> Result<()> {
        let mut world = World::new();
        let ground = Ground::fill(&mut world, CASES)?;
        let mut jobs = Jobs::new(&world);
        for task in Task::ALL {
            let job = jobs.draw(task, 1, &mut world).pop();
            let job = job.expect("a case is left");
            let theirs = ground.theirs.caller()?.run(job.clone())?;
            let sqlite = ground.runtime.block_on(ground.sqlite.run(job.clone()))?;
            let memory = ground.runtime.block_on(ground.memory.run(job))?;
            assert_eq!((sqlite, memory), (theirs, theirs), "{}", task.name());
            assert_ne!(theirs, 0, "{}", task.name());
        }
        Ok(())
    }

    #[test]
    fn every_task_is_measured_on_every_side_with_one_and_with_many_callers() -> Result<()> {
        let mut world = World::new();
        let ground = Ground::fill(&mut world, CASES)?;
        let mut jobs = Jobs::new(&world);
        let effort = Effort {
            rounds: 1,
            turn: Duration::ZERO,
            callers: 4,
            patches: 8,
        };
        let sides = [Side::Sqlite, Side::Rusqlite, Side::Memory];
        let figures = Task::ALL.map(|task| {
            measure::task(task, &sides, effort, &ground, &mut world, &mut jobs)
                .unwrap_or_else(|error| panic!("{}: {error:#}", task.name()))
        });
        let table = table::of(&figures, effort.callers);
        for task in Task::ALL {
            let lines = table.lines().filter(|line| line.contains(task.name()));
            assert_eq!(lines.count(), 3, "{table}");
        }
        assert!(!table.contains("NaN"), "{table}");
        Ok(())
    }
}
