//! Where things are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The folders that the commands work in.
pub(crate) struct Place {
    root: PathBuf,
    target: PathBuf,
}

impl Place {
    /// Finds the folders of the workspace that cargo runs in.
    pub(crate) fn find() -> Result<Self> {
        // Asked at run time: a program that was built in one checkout can run in another.
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR")
            .context("run it as `cargo xtask`, so that it knows where the workspace is")?;
        let root = PathBuf::from(manifest)
            .parent()
            .context("the folder `xtask` has no parent")?
            .to_path_buf();
        let target = match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => root.join(folder),
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// The workspace.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo builds.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// A private folder for `tool`, made if it does not exist.
    pub(crate) fn private(&self, tool: &str) -> Result<PathBuf> {
        let folder = self.target.join("xtask").join(tool);
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("the folder `{}` cannot be made", folder.display()))?;
        Ok(folder)
    }
}

/// Whether a machine asks, so that nothing optional may be left out.
pub(crate) fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| value == "true" || value == "1")
}
