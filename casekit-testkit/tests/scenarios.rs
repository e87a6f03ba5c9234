//! The scenarios on every store. After a change that is meant, `CASEKIT_BLESS=1` writes the
//! expected transcripts anew; look at the difference before committing it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use casekit_core::port::Store;
use casekit_memory::MemoryStore;
use casekit_sqlx::SqliteStore;
use casekit_testkit::{Fault, FaultyStore, Scenario, run_scenario, scenarios};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

#[tokio::test]
async fn scenarios_give_the_expected_transcripts_in_memory() {
    for file in scenarios() {
        let store = Arc::new(MemoryStore::new());
        if std::env::var_os("CASEKIT_BLESS").is_some() {
            let got = file.transcript(store).await;
            let got = got.unwrap_or_else(|failure| panic!("{failure}"));
            let path = folder().join(format!("{}.expected.json", file.name));
            std::fs::write(path, got.text()).expect("written");
        } else if let Err(failure) = file.check(store).await {
            panic!("{failure}");
        }
    }
}

#[tokio::test]
async fn scenarios_give_the_expected_transcripts_in_sqlite() {
    for file in scenarios() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = SqliteStore::open(folder.path().join("desk.db")).await;
        let store = store.expect("a store");
        store.migrate().await.expect("migrated");
        if let Err(failure) = file.check(Arc::new(store)).await {
            panic!("{failure}");
        }
    }
}

#[test]
fn every_file_of_the_folder_is_a_scenario_that_is_run() {
    let listed: BTreeSet<String> = scenarios()
        .iter()
        .flat_map(|file| {
            let name = file.name;
            [format!("{name}.json"), format!("{name}.expected.json")]
        })
        .collect();
    let there: BTreeSet<String> = std::fs::read_dir(folder())
        .expect("the folder")
        .map(|file| {
            file.expect("a file")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    assert_eq!(listed, there);
}

#[tokio::test]
async fn lost_commits_lost_replies_and_conflicts_change_no_answer() {
    // Never more than two failures in a row: the desk sends a commit three times.
    let faults = [
        Fault::Before,
        Fault::AfterCommit,
        Fault::None,
        Fault::Conflict,
        Fault::Delay,
        Fault::AfterCommit,
        Fault::None,
        Fault::Conflict,
        Fault::Conflict,
        Fault::Before,
        Fault::None,
    ];
    let mut injected = 0;
    for file in scenarios() {
        // Each beginning meets other commits with other faults.
        for first in 0..faults.len() {
            let script = faults.iter().cycle().skip(first).take(1_000).copied();
            let store = Arc::new(FaultyStore::scripted(MemoryStore::new(), script));
            if let Err(failure) = file.check(store.clone()).await {
                panic!("faults from {first}: {failure}");
            }
            injected += store.injected();
        }
    }
    assert!(injected > 1_000, "{injected} faults");
}

#[tokio::test]
async fn a_scenario_that_goes_otherwise_fails_and_says_where() {
    let create =
        r#"{"as": "system", "run": "create_workspace", "input": {"name": "X"}, "save": "w"}"#;
    let cases = [
        (
            r#"{"as": "system", "run": "get_case", "input": {"case": 1}}"#,
            "it failed as NotFound: case `1` was not found",
        ),
        (
            r#"{"as": "system", "run": "get_case", "input": {"case": 1}, "error": "denied"}"#,
            "it failed as NotFound and not as Denied",
        ),
        (
            r#"{"as": "system", "run": "get_workspace", "error": "denied"}"#,
            "it should have failed as Denied, but gave",
        ),
        (
            r#"{"as": "system", "run": "get_case", "input": {"case": "$c.id"}}"#,
            "nothing was saved as `c`",
        ),
        (
            r#"{"as": {"agent": "$w.name"}, "run": "get_workspace"}"#,
            "`$w.name` is not an id",
        ),
    ];
    for (step, wanted) in cases {
        let json = format!(
            r#"{{"about": "", "start": "2026-01-05T09:00:00Z", "steps": [{create}, {step}]}}"#
        );
        let scenario: Scenario = serde_json::from_str(&json).expect("a scenario");
        let store = Arc::new(MemoryStore::new());
        let failure = run_scenario("wrong", &scenario, store).await;
        let failure = failure.expect_err(step).to_string();
        assert!(
            failure.starts_with("scenario `wrong`, step 2 (`"),
            "{failure}"
        );
        assert!(failure.contains(wanted), "{failure}");
    }
}

#[tokio::test]
async fn an_answer_that_differs_from_the_expected_one_is_shown() {
    let mut file = *scenarios().first().expect("a scenario");
    let changed = file
        .expected
        .replacen("Lost my suitcase", "Lost my umbrella", 1);
    file.expected = changed.leak();
    let failure = file.check(Arc::new(MemoryStore::new())).await;
    let failure = failure.expect_err("it differs").to_string();
    assert!(failure.contains("Lost my suitcase"), "{failure}");
    assert!(failure.contains("Lost my umbrella"), "{failure}");
}
