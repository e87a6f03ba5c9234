//! The log of a real help desk, which is no part of this repository.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use casekit_servers::{fresh_mysql, fresh_postgres};
use tokio::runtime::Runtime;

use crate::harness::Folder;
use crate::looking::SORTS;

/// Where the log is, seen from the root of the repository.
const LOG: &str = "../shared/data/eventlogs/helpdesk.csv";

const COLUMNS: &[&str] = &[
    "--case",
    "case",
    "--activity",
    "concept:name",
    "--time",
    "time:timestamp",
    "--agent",
    "org:resource",
    "--customer",
    "customer",
    "--product",
    "product",
];

#[test]
fn a_real_log_is_imported_whole_and_answers_at_once() {
    let log = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(LOG);
    let Ok(log) = log.canonicalize() else {
        assert!(
            std::env::var("CI").as_deref() != Ok("true"),
            "{LOG} is missing"
        );
        eprintln!("SKIPPED: {LOG} is missing, so the import of a real log was NOT tested");
        return;
    };
    let log = log.to_str().expect("UTF-8");
    let first = works_on("sqlite://support-desk.db", log);
    let servers = Runtime::new().expect("a runtime").block_on(async {
        let both = [fresh_postgres().await, fresh_mysql().await];
        both.into_iter().flatten().collect::<Vec<_>>()
    });
    for url in &servers {
        assert_same(&works_on(url, log), &first);
    }
}

/// The same on every database: gives everything that it holds of the log.
fn works_on(url: &str, log: &str) -> Vec<u8> {
    eprintln!("database: {url}");
    let folder = Folder::new();
    let on = |arguments: &[&str]| folder.ok(&[arguments, &["--db", url]].concat());
    let import = [&["import-log", log], COLUMNS].concat();
    let run = |more: &[&str], new: u64| {
        let answer = on(&[&import, more].concat());
        let summary: serde_json::Value = serde_json::from_str(&answer).expect("JSON");
        for (name, expected) in [
            ("cases", 4_580),
            ("activities", 21_348),
            ("customers", 397),
            ("agents", 22),
            ("products", 21),
            // All but those whose last line leaves work to do.
            ("open", 22),
            ("closed", 4_558),
            ("skipped", 0),
            ("imported", new),
        ] {
            assert_eq!(summary[name], expected, "{name}: {summary}");
        }
    };
    run(&["--repeatable"], 21_348);
    on(&["export", "log.jsonl"]);
    let exported = std::fs::read(folder.path("log.jsonl")).expect("exported");
    run(&[], 0);
    on(&["export", "again.jsonl"]);
    let again = std::fs::read(folder.path("again.jsonl")).expect("exported");
    assert!(again == exported, "what was there was written again");
    // The demo day has room beside it.
    on(&[]);
    let answers_soon = |question: &[&str]| {
        let began = Instant::now();
        let answer = on(question);
        let took = began.elapsed();
        assert!(answer.lines().count() > 1, "{question:?}: {answer}");
        // Without optimisation, and on a busy machine; figures of a release are in docs/benchmarks.md.
        assert!(took < Duration::from_secs(2), "{question:?} took {took:?}");
    };
    let questions = [
        &["find", "case", "1337"][..],
        &["journey", "Value 1"],
        &["load", "--agent", "Value 2"],
        &["show", "1337"],
        &["stats"],
    ];
    questions.into_iter().for_each(answers_soon);
    for sort in SORTS {
        answers_soon(&["cases", "--sort", sort]);
        answers_soon(&["cases", "--sort", sort, "--ascending"]);
    }
    exported
}

/// Whether two exports are equal, ids and order included; tells the first line that is not.
fn assert_same(one: &[u8], other: &[u8]) {
    let lines = |export: &[u8]| String::from_utf8(export.to_vec()).expect("UTF-8");
    let (one, other) = (lines(one), lines(other));
    let differing = one.lines().zip(other.lines()).find(|(a, b)| a != b);
    assert_eq!(differing, None);
    assert!(one == other, "one export is longer than the other");
    let kinds: BTreeSet<String> = one.lines().map(kind).collect();
    let expected = [
        "activity", "agent", "case", "customer", "entry", "event", "product",
    ];
    assert!(
        expected.iter().all(|kind| kinds.contains(*kind)),
        "{kinds:?}"
    );
    assert!(one.lines().count() > 4 * 4_580);
}

fn kind(line: &str) -> String {
    let record: serde_json::Value = serde_json::from_str(line).expect("JSON");
    record["kind"].as_str().expect("a kind").to_owned()
}
