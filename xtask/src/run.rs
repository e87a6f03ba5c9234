//! Running other programs: shown before they run, explained when they fail.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::tally::Tally;

/// A program to run. It gets no standard input.
pub(crate) struct Run {
    command: Command,
    shown: String,
}

impl Run {
    /// Runs `program`.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let program = program.as_ref();
        let shown = Path::new(program).file_name().unwrap_or(program);
        let mut command = Command::new(program);
        command.stdin(Stdio::null());
        Self {
            command,
            shown: shown.to_string_lossy().into_owned(),
        }
    }

    /// Runs cargo in `folder`: the same cargo that runs this program.
    pub(crate) fn cargo(folder: &Path) -> Self {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Self::new(cargo).folder(folder)
    }

    /// With one more argument.
    pub(crate) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        let argument = argument.as_ref();
        self.shown.push(' ');
        self.shown.push_str(&argument.to_string_lossy());
        self.command.arg(argument);
        self
    }

    /// With more arguments.
    pub(crate) fn args(self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        arguments.into_iter().fold(self, Self::arg)
    }

    /// In `folder`.
    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// With the environment variable `name`.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it; its output is shown.
    pub(crate) fn run(mut self) -> Result<()> {
        self.show();
        let status = self
            .command
            .status()
            .with_context(|| format!("`{}` cannot be started", self.shown))?;
        if !status.success() {
            bail!("`{}` failed: {status}", self.shown);
        }
        Ok(())
    }

    /// Runs it, quietly, and gives what it printed.
    pub(crate) fn read(mut self) -> Result<String> {
        let output = self
            .command
            .output()
            .with_context(|| format!("`{}` cannot be started", self.shown))?;
        if !output.status.success() {
            let why = String::from_utf8_lossy(&output.stderr);
            bail!("`{}` failed: {}\n{why}", self.shown, output.status);
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Runs it, shows its output, and counts the tests that it reports.
    pub(crate) fn count(mut self, tally: &mut Tally) -> Result<()> {
        self.show();
        self.command.stdout(Stdio::piped());
        let mut child = self
            .command
            .spawn()
            .with_context(|| format!("`{}` cannot be started", self.shown))?;
        let output = child.stdout.take().context("the output is not piped")?;
        let mut shown = std::io::stdout();
        for line in BufReader::new(output).split(b'\n') {
            let line = line?;
            tally.read(&String::from_utf8_lossy(&line));
            shown.write_all(&line)?;
            shown.write_all(b"\n")?;
        }
        let status = child.wait()?;
        if !status.success() {
            bail!("`{}` failed: {status}", self.shown);
        }
        Ok(())
    }

    fn show(&self) {
        println!("      $ {}", self.shown);
    }
}
