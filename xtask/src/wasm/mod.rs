//! The JavaScript package: one `.wasm`, its JavaScript and its types, for browsers and Node.

mod bindgen;
mod debian;
mod optimise;
mod size;
mod toolchain;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::place::Place;
use crate::run::Run;
use crate::steps::Steps;
use crate::tally::Tally;
use toolchain::Toolchain;

const PACKAGE: &str = "casekit-wasm";
const TARGET: &str = "wasm32-unknown-unknown";
const PROFILE: &str = "wasm";

/// Lints and builds the package, and runs its tests in Node.
pub(crate) fn run(place: &Place, steps: &mut Steps) {
    let toolchain = steps.find("wasm toolchain", || {
        let found = Toolchain::find(place)?;
        let name = found.name();
        Ok((found, name))
    });
    let optimiser = steps.find("wasm optimiser", || optimise::optimiser(place));
    let node = steps.find("Node", node);
    let Some(toolchain) = toolchain else { return };
    match toolchain {
        Toolchain::Own => {
            steps.step("wasm lints", |_| lints(place));
        }
        // Another version of the lints, as Debian has it, would find other things.
        Toolchain::Debian(_) => steps.skip(
            "wasm lints",
            "they need the target in the toolchain: `rustup target add wasm32-unknown-unknown`",
        ),
    }
    let built = steps.noted("wasm package", |_| {
        build(place, &toolchain, optimiser.as_deref())
    });
    if built && node.is_some() {
        steps.step("JavaScript tests in Node", |tally| tests(place, tally));
    }
}

fn node() -> Result<((), String)> {
    let version = Run::new("node").arg("--version").read()?;
    Ok(((), version))
}

/// What the workspace's lints cannot see: natively the crate is empty.
fn lints(place: &Place) -> Result<()> {
    let run = cargo(place, "clippy");
    run.args(["--", "-D", "warnings"]).run()
}

fn build(place: &Place, toolchain: &Toolchain, optimiser: Option<&Path>) -> Result<String> {
    toolchain.apply(cargo(place, "build")).run()?;
    let built = folder(place).join(TARGET).join(PROFILE);
    let built = built.join("casekit_wasm.wasm");
    let package = place.root().join(PACKAGE).join("pkg");
    let wasm = bindgen::generate(&built, &package)?;
    if let Some(optimiser) = optimiser {
        optimise::optimise(optimiser, &wasm)?;
    }
    size::report(&wasm)
}

/// Cargo on the package, for wasm.
fn cargo(place: &Place, command: &str) -> Run {
    let run = Run::cargo(place.root()).args([command, "--package", PACKAGE]);
    let run = run.args(["--profile", PROFILE, "--target", TARGET]);
    // In these names a function for one type stands beside the same function for another, and the optimiser
    // lays functions in the order of their names.
    let names = "-Csymbol-mangling-version=v0";
    let run = run.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", names);
    run.env("CARGO_TARGET_DIR", folder(place))
}

/// A folder of its own: another compiler in the native one would make each rebuild the other's work.
fn folder(place: &Place) -> PathBuf {
    place.target().join("wasm")
}

fn tests(place: &Place, tally: &mut Tally) -> Result<()> {
    let folder = place.root().join(PACKAGE).join("tests");
    let mut tests: Vec<PathBuf> = std::fs::read_dir(&folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    tests.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    tests.sort();
    let run = Run::new("node").args(["--test", "--test-reporter=tap"]);
    run.args(&tests).folder(place.root()).count(tally)?;
    if tally.ran() == 0 {
        bail!("no test ran");
    }
    Ok(())
}
