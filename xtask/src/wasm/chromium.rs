//! A browser.

use anyhow::{Result, bail};

use crate::run::Run;

/// Where Debian's package puts it.
const PATH: &str = "/usr/bin/chromium";

/// What is done if there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Install {
    /// It is installed from Debian's packages.
    IfMissing,
    /// The tests that need it are left out.
    Never,
}

/// Finds Chromium: the one that `CASEKIT_CHROMIUM` names, or Debian's.
pub(super) fn find(install: Install) -> Result<(String, String)> {
    let path = std::env::var("CASEKIT_CHROMIUM").unwrap_or_else(|_| PATH.to_owned());
    if let Ok(version) = version(&path) {
        return Ok((path, version));
    }
    if install == Install::Never {
        bail!("Chromium is needed: `apt-get install chromium`, or name one by `CASEKIT_CHROMIUM`");
    }
    println!("      there is no Chromium: it is installed from Debian's packages");
    Run::new("apt-get").args(["update", "-qq"]).run()?;
    let apt = Run::new("apt-get").args(["install", "-y", "-qq", "--no-install-recommends"]);
    apt.arg("chromium")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .run()?;
    let version = version(PATH)?;
    Ok((PATH.to_owned(), version))
}

/// Whether packages can be installed: only root can.
pub(super) fn may_install() -> bool {
    Run::new("id").arg("-u").read().is_ok_and(|id| id == "0")
}

fn version(path: &str) -> Result<String> {
    Run::new(path).args(["--version", "--no-sandbox"]).read()
}
