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

/// Builds the package and runs its test in Node.
pub(crate) fn run(place: &Place, steps: &mut Steps) {
    let toolchain = steps.find("wasm toolchain", || {
        let found = Toolchain::find(place)?;
        let name = found.name();
        Ok((found, name))
    });
    let optimiser = steps.find("wasm optimiser", || optimise::optimiser(place));
    let node = steps.find("Node", node);
    let Some(toolchain) = toolchain else { return };
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

fn build(place: &Place, toolchain: &Toolchain, optimiser: Option<&Path>) -> Result<String> {
    // A folder of its own: another compiler in the native one would make each rebuild the other's work.
    let folder = place.target().join("wasm");
    let run = Run::cargo(place.root()).args(["build", "--package", PACKAGE]);
    let run = run.args(["--profile", PROFILE, "--target", TARGET]);
    toolchain
        .apply(run)
        .env("CARGO_TARGET_DIR", &folder)
        .run()?;
    let built = folder.join(TARGET).join(PROFILE).join("casekit_wasm.wasm");
    let package = place.root().join(PACKAGE).join("pkg");
    let wasm = bindgen::generate(&built, &package)?;
    if let Some(optimiser) = optimiser {
        optimise::optimise(optimiser, &wasm)?;
    }
    size::report(&wasm)
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
