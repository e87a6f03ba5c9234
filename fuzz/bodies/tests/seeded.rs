//! The fuzzers' bodies over their seeds and over changes to them.
//!
//! `CASEKIT_FUZZ_MUTATIONS` sets how many changes each seed gets, `CASEKIT_FUZZ_SEED` where they start.

#![expect(clippy::expect_used, reason = "a test")]

use std::panic::{AssertUnwindSafe, catch_unwind};

use casekit_fuzz::{mutate, operation, query, seeds};

fn setting(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(value) => value.parse().expect("a number"),
        Err(_) => default,
    }
}

fn run(body: fn(&[u8]), seeds: &[Vec<u8>]) {
    let mutations = setting("CASEKIT_FUZZ_MUTATIONS", 200);
    let first = setting("CASEKIT_FUZZ_SEED", 1);
    assert!(seeds.len() > 20);
    for (number, seed) in seeds.iter().enumerate() {
        let mut rng = fastrand::Rng::with_seed(first + number as u64);
        let changed = (0..mutations).map(|_| mutate(seed, &mut rng));
        for data in std::iter::once(seed.clone()).chain(changed) {
            let ended = catch_unwind(AssertUnwindSafe(|| body(&data)));
            assert!(ended.is_ok(), "broken by: {}", data.escape_ascii());
        }
    }
}

#[test]
fn operations_answer_whatever_they_are_given() {
    run(|data| drop(operation(data)), &seeds::operations());
}

#[test]
fn the_written_operations_succeed_so_that_changes_to_them_go_deep() {
    let failed: Vec<String> = seeds::written_operations()
        .iter()
        .filter_map(|seed| {
            Some(format!(
                "{}: {}",
                seed.escape_ascii(),
                operation(seed).err()?
            ))
        })
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn queries_mean_something_or_are_refused() {
    run(query, &seeds::queries());
}
