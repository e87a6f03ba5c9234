//! Looking at a desk: lists, single cases, people, figures.

use std::process::Stdio;

use serde_json::Value;

use crate::harness::{Folder, log};

/// Every order that a list of cases can have.
pub(crate) const SORTS: &[&str] = &[
    "opened",
    "updated",
    "customer-last",
    "sla-age",
    "from",
    "subject",
    "flag",
    "number",
];

/// What a case is sorted by, in a form that compares as it should.
fn key(sort: &str, case: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_lowercase();
    let attention = &case["attention"];
    match sort {
        "opened" => text(&case["opened_at"]),
        "updated" => text(&case["updated_at"]),
        "customer-last" => text(&attention["customer_last_at"]),
        // The longer the wait, the earlier it began; who does not wait has the shortest.
        "sla-age" => match attention["awaiting_since"].as_str() {
            None => String::new(),
            Some(since) => since.bytes().map(|byte| char::from(255 - byte)).collect(),
        },
        "from" => text(&case["customer_name"])
            .replace('å', "a")
            .replace('é', "e"),
        "subject" => text(&case["subject"]),
        "flag" => case["flagged"].to_string(),
        _ => format!("{:9}", case["number"].as_u64().expect("a number")),
    }
}

#[test]
fn cases_come_in_every_order() {
    let folder = Folder::with_demo();
    for sort in SORTS {
        let keys = |more: &[&str]| -> Vec<String> {
            let page = folder.json(&[&["cases", "--sort", sort], more].concat());
            let cases = page["cases"].as_array().expect("cases").iter();
            cases.map(|case| key(sort, case)).collect()
        };
        let (down, up) = (keys(&[]), keys(&["--ascending"]));
        assert_eq!(down.len(), 6, "all but the one that was merged");
        assert!(up.is_sorted(), "{sort}: {up:?}");
        assert!(down.iter().rev().is_sorted(), "{sort}: {down:?}");
        assert!(up.first() < up.last(), "{sort} tells cases apart: {up:?}");
        folder.ok(&["cases", "--sort", sort]);
    }
}

fn numbers(page: &Value) -> Vec<u64> {
    let cases = page["cases"].as_array().expect("cases").iter();
    let mut numbers: Vec<u64> = cases.filter_map(|case| case["number"].as_u64()).collect();
    numbers.sort_unstable();
    numbers
}

#[test]
fn cases_are_filtered() {
    let folder = Folder::with_demo();
    let found = |filter: &[&str]| numbers(&folder.json(&[&["cases"], filter].concat()));
    assert_eq!(found(&["--status", "closed"]), [1, 3]);
    assert_eq!(found(&["--status", "open"]), [2, 5, 6, 7]);
    assert_eq!(found(&["--assignee", "Mieke Peeters"]), [2, 3, 6]);
    assert_eq!(
        found(&["--assignee", "mieke", "--status", "active"]),
        [2, 6]
    );
    assert_eq!(found(&["--assignee", "nobody"]), [7]);
    assert_eq!(found(&["--tag", "warranty", "--tag", "f12"]), [2]);
    assert_eq!(
        found(&["--tag", "warranty", "--tag", "vip"]),
        Vec::<u64>::new()
    );
    assert_eq!(found(&["--sort", "number", "--limit", "2"]), [6, 7]);
}

#[test]
fn what_is_cut_off_is_said() {
    let folder = Folder::with_demo();
    assert!(folder.ok(&["cases", "--limit", "2"]).contains("and more"));
    assert!(!folder.ok(&["cases", "--limit", "6"]).contains("and more"));
    assert!(folder.json(&["cases", "--limit", "2"])["next"].is_string());
}

#[test]
fn tables_are_aligned_also_with_accents() {
    let folder = Folder::with_demo();
    let table = folder.ok(&["cases", "--sort", "number"]);
    // In a table of one column's width, names with and without accents end at the same place.
    let place = |line: &str| {
        line.split("2026-03-03")
            .next()
            .map(|start| start.chars().count())
    };
    let places: Vec<_> = table.lines().skip(1).map(place).collect();
    assert!(places.windows(2).all(|two| two[0] == two[1]), "{table}");
}

#[test]
fn words_are_found_without_regard_to_accents() {
    let folder = Folder::with_demo();
    for words in [&["nunez"][..], &["Núñez", "produccion"], &["gracias"]] {
        let page = folder.json(&[&["find"], words].concat());
        let found = page["found"].as_array().expect("found");
        assert_eq!(found.len(), 1, "{words:?}");
        assert_eq!(found[0]["case"]["number"], 1, "{words:?}");
    }
    let table = folder.ok(&["find", "vaccins"]);
    assert!(table.contains("des vaccins au frigo"), "{table}");
    assert!(folder.ok(&["find", "zebra"]).contains("none"));
}

#[test]
fn a_case_load_has_three_lists() {
    let folder = Folder::with_demo();
    let load = folder.json(&["load", "--agent", "Tomás Oliveira"]);
    assert_eq!(numbers(&load["needs_attention"]), [6, 7]);
    assert_eq!(numbers(&load["own"]), [5]);
    assert_eq!(numbers(&load["unclaimed"]), [7]);
}

#[test]
fn a_merged_case_shows_the_one_it_went_into() {
    let folder = Folder::with_demo();
    assert_eq!(folder.ok(&["show", "4"]), folder.ok(&["show", "2"]));
    let customer = |number| folder.ok(&["show", number, "--as-customer"]);
    assert_eq!(customer("4"), customer("2"));
}

#[test]
fn a_journey_leads_across_cases_and_media() {
    let folder = Folder::with_demo();
    let journey = folder.json(&["journey", "joan whitfield"]);
    let steps = journey["steps"].as_array().expect("steps").iter();
    let media: Vec<_> = steps
        .map(|step| step["activity"]["medium"].as_str())
        .collect();
    assert_eq!(
        media,
        [Some("phone"), Some("portal"), Some("email")],
        "newest first"
    );
    assert_eq!(journey["figures"]["open"], 1);
    let id = journey["customer"]["id"].as_str().expect("an id");
    for name in ["joan.whitfield@example.com", id, "whit"] {
        assert_eq!(folder.json(&["journey", name]), journey, "{name}");
    }
    let cut = folder.json(&["journey", "Joan Whitfield", "--limit", "1"]);
    assert_eq!(
        (&cut["more"], cut["steps"].as_array().map(Vec::len)),
        (&Value::Bool(true), Some(1))
    );
    assert!(
        folder
            .ok(&["journey", "Joan Whitfield"])
            .contains("by phone")
    );
}

#[test]
fn figures_add_up() {
    let folder = Folder::with_demo();
    let figures = folder.json(&["stats"]);
    for (name, expected) in [
        ("open", 4),
        ("closed", 2),
        ("awaiting", 2),
        ("unassigned", 1),
        ("reopened", 1),
        ("customers", 6),
        ("agents", 3),
        ("products", 3),
    ] {
        assert_eq!(figures[name], expected, "{name}: {figures}");
    }
    let stages = figures["stages"].as_array().expect("stages").iter();
    let in_stages: u64 = stages.filter_map(|stage| stage["cases"].as_u64()).sum();
    assert_eq!(in_stages, 6);
    // Case 3 was closed after 4 h 50 min, case 1 after 7 h 43 min.
    assert_eq!(figures["mean_resolution_ms"], (290 + 463) * 60_000 / 2);
    insta::assert_snapshot!("stats", folder.ok(&["stats"]));
}

#[test]
fn unknown_and_ambiguous_names_list_candidates() {
    let folder = Folder::with_demo();
    let error = folder.fails(&["load", "--agent", "Nobody"]);
    assert!(
        error.contains("no agent `Nobody`") && error.contains("Ingrid Dahl"),
        "{error}"
    );
    let error = folder.fails(&["journey", "Zoë"]);
    assert!(
        error.contains("no customer `Zoë`") && error.contains("Kaj Åström"),
        "{error}"
    );
    let error = folder.fails(&["journey", "example.com"]);
    assert!(error.contains("more than one customer"), "{error}");
    assert!(
        error.contains("Peter Blum <peter.blum@example.com>"),
        "{error}"
    );
    let error = folder.fails(&["cases", "--assignee", ""]);
    assert!(error.contains("no agent ``"), "{error}");
    assert!(
        folder
            .fails(&["show", "99"])
            .contains("case `99` was not found")
    );
}

#[test]
fn a_whole_name_comes_before_the_beginning_of_others() {
    let folder = Folder::new();
    let lines = [
        "1,Take,2024-01-01,Value 1,Value 1,P",
        "2,Take,2024-01-01,Value 10,Value 10,P",
    ];
    folder.write("log.csv", log(&lines));
    folder.import("log.csv", &[]);
    assert_eq!(
        folder.json(&["journey", "value 1"])["customer"]["name"],
        "Value 1"
    );
    assert_eq!(
        numbers(&folder.json(&["load", "--agent", "Value 1"])["own"]),
        [1]
    );
    assert!(
        folder
            .fails(&["load", "--agent", "Val"])
            .contains("more than one agent")
    );
}

#[test]
fn looking_leaves_no_empty_desk_behind() {
    let folder = Folder::new();
    for arguments in [
        &["stats"][..],
        &["cases"],
        &["show", "1"],
        &["load", "--agent", "Mieke"],
    ] {
        let error = folder.fails(arguments);
        assert!(
            error.contains("there is no desk at `sqlite://support-desk.db`"),
            "{error}"
        );
    }
    assert!(!folder.path("support-desk.db").exists());
}

#[test]
fn a_desk_is_kept_where_the_url_says() {
    let folder = Folder::new();
    let path = folder.path("my desk.db");
    let url = format!("sqlite://{}", path.display()).replace(' ', "%20");
    let shown = folder.ok(&["--db", &url]);
    assert!(path.exists());
    assert!(
        shown.contains(&format!("support-desk show 2 --db {url}")),
        "{shown}"
    );
    assert_eq!(folder.json(&["stats", "--db", &url])["open"], 4);
}

#[test]
fn wrong_usage_is_told_with_the_code_2() {
    let folder = Folder::new();
    for (arguments, expected) in [
        (
            &["stats", "--db", "oracle://localhost/x"][..],
            "`sqlite://PATH`",
        ),
        (&["cases", "--sort", "size"], "sla-age"),
        (&["cases", "--status", "lost"], "closed"),
        (&["show", "one"], "invalid digit"),
        (&["find"], "TEXT"),
        (&["load"], "--agent"),
        (&["import-log", "x.csv"], "--case"),
        (&["sell"], "sell"),
    ] {
        let run = folder.run(arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}: {}", run.stderr);
        assert!(
            run.stderr.contains(expected),
            "{arguments:?}: {}",
            run.stderr
        );
    }
}

#[test]
fn a_file_that_is_no_database_is_told() {
    let folder = Folder::new();
    folder.write(
        "support-desk.db",
        "this is no database, whatever its name says. ".repeat(100),
    );
    let error = folder.fails(&["stats"]);
    assert!(error.starts_with("error: "), "{error}");
    assert!(error.contains("database"), "{error}");
}

#[test]
fn a_reader_who_leaves_early_is_no_failure() {
    let folder = Folder::with_demo();
    for arguments in [&[][..], &["cases", "--json"], &["--help"]] {
        let mut command = folder.command(arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("started");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("ended");
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert!(
            !complaints.contains("panicked"),
            "{arguments:?}: {complaints}"
        );
        assert_eq!(complaints, "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
}
