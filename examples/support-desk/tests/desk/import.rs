//! Importing event logs.

use serde_json::{Value, json};

use crate::harness::{COLUMNS, Folder, HEADER, log};

/// What a summary says, without the time it took.
fn counted(summary: &Value) -> Value {
    let mut summary = summary.clone();
    let seconds = summary
        .as_object_mut()
        .and_then(|object| object.remove("seconds"));
    assert!(seconds.is_some_and(|seconds| seconds.is_f64()), "{summary}");
    summary
}

const LINES: &[&str] = &[
    "A,Insert ticket,2024-05-02T09:00:00+02:00,Ada,Carla,Printer",
    "A,Take in charge ticket,2024-05-02 07:30:00,Ada,Carla,Printer",
    "B,Insert ticket,2024/05/02 10:00:00.500,Ben,Dirk,Scanner",
    "A,Resolve ticket,2024-05-03 08:00:00+00,Ada,Carla,Printer",
    "A,Closed,2024-05-06,Ada,Carla,Printer",
    "B,Take in charge ticket,2024-05-02 10:10:00.000Z,Ben,Dirk,Scanner",
    "B,Wait,2024-05-02 10:20:00,Ada,,",
];

#[test]
fn a_log_becomes_cases_with_their_history() {
    let folder = Folder::new();
    folder.write("log.csv", log(LINES));
    let (summary, complaints) = folder.import("log.csv", &[]);
    assert_eq!(complaints, "");
    assert_eq!(
        counted(&summary),
        json!({
            "cases": 2, "activities": 7, "customers": 2, "agents": 2, "products": 2,
            "open": 1, "closed": 1, "skipped": 0, "imported": 7, "imported_cases": 2,
        })
    );
    let case = folder.json(&["show", "1"]);
    assert_eq!(case["case"]["opened_at"], "2024-05-02T07:00:00Z");
    assert_eq!(case["case"]["closing"]["at"], "2024-05-06T00:00:00Z");
    insta::assert_snapshot!("imported_case", folder.ok(&["show", "1"]));
    insta::assert_snapshot!(
        "imported_case_as_customer",
        folder.ok(&["show", "1", "--as-customer"])
    );
    insta::assert_snapshot!("imported_journey", folder.ok(&["journey", "Dirk"]));
}

#[test]
fn the_second_time_nothing_is_new() {
    let folder = Folder::new();
    folder.write("log.csv", log(LINES));
    let (first, _) = folder.import("log.csv", &[]);
    let before = folder.json(&["stats"]);
    let (second, _) = folder.import("log.csv", &[]);
    let mut expected = counted(&first);
    expected["imported"] = 0.into();
    expected["imported_cases"] = 0.into();
    assert_eq!(counted(&second), expected);
    assert_eq!(folder.json(&["stats"]), before);
}

#[test]
fn a_log_that_has_grown_adds_what_is_new() {
    let folder = Folder::new();
    folder.write("log.csv", log(&LINES[..4]));
    folder.import("log.csv", &[]);
    folder.write("log.csv", log(LINES));
    let (summary, _) = folder.import("log.csv", &[]);
    let summary = counted(&summary);
    assert_eq!(
        [
            &summary["activities"],
            &summary["imported"],
            &summary["imported_cases"]
        ],
        [7, 3, 0]
    );
    assert_eq!([&summary["open"], &summary["closed"]], [1, 1]);
}

#[test]
fn two_logs_do_not_mix() {
    let folder = Folder::new();
    folder.write("one.csv", log(LINES));
    folder.write("two.csv", log(LINES));
    folder.import("one.csv", &[]);
    let (summary, _) = folder.import("two.csv", &[]);
    assert_eq!([&summary["cases"], &summary["imported"]], [2, 7]);
    let (summary, _) = folder.import("two.csv", &["--system", "one"]);
    assert_eq!([&summary["cases"], &summary["imported"]], [2, 0]);
    assert_eq!(folder.json(&["stats"])["customers"], 4);
    let error = folder.fails(&["journey", "Carla"]);
    assert!(error.contains("more than one customer"), "{error}");
}

#[test]
fn bad_rows_are_told_with_their_lines_and_the_rest_goes_on() {
    let folder = Folder::new();
    let mut bytes = log(&[
        "A,Take,2024-05-02 09:00:00,Ada,Carla,P", // line 2
        ",Take,2024-05-02 09:00:00,Ada,Carla,P",
        "A,  ,2024-05-02 09:00:00,Ada,Carla,P",
        "A,Take,02.05.2024,Ada,Carla,P", // line 5
        "A,Take,2024-05-02 09:00:00,Ada",
        "A,\"Say",
        "hello\",2024-05-02 09:10:00,Ada,Carla,P",
        "A,Take,,Ada,Carla,P", // line 9
    ])
    .into_bytes();
    bytes.extend_from_slice(b"A,Take,2024-05-02 09:00:00,Ada,Carl\xe9,P\n");
    bytes.extend_from_slice(b"A,Close,2024-05-02 09:30:00,Ada,Carla,P\n");
    folder.write("log.csv", bytes);
    let (summary, complaints) = folder.import("log.csv", &[]);
    assert_eq!([&summary["activities"], &summary["skipped"]], [3, 6]);
    assert_eq!(
        complaints,
        "warning: line 3 skipped: the case is missing\n\
         warning: line 4 skipped: the activity is missing\n\
         warning: line 5 skipped: `02.05.2024` is not a time: see `import-log --help`\n\
         warning: line 6 skipped: it has 4 columns where the header has 6\n\
         warning: line 9 skipped: the time is missing\n\
         warning: line 10 skipped: the customer is not UTF-8\n"
    );
    let case = folder.ok(&["show", "1"]);
    assert!(case.contains("did: Say hello"), "{case}");
}

#[test]
fn a_log_that_was_mended_adds_what_was_bad_and_nothing_twice() {
    let folder = Folder::new();
    let bad = [
        ("A,Take,02.05.2024,Ada,Carla,P", "not a time"),
        ("A,Take,2024-05-02 07:10:00,Ada", "too few columns"),
        ("A,,2024-05-02 07:10:00,Ada,Carla,P", "no activity"),
    ];
    for (bad, why) in bad {
        let lines = |middle| {
            log(&[
                "A,Insert ticket,2024-05-02 07:00:00,Ada,Carla,P",
                middle,
                ",No case,2024-05-02 07:15:00,Ada,Carla,P",
                "A,Wait,2024-05-02 07:20:00,Ada,Carla,P",
            ])
        };
        let system = ["--system", why];
        folder.write("log.csv", lines(bad));
        folder.import("log.csv", &system);
        folder.write("log.csv", lines("A,Take,2024-05-02 07:10:00,Ada,Carla,P"));
        let (summary, _) = folder.import("log.csv", &system);
        let added = [&summary["activities"], &summary["imported"]];
        assert_eq!(added, [3, 1], "{why}");
    }
    let case = folder.ok(&["show", "1"]);
    for activity in ["Insert ticket", "Take", "Wait"] {
        let told = format!("did: {activity}");
        assert_eq!(case.matches(&told).count(), 1, "{case}");
    }
}

#[test]
fn of_many_bad_rows_the_first_twenty_are_told() {
    let folder = Folder::new();
    let mut lines = vec!["A,Take,never,Ada,Carla,P"; 50];
    lines.push(LINES[0]);
    folder.write("log.csv", log(&lines));
    let (summary, complaints) = folder.import("log.csv", &[]);
    assert_eq!([&summary["cases"], &summary["skipped"]], [1, 50]);
    assert_eq!(complaints.lines().count(), 21, "{complaints}");
    assert!(
        complaints.ends_with("warning: … and 30 more; 50 rows skipped in all\n"),
        "{complaints}"
    );
}

#[test]
fn what_the_desk_refuses_costs_only_its_own_case() {
    let folder = Folder::new();
    let long = format!("X,{},2024-05-02,Ada,Carla,P", "a".repeat(2_000));
    let lines = [LINES[0], &long, "X,Take,2024-05-03,Ada,Carla,P", LINES[2]];
    folder.write("log.csv", log(&lines));
    let (summary, complaints) = folder.import("log.csv", &[]);
    assert_eq!([&summary["cases"], &summary["skipped"]], [2, 2]);
    assert!(
        complaints
            .starts_with("warning: line 3 and the 1 other row of its case skipped: `activity`"),
        "{complaints}"
    );
}

#[test]
fn a_missing_column_is_told_with_those_that_there_are() {
    let folder = Folder::new();
    folder.write("log.csv", log(LINES));
    let arguments = [
        "import-log",
        "log.csv",
        "--case",
        "Case ID",
        "--activity",
        "activity",
        "--time",
        "time",
    ];
    let error = folder.fails(&arguments);
    assert_eq!(
        error,
        "error: there is no column `Case ID` in `log.csv`: it has `case`, `activity`, `time`, `agent`, \
         `customer`, `product`\n"
    );
    folder.write("other.csv", log(LINES).replace(',', ";"));
    let error = folder.fails(&[&["import-log", "other.csv"], COLUMNS].concat());
    assert!(error.contains("--delimiter"), "{error}");
    let (summary, _) = folder.import("other.csv", &["--delimiter", ";"]);
    assert_eq!(summary["activities"], 7);
}

#[test]
fn a_file_that_cannot_be_read_is_told() {
    let folder = Folder::new();
    let import = |name| folder.fails(&[&["import-log", name], COLUMNS].concat());
    assert!(import("nowhere.csv").contains("`nowhere.csv` cannot be read"));
    folder.write("empty.csv", "");
    assert!(import("empty.csv").contains("`empty.csv` is empty"));
    folder.write("header.csv", format!("{HEADER}\n"));
    assert_eq!(folder.import("header.csv", &[]).0["cases"], 0);
}

#[test]
fn only_the_first_cases_are_imported_with_a_limit() {
    let folder = Folder::new();
    folder.write("log.csv", log(LINES));
    let (summary, _) = folder.import("log.csv", &["--limit", "1"]);
    assert_eq!([&summary["cases"], &summary["activities"]], [1, 4]);
    let (summary, _) = folder.import("log.csv", &[]);
    assert_eq!([&summary["cases"], &summary["imported"]], [2, 3]);
    let (summary, _) = folder.import("log.csv", &["--limit", "0"]);
    assert_eq!([&summary["cases"], &summary["imported"]], [0, 0]);
}

#[test]
fn meanings_can_be_set() {
    let folder = Folder::new();
    let lines = [
        "A,Escalate,2024-05-02 09:00:00,Ada,Carla,P",
        "A,Done=ok,2024-05-02 10:00:00,Ada,Carla,P",
        "B,Closed,2024-05-02 10:00:00,Ada,Carla,P",
        "C,Park,2024-05-02 10:00:00,Ada,Carla,P",
    ];
    folder.write("log.csv", log(&lines));
    let maps = [
        "--map",
        "escalate=take",
        "--map",
        "Done=ok=close",
        "--map",
        "Closed=record",
        "--map",
        "Park=wait",
        "--map",
        "Sing=record",
    ];
    let (summary, complaints) = folder.import("log.csv", &maps);
    assert_eq!([&summary["open"], &summary["closed"]], [2, 1]);
    assert_eq!(
        complaints,
        "warning: no line has the activity `Sing` of `--map`\n"
    );
    let first = folder.json(&["show", "1"]);
    assert_eq!(first["case"]["status"], "closed");
    assert!(first["case"]["assignee"].is_string());
    assert_eq!(
        folder.json(&["show", "3"])["case"]["stage"],
        "waiting_for_customer"
    );
    let wrong = folder.run(
        &[
            &["import-log", "log.csv"],
            COLUMNS,
            &["--map", "Park=sleep"],
        ]
        .concat(),
    );
    assert_eq!(wrong.code, Some(2));
    assert!(
        wrong
            .stderr
            .contains("take, wait, resolve, close, reopen or record"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn spellings_of_one_name_are_one_agent_and_one_product() {
    let folder = Folder::new();
    let lines = [
        "A,Take,2024-05-02 09:00:00,José Díaz,Carla,Printer",
        "A,Take,2024-05-02 09:10:00,jose diaz,Carla,PRINTER",
        "B,Take,2024-05-02 09:20:00,Jose  Diaz,Carla,printer",
    ];
    folder.write("log.csv", log(&lines));
    let (summary, complaints) = folder.import("log.csv", &[]);
    assert_eq!(complaints, "");
    assert_eq!([&summary["agents"], &summary["products"]], [1, 1]);
}

#[test]
fn lines_of_one_case_can_be_of_several_customers() {
    let folder = Folder::new();
    let lines = [
        "A,Take,2024-05-02 09:00:00,Ada,Carla,P",
        "A,Resolve,2024-05-02 09:10:00,Ada,Dirk,P",
        "A,Close,2024-05-02 09:20:00,Ada,,P",
    ];
    folder.write("log.csv", log(&lines));
    let (summary, _) = folder.import("log.csv", &[]);
    assert_eq!(summary["customers"], 2);
    let activities = |customer| {
        let journey = folder.json(&["journey", customer]);
        let steps = journey["steps"].as_array().expect("steps").iter();
        let subjects = steps.filter_map(|step| step["activity"]["subject"].as_str());
        subjects.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(activities("Carla"), ["Close", "Take"]);
    assert_eq!(activities("Dirk"), ["Resolve"]);
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_do_no_harm() {
    let folder = Folder::new();
    let text = format!("\u{feff}{}", log(LINES).replace('\n', "\r\n"));
    folder.write("log.csv", text);
    let (summary, complaints) = folder.import("log.csv", &[]);
    assert_eq!(
        (&summary["activities"], complaints.as_str()),
        (&json!(7), "")
    );
}

#[test]
fn names_of_a_log_cannot_steer_the_terminal() {
    let folder = Folder::new();
    folder.write(
        "log.csv",
        log(&[
            "A\u{1b}[2J,Take\u{7},2024-05-02,Ada,Carla\u{9b}31m,P",
            "B,Take,\u{1b}]0;x,Ada,C,P",
        ]),
    );
    let (_, complaints) = folder.import("log.csv", &[]);
    let printed = [folder.ok(&["show", "1"]), folder.ok(&["cases"]), complaints];
    for printed in printed {
        assert!(
            !printed.chars().any(|c| c.is_control() && c != '\n'),
            "{printed:?}"
        );
    }
}
