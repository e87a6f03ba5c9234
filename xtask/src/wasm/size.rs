//! How much a browser has to fetch.

use std::io::Write;
use std::path::Path;

use anyhow::{Result, bail};
use flate2::Compression;
use flate2::write::GzEncoder;

/// The most that the `.wasm` may weigh as servers send it. A little more than it does: another version
/// of the compiler should not break the build, and whoever adds much should notice. Whoever must raise it says
/// in the commit what it is spent on.
const BUDGET_KB: usize = 865;

/// Says how large `wasm` is, as it is and as servers send it; refuses it if that is over the budget.
pub(crate) fn report(wasm: &Path) -> Result<String> {
    let bytes = std::fs::read(wasm)?;
    let zipped_kb = zipped(&bytes)?.div_ceil(1000);
    let report = format!("{} KB, {zipped_kb} KB gzipped", bytes.len() / 1000);
    println!("      {}: {report}", wasm.display());
    refuse_over_budget(zipped_kb)?;
    Ok(report)
}

/// The length of `bytes` when zipped as hard as can be.
fn zipped(bytes: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

fn refuse_over_budget(zipped_kb: usize) -> Result<()> {
    if zipped_kb > BUDGET_KB {
        bail!("the package weighs {zipped_kb} KB gzipped, and may weigh {BUDGET_KB} KB");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_over_the_budget_is_refused() {
        assert!(refuse_over_budget(BUDGET_KB).is_ok());
        let error = refuse_over_budget(BUDGET_KB + 1).unwrap_err().to_string();
        assert!(error.starts_with("the package weighs "), "{error}");
    }

    #[test]
    fn what_repeats_zips_well() {
        assert!(zipped(&[7; 100_000]).unwrap() < 1_000);
    }
}
