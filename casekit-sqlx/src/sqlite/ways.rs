//! What lists of a large table give, whichever way they go.

use casekit_core::model::Kind;
use casekit_core::query::{Direction, Query};

use super::find::{along, way};
use super::search::walk;
use crate::SqliteStore;
use crate::compile::{Chosen, Order};
use crate::many_cases::{WORKSPACE, Went, assert_right, fill, lists};

async fn empty() -> SqliteStore {
    SqliteStore::connect("sqlite::memory:").await.unwrap()
}

fn went(store: &SqliteStore, query: &Query, expected: Went) -> Went {
    let want = query.limit as usize + 1;
    let went = store.core().write(|session| {
        Ok(match way(session, query)? {
            Chosen::Source(source) => Went::through(source, expected),
            Chosen::Along { .. } => match along(session, query, want)? {
                Some(_) => Went::Along,
                None => Went::AlongInVain,
            },
        })
    });
    went.unwrap()
}

#[tokio::test]
async fn whichever_way_a_list_goes_it_gives_the_same() {
    let store = empty().await;
    let cases = fill(&store).await;
    for (query, expected) in lists() {
        assert_eq!(went(&store, &query, expected), expected, "{query:?}");
        assert_right(&store, query, &cases).await;
    }
}

#[tokio::test]
async fn a_search_does_not_go_along_an_order_for_what_lies_at_its_other_end() {
    let store = empty().await;
    fill(&store).await;
    let oldest: Vec<i64> = (1..=2_000).collect();
    for (direction, expected) in [
        (Direction::Ascending, Some(51)),
        (Direction::Descending, None),
    ] {
        let query = Query::all(WORKSPACE, Kind::Case).sort("updated_at", direction);
        let order = Order::of(&query).unwrap();
        let found = store
            .core()
            .write(|session| walk(session, &query, &oldest, &order, 51, 0));
        assert_eq!(found.unwrap().map(|hits| hits.len()), expected);
    }
}
