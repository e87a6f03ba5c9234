//! The model test: on the memory store, on the memory store that loses replies, and on broken ones.

use casekit_core::model::Kind;
use casekit_memory::MemoryStore;
use casekit_testkit::{Fault, FaultyStore, ModelReport, model_test};

#[expect(clippy::panic, reason = "a test fails by panicking")]
fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime
        .unwrap_or_else(|error| panic!("{error}"))
        .block_on(work)
}

/// How many seeds and steps: more with `CASEKIT_MODEL_SEEDS` and `CASEKIT_MODEL_STEPS`.
fn size(name: &str, default: u32) -> u32 {
    let given = std::env::var(name).ok();
    given.and_then(|n| n.parse().ok()).unwrap_or(default)
}

#[test]
fn the_memory_store_gives_what_queries_mean() {
    let steps = size("CASEKIT_MODEL_STEPS", 1_500);
    let first = u64::from(size("CASEKIT_MODEL_FIRST_SEED", 0));
    for seed in first..first + u64::from(size("CASEKIT_MODEL_SEEDS", 4)) {
        let (oracle, store) = (MemoryStore::new(), MemoryStore::new());
        let report = run(model_test(seed, steps, &oracle, &store));
        let report = report.unwrap_or_else(|difference| panic!("{difference}"));
        assert_did_enough(&report, steps);
    }
}

/// A run in which everything is refused, or nothing found, proves nothing.
fn assert_did_enough(report: &ModelReport, steps: u32) {
    assert!(report.committed > steps / 4, "{report:?}");
    assert!(report.stale > steps / 100, "{report:?}");
    assert!(report.taken > steps / 200, "{report:?}");
    assert!(report.retried > steps / 50, "{report:?}");
    assert!(report.found > report.queries, "{report:?}");
    assert!(report.aggregates > steps / 50, "{report:?}");
    assert!(report.records > 50, "{report:?}");
    assert_eq!(report.kinds, Kind::ALL.iter().copied().collect());
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let report = |seed| {
        let (oracle, store) = (MemoryStore::new(), MemoryStore::new());
        run(model_test(seed, 300, &oracle, &store)).expect("no difference")
    };
    assert_eq!(report(11), report(11));
    assert_ne!(report(11), report(12));
}

#[test]
fn retries_give_one_result_although_commits_and_replies_are_lost() {
    let faults = [
        Fault::None,
        Fault::Before,
        Fault::AfterCommit,
        Fault::AfterCommit,
        Fault::Delay,
    ];
    for seed in 100..103 {
        let oracle = MemoryStore::new();
        let store = FaultyStore::seeded(MemoryStore::new(), seed, &faults);
        let report = run(model_test(seed, 800, &oracle, &store));
        report.unwrap_or_else(|difference| panic!("{difference}"));
        assert!(store.injected() > 300, "{} faults", store.injected());
    }
}
