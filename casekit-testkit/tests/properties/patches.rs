//! Row C2: whatever two editors do in whatever order, no edit is lost in silence and none overwrites
//! what its editor did not see.

use std::collections::BTreeMap;

use casekit_core::ErrorKind;
use casekit_core::model::*;
use casekit_core::operations::*;
use proptest::prelude::*;

use crate::in_a_world;

/// An edit of one field by somebody who last looked so many edits ago.
#[derive(Debug, Clone)]
struct Edit {
    field: usize,
    value: u8,
    looked: usize,
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let edit = (0..3_usize, 0..4_u8, 0..4_usize);
    let edit = edit.prop_map(|(field, value, looked)| Edit {
        field,
        value,
        looked,
    });
    proptest::collection::vec(edit, 1..40)
}

fn patch(seen: &Case, edit: &Edit) -> PatchCase {
    let mut patch = PatchCase::of(seen);
    let value = format!("value {}", edit.value);
    match edit.field {
        0 => patch.subject = Some(value),
        1 => patch.notes = Some(value),
        _ => patch.description = Some(value),
    }
    patch
}

fn field(case: &Case, field: usize) -> &str {
    [&case.subject, &case.notes, &case.description][field]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_edit_is_taken_exactly_if_its_field_was_not_changed_since_its_editor_looked(edits in edits()) {
        in_a_world(|world| async move {
            let mut versions = vec![world.mail("start", "x").await];
            // For each field the version at which it last changed.
            let mut changed = BTreeMap::<usize, Version>::new();
            for edit in &edits {
                let seen = &versions[versions.len().saturating_sub(1 + edit.looked)];
                let now = versions.last().unwrap().clone();
                let result = world.anna.run(patch(seen, edit)).await;
                let value = format!("value {}", edit.value);
                let same = field(&now, edit.field) == value;
                let stale = changed.get(&edit.field).is_some_and(|at| *at > seen.version);
                match result {
                    Err(error) => {
                        assert_eq!(error.kind(), ErrorKind::Conflict);
                        assert!(stale && !same, "{edit:?} was refused");
                        assert_eq!(error.details().unwrap()["current"], field(&now, edit.field));
                        assert_eq!(world.case(&now).await, now, "a refused edit wrote something");
                    }
                    Ok(case) => {
                        assert!(same || !stale, "{edit:?} was taken");
                        assert_eq!(field(&case, edit.field), value);
                        for other in (0..3).filter(|other| *other != edit.field) {
                            assert_eq!(field(&case, other), field(&now, other));
                        }
                        if !same {
                            changed.insert(edit.field, case.version);
                        }
                        versions.push(case);
                    }
                }
            }
        });
    }
}
