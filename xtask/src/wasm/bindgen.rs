//! The JavaScript around the `.wasm`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

/// Writes JavaScript and types for `wasm` to `folder`, and gives the final `.wasm` there.
///
/// The output for the web serves Node as well, which only loads the bytes in another way: one `.wasm` for all.
pub(crate) fn generate(wasm: &Path, folder: &Path, name: &str) -> Result<PathBuf> {
    println!("      wasm-bindgen writes {}", folder.display());
    if folder.exists() {
        std::fs::remove_dir_all(folder)?;
    }
    let mut bindgen = Bindgen::new();
    bindgen.input_path(wasm).out_name(name);
    bindgen.typescript(true).remove_producers_section(true);
    // The optimiser lays functions in the order of their names, and then drops the names.
    bindgen.remove_name_section(false);
    bindgen
        .web(true)?
        .generate(folder)
        .context("wasm-bindgen")?;
    Ok(folder.join(format!("{name}_bg.wasm")))
}
