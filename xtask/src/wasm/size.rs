//! How much a browser has to fetch.

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Says how large `wasm` is, as it is and as servers send it.
pub(crate) fn report(wasm: &Path) -> Result<String> {
    let bytes = std::fs::read(wasm)?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&bytes)?;
    let zipped = encoder.finish()?.len();
    let report = format!("{} KB, {} KB gzipped", bytes.len() / 1000, zipped / 1000);
    println!("      {}: {report}", wasm.display());
    Ok(report)
}
