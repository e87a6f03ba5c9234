//! The example `web-inbox`: a page on IndexedDB, driven as people would.

use std::path::PathBuf;

use anyhow::Result;

use super::{PACKAGE, node};
use crate::place::Place;
use crate::run::Run;
use crate::tally::Tally;

/// Checks its types, builds it, and drives it.
pub(super) fn run(place: &Place, chromium: &str, tally: &mut Tally) -> Result<()> {
    let folder = folder(place);
    node::install(place, &folder)?;
    let check = Run::new("node").arg("node_modules/svelte-check/bin/svelte-check");
    let check = check.args(["--fail-on-warnings", "--tsconfig", "tsconfig.json"]);
    check.folder(&folder).run()?;
    let vite = Run::new("node").arg("node_modules/vite/bin/vite.js");
    let vite = vite.args(["build", "--logLevel", "warn"]);
    vite.folder(&folder).run()?;
    let screenshots = place.private("screenshots")?;
    let run = Run::new("node").args(["--test", "--test-reporter=tap"]);
    run.arg("build/inbox/inbox.test.js")
        .env("CASEKIT_CHROMIUM", chromium)
        .env("CASEKIT_SCREENSHOTS", &screenshots)
        .folder(&place.root().join(PACKAGE))
        .count(tally)?;
    println!("      screenshots: {}", screenshots.display());
    Ok(())
}

fn folder(place: &Place) -> PathBuf {
    place.root().join("examples/web-inbox")
}
