//! The demo day: the first thing that a newcomer sees.

use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::harness::Folder;

/// What stands in notes, tags, hand-overs and notes of calls of the case that is shown.
const INTERNAL: &[&str] = &[
    "November batch",
    "depot",
    "noted",
    "staff only",
    "warranty\n",
    "f12,",
    "engineer rang her",
    "moved it",
    "merged",
    "Ingrid",
];

#[test]
fn the_day_is_shown() {
    let folder = Folder::new();
    insta::assert_snapshot!("first_run", folder.ok(&[]));
}

#[test]
fn the_second_time_the_same_is_shown_and_nothing_is_played() {
    let folder = Folder::new();
    let first = folder.ok(&[]);
    let figures = folder.json(&["stats"]);
    let second = folder.ok(&[]);
    assert_eq!(folder.json(&["stats"]), figures);
    let views = |text: &str| text.split_once("Case load of").expect("views").1.to_owned();
    assert_eq!(views(&first), views(&second));
    assert!(first.contains("A day was played") && !second.contains("A day was played"));
}

#[test]
fn two_desks_are_the_same_to_the_last_id() {
    let shown = || {
        let folder = Folder::with_demo();
        [
            folder.json(&["cases", "--sort", "number"]),
            folder.json(&["show", "2"]),
        ]
    };
    assert_eq!(shown(), shown());
}

#[test]
fn the_day_takes_less_than_five_seconds() {
    let folder = Folder::new();
    let began = Instant::now();
    folder.ok(&[]);
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "{:?}",
        began.elapsed()
    );
}

#[test]
fn the_customer_sees_nothing_that_is_internal() {
    let folder = Folder::with_demo();
    let staff = folder.ok(&["show", "2"]);
    for text in INTERNAL {
        assert!(staff.contains(text), "staff sees {text:?}: {staff}");
    }
    let seen = [
        folder.ok(&["show", "2", "--as-customer"]),
        folder.json(&["show", "2", "--as-customer"]).to_string(),
    ];
    for seen in seen {
        assert!(seen.contains("our inverter shows F12"), "{seen}");
        for text in INTERNAL {
            assert!(!seen.contains(text), "the customer sees {text:?}: {seen}");
        }
    }
}

#[test]
fn the_commands_to_try_next_work() {
    let folder = Folder::new();
    let shown = folder.ok(&[]);
    let commands = shown
        .lines()
        .filter_map(|line| line.strip_prefix("  support-desk "));
    let mut tried = 0;
    for command in commands {
        // The explanation stands after at least two spaces.
        let command = command.split("  ").next().expect("a command");
        let arguments = words(command);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let answer = folder.ok(&arguments);
        assert!(answer.lines().count() > 1, "{command}: {answer}");
        assert!(
            !answer.contains("none"),
            "{command} finds something: {answer}"
        );
        tried += 1;
    }
    assert_eq!(tried, 8);
}

/// Words as a shell splits them, with double quotes.
fn words(command: &str) -> Vec<String> {
    let parts = command.split('"').enumerate();
    parts
        .flat_map(|(place, part)| match place % 2 {
            0 => part.split_whitespace().map(str::to_owned).collect(),
            _ => vec![part.to_owned()],
        })
        .collect()
}

#[test]
fn there_is_colour_only_where_it_is_wanted() {
    let folder = Folder::with_demo();
    let escape = "\u{1b}[";
    assert!(!folder.ok(&["cases"]).contains(escape), "not in a pipe");
    let printed = |variables: &[(&str, &str)]| {
        let mut command = folder.command(&["cases"]);
        command.envs(variables.iter().copied());
        let output = command.output().expect("started");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    assert!(printed(&[("CLICOLOR_FORCE", "1")]).contains(escape));
    assert!(!printed(&[("NO_COLOR", "1")]).contains(escape));
}

#[test]
fn a_desk_in_memory_has_the_demo_day() {
    let folder = Folder::new();
    assert!(folder.ok(&["--db", "memory:"]).contains("A day was played"));
    let load = folder.ok(&["load", "--agent", "tomás", "--db", "memory:"]);
    assert!(
        load.contains("Plus de courant au cabinet médical"),
        "{load}"
    );
    assert!(!folder.path("support-desk.db").exists());
}

#[test]
fn the_day_can_be_played_beside_an_imported_log() {
    let folder = Folder::new();
    folder.write("log.csv", crate::harness::long_log(3));
    folder.import("log.csv", &[]);
    let shown = folder.ok(&[]);
    assert!(shown.contains("A day was played"), "{shown}");
    assert!(
        shown.contains("support-desk show 5 --as-customer"),
        "{shown}"
    );
    let (totals, _) = folder.import("log.csv", &[]);
    assert_eq!([&totals["cases"], &totals["imported"]], [3, 0]);
}

#[test]
fn a_day_that_was_interrupted_is_not_taken_for_whole() {
    for milliseconds in [5, 15, 30, 60, 120] {
        let folder = Folder::new();
        let mut command = folder.command(&[]);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().expect("started");
        std::thread::sleep(Duration::from_millis(milliseconds));
        child.kill().expect("killed");
        child.wait().expect("ended");
        let run = folder.run(&[]);
        match run.code {
            Some(0) => assert!(
                run.stdout.contains("2026-03-03 14:20  Mieke"),
                "{}",
                run.stdout
            ),
            _ => assert!(
                run.stderr.contains("the demo day was interrupted"),
                "{}",
                run.stderr
            ),
        }
    }
}
