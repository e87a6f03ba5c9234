//! Writes the seeds as files, as libFuzzer reads them: `seeds FOLDER`.

use std::fs;
use std::path::Path;

use casekit_fuzz::seeds;

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).unwrap_or_default();
    let folder = Path::new(&folder);
    write(&folder.join("operation_decoder"), &seeds::operations())?;
    write(&folder.join("query"), &seeds::queries())
}

fn write(folder: &Path, seeds: &[Vec<u8>]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    for (number, seed) in seeds.iter().enumerate() {
        fs::write(folder.join(number.to_string()), seed)?;
    }
    Ok(())
}
