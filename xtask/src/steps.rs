//! The steps of a command: announced, timed, and summed up at the end.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Error, Result, anyhow};

use crate::tally::Tally;

/// The steps that ran so far.
pub(crate) struct Steps {
    started: Instant,
    missing: Missing,
    done: Vec<Step>,
}

/// What it means when the machine lacks something that steps need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// The command fails.
    IsAnError,
    /// What needs it is left out, loudly.
    IsSkipped,
}

struct Step {
    name: String,
    took: Duration,
    outcome: Outcome,
    tally: Tally,
}

enum Outcome {
    Done(String),
    Failed(Error),
    Skipped(Error),
}

impl Step {
    fn skip(&mut self) {
        let outcome = std::mem::replace(&mut self.outcome, Outcome::Done(String::new()));
        self.outcome = match outcome {
            Outcome::Failed(why) => Outcome::Skipped(why),
            other => other,
        };
    }
}

impl Steps {
    /// None yet.
    pub(crate) fn new(missing: Missing) -> Self {
        Self {
            started: Instant::now(),
            missing,
            done: Vec::new(),
        }
    }

    /// Runs a step. When it fails, later steps still run, so that one run tells everything that is wrong.
    pub(crate) fn step(&mut self, name: &str, work: impl FnOnce(&mut Tally) -> Result<()>) -> bool {
        self.noted(name, |tally| work(tally).map(|()| String::new()))
    }

    /// Runs a step that ends with a note for the table.
    pub(crate) fn noted(
        &mut self,
        name: &str,
        work: impl FnOnce(&mut Tally) -> Result<String>,
    ) -> bool {
        println!("\n[{:6.1} s] {name}", self.started.elapsed().as_secs_f64());
        let begun = Instant::now();
        let mut tally = Tally::default();
        let result = work(&mut tally);
        let outcome = match result {
            Ok(note) => Outcome::Done(note),
            Err(error) => {
                eprintln!("error: {name}: {error:#}");
                Outcome::Failed(error)
            }
        };
        let succeeded = matches!(outcome, Outcome::Done(_));
        self.done.push(Step {
            name: name.to_owned(),
            took: begun.elapsed(),
            outcome,
            tally,
        });
        succeeded
    }

    /// Finds what later steps need. What a machine lacks makes [`Missing`] decide.
    pub(crate) fn find<T>(
        &mut self,
        name: &str,
        find: impl FnOnce() -> Result<(T, String)>,
    ) -> Option<T> {
        let mut found = None;
        self.noted(name, |_| {
            let (thing, note) = find()?;
            found = Some(thing);
            Ok(note)
        });
        if let (Missing::IsSkipped, None, Some(step)) = (self.missing, &found, self.done.last_mut())
        {
            shout(&format!("with all that needs it: {name}"));
            step.skip();
        }
        found
    }

    /// Leaves out, loudly, a step that nothing on this kind of machine can run.
    pub(crate) fn skip(&mut self, name: &str, why: &str) {
        shout(&format!("{name}: {why}"));
        self.done.push(Step {
            name: name.to_owned(),
            took: Duration::ZERO,
            outcome: Outcome::Skipped(anyhow!("{why}")),
            tally: Tally::default(),
        });
    }

    /// Prints the table and the closing line.
    pub(crate) fn finish(self) -> ExitCode {
        println!("\n{}", self.table());
        let failed = |step: &&Step| matches!(step.outcome, Outcome::Failed(_));
        // A step that failed without a failed test, such as the lints, counts as one.
        let total = self.done.iter().fold(Tally::default(), |mut sum, step| {
            let step_failed = u64::from(failed(&step));
            sum.passed += step.tally.passed;
            sum.failed += step.tally.failed.max(step_failed);
            sum.skipped += step.tally.skipped;
            sum
        });
        if total.ran() > 0 {
            println!("{} passed, {} failed", total.passed, total.failed);
        }
        match self.done.iter().any(|step| failed(&step)) {
            true => ExitCode::FAILURE,
            false => ExitCode::SUCCESS,
        }
    }

    fn table(&self) -> String {
        let width = self.done.iter().map(|step| step.name.chars().count());
        let width = width.max().unwrap_or(0).max("total".len());
        let mut table = String::new();
        for step in &self.done {
            let took = step.took.as_secs_f64();
            let (state, note) = match &step.outcome {
                Outcome::Done(note) => ("ok", note.clone()),
                Outcome::Failed(error) => ("FAILED", format!("{error}")),
                Outcome::Skipped(why) => ("SKIPPED", format!("{why}")),
            };
            let tests = match step.tally.ran() {
                0 => String::new(),
                ran => format!("{ran} tests"),
            };
            let note = note.lines().next().unwrap_or_default();
            let name = &step.name;
            // Writing to a string cannot fail.
            let _ = writeln!(
                table,
                "{name:width$}  {took:7.1} s  {state:7}  {tests:>10}  {note}"
            );
        }
        let took = self.started.elapsed().as_secs_f64();
        let _ = write!(table, "{:width$}  {took:7.1} s", "total");
        table
    }
}

fn shout(skipped: &str) {
    eprintln!("\n!!! SKIPPED, {skipped}\n");
}
