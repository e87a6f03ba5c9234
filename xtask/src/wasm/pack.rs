//! The package as npm packs it, installed in a project that knows nothing of this workspace.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::PACKAGE;
use crate::place::Place;
use crate::run::Run;

/// Packs the package and installs it in a clean project; gives the tarball's name.
pub(super) fn pack(place: &Place) -> Result<String> {
    let folder = place.private("npm-pack")?;
    std::fs::remove_dir_all(&folder)?;
    std::fs::create_dir_all(&folder)?;
    let package = place.root().join(PACKAGE);
    let npm = Run::new("npm").args(["pack", "--silent", "--pack-destination"]);
    let name = npm.arg(&folder).folder(&package).read()?;
    std::fs::rename(folder.join(&name), tarball(place)?)?;
    let project = project(place)?;
    if project.exists() {
        std::fs::remove_dir_all(&project)?;
    }
    std::fs::create_dir_all(&project)?;
    std::fs::write(
        project.join("package.json"),
        "{ \"name\": \"clean\", \"private\": true, \"type\": \"module\" }\n",
    )?;
    let npm = Run::new("npm").args(["install", "--no-audit", "--no-fund", "--silent"]);
    npm.arg(tarball(place)?).folder(&project).run()?;
    Ok(name)
}

/// Runs the README's quickstart in the clean project.
pub(super) fn quickstart(place: &Place) -> Result<()> {
    let project = project(place)?;
    let script = example(&place.root().join(PACKAGE).join("README.md"))?;
    std::fs::write(project.join("quickstart.js"), script)?;
    Run::new("node").arg("quickstart.js").folder(&project).run()
}

/// How a program with strict settings reads the package's types; none of its libraries may be skipped.
const TSCONFIG: &str = r#"{
  "compilerOptions": {
    "strict": true,
    "noEmit": true,
    "target": "es2022",
    "lib": ["es2022", "dom", "esnext.disposable"],
    "module": "nodenext",
    "types": [],
    "checkJs": true
  },
  "files": ["right.ts", "quickstart.js"]
}
"#;

/// Checks a program and the quickstart against the installed package: its types must need nothing else.
pub(super) fn types(place: &Place) -> Result<()> {
    let project = project(place)?;
    let package = place.root().join(PACKAGE);
    let program = package.join("tests/types/right.ts");
    std::fs::copy(program, project.join("right.ts"))?;
    std::fs::write(project.join("tsconfig.json"), TSCONFIG)?;
    let tsc = Run::new("node").arg(package.join("node_modules/typescript/bin/tsc"));
    tsc.args(["--project", "."]).folder(&project).run()
}

/// Builds the quickstart with Vite and opens it in Chromium.
pub(super) fn vite(place: &Place, chromium: &str) -> Result<()> {
    let project = project(place)?;
    std::fs::write(
        project.join("index.html"),
        "<!doctype html><title>quickstart</title><script type=\"module\" src=\"quickstart.js\"></script>\n",
    )?;
    let package = place.root().join(PACKAGE);
    let vite = Run::new("node").arg(package.join("node_modules/vite/bin/vite.js"));
    let vite = vite.args(["build", "--logLevel", "warn"]);
    vite.folder(&project).run()?;
    let open = Run::new("node").arg(package.join("build/browser/open.js"));
    open.arg(project.join("dist"))
        .env("CASEKIT_CHROMIUM", chromium)
        .folder(&package)
        .run()
}

/// Where the packed package is.
pub(super) fn tarball(place: &Place) -> Result<PathBuf> {
    Ok(place.private("npm-pack")?.join("casekit.tgz"))
}

fn project(place: &Place) -> Result<PathBuf> {
    Ok(place.private("npm-pack")?.join("clean"))
}

/// The first example of JavaScript in a README.
fn example(readme: &Path) -> Result<String> {
    let text = std::fs::read_to_string(readme)?;
    let example = text.split("```js\n").nth(1);
    let example = example.and_then(|rest| rest.split("```").next());
    let example = example.context("the README has no example")?;
    Ok(example.to_owned())
}
