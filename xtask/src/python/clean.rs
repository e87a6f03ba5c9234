//! The package as a user gets it.

use std::path::Path;

use anyhow::Result;

use super::{environment, folder};
use crate::place::Place;
use crate::run::Run;

/// Installs a wheel or a source distribution in a new environment, and runs the quickstart of the README there, away from the sources.
pub(super) fn quickstart(place: &Place, package: &Path) -> Result<()> {
    let clean = place.private("python-clean")?;
    std::fs::remove_dir_all(&clean)?;
    std::fs::create_dir_all(&clean)?;
    environment::empty(&clean.join("venv"))?;
    let python = clean.join("venv/bin/python");
    environment::pip(&python).arg(package).run()?;
    let run = Run::new(&python).arg(folder(place).join("tests/quickstart.py"));
    run.folder(&clean).run()
}
