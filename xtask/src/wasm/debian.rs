//! A compiler for wasm from Debian's packages.
//!
//! Debian has a current compiler beside its own old one, for browsers. Its packages cannot be
//! installed beside rustup, so they are unpacked in a private folder. They have no standard library
//! for wasm but its source, which cargo builds.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::toolchain::{Debian, rustc};
use crate::place::Place;
use crate::run::Run;

/// The compiler, its standard library for programs that run while building, and the library's source.
const PACKAGES: [&str; 3] = ["rustc-web", "libstd-rust-web-dev", "rust-web-src"];

/// Downloads and unpacks it, unless that was done before.
pub(crate) fn toolchain(place: &Place) -> Result<Debian> {
    let linker = linker()?;
    let home = place.private("debian-rust")?;
    let done = home.join("version");
    let folder = home.join("root");
    if let Ok(version) = std::fs::read_to_string(&done) {
        let version = version.trim().to_owned();
        return Ok(Debian {
            folder,
            version,
            linker,
        });
    }
    println!("      looks for a compiler among Debian's packages");
    // The lists on the machine may be old, and an old compiler does not do. Only root can renew them.
    if let Err(error) = Run::new("apt-get").args(["update", "-qq"]).run() {
        println!("      the package lists are used as they are: {error:#}");
    }
    let debian_version = candidate("rustc-web")?;
    let version = debian_version.split(['+', '-', '~']).next();
    let version = version.unwrap_or(&debian_version).to_owned();
    check_version(&version)?;
    let packages = packages(&debian_version)?;
    unpack(&home, &folder, &packages)?;
    std::fs::write(&done, &version)?;
    Ok(Debian {
        folder,
        version,
        linker,
    })
}

/// Where the shared libraries are.
pub(crate) fn libraries(folder: &Path) -> PathBuf {
    let triple = format!("{}-linux-gnu", std::env::consts::ARCH);
    folder.join("usr/lib").join(triple)
}

fn linker() -> Result<PathBuf> {
    let sysroot = rustc(["--print", "sysroot"])?;
    let host = rustc(["--print", "host-tuple"])?;
    let linker = PathBuf::from(sysroot)
        .join("lib/rustlib")
        .join(host)
        .join("bin/rust-lld");
    if !linker.is_file() {
        bail!("the linker `{}` is missing", linker.display());
    }
    Ok(linker)
}

/// The version that would be installed.
fn candidate(package: &str) -> Result<String> {
    let policy = Run::new("apt-cache").args(["policy", package]).read()?;
    let line = policy
        .lines()
        .find_map(|line| line.trim().strip_prefix("Candidate:"));
    match line.map(str::trim) {
        Some(version) if version != "(none)" => Ok(version.to_owned()),
        _ => bail!("Debian's package `{package}` is not to be had"),
    }
}

fn check_version(version: &str) -> Result<()> {
    let needed = env!("CARGO_PKG_RUST_VERSION");
    let numbers = |text: &str| -> Vec<u32> { text.split('.').flat_map(str::parse).collect() };
    if numbers(version) < numbers(needed) {
        bail!(
            "Debian offers rustc {version}, and {needed} is needed; renew the lists: `apt-get update`"
        );
    }
    Ok(())
}

/// The packages with those they need that a machine with another compiler may lack: the compiler's
/// own libraries, whose names change with every version.
fn packages(version: &str) -> Result<Vec<String>> {
    let mut packages: Vec<String> = PACKAGES
        .iter()
        .map(|name| format!("{name}={version}"))
        .collect();
    let library = dependency(
        &format!("libstd-rust-web-dev={version}"),
        "libstd-rust-web-",
    )?;
    let library = format!("{library}={version}");
    packages.push(dependency(&library, "libllvm")?);
    packages.push(library);
    Ok(packages)
}

fn dependency(package: &str, prefix: &str) -> Result<String> {
    let shown = Run::new("apt-cache").args(["show", package]).read()?;
    shown
        .lines()
        .find_map(|line| line.strip_prefix("Depends:"))
        .into_iter()
        .flat_map(|line| line.split([',', '|']))
        .filter_map(|item| item.split_whitespace().next())
        .find(|name| name.starts_with(prefix))
        .map(ToOwned::to_owned)
        .with_context(|| format!("`{package}` depends on no `{prefix}…`"))
}

fn unpack(home: &Path, folder: &Path, packages: &[String]) -> Result<()> {
    let downloads = home.join("downloads");
    for old in [folder, &downloads] {
        if old.exists() {
            std::fs::remove_dir_all(old)?;
        }
    }
    std::fs::create_dir_all(&downloads)?;
    let download = Run::new("apt-get").args(["download", "-qq"]).args(packages);
    download.folder(&downloads).run()?;
    for entry in std::fs::read_dir(&downloads)? {
        let run = Run::new("dpkg").arg("-x").arg(entry?.path()).arg(folder);
        run.run()?;
    }
    std::fs::remove_dir_all(&downloads)?;
    Ok(())
}
