//! An import that is interrupted is completed by the next.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{COLUMNS, Folder, long_log};

/// Enough that the import cannot end before it is interrupted.
const CASES: u64 = 2_000;

/// How long an import may take until its first cases are there.
const PATIENCE: Duration = Duration::from_secs(60);

fn start(folder: &Folder) -> Child {
    let arguments = [&["import-log", "log.csv"], COLUMNS].concat();
    let mut command = folder.command(&arguments);
    command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("started")
}

/// How many cases the desk has; none before it is set up.
fn cases(folder: &Folder) -> u64 {
    let run = folder.run(&["stats", "--json"]);
    let figures: serde_json::Value = serde_json::from_str(&run.stdout).unwrap_or_default();
    ["open", "closed"]
        .iter()
        .filter_map(|name| figures[name].as_u64())
        .sum()
}

/// Waits until there are more than `before` cases.
fn wait_for_more(folder: &Folder, before: u64) {
    let began = Instant::now();
    while cases(folder) <= before {
        assert!(began.elapsed() < PATIENCE, "the import does not begin");
    }
}

#[test]
fn an_interrupted_import_is_completed_by_the_next() {
    let folder = Folder::new();
    folder.write("log.csv", long_log(usize::try_from(CASES).expect("small")));

    let mut killed = start(&folder);
    wait_for_more(&folder, 0);
    killed.kill().expect("killed");
    killed.wait().expect("ended");
    let after_kill = cases(&folder);
    assert!(
        (1..CASES).contains(&after_kill),
        "killed in the middle: {after_kill}"
    );

    let after_stop = stop_by_keyboard(&folder, after_kill);

    let (summary, _) = folder.import("log.csv", &[]);
    for (name, expected) in [
        ("cases", CASES),
        ("activities", CASES * 5),
        ("customers", 50),
        ("agents", 7),
        ("products", 3),
        ("closed", CASES),
        ("imported_cases", CASES - after_stop),
        ("imported", (CASES - after_stop) * 5),
    ] {
        assert_eq!(summary[name], expected, "{name}: {summary}");
    }
    assert_eq!(cases(&folder), CASES);
}

/// Ends an import as Ctrl-C does; gives how many cases there are then.
#[cfg(unix)]
fn stop_by_keyboard(folder: &Folder, before: u64) -> u64 {
    let stopped = start(folder);
    wait_for_more(folder, before);
    let sent = Command::new("kill")
        .args(["-INT", &stopped.id().to_string()])
        .status();
    assert!(sent.is_ok_and(|sent| sent.success()));
    let output = stopped.wait_with_output().expect("ended");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{complaint}");
    assert!(complaint.contains("interrupted after"), "{complaint}");
    assert!(
        complaint.contains("run the same command again"),
        "{complaint}"
    );
    assert!(output.stdout.is_empty());
    let after = cases(folder);
    assert!(
        (before + 1..CASES).contains(&after),
        "stopped in the middle: {after}"
    );
    after
}

#[cfg(not(unix))]
fn stop_by_keyboard(_folder: &Folder, before: u64) -> u64 {
    before
}
