//! Finds a compiler for wasm, or makes one.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{TARGET, debian};
use crate::place::Place;
use crate::run::Run;

/// A compiler for wasm.
pub(crate) enum Toolchain {
    /// The one that builds everything else has the target's standard library.
    Own,
    /// One from Debian's packages, unpacked in a private folder; it builds the standard library too.
    Debian(Debian),
}

/// Debian's compiler.
pub(crate) struct Debian {
    /// Where its packages are unpacked.
    pub(crate) folder: PathBuf,
    /// Its version.
    pub(crate) version: String,
    /// The linker, which comes with the compiler that builds everything else.
    pub(crate) linker: PathBuf,
}

impl Toolchain {
    /// The first that can be had: the target as installed, by rustup, from Debian's packages.
    ///
    /// `CASEKIT_WASM_TOOLCHAIN=debian` goes straight to the last, to test it where the others work.
    pub(crate) fn find(place: &Place) -> Result<Self> {
        let forced = std::env::var("CASEKIT_WASM_TOOLCHAIN").is_ok_and(|name| name == "debian");
        if !forced {
            if is_installed()? {
                return Ok(Self::Own);
            }
            println!("      the target is not installed, rustup is asked for it");
            match Run::new("rustup").args(["target", "add", TARGET]).run() {
                Ok(()) if is_installed()? => return Ok(Self::Own),
                Ok(()) => println!("      rustup installed it for another toolchain"),
                Err(error) => println!("      {error:#}"),
            }
            println!("      rustup cannot give it, Debian's packages are tried");
        }
        debian::toolchain(place).map(Self::Debian).context(
            "no compiler for wasm: `rustup target add wasm32-unknown-unknown` installs one",
        )
    }

    /// What it is, for people.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Own => "the installed target".to_owned(),
            Self::Debian(debian) => format!("Debian's rustc {}", debian.version),
        }
    }

    /// Where the source of the standard library is, if that is built here: others come with other paths in them.
    pub(crate) fn library(&self) -> Option<PathBuf> {
        match self {
            Self::Own => None,
            Self::Debian(debian) => Some(debian.folder.join("usr/lib/rustlib/src/rust")),
        }
    }

    /// Makes cargo use it.
    pub(crate) fn apply(&self, run: Run) -> Run {
        let Self::Debian(debian) = self else {
            return run;
        };
        let usr = debian.folder.join("usr");
        // As the library is built anyway, then small before fast.
        run.args([
            "-Zbuild-std=std,panic_abort",
            "-Zbuild-std-features=optimize_for_size",
        ])
        .env("RUSTC", usr.join("bin/rustc"))
        .env("LD_LIBRARY_PATH", debian::libraries(&debian.folder))
        // What is asked for with -Z exists since years; that it is unstable means that cargo may rename it.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", &debian.linker)
    }
}

fn is_installed() -> Result<bool> {
    let folder = rustc(["--print", "target-libdir", "--target", TARGET])?;
    Ok(Path::new(&folder).is_dir())
}

/// Asks the compiler that builds everything else.
pub(crate) fn rustc<const N: usize>(arguments: [&str; N]) -> Result<String> {
    Run::new("rustc").args(arguments).read()
}
