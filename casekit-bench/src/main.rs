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
    /// Which stores are compared at these sizes: `sqlite`.
    #[arg(long, value_delimiter = ',', default_value = "sqlite")]
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
