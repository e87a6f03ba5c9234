//! What a desk holds, as lines of JSON.

use serde_json::Value;

use crate::harness::{COLUMNS, Folder, log};

const LINES: &[&str] = &[
    "A,Insert ticket,2024-05-02 10:00:00,Ann,Carla,Printer",
    "B,Insert ticket,2024-05-02 11:00:00,Ben,Dirk,Scanner",
    "A,Close,2024-05-02 12:00:00,Ann,Carla,Printer",
];

fn read(folder: &Folder, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.path(name)).expect("exported");
    let lines = text.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().expect("lines of JSON")
}

#[test]
fn all_records_come_in_order_and_then_what_happened() {
    let folder = Folder::with_demo();
    let summary: Value = serde_json::from_str(&folder.ok(&["export", "desk.jsonl"])).expect("JSON");
    let lines = read(&folder, "desk.jsonl");
    assert_eq!(summary["lines"], lines.len());
    let of = |kind: &str| -> Vec<&Value> {
        let lines = lines.iter();
        lines.filter(|line| line["kind"] == kind).collect()
    };
    for kind in ["case", "customer", "agent", "product", "activity", "entry"] {
        let ids: Vec<&str> = of(kind)
            .iter()
            .filter_map(|line| line["id"].as_str())
            .collect();
        assert_eq!(summary["kinds"][kind], ids.len(), "{kind}");
        assert!(ids.len() > 1 && ids.is_sorted(), "{kind}: {ids:?}");
    }
    assert_eq!(of("case").len(), 7, "with the one that was merged");
    let seqs = of("event").into_iter().map(|event| event["seq"].as_u64());
    assert!(seqs.flatten().eq(1..=of("event").len() as u64));
    assert_eq!(lines.last().expect("a line")["kind"], "event");
}

#[test]
fn an_export_never_replaces_a_file() {
    let folder = Folder::with_demo();
    folder.write("desk.jsonl", "what was there");
    let complaint = folder.fails(&["export", "desk.jsonl"]);
    assert!(
        complaint.contains("`desk.jsonl` cannot be written"),
        "{complaint}"
    );
    let there = std::fs::read_to_string(folder.path("desk.jsonl")).expect("a file");
    assert_eq!(there, "what was there");
}

#[test]
fn a_repeatable_import_gives_the_same_desk_every_time() {
    let export = || {
        let folder = Folder::new();
        folder.write("log.csv", log(LINES));
        folder.import("log.csv", &["--repeatable"]);
        folder.ok(&["export", "desk.jsonl"]);
        std::fs::read(folder.path("desk.jsonl")).expect("exported")
    };
    let first = export();
    assert!(!first.is_empty());
    assert!(first == export(), "two imports differ");
}

#[test]
fn only_a_new_desk_is_the_same_every_time() {
    let folder = Folder::with_demo();
    folder.write("log.csv", log(LINES));
    let import = [&["import-log", "log.csv", "--repeatable"], COLUMNS].concat();
    let complaint = folder.fails(&import);
    assert!(complaint.contains("only a new one"), "{complaint}");
}
