//! The lines of the ports' documentation and the tests of them have the same names.

use std::collections::BTreeSet;

/// The names of the lines of a port's *Behavior* lists. One without a name is its own, which no test has.
fn documented(port: &str) -> BTreeSet<&str> {
    let lines = port.lines();
    let lines = lines.filter_map(|line| line.trim().strip_prefix("/// - "));
    lines.map(named).collect()
}

fn named(line: &str) -> &str {
    let name = line
        .strip_prefix('`')
        .and_then(|line| line.split_once("`:"));
    name.map_or(line, |(name, _)| name)
}

/// The names of the functions in a file of tests.
fn functions(tests: &str) -> BTreeSet<&str> {
    let lines = tests.lines().map(|line| line.trim_start_matches("async "));
    let named = lines.filter_map(|line| line.strip_prefix("fn ")?.split_once('('));
    named.map(|(name, _)| name).collect()
}

#[test]
fn every_behaviour_of_a_store_has_a_test_and_every_test_is_documented() {
    let documented = documented(include_str!("../../casekit-core/src/port/store.rs"));
    let tests = casekit_testkit::conformance::tests();
    let tested: BTreeSet<&str> = tests.iter().map(|test| test.name).collect();
    assert_eq!(tested, documented);
    assert_eq!(tests.len(), tested.len(), "a test is listed twice");
}

#[test]
fn every_behaviour_of_the_other_ports_has_a_test() {
    for (port, tests) in [
        (
            include_str!("../../casekit-core/src/port/clock.rs"),
            include_str!("behaviour/clock.rs"),
        ),
        (
            include_str!("../../casekit-core/src/port/policy.rs"),
            include_str!("behaviour/policy.rs"),
        ),
    ] {
        let (documented, tested) = (documented(port), functions(tests));
        let untested: Vec<_> = documented.difference(&tested).collect();
        assert!(
            !documented.is_empty() && untested.is_empty(),
            "{untested:?}"
        );
    }
}
