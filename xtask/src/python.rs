//! The Python package.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::place::Place;
use crate::run::Run;
use crate::steps::Steps;
use crate::tally::Tally;

const PACKAGE: &str = "casekit-py";

/// Builds the package, installs it in a virtual environment, checks its types and runs its tests.
pub(crate) fn run(place: &Place, steps: &mut Steps) {
    let python = steps.find("Python environment", || {
        let python = environment(place)?;
        let version = Run::new(&python).arg("--version").read()?;
        Ok((python, version))
    });
    let Some(python) = python else { return };
    if steps.noted("Python package", |_| install(place, &python)) {
        steps.step("Python types", |_| types(place, &python));
        steps.step("Python tests", |tally| tests(place, &python, tally));
    }
}

/// A virtual environment with what the package is built and tested with; its Python.
fn environment(place: &Place) -> Result<PathBuf> {
    let folder = place.private("python")?;
    let python = folder.join("venv/bin/python");
    let wanted = place.root().join(PACKAGE).join("requirements-dev.txt");
    let installed = folder.join("installed.txt");
    let requirements = std::fs::read_to_string(&wanted)?;
    if std::fs::read_to_string(&installed).is_ok_and(|have| have == requirements)
        && python.is_file()
    {
        println!("      it is there already: {}", python.display());
        return Ok(python);
    }
    let make = Run::new("python3").args(["-m", "venv", "--clear"]);
    make.arg(folder.join("venv"))
        .run()
        .context("Python 3.10 or later with its `venv` module is needed")?;
    let pip = Run::new(&python).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]);
    pip.arg("--requirement").arg(&wanted).run()?;
    std::fs::write(&installed, requirements)?;
    Ok(python)
}

/// Builds the wheel that users would get, but unoptimised, and installs it.
fn install(place: &Place, python: &Path) -> Result<String> {
    let wheels = place.private("wheels")?;
    std::fs::remove_dir_all(&wheels)?;
    let maturin = Run::new(python).args(["-m", "maturin", "build", "--profile", "dev"]);
    maturin
        .arg("--interpreter")
        .arg(python)
        .arg("--manifest-path")
        .arg(place.root().join(PACKAGE).join("Cargo.toml"))
        .arg("--out")
        .arg(&wheels)
        .folder(place.root())
        .run()?;
    let wheel = std::fs::read_dir(&wheels)?
        .next()
        .context("maturin built nothing")??
        .path();
    let name = wheel.file_name().unwrap_or_default().to_string_lossy();
    if !name.contains("-cp310-abi3-") {
        bail!("`{name}` is not for every Python from 3.10 on");
    }
    let pip = Run::new(python).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]);
    pip.args(["--force-reinstall", "--no-deps"])
        .arg(&wheel)
        .run()?;
    Ok(name.into_owned())
}

fn types(place: &Place, python: &Path) -> Result<()> {
    let run = Run::new(python).args(["-m", "mypy", "--strict", "--python-version", "3.10"]);
    run.arg("--cache-dir")
        .arg(place.private("mypy")?)
        .args(["python/casekit", "tests"])
        .env("MYPYPATH", "tests")
        .folder(&place.root().join(PACKAGE))
        .run()
}

fn tests(place: &Place, python: &Path, tally: &mut Tally) -> Result<()> {
    let run = Run::new(python).args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]);
    run.arg("tests")
        .folder(&place.root().join(PACKAGE))
        .count(tally)
}
