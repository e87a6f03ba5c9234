//! Everything, in one command.

use clap::Args;

use crate::place::Place;
use crate::servers::Servers;
use crate::steps::Steps;
use crate::{python, rust, soak, wasm};

#[derive(Args)]
pub(crate) struct Settings {
    /// Only Rust: without the JavaScript and Python packages and the soak.
    #[arg(long)]
    rust_only: bool,
}

/// Runs all steps.
pub(crate) fn run(place: &Place, settings: &Settings, steps: &mut Steps) {
    rust::lints(place, steps);
    rust::documentation(place, steps);
    let servers = Servers::find(steps);
    rust::tests(place, &servers, steps);
    if settings.rust_only {
        return;
    }
    wasm::run(place, steps);
    python::run(place, &servers, steps);
    soak::short(place, &servers, steps);
}
