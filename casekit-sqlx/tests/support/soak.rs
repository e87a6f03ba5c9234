//! How long a model test is, and telling how far it is: a long one takes hours.
//!
//! `CASEKIT_MODEL_SEEDS` and `CASEKIT_MODEL_STEPS` make it longer, `CASEKIT_MODEL_FIRST_SEED` begins later.

use std::io::Write as _;
use std::ops::Range;
use std::time::Instant;

use casekit_testkit::ModelReport;

/// The seeds and steps of a run.
pub(crate) struct Soak {
    store: &'static str,
    pub(crate) seeds: Range<u64>,
    pub(crate) steps: u32,
    is_long: bool,
    begun: Instant,
}

impl Soak {
    /// As the environment says, else with so many steps for each of two seeds from `first` on.
    pub(crate) fn of(store: &'static str, first: u64, steps: u32) -> Self {
        let count = number("CASEKIT_MODEL_SEEDS");
        let first = first + number("CASEKIT_MODEL_FIRST_SEED").unwrap_or(0);
        let given = number("CASEKIT_MODEL_STEPS").and_then(|steps| u32::try_from(steps).ok());
        Self {
            store,
            seeds: first..first + count.unwrap_or(2),
            steps: given.unwrap_or(steps),
            is_long: count.is_some(),
            begun: Instant::now(),
        }
    }

    /// Tells that a seed is done, where somebody waits for many.
    pub(crate) fn done(&self, seed: u64, report: &ModelReport) {
        if !self.is_long {
            return;
        }
        let (store, steps, last) = (self.store, self.steps, self.seeds.end - 1);
        let took = self.begun.elapsed().as_secs();
        let (committed, queries) = (report.committed, report.queries);
        // Not by a macro: what those print, a test that passes swallows.
        let _ = writeln!(
            std::io::stderr(),
            "      {store}: seed {seed} of {last} agrees after {steps} steps, {committed} commits and \
             {queries} queries; {took} s so far"
        );
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}
