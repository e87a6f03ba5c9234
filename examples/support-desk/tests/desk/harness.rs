//! Runs the program in a folder of its own.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder in which the program keeps its desk.
#[derive(Debug)]
pub(crate) struct Folder {
    folder: TempDir,
}

/// How a run of the program ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("UTF-8"),
            stderr: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self {
            folder: TempDir::new().expect("a folder"),
        }
    }

    /// A folder with a desk on which the demo day was played.
    pub(crate) fn with_demo() -> Self {
        let folder = Self::new();
        folder.ok(&[]);
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), content).expect("written");
    }

    /// The program in this folder, not started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_support-desk"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
            command.env_remove(variable);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.command(arguments).output().expect("started").into()
    }

    /// Runs the program, which must succeed; gives what it printed.
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let run = self.run(arguments);
        assert_eq!(run.code, Some(0), "{arguments:?}: {}", run.stderr);
        run.stdout
    }

    /// Runs the program, which must fail with the code 1; gives what it complained of.
    pub(crate) fn fails(&self, arguments: &[&str]) -> String {
        let run = self.run(arguments);
        assert_eq!(
            run.code,
            Some(1),
            "{arguments:?}: {}{}",
            run.stdout,
            run.stderr
        );
        assert_eq!(run.stdout, "", "nothing but answers on standard output");
        run.stderr
    }

    /// Runs the program with `--json`: all of standard output is one document.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let arguments = [arguments, &["--json"]].concat();
        serde_json::from_str(&self.ok(&arguments)).expect("one JSON document")
    }

    /// Imports a log; gives the summary and the complaints.
    pub(crate) fn import(&self, log: &str, more: &[&str]) -> (Value, String) {
        let run = self.run(&[&["import-log", log], COLUMNS, more].concat());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let last = run.stdout.lines().last().expect("a last line");
        (serde_json::from_str(last).expect("JSON"), run.stderr)
    }
}

/// The columns of the logs in these tests.
pub(crate) const COLUMNS: &[&str] = &[
    "--case",
    "case",
    "--activity",
    "activity",
    "--time",
    "time",
    "--agent",
    "agent",
    "--customer",
    "customer",
    "--product",
    "product",
];

/// The header of the logs in these tests.
pub(crate) const HEADER: &str = "case,activity,time,agent,customer,product";

/// A log with this header and these lines.
pub(crate) fn log(lines: &[&str]) -> String {
    let lines: Vec<&str> = std::iter::once(HEADER)
        .chain(lines.iter().copied())
        .collect();
    lines.join("\n") + "\n"
}

/// A log of so many cases with five lines each.
pub(crate) fn long_log(cases: usize) -> Vec<u8> {
    let mut log = format!("{HEADER}\n").into_bytes();
    for case in 0..cases {
        for (minute, activity) in ["Insert", "Take", "Wait", "Resolve", "Close"]
            .iter()
            .enumerate()
        {
            let (agent, customer, product) = (case % 7, case % 50, case % 3);
            writeln!(
                log,
                "C{case},{activity},2024-05-{:02} 10:{minute:02}:00,Agent {agent},Customer {customer},P{product}",
                case % 28 + 1
            )
            .expect("written to memory");
        }
    }
    log
}
