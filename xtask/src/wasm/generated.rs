//! What of the JavaScript package is generated from the registry of operations.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::PACKAGE;
use crate::description::description;
use crate::place::Place;
use crate::run::Run;

/// Writes it anew.
pub(super) fn write(place: &Place) -> Result<()> {
    write_to(place, &folder(place))
}

/// Whether what is committed is what would be written.
pub(super) fn check(place: &Place) -> Result<()> {
    let fresh = place.private("generated-javascript")?;
    write_to(place, &fresh)?;
    for entry in std::fs::read_dir(&fresh)? {
        let path = entry?.path();
        let committed = folder(place).join(path.file_name().unwrap_or_default());
        if std::fs::read(&path)? != std::fs::read(&committed).unwrap_or_default() {
            bail!(
                "`{}` is not what the operations are now: run `cargo xtask generate`",
                committed.display()
            );
        }
    }
    Ok(())
}

fn write_to(place: &Place, folder: &Path) -> Result<()> {
    let description = description(place)?;
    let generator = place.root().join(PACKAGE).join("generate/main.mjs");
    let run = Run::new("node").arg(generator).arg(description);
    run.arg(folder).run()
}

fn folder(place: &Place) -> PathBuf {
    place.root().join(PACKAGE).join("js/generated")
}
