//! The workspace's Rust code: format, lints, tests, documentation.
//!
//! All steps name the same packages and features in the same way, so that cargo builds every
//! dependency once for checking and once for running, and not once more for each step.

use std::path::Path;

use anyhow::{Result, bail};

use crate::fuzz;
use crate::place::Place;
use crate::run::Run;
use crate::servers::Servers;
use crate::steps::Steps;
use crate::tally::Tally;

const EVERYTHING: [&str; 2] = ["--workspace", "--all-features"];

/// Format and lints.
pub(crate) fn lints(place: &Place, steps: &mut Steps) {
    steps.step("format", |_| {
        let run = Run::cargo(place.root()).args(["fmt", "--all", "--check"]);
        run.run()
    });
    steps.step("lints", |_| {
        let run = Run::cargo(place.root())
            .args(["clippy", "--keep-going"])
            .args(EVERYTHING);
        run.args(["--all-targets", "--", "-D", "warnings"]).run()
    });
    steps.step("fuzzers compile", |_| fuzz::check(place));
}

/// Unit and integration tests, then the examples in the documentation.
pub(crate) fn tests(place: &Place, servers: &Servers, steps: &mut Steps) {
    steps.step("Rust tests", |tally| {
        let run = Run::cargo(place.root()).arg("test").args(EVERYTHING);
        let run = with(run, &servers.variables());
        let run = run.args(["--no-fail-fast", "--lib", "--bins", "--tests", "--examples"]);
        run.count(tally)?;
        some(tally)
    });
    steps.step("Rust documentation's examples", |tally| {
        let run = Run::cargo(place.root()).arg("test").args(EVERYTHING);
        run.args(["--no-fail-fast", "--doc"]).count(tally)?;
        some(tally)
    });
}

/// Builds a program with the same features as everything else, so that nothing is built anew for it.
pub(crate) fn program(place: &Place, name: &str) -> Result<()> {
    let run = Run::cargo(place.root()).arg("build").args(EVERYTHING);
    run.args(["--bin", name]).run()
}

/// How tests are built.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Profile {
    /// As all others are: nothing is built anew.
    Debug,
    /// To run for hours.
    Release,
}

/// The test files called `names`, wherever there are any, with these variables in the environment.
pub(crate) fn tests_in(
    place: &Place,
    tally: &mut Tally,
    names: &[&str],
    profile: Profile,
    variables: &[(&str, String)],
) -> Result<()> {
    let mut run = Run::cargo(place.root()).arg("test").args(EVERYTHING);
    if matches!(profile, Profile::Release) {
        run = run.arg("--release");
    }
    for name in names {
        match exists(place.root(), name)? {
            true => run = run.args(["--test", name]),
            false => println!("      no crate has `tests/{name}.rs`"),
        }
    }
    with(run, variables).arg("--no-fail-fast").count(tally)?;
    some(tally)
}

fn with(run: Run, variables: &[(&str, String)]) -> Run {
    let one = |run: Run, (name, value): &(&str, String)| run.env(name, value);
    variables.iter().fold(run, one)
}

fn exists(root: &Path, name: &str) -> Result<bool> {
    for entry in std::fs::read_dir(root)? {
        let tests = entry?.path().join("tests");
        let file = tests.join(name).with_extension("rs");
        if file.is_file() || tests.join(name).join("main.rs").is_file() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The documentation of all crates.
pub(crate) fn documentation(place: &Place, steps: &mut Steps) {
    steps.step("documentation", |_| {
        let run = Run::cargo(place.root())
            .args(["doc", "--keep-going"])
            .args(EVERYTHING);
        run.arg("--no-deps")
            .env("RUSTDOCFLAGS", "-D warnings")
            .run()
    });
}

fn some(tally: &Tally) -> Result<()> {
    if tally.ran() == 0 {
        bail!("no test ran");
    }
    Ok(())
}
