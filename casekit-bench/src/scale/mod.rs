//! How operations slow down as a store grows: `cargo xtask bench --scale`.
//!
//! The same operations on 10,000, 100,000 and 1,000,000 cases of several workspaces, on each store. An
//! operation that finds what it needs by an index takes about as long on all of them.

mod ask;
mod by_hand;
mod filling;
mod on_postgres;
mod place;
mod table;
mod together;

use std::time::{Duration, Instant};

use anyhow::Result;

use self::ask::{Ask, Asker};
use self::by_hand::ByHand;
use self::filling::Filled;
use self::place::Place;
use self::together::{CALLS, Rates};
use crate::samples::Samples;

/// How often each operation is measured at least and at most, and for how long in between.
const LEAST: usize = 30;
const MOST: usize = 2_000;
const TIME: Duration = Duration::from_millis(1_500);

/// How often it is done before it is measured.
const WARM: usize = 5;

/// What is measured on a store of one size.
#[derive(Debug)]
pub(crate) struct Measured {
    pub(crate) cases: usize,
    /// How many entries a second were written while it was filled.
    pub(crate) entries_per_second: f64,
    pub(crate) figures: Vec<(Ask, Samples)>,
    /// The same as written by hand, where there is such a query.
    pub(crate) hand_written: Vec<(Ask, Samples)>,
    /// Writes by many callers at once, on a server.
    pub(crate) together: Vec<Rates>,
}

/// Measures each place at each size; gives the tables.
pub(crate) fn run(sizes: &[usize], stores: &[String], only: &str) -> Result<String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let mut text = String::new();
    for store in stores {
        let mut all = Vec::new();
        for cases in sizes {
            let place = runtime.block_on(Place::open(store))?;
            eprintln!("{store}: {cases} cases");
            all.push(measure(&runtime, &place, *cases, only)?);
        }
        text.push_str(&table::of(store, &all));
    }
    Ok(text)
}

fn measure(
    runtime: &tokio::runtime::Runtime,
    place: &Place,
    cases: usize,
    only: &str,
) -> Result<Measured> {
    let filled = runtime.block_on(Filled::fill(place, cases))?;
    let entries_per_second = filled.entries_per_second;
    let mut asker = runtime.block_on(Asker::new(place, filled))?;
    let asks = Ask::all().into_iter();
    let asks: Vec<Ask> = asks.filter(|ask| ask.name().contains(only)).collect();
    let mut figures = Vec::new();
    let mut hand_written = Vec::new();
    let mut together = Vec::new();
    for ask in asks {
        eprintln!("  {}", ask.name());
        figures.push((ask, sample(|| runtime.block_on(asker.ask(ask)))?));
        if let Some(mut by_hand) = runtime.block_on(ByHand::of(place, ask, asker.world()))? {
            let samples = sample(|| runtime.block_on(by_hand.ask(&mut asker)))?;
            hand_written.push((ask, samples));
        }
        if let Ask::Task(task) = ask
            && task.writes()
        {
            together.extend(runtime.block_on(Rates::of(place, &mut asker, task, CALLS))?);
        }
    }
    Ok(Measured {
        cases,
        entries_per_second,
        figures,
        hand_written,
        together,
    })
}

/// Does something again and again; `once` gives how long it took, without what it had to prepare,
/// or nothing when there is nothing left to do.
fn sample(mut once: impl FnMut() -> Result<Option<Duration>>) -> Result<Samples> {
    for _ in 0..WARM {
        once()?;
    }
    let mut samples = Samples::default();
    let start = Instant::now();
    for done in 0..MOST {
        if done >= LEAST && start.elapsed() > TIME {
            break;
        }
        match once()? {
            Some(took) => samples.add(took),
            None => break,
        }
    }
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use casekit_core::Desk;
    use casekit_core::model::Seq;
    use casekit_core::operations::CountCases;

    use super::*;
    use crate::task::Task;

    const CASES: usize = 60;

    /// Each of eight callers opens four cases in the two rounds of both sides; one more is opened by hand.
    #[test]
    fn what_is_written_by_hand_on_a_server_is_what_casekit_reads() -> Result<()> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        runtime.block_on(async {
            if casekit_servers::fresh_postgres().await.is_none() {
                return Ok(());
            }
            let place = Place::open("postgres").await?;
            let mut asker = Asker::new(&place, Filled::fill(&place, CASES).await?).await?;
            let workspace = asker.world().workspace;
            let desk = Desk::builder_on(place.store()).build();
            let count = async || desk.system(workspace).run(CountCases::default()).await;
            let before = count().await?.count;
            for ask in Ask::all() {
                if let Some(mut by_hand) = ByHand::of(&place, ask, asker.world()).await? {
                    assert!(by_hand.ask(&mut asker).await?.is_some(), "{}", ask.name());
                }
            }
            for task in Task::ALL.into_iter().filter(|task| task.writes()) {
                let rates = Rates::of(&place, &mut asker, task, [1, 1]).await?;
                assert!(rates.is_some_and(|rates| rates.ours * rates.by_hand > 0.0));
            }
            assert_eq!(count().await?.count, before + 1 + 8 * 4);
            let mut feed = desk.subscribe(workspace, Seq(0));
            let mut last = 0;
            while let Some(event) = feed.try_next().await? {
                assert_eq!(event.seq.0, last + 1);
                last = event.seq.0;
            }
            Ok(())
        })
    }
}
