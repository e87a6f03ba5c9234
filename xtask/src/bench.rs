//! Measuring.

use clap::Args;

use crate::place::Place;
use crate::python;
use crate::run::Run;
use crate::steps::Steps;
use crate::wasm;

#[derive(Args)]
pub(crate) struct Settings {
    /// Measures the JavaScript package in Chromium instead.
    #[arg(long)]
    web: bool,
    /// Measures the Python package instead, beside django-helpdesk.
    #[arg(long)]
    python: bool,
    /// Passed on to the benchmark program.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// Runs the benchmark program, which prints one table.
pub(crate) fn run(place: &Place, settings: &Settings, steps: &mut Steps) {
    if settings.web {
        return wasm::bench(place, steps);
    }
    if settings.python {
        return python::bench(place, steps);
    }
    steps.step("benchmarks", |_| {
        let run = Run::cargo(place.root()).args(["run", "--release", "--package", "casekit-bench"]);
        run.arg("--").args(&settings.arguments).run()
    });
}
