//! The figures of one place as a Markdown table.

use std::fmt::Write as _;

use super::Measured;
use super::ask::Ask;
use super::together::CALLERS;
use crate::samples::Samples;
use crate::table::{micros, verdict};

/// How many times as long an operation may take on the largest store as on the smallest.
const GROWTH: f64 = 2.0;

/// How many times as long as hand-written SQL a list may take, and a write: on SQLite, where a statement costs
/// next to nothing and a checked operation has more of them, and on a server.
const LISTS: f64 = 1.5;
const WRITES_IN_A_FILE: f64 = 3.0;
const WRITES_ON_A_SERVER: f64 = 1.2;

/// How many entries a second the bulk path must write.
const ENTRIES_PER_SECOND: f64 = 20_000.0;

/// The figures of a place at all sizes.
pub(crate) fn of(place: &str, all: &[Measured]) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_growth(&mut text, place, all);
    let _ = write_by_hand(&mut text, place, all);
    let _ = write_together(&mut text, all);
    let _ = write_filling(&mut text, place, all);
    text
}

fn write_growth(text: &mut String, place: &str, all: &[Measured]) -> std::fmt::Result {
    write!(text, "| {place}, one caller: median (p99) |")?;
    for measured in all {
        write!(text, " {} cases |", measured.cases)?;
    }
    writeln!(text, " growth | target | |")?;
    writeln!(text, "|---|{}--:|--:|---|", "--:|".repeat(all.len()))?;
    let (Some(first), Some(last)) = (all.first(), all.last()) else {
        return Ok(());
    };
    for (ask, samples) in &first.figures {
        write!(text, "| {} |", ask.name())?;
        for measured in all {
            let found = of_ask(&measured.figures, *ask);
            let found = found.map(|s| (micros(s.median()), micros(s.percentile(99))));
            let (median, p99) = found.unwrap_or_default();
            write!(text, " {median} ({p99}) |")?;
        }
        let at_last = of_ask(&last.figures, *ask).map_or(f64::NAN, Samples::median);
        let growth = at_last / samples.median();
        writeln!(
            text,
            " {growth:.1} | ≤ {GROWTH} | {} |",
            verdict(growth <= GROWTH)
        )?;
    }
    writeln!(text)
}

fn target(place: &str, ask: Ask) -> f64 {
    match ask {
        Ask::Task(task) if task.writes() && place == "sqlite" => WRITES_IN_A_FILE,
        Ask::Task(task) if task.writes() => WRITES_ON_A_SERVER,
        _ => LISTS,
    }
}

fn write_by_hand(text: &mut String, place: &str, all: &[Measured]) -> std::fmt::Result {
    writeln!(
        text,
        "| beside hand-written SQL | cases | casekit | by hand | ratio | target | |"
    )?;
    writeln!(text, "|---|--:|--:|--:|--:|--:|---|")?;
    for measured in all {
        for (ask, by_hand) in &measured.hand_written {
            let ours = of_ask(&measured.figures, *ask).map_or(f64::NAN, Samples::median);
            let ratio = ours / by_hand.median();
            let target = target(place, *ask);
            writeln!(
                text,
                "| {} | {} | {} | {} | {ratio:.2} | ≤ {target} | {} |",
                ask.name(),
                measured.cases,
                micros(ours),
                micros(by_hand.median()),
                verdict(ratio <= target),
            )?;
        }
    }
    writeln!(text)
}

fn write_together(text: &mut String, all: &[Measured]) -> std::fmt::Result {
    if all.iter().all(|measured| measured.together.is_empty()) {
        return Ok(());
    }
    writeln!(
        text,
        "| {CALLERS} callers | cases | casekit | by hand | ratio | target | |"
    )?;
    writeln!(text, "|---|--:|--:|--:|--:|--:|---|")?;
    for measured in all {
        for rates in &measured.together {
            let ratio = rates.ours / rates.by_hand;
            writeln!(
                text,
                "| {} | {} | {:.0}/s | {:.0}/s | {ratio:.2} | ≥ 1 | {} |",
                rates.task.name(),
                measured.cases,
                rates.ours,
                rates.by_hand,
                verdict(ratio >= 1.0),
            )?;
        }
    }
    writeln!(text)
}

fn write_filling(text: &mut String, place: &str, all: &[Measured]) -> std::fmt::Result {
    writeln!(
        text,
        "| filling, with everything indexed | entries a second | target | |"
    )?;
    writeln!(text, "|---|--:|--:|---|")?;
    for measured in all {
        let rate = measured.entries_per_second;
        write!(text, "| {} cases | {rate:.0} | ", measured.cases)?;
        // Only for a file somebody has said how fast it should be.
        match place {
            "sqlite" => {
                let verdict = verdict(rate >= ENTRIES_PER_SECOND);
                writeln!(text, "≥ {ENTRIES_PER_SECOND} | {verdict} |")?;
            }
            _ => writeln!(text, "| |")?,
        }
    }
    writeln!(text)
}

fn of_ask(figures: &[(Ask, Samples)], ask: Ask) -> Option<&Samples> {
    let found = figures.iter().find(|(of, _)| *of == ask);
    found.map(|(_, samples)| samples)
}
