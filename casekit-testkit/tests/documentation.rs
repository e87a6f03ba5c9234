//! The lines of the port's documentation and the tests of the kit have the same names.

use std::collections::BTreeSet;

#[test]
fn every_documented_behaviour_has_a_test_and_every_test_is_documented() {
    let port = include_str!("../../casekit-core/src/port/store.rs");
    let documented: BTreeSet<&str> = port
        .lines()
        .filter_map(|line| line.trim().strip_prefix("/// - `")?.split_once("`:"))
        .map(|(name, _)| name)
        .collect();
    let tests = casekit_testkit::conformance::tests();
    let tested: BTreeSet<&str> = tests.iter().map(|test| test.name).collect();
    assert_eq!(tested, documented);
    assert_eq!(tests.len(), tested.len(), "a test is listed twice");
}
