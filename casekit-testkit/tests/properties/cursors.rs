//! Row Q2: pages give every case exactly once, in order, whatever the order and the size of pages.

use casekit_core::model::*;
use casekit_core::operations::*;
use casekit_core::query::{Cursor, Direction};
use proptest::prelude::*;
use uuid::Uuid;

use crate::in_a_world;

fn sorts() -> impl Strategy<Value = CaseSort> {
    proptest::sample::select(&CaseSort::LISTED)
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>()
            .prop_filter("a number", |number| number.is_finite())
            .prop_map(Value::Real),
        ".*".prop_map(Value::Text),
        any::<i64>().prop_map(Value::Time),
        any::<u128>().prop_map(|id| Value::Id(Uuid::from_u128(id))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn pages_of_any_size_are_the_whole_list_cut_up(
        subjects in proptest::collection::vec("[a-cA-Cäé]{0,2}", 1..25),
        sort in sorts(),
        descending in any::<bool>(),
        size in 1..7_u32,
    ) {
        in_a_world(|world| async move {
            for (number, subject) in subjects.iter().enumerate() {
                // Some at the same moment, so that the id has to decide.
                world.minutes(i64::from(number % 3 == 0));
                world.mail(subject, "x").await;
            }
            let direction = if descending { Direction::Descending } else { Direction::Ascending };
            let mut find = FindCases { sort, direction, limit: 1_000, ..FindCases::default() };
            let whole = world.anna.run(find.clone()).await.unwrap();
            assert_eq!((whole.cases.len(), whole.next.is_none()), (subjects.len(), true));
            find.limit = size;
            let mut cut = Vec::new();
            loop {
                let page = world.anna.run(find.clone()).await.unwrap();
                assert!(page.cases.len() <= size as usize && !page.cases.is_empty());
                cut.extend(page.cases);
                find.after = page.next;
                if find.after.is_none() {
                    break;
                }
            }
            assert_eq!(cut, whole.cases);
        });
    }

    #[test]
    fn a_cursor_comes_back_from_json_as_it_was(fingerprint in any::<u64>(), value in values(), id in any::<u128>()) {
        let cursor = Cursor { fingerprint, value, id: Uuid::from_u128(id) };
        let json = serde_json::to_string(&cursor).unwrap();
        prop_assert_eq!(serde_json::from_str::<Cursor>(&json).unwrap(), cursor);
    }

    #[test]
    fn no_text_is_taken_for_a_cursor_that_was_not_one(text in ".*") {
        let json = serde_json::to_string(&text).unwrap();
        if let Ok(cursor) = serde_json::from_str::<Cursor>(&json) {
            let again = serde_json::to_string(&cursor).unwrap();
            prop_assert_eq!(serde_json::from_str::<Cursor>(&again).unwrap(), cursor);
        }
    }
}
