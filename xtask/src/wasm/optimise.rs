//! Makes the `.wasm` smaller.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::place::Place;
use crate::run::Run;

/// Binaryen's optimiser, from the npm registry, pinned so that sizes can be compared.
const BINARYEN: &str = "binaryen@132.0.0";

/// What rustc uses for this target, and every browser and Node since 2022 can run. The optimiser must
/// not use more: with `--all-features` it writes files that Node 20 refuses.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Finds the optimiser, or installs it in a private folder.
pub(crate) fn optimiser(place: &Place) -> Result<(PathBuf, String)> {
    let folder = place.private("binaryen")?;
    let program = folder.join("node_modules/binaryen/bin/wasm-opt");
    let installed = folder.join("installed");
    if !std::fs::read_to_string(&installed).is_ok_and(|version| version == BINARYEN) {
        let npm = Run::new("npm").args(["install", "--no-audit", "--no-fund", "--no-save"]);
        npm.arg("--prefix").arg(&folder).arg(BINARYEN).run()?;
        std::fs::write(&installed, BINARYEN)?;
    }
    Ok((program, BINARYEN.to_owned()))
}

/// Optimises `wasm` in place.
pub(crate) fn optimise(optimiser: &Path, wasm: &Path) -> Result<()> {
    let run = Run::new("node").arg(optimiser).arg("-Os").args(FEATURES);
    run.arg(wasm).arg("-o").arg(wasm).run()
}
