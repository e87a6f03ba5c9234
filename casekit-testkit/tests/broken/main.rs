//! The kit can fail: for each way in which a store may be broken, the test of that behaviour says so.

mod store;

use std::sync::Arc;
use std::time::Duration;

use casekit_core::port::Store;
use casekit_testkit::conformance::{ConformanceTest, tests};

use crate::store::{BrokenStore, Fault};

const FAULTS: &[(Fault, &str)] = &[
    (Fault::ForgetsOnMigrate, "migrate_is_idempotent"),
    (Fault::AppliesPiecemeal, "commit_is_atomic"),
    (Fault::IgnoresChecks, "commit_refuses_stale"),
    (Fault::NamesOneStaleKey, "commit_refuses_stale"),
    (Fault::LastWriteWins, "commit_refuses_stale"),
    (Fault::LastWriteWins, "commit_serialises"),
    (Fault::IgnoresInvalidSets, "commit_refuses_invalid"),
    (Fault::WritesNothingNewAway, "commit_sets_versions"),
    (Fault::CheckWrites, "commit_checks_without_writing"),
    (Fault::RefusesEmpty, "commit_accepts_empty"),
    (Fault::ForgetsCommits, "commit_is_idempotent_by_id"),
    (Fault::RemembersRefusals, "commit_remembers_only_success"),
    (Fault::KeepsDeleted, "commit_frees_what_is_deleted"),
    (Fault::Trims, "commit_keeps_texts_exactly"),
    (Fault::GivesUpUniqueKeys, "commit_keeps_unique_keys"),
    (Fault::ClaimsFirst, "commit_releases_before_claiming"),
    (Fault::BurnsNumbers, "commit_assigns_numbers"),
    (Fault::BurnsNumbers, "commit_is_atomic"),
    (Fault::AnswersGivenNumbers, "commit_keeps_given_numbers"),
    (Fault::InventsEvents, "commit_assigns_sequence"),
    (Fault::FeedFromJournal, "commit_replaces_events"),
    (Fault::FeedBackwards, "feed_is_in_order"),
    (Fault::FeedInclusive, "feed_is_in_order"),
    (Fault::FeedUnbounded, "feed_bounds_the_page"),
    (Fault::NeverWakes, "wait_wakes"),
    (Fault::SharesSequence, "feed_isolates_workspaces"),
    (Fault::SharesUniqueKeys, "commit_isolates_workspaces"),
    (Fault::LoadsFromAnywhere, "load_isolates_workspaces"),
    (Fault::SharesAggregates, "find_isolates_workspaces"),
    (Fault::LeavesOutMissing, "load_answers_in_order"),
    (Fault::LowersUnique, "load_finds_by_unique"),
    (Fault::CachesLoads, "load_reads_own_writes"),
    (Fault::LoadsAThousand, "load_accepts_many"),
    (Fault::LessIsAtMost, "find_means_eval"),
    (Fault::EmptyAnyHolds, "find_combines_filters"),
    (Fault::NotByValue, "find_filters_many_valued"),
    (Fault::TextForEveryType, "find_filters_named"),
    (Fault::IgnoresCase, "find_compares_text_bytewise"),
    (Fault::ClampsLimit, "find_refuses_invalid"),
    (Fault::TiesAscending, "find_sorts_ties_by_id"),
    (Fault::AbsentFirst, "find_sorts_absent_by_stand_in"),
    (Fault::PagesByOffset, "find_pages_without_gap"),
    (Fault::NeedsCursorRecord, "find_continues_after_deletion"),
    (Fault::AlwaysMore, "find_bounds_the_page"),
    (Fault::TakesAnyCursor, "find_refuses_foreign_cursor"),
    (Fault::WordsInAscii, "find_searches_folded"),
    (Fault::ShowsInternal, "find_keeps_scopes"),
    (Fault::SearchesOwnTextOnly, "find_gathers_words_by_owner"),
    (Fault::CachesSearches, "find_follows_text_changes"),
    (Fault::HitsOwner, "find_names_hits"),
    (Fault::ShuffledRelevance, "find_ranks_by_relevance"),
    (Fault::CountsNothing, "aggregate_means_eval"),
    (Fault::StopsCountingEarly, "aggregate_counts_enough"),
    (Fault::AggregatesAnything, "aggregate_refuses_invalid"),
];

fn run(test: &ConformanceTest, fault: Fault) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let factory = move || async move { Ok(Arc::new(BrokenStore::new(fault)) as Arc<dyn Store>) };
    let patience = Duration::from_secs(if fault == Fault::NeverWakes { 1 } else { 60 });
    let outcome = runtime.block_on(test.run(&factory, patience));
    outcome.map_err(|failure| failure.to_string())
}

#[test]
fn every_fault_is_caught_by_the_test_of_its_behaviour() {
    let mut missed = Vec::new();
    for (fault, behaviour) in FAULTS {
        let test = tests().iter().find(|test| test.name == *behaviour);
        let test = test.expect("the behaviour exists");
        match run(test, *fault) {
            // Failing for want of a good error or by running out of time would prove nothing.
            Err(why) if why.contains("took longer") => missed.push((fault, behaviour, why)),
            Err(_) => {}
            Ok(()) => missed.push((fault, behaviour, "passed".to_owned())),
        }
    }
    assert!(missed.is_empty(), "not caught: {missed:#?}");
}

#[test]
fn every_behaviour_has_a_fault_that_shows_its_test_can_fail() {
    for test in tests() {
        assert!(
            FAULTS.iter().any(|(_, behaviour)| *behaviour == test.name),
            "nothing shows that `{}` can fail",
            test.name
        );
    }
}

#[test]
fn the_wrapper_alone_breaks_nothing() {
    for test in tests() {
        assert_eq!(run(test, Fault::None), Ok(()), "{}", test.name);
    }
}

#[test]
fn the_model_test_finds_faults_too_and_says_how_to_see_them_again() {
    let faults = [
        Fault::IgnoresChecks,
        Fault::LastWriteWins,
        Fault::ForgetsCommits,
        Fault::KeepsDeleted,
        Fault::GivesUpUniqueKeys,
        Fault::BurnsNumbers,
        Fault::InventsEvents,
        Fault::FeedBackwards,
        Fault::CachesLoads,
        Fault::LessIsAtMost,
        Fault::NotByValue,
        Fault::TiesAscending,
        Fault::PagesByOffset,
        Fault::AlwaysMore,
        Fault::ShowsInternal,
        Fault::SearchesOwnTextOnly,
        Fault::HitsOwner,
        Fault::CountsNothing,
    ];
    let run = |fault| {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let oracle = casekit_memory::MemoryStore::new();
        let store = BrokenStore::new(fault);
        let run = casekit_testkit::model_test(3, 2_000, &oracle, &store);
        runtime.expect("a runtime").block_on(run)
    };
    run(Fault::None).expect("the wrapper alone makes no difference");
    for fault in faults {
        let difference = run(fault).expect_err(&format!("{fault:?} was not found"));
        assert_eq!(difference.seed, 3);
        assert!(difference.to_string().starts_with("seed 3, step "));
        assert_eq!(run(fault), Err(difference), "{fault:?} again");
    }
}
