//! The project's own commands: `cargo xtask --help`.
//!
//! Whatever they need beyond a Rust toolchain they find, or make in a private folder under
//! `target/`: nothing is installed by hand, and nothing outside of the folder is changed.

mod bench;
mod description;
mod fuzz;
mod place;
mod python;
mod run;
mod rust;
mod servers;
mod soak;
mod steps;
mod tally;
mod test;
mod wasm;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::place::Place;
use crate::steps::{Missing, Steps};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own commands")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Everything: format, lints, tests, documentation, the wasm and Python packages, a short soak.
    Test(test::Settings),
    /// Builds the JavaScript package, and tests it in Node and in Chromium.
    Wasm,
    /// Writes anew what is generated from the registry of operations, in the packages of other languages.
    Generate,
    /// Builds the Python package, installs it in a virtual environment, and runs its tests.
    Python,
    /// Starts PostgreSQL and MariaDB for tests that are run by hand.
    Servers,
    /// The documentation of all crates; warnings are errors.
    Doc,
    /// The long runs: crash test, model test, fuzzers.
    Soak(soak::Settings),
    /// Measures; see `cargo xtask bench -- --help`.
    Bench(bench::Settings),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let place = match Place::find() {
        Ok(place) => place,
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    // Only a run of everything on a person's machine may do without a part.
    let missing = match arguments.command {
        Command::Test(_) if !place::is_ci() => Missing::IsSkipped,
        _ => Missing::IsAnError,
    };
    let mut steps = Steps::new(missing);
    match arguments.command {
        Command::Test(settings) => test::run(&place, &settings, &mut steps),
        Command::Wasm => wasm::run(&place, &mut steps),
        Command::Generate => {
            wasm::generate(&place, &mut steps);
            python::generate(&place, &mut steps);
        }
        Command::Python => {
            let servers = servers::Servers::find(&mut steps);
            python::run(&place, &servers, &mut steps);
        }
        Command::Servers => {
            let servers = servers::Servers::find(&mut steps);
            steps.step("kept until the end of input", |_| servers.keep());
        }
        Command::Doc => rust::documentation(&place, &mut steps),
        Command::Soak(settings) => soak::run(&place, &settings, &mut steps),
        Command::Bench(settings) => bench::run(&place, &settings, &mut steps),
    }
    steps.finish()
}
