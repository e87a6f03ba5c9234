//! Building the `.wasm`.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::toolchain::Toolchain;
use super::{PACKAGE, TARGET, bindgen, optimise, size};
use crate::place::Place;
use crate::run::Run;

/// Which cargo profile builds it: `CASEKIT_WASM_PROFILE=release` is quicker to build, and larger.
fn profile() -> String {
    std::env::var("CASEKIT_WASM_PROFILE").unwrap_or_else(|_| "wasm".to_owned())
}

/// What the workspace's lints cannot see: natively the crate is empty.
pub(super) fn lints(place: &Place, toolchain: &Toolchain) -> Result<()> {
    let run = cargo(place, toolchain, "clippy").args(["--features", "testing"]);
    run.args(["--", "-D", "warnings"]).run()
}

/// The module that applications load.
pub(super) fn package(
    place: &Place,
    toolchain: &Toolchain,
    optimiser: Option<&Path>,
) -> Result<String> {
    cargo(place, toolchain, "build").run()?;
    let wasm = bindgen::generate(&built(place), &folder_of(place), "casekit")?;
    if let Some(optimiser) = optimiser {
        optimise::optimise(optimiser, &wasm)?;
    }
    size::report(&wasm)
}

/// The module with the conformance kit. Only tests load it, so it may be as large as it comes.
pub(super) fn testing(place: &Place, toolchain: &Toolchain) -> Result<()> {
    let run = cargo(place, toolchain, "build").args(["--features", "testing"]);
    run.run()?;
    let folder = folder_of(place).join("testing");
    bindgen::generate(&built(place), &folder, "casekit_testing")?;
    Ok(())
}

/// Where JavaScript finds it.
fn folder_of(place: &Place) -> PathBuf {
    place.root().join(PACKAGE).join("pkg")
}

fn built(place: &Place) -> PathBuf {
    let folder = folder(place).join(TARGET).join(profile());
    folder.join("casekit_wasm.wasm")
}

/// Cargo on the package, for wasm.
fn cargo(place: &Place, toolchain: &Toolchain, command: &str) -> Run {
    let run = Run::cargo(place.root()).args([command, "--package", PACKAGE]);
    let run = run.args(["--profile", &profile(), "--target", TARGET]);
    let flags = flags(toolchain);
    let run = run.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", flags);
    toolchain.apply(run.env("CARGO_TARGET_DIR", folder(place)))
}

fn flags(toolchain: &Toolchain) -> String {
    // In these names a function for one type stands beside the same function for another, and the optimiser
    // lays functions in the order of their names.
    let names = "-Csymbol-mangling-version=v0";
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    // Where the libraries are on this machine is nothing to those who fetch the package.
    let places = [(home, "cargo"), (toolchain.library(), "rust")];
    let mut flags = names.to_owned();
    for (place, name) in places {
        let place = place.as_deref().and_then(Path::to_str);
        // Flags are told apart by blanks.
        if let Some(place) = place.filter(|place| !place.contains(' ')) {
            flags = format!("{flags} --remap-path-prefix={place}={name}");
        }
    }
    flags
}

/// A folder of its own: another compiler in the native one would make each rebuild the other's work.
fn folder(place: &Place) -> PathBuf {
    place.target().join("wasm")
}
