//! The virtual environment in which the package is built, checked and tested.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::PACKAGE;
use crate::place::Place;
use crate::run::Run;
use crate::steps::Steps;

/// Finds or makes the environment; gives its Python.
pub(super) fn find(place: &Place, steps: &mut Steps) -> Option<PathBuf> {
    steps.find("Python environment", || {
        let python = with(place, "python", "requirements-dev.txt")?;
        let version = Run::new(&python).arg("--version").read()?;
        Ok((python, version))
    })
}

/// An environment called `name` with what a file of requirements names; its Python.
pub(super) fn with(place: &Place, name: &str, requirements: &str) -> Result<PathBuf> {
    let folder = place.private(name)?;
    let python = folder.join("venv/bin/python");
    let wanted = place.root().join(PACKAGE).join(requirements);
    let installed = folder.join("installed.txt");
    let requirements = std::fs::read_to_string(&wanted)?;
    if std::fs::read_to_string(&installed).is_ok_and(|have| have == requirements)
        && python.is_file()
    {
        println!("      it is there already: {}", python.display());
        return Ok(python);
    }
    empty(&folder.join("venv"))?;
    pip(&python).arg("--requirement").arg(&wanted).run()?;
    std::fs::write(&installed, requirements)?;
    Ok(python)
}

/// A new environment without anything.
pub(super) fn empty(folder: &Path) -> Result<()> {
    empty_of(Path::new("python3"), folder)
}

/// The same of a certain Python.
pub(super) fn empty_of(python: &Path, folder: &Path) -> Result<()> {
    let make = Run::new(python).args(["-m", "venv", "--clear"]);
    make.arg(folder)
        .run()
        .context("Python 3.10 or later with its `venv` module is needed")
}

/// Installing with pip.
pub(super) fn pip(python: &Path) -> Run {
    let run = Run::new(python).args(["-m", "pip", "install"]);
    run.args(["--quiet", "--disable-pip-version-check"])
}
