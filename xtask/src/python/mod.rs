//! The Python package.

mod bench;
mod clean;
mod environment;
mod generate;
mod package;
mod versions;

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::place::Place;
use crate::run::Run;
use crate::servers::Servers;
use crate::steps::Steps;
use crate::tally::Tally;

pub(crate) use bench::bench;
pub(crate) use generate::generate;

const PACKAGE: &str = "casekit-py";

/// Builds the package, installs it in a virtual environment, checks what is generated and its types, and runs its
/// tests, on servers, too.
pub(crate) fn run(place: &Place, servers: &Servers, steps: &mut Steps) {
    let Some(python) = environment::find(place, steps) else {
        return;
    };
    steps.step("Python format and lints", |_| style(place, &python));
    steps.step("Python generated files", |_| {
        generate::check(place, &python)
    });
    let mut wheel = None;
    steps.noted("Python package", |_| {
        let built = package::wheel(place, &python, package::Profile::Tests)?;
        package::install(&python, &built)?;
        let name = package::name(&built);
        wheel = Some(built);
        Ok(name)
    });
    let Some(wheel) = wheel else { return };
    steps.step("Python types", |_| types(place, &python));
    steps.step("Python tests", |tally| {
        tests(place, servers, &python, tally)
    });
    steps.step("Python source distribution", |_| {
        package::source(place, &python).map(drop)
    });
    steps.step("Python wheel in a clean environment", |_| {
        clean::quickstart(place, &wheel)
    });
    steps.noted("Python wheel in other versions", |tally| {
        versions::run(place, &python, &wheel, tally)
    });
}

/// Builds the package from its source distribution, as where there is no wheel, and runs the quickstart.
pub(crate) fn from_source(place: &Place, steps: &mut Steps) {
    let Some(python) = environment::find(place, steps) else {
        return;
    };
    steps.step("Python package from its source distribution", |_| {
        let archive = package::source(place, &python)?;
        clean::quickstart(place, &archive)
    });
}

fn folder(place: &Place) -> PathBuf {
    place.root().join(PACKAGE)
}

/// Python with `module`, in the package's folder.
fn module(place: &Place, python: &Path, module: &str) -> Run {
    Run::new(python).args(["-m", module]).folder(&folder(place))
}

fn style(place: &Place, python: &Path) -> Result<()> {
    let cache = place.private("ruff")?;
    for command in [
        vec!["format", "--check", "--quiet"],
        vec!["check", "--quiet"],
    ] {
        let run = module(place, python, "ruff").args(command);
        run.env("RUFF_CACHE_DIR", &cache).run()?;
    }
    Ok(())
}

/// What mypy, pyright and stubtest find: over the package, its tests, its examples and what generates it.
fn types(place: &Place, python: &Path) -> Result<()> {
    let cache = place.private("mypy")?;
    let strict = ["--strict", "--cache-dir"];
    let run = module(place, python, "mypy").args(strict).arg(&cache);
    run.args(["python/casekit", "tests", "examples", "benches"])
        .env("MYPYPATH", "python:tests:examples")
        .run()?;
    // Apart: its files are a program, and have short names.
    let run = module(place, python, "mypy")
        .args(strict)
        .arg(cache.join("generate"));
    run.folder(&folder(place).join("generate")).arg(".").run()?;
    let run = module(place, python, "pyright")
        .arg("--pythonpath")
        .arg(python);
    run.env("PYRIGHT_PYTHON_IGNORE_WARNINGS", "1")
        .env("PYRIGHT_PYTHON_CACHE_DIR", place.private("pyright")?)
        .run()?;
    // What the stubs say of the native module must be what is in it.
    let run = module(place, python, "mypy.stubtest").arg("casekit._native");
    run.args(["--allowlist", "stubtest-allowlist.txt"]).run()
}

fn tests(place: &Place, servers: &Servers, python: &Path, tally: &mut Tally) -> Result<()> {
    let mut run = module(place, python, "pytest").args(["-q", "-p", "no:cacheprovider"]);
    for (variable, url) in servers.variables() {
        run = run.env(variable, url);
    }
    run.arg("tests").count(tally)?;
    if tally.ran() == 0 {
        bail!("no test ran");
    }
    Ok(())
}
