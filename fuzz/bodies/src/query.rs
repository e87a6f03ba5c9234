//! Any bytes as what reaches a store from outside: a query, a filter, a cursor, an aggregate.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::LazyLock;

use casekit_core::model::{Entity, Kind};
use casekit_core::query::{
    Aggregate, Cursor, Filter, MAX_LIMIT, Query, eval, eval_aggregate, eval_filter,
};
use casekit_testkit::generate::Generator;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::world::WORKSPACE;

/// The most pages that are turned.
const PAGES: usize = 30;

static RECORDS: LazyLock<Vec<Entity>> =
    LazyLock::new(|| Generator::new(1, WORKSPACE).scene(12).records);

/// Reads, checks and runs it. It never panics; what is read is written back the same; what is
/// valid runs; pages join without gap or repetition.
pub fn query(data: &[u8]) {
    read::<Cursor>(data);
    if let Some(filter) = read::<Filter>(data) {
        filter_all(&filter);
    }
    if let Some(aggregate) = read::<Aggregate>(data) {
        let valid = aggregate.validate().is_ok();
        let rows = eval_aggregate(&aggregate, RECORDS.iter());
        assert_eq!(valid, rows.is_ok(), "{aggregate:?}");
    }
    if let Some(query) = read::<Query>(data) {
        turn_pages(query);
    }
}

fn read<T: DeserializeOwned + Serialize + PartialEq + Debug>(data: &[u8]) -> Option<T> {
    let value: T = serde_json::from_slice(data).ok()?;
    round_trip(&value);
    Some(value)
}

fn round_trip<T: DeserializeOwned + Serialize + PartialEq + Debug>(value: &T) {
    let json = serde_json::to_vec(value).expect("what was read can be written");
    let again: T = serde_json::from_slice(&json).expect("what was written can be read");
    assert_eq!(*value, again);
}

fn filter_all(filter: &Filter) {
    for kind in Kind::ALL {
        if filter.validate(*kind).is_ok() {
            for record in RECORDS.iter().filter(|record| record.kind() == *kind) {
                eval_filter(filter, record, &record.row());
            }
        }
    }
}

fn turn_pages(mut query: Query) {
    let valid = query.validate().is_ok();
    let whole = Query {
        limit: MAX_LIMIT,
        ..query.clone()
    };
    let mut seen = BTreeSet::new();
    for _ in 0..PAGES {
        let page = eval(&query, RECORDS.iter());
        assert_eq!(valid, page.is_ok(), "{query:?}");
        let Ok(page) = page else { return };
        assert!(page.records.len() <= query.limit as usize, "{query:?}");
        for record in &page.records {
            assert!(seen.insert(record.key()), "twice: {:?}", record.key());
        }
        match page.next {
            Some(next) => {
                round_trip(&next);
                query.after = Some(next);
            }
            None => {
                let all = eval(&whole, RECORDS.iter()).expect("it is valid with a larger limit");
                assert_eq!(seen.len(), all.records.len(), "{whole:?}");
                return;
            }
        }
    }
}
