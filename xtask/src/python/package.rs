//! Building the package.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{PACKAGE, environment};
use crate::place::Place;
use crate::run::Run;

/// How the native half is built.
#[derive(Clone, Copy)]
pub(super) enum Profile {
    /// Unoptimised, as for other tests.
    Tests,
    /// As for users.
    Release,
}

/// Builds the wheel.
pub(super) fn wheel(place: &Place, python: &Path, profile: Profile) -> Result<PathBuf> {
    let profile = match profile {
        Profile::Tests => "dev",
        Profile::Release => "release",
    };
    let wheels = place.private(&format!("wheels-{profile}"))?;
    let run = Run::new(python).args(["-m", "maturin", "build", "--profile", profile]);
    // It is installed at once: packing it small would take longer than anything else.
    let run = run.args(["--compression-method", "stored", "--interpreter"]);
    let run = run.arg(python);
    let wheel = built(place, run, &wheels)?;
    let name = name(&wheel);
    if !name.contains("-cp310-abi3-") {
        bail!("`{name}` is not for every Python from 3.10 on");
    }
    Ok(wheel)
}

/// Builds the source distribution, and looks whether it has what the wheel is built from.
///
/// Building a wheel from it compiles everything anew, which takes minutes: the soak does that.
pub(super) fn source(place: &Place, python: &Path) -> Result<PathBuf> {
    let folder = place.private("sdist")?;
    let run = Run::new(python).args(["-m", "maturin", "sdist"]);
    let archive = built(place, run, &folder)?;
    let listed = Run::new("tar")
        .arg("--list")
        .arg("--file")
        .arg(&archive)
        .read()?;
    let wanted = [
        "Cargo.lock",
        "pyproject.toml",
        "casekit-core/Cargo.toml",
        "casekit-memory/Cargo.toml",
        "casekit-sqlx/Cargo.toml",
        "casekit-testkit/Cargo.toml",
        "casekit-testkit/scenarios/portal.json",
        "casekit-py/src/lib.rs",
        "python/casekit/__init__.py",
        "python/casekit/models.py",
        "python/casekit/py.typed",
    ];
    for file in wanted {
        if !listed
            .lines()
            .any(|line| line.ends_with(&format!("/{file}")))
        {
            bail!("the source distribution has no `{file}`");
        }
    }
    Ok(archive)
}

/// Installs a wheel, whatever was there, with what it needs.
pub(super) fn install(python: &Path, wheel: &Path) -> Result<()> {
    let pip = environment::pip(python);
    pip.args(["--force-reinstall", "--no-deps"])
        .arg(wheel)
        .run()
}

/// The name of a file.
pub(super) fn name(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// The one file that maturin writes into an empty folder.
fn built(place: &Place, maturin: Run, out: &Path) -> Result<PathBuf> {
    std::fs::remove_dir_all(out)?;
    maturin
        .arg("--manifest-path")
        .arg(place.root().join(PACKAGE).join("Cargo.toml"))
        .arg("--out")
        .arg(out)
        .folder(place.root())
        .run()?;
    let file = std::fs::read_dir(out)?.next();
    Ok(file.context("maturin built nothing")??.path())
}
