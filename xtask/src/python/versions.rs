//! The wheel in other versions of Python: one wheel is for all, so the oldest and the newest that are there try it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{environment, folder};
use crate::place::Place;
use crate::run::Run;
use crate::tally::Tally;

/// The first minor version of Python 3 that the wheel is for.
const OLDEST: u32 = 10;

/// Far enough in the future.
const NEWEST: u32 = 30;

/// The tests that need nothing but the package and pytest.
const TESTS: [&str; 7] = [
    "test_desk.py",
    "test_aio.py",
    "test_plugin_events.py",
    "test_plugin_threads.py",
    "test_plugins.py",
    "test_wrong_input.py",
    "test_store.py",
];

/// Tells which version Python is, and where. Only of those for which the wheel is, and in which an environment can be made.
const WHICH: &str = "\
import ensurepip, sys, sysconfig, venv
assert sys.implementation.name == 'cpython' and not sysconfig.get_config_var('Py_GIL_DISABLED')
print(sys.version_info[1], sys.executable)";

/// Runs the tests of the package in the oldest and the newest Python beside the one that `tested` it already.
pub(super) fn run(place: &Place, tested: &Path, wheel: &Path, tally: &mut Tally) -> Result<String> {
    let (known, _) = which(tested).context("Python does not tell its version")?;
    let mut others = found();
    others.remove(&known);
    let oldest = others.pop_first();
    let newest = others.pop_last();
    let mut names = Vec::new();
    for (minor, python) in oldest.into_iter().chain(newest) {
        let installed = install(place, &python, minor, wheel)?;
        let run = Run::new(installed).args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]);
        let run = run.args(TESTS).folder(&folder(place).join("tests"));
        run.count(tally)?;
        names.push(format!("3.{minor}"));
    }
    if names.is_empty() {
        return Ok("none beside the one of the tests".to_owned());
    }
    Ok(names.join(", "))
}

/// The package in a new environment; its Python.
fn install(place: &Place, python: &Path, minor: u32, wheel: &Path) -> Result<PathBuf> {
    let venv = place.private(&format!("python-3.{minor}"))?.join("venv");
    environment::empty_of(python, &venv)?;
    let installed = venv.join("bin/python");
    environment::pip(&installed)
        .arg("pytest==9.*")
        .arg(wheel)
        .run()?;
    Ok(installed)
}

/// Every Python that there is, by its minor version: on the path, or among those of pyenv, which are on the path in name
/// only.
fn found() -> BTreeMap<u32, PathBuf> {
    let named = (OLDEST..NEWEST).map(|minor| PathBuf::from(format!("python3.{minor}")));
    let of_pyenv = pyenv().into_iter().flat_map(std::fs::read_dir).flatten();
    let of_pyenv = of_pyenv
        .flatten()
        .map(|version| version.path().join("bin/python3"));
    let all = named.chain(of_pyenv).filter_map(|python| which(&python));
    all.filter(|(minor, _)| *minor >= OLDEST).collect()
}

fn pyenv() -> Option<PathBuf> {
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let root = root.or_else(|| Some(std::env::home_dir()?.join(".pyenv")))?;
    Some(root.join("versions"))
}

/// The minor version of a Python 3, and where it is; nothing if it is none, or does not run.
fn which(python: &Path) -> Option<(u32, PathBuf)> {
    let told = Command::new(python).args(["-c", WHICH]).output().ok()?;
    let told = String::from_utf8(told.stdout).ok()?;
    let (minor, path) = told.trim().split_once(' ')?;
    Some((minor.parse().ok()?, PathBuf::from(path)))
}
