//! Node: compiling the package's TypeScript, and running its tests.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::PACKAGE;
use crate::place::Place;
use crate::run::Run;
use crate::tally::Tally;

/// Finds Node, and installs what the package is developed with beside its sources.
pub(super) fn find(place: &Place) -> Result<((), String)> {
    let version = Run::new("node").arg("--version").read()?;
    install(place, &folder(place))?;
    Ok(((), version))
}

/// Installs exactly what the lock file of a project says, unless that was done before.
pub(super) fn install(place: &Place, project: &Path) -> Result<()> {
    let lock = std::fs::read_to_string(project.join("package-lock.json"))?;
    let name = project.file_name().unwrap_or_default().to_string_lossy();
    let installed = place.private("npm")?.join(format!("{name}.lock"));
    let is_there = project.join("node_modules").is_dir();
    if is_there && std::fs::read_to_string(&installed).is_ok_and(|have| have == lock) {
        return Ok(());
    }
    let npm = Run::new("npm").args(["ci", "--no-audit", "--no-fund"]);
    npm.folder(project).run()?;
    std::fs::write(&installed, lock)?;
    Ok(())
}

/// Compiles the package.
pub(super) fn compile(place: &Place) -> Result<()> {
    let dist = folder(place).join("dist");
    if dist.exists() {
        std::fs::remove_dir_all(&dist)?;
    }
    tsc(place, ".")?;
    let vendor = Run::new("node").arg("generate/vendor.mjs");
    vendor.folder(&folder(place)).run()
}

/// Compiles the tests against the package as its users see it; that checks the types of both.
pub(super) fn types(place: &Place) -> Result<()> {
    tsc(place, "tests")
}

/// Runs the tests in Node.
pub(super) fn tests(place: &Place, tally: &mut Tally) -> Result<()> {
    let run = Run::new("node").args(["--test", "--test-reporter=tap"]);
    run_tests(run, place, "node", tally)
}

/// Runs the tests in Chromium.
pub(super) fn browser_tests(place: &Place, chromium: &str, tally: &mut Tally) -> Result<()> {
    let run = Run::new("node").args(["--test", "--test-reporter=tap", "--test-concurrency=1"]);
    let run = run.env("CASEKIT_CHROMIUM", chromium);
    run_tests(run, place, "browser", tally)
}

/// Measures in Chromium.
pub(super) fn bench(place: &Place, chromium: &str) -> Result<()> {
    let run = Run::new("node").arg("build/browser/bench.js");
    run.env("CASEKIT_CHROMIUM", chromium)
        .folder(&folder(place))
        .run()
}

fn run_tests(run: Run, place: &Place, kind: &str, tally: &mut Tally) -> Result<()> {
    let tests = folder(place).join("build").join(kind);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&tests)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    files.retain(|path| path.to_string_lossy().ends_with(".test.js"));
    files.sort();
    run.args(&files).folder(&folder(place)).count(tally)?;
    if tally.ran() == 0 {
        bail!("no test ran");
    }
    Ok(())
}

fn tsc(place: &Place, project: &str) -> Result<()> {
    let run = Run::new("node").arg("node_modules/typescript/bin/tsc");
    run.args(["--project", project])
        .folder(&folder(place))
        .run()
}

fn folder(place: &Place) -> PathBuf {
    place.root().join(PACKAGE)
}
