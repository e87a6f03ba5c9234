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

/// What it does: all that makes code shorter, but for what makes it longer to fetch. Code that was made anew
/// for many types zips well as long as it stays alike: where it is inlined in one place and not in another, it
/// does not. Nor does data that is cut where it has zeros. Last, what has names alike is laid side by side, for
/// zip looks back no further than 32 KB.
const PASSES: [&str; 6] = [
    "-Oz",
    "--skip-pass=inlining",
    "--skip-pass=inlining-optimizing",
    "--skip-pass=dae-optimizing",
    "--skip-pass=memory-packing",
    "--reorder-functions-by-name",
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
    let run = Run::new("node").arg(optimiser).args(FEATURES).args(PASSES);
    run.arg(wasm).arg("-o").arg(wasm).run()
}
