//! Finding programs and running them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Where a program is: on the path, or in one of `folders`.
pub(crate) fn program(name: &str, folders: &[PathBuf]) -> Result<PathBuf, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path);
    let mut all = folders.iter().cloned().chain(on_path);
    all.find_map(|folder| Some(folder.join(name)).filter(|file| file.is_file()))
        .ok_or_else(|| format!("the program `{name}` was not found"))
}

/// The folders `parent/*/child`, the last in the alphabet first.
pub(crate) fn folders(parent: &str, child: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path().join(child)).collect();
    found.sort();
    found.reverse();
    found
}

/// A new folder with a short path, as sockets need.
pub(crate) fn folder(prefix: &str) -> Result<TempDir, String> {
    let folder = tempfile::Builder::new().prefix(prefix).tempdir();
    folder.map_err(|error| format!("no temporary folder can be made: {error}"))
}

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    let shown = Path::new(command.get_program()).display().to_string();
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("`{shown}` cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{shown}` failed: {}", told.trim()))
}

/// Whether this process is root's.
pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}
