//! The one description of all operations, from which the packages of other languages are generated.

use std::path::PathBuf;

use anyhow::Result;

use crate::place::Place;
use crate::run::Run;

/// Writes the description of today's operations; gives the file.
pub(crate) fn description(place: &Place) -> Result<PathBuf> {
    let run = Run::cargo(place.root()).args(["run", "--quiet", "--package", "casekit-core"]);
    let run = run.args(["--features", "schema", "--example", "describe"]);
    let file = place.private("description")?.join("operations.json");
    std::fs::write(&file, run.read()?)?;
    Ok(file)
}
