//! The figures as a Markdown table.

use std::fmt::Write as _;

use crate::measure::Figures;

/// How many times as long as hand-written SQL an operation of one caller may take.
const TIMES: f64 = 3.0;

/// What share of the operations of hand-written SQL many callers must get done.
const SHARE: f64 = 1.0;

/// How many microseconds an operation in memory may take.
const MEMORY_US: f64 = 20.0;

/// All figures as tables.
pub(crate) fn of(all: &[Figures], callers: usize) -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write_tables(&mut text, all, callers);
    text
}

fn write_tables(text: &mut String, all: &[Figures], callers: usize) -> std::fmt::Result {
    writeln!(
        text,
        "| one caller | casekit, SQLite | p99 | rusqlite | p99 | ratio | target | |"
    )?;
    writeln!(text, "|---|--:|--:|--:|--:|--:|--:|---|")?;
    for figures in all {
        let (ours, theirs) = (&figures.sqlite, &figures.rusqlite);
        let ratio = ours.median() / theirs.median();
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {ratio:.1} | ≤ {TIMES} | {} |",
            figures.task.name(),
            micros(ours.median()),
            micros(ours.percentile(99)),
            micros(theirs.median()),
            micros(theirs.percentile(99)),
            verdict(ratio <= TIMES),
        )?;
    }
    writeln!(text)?;
    writeln!(
        text,
        "| {callers} callers | casekit, SQLite | rusqlite | ratio | target | |"
    )?;
    writeln!(text, "|---|--:|--:|--:|--:|---|")?;
    for figures in all {
        let (ours, theirs) = (figures.many_sqlite.median(), figures.many_rusqlite.median());
        let share = theirs / ours;
        writeln!(
            text,
            "| {} | {} | {} | {share:.2} | ≥ {SHARE} | {} |",
            figures.task.name(),
            rate(ours),
            rate(theirs),
            verdict(share >= SHARE),
        )?;
    }
    writeln!(text)?;
    writeln!(text, "| one caller | casekit, memory | p99 | target | |")?;
    writeln!(text, "|---|--:|--:|--:|---|")?;
    for figures in all {
        let ours = &figures.memory;
        writeln!(
            text,
            "| {} | {} | {} | ≤ {MEMORY_US} µs | {} |",
            figures.task.name(),
            micros(ours.median()),
            micros(ours.percentile(99)),
            verdict(ours.median() <= MEMORY_US),
        )?;
    }
    Ok(())
}

pub(crate) fn micros(value: f64) -> String {
    match value {
        value if value < 100.0 => format!("{value:.1} µs"),
        value if value < 10_000.0 => format!("{value:.0} µs"),
        value => format!("{:.1} ms", value / 1_000.0),
    }
}

/// Operations a second, when each takes so many microseconds.
fn rate(value: f64) -> String {
    format!("{:.0}/s", 1e6 / value)
}

pub(crate) fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "**missed**" }
}
