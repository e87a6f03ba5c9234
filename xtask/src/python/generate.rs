//! The files of the package that are generated from the description of all operations.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{PACKAGE, environment, folder, module};
use crate::description::description;
use crate::place::Place;
use crate::run::Run;
use crate::steps::Steps;

const FILES: [&str; 4] = [
    "models.py",
    "errors.py",
    "_operations.py",
    "aio/_operations.py",
];

/// Generates the files anew.
pub(crate) fn generate(place: &Place, steps: &mut Steps) {
    let Some(python) = environment::find(place, steps) else {
        return;
    };
    steps.step("Python generated files", |_| {
        write(place, &python, &folder(place).join("python/casekit"))
    });
}

/// Fails if the files are not those that would be generated.
pub(super) fn check(place: &Place, python: &Path) -> Result<()> {
    let fresh = place.private("python-generated")?;
    write(place, python, &fresh)?;
    let package = folder(place).join("python/casekit");
    for file in FILES {
        let wanted = std::fs::read_to_string(fresh.join(file))?;
        let found = std::fs::read_to_string(package.join(file));
        if found.is_ok_and(|found| found == wanted) {
            continue;
        }
        bail!(
            "`{PACKAGE}/python/casekit/{file}` is not what the operations give today: \
             run `cargo xtask generate` and commit what it writes"
        );
    }
    Ok(())
}

fn write(place: &Place, python: &Path, package: &Path) -> Result<()> {
    let description = description(place)?;
    let generator = folder(place).join("generate");
    Run::new(python)
        .arg("-B")
        .arg(&generator)
        .arg(&description)
        .arg(package)
        .run()
        .context("the generator of the Python package")?;
    let files = FILES.map(|file| package.join(file));
    ruff(place, python, &["check", "--select", "I", "--fix"], &files)?;
    ruff(place, python, &["format"], &files)
}

/// Puts files into the order and form that the lints ask for.
fn ruff(place: &Place, python: &Path, command: &[&str], files: &[PathBuf]) -> Result<()> {
    let run = module(place, python, "ruff").args(command);
    let run = run.args(["--quiet", "--no-cache", "--config"]);
    let config = folder(place).join("pyproject.toml");
    run.arg(config).args(files).run()
}
