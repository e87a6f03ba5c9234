//! What a search finds where more records than it begins with have its words.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use casekit_core::model::Kind;
use casekit_core::port::Store;
use casekit_core::query::{Filter, Query, Scope, SortBy, TextQuery};

use super::search::{Bounds, search_within};
use super::{Server, ServerStore};
use crate::dialect::{Mysql, Postgres};
use crate::ten_cases::ten_cases;

/// Three cases are looked at here.
const BOUNDS: Bounds = Bounds {
    records: 3,
    texts: 4,
    gathered: 4,
};

/// Three too, but of up to twenty texts that have a word.
const WIDER: Bounds = Bounds {
    records: 3,
    texts: 20,
    gathered: 20,
};

/// A store of ten cases, a query of all, and filters that select the oldest.
async fn filled<S: Server>(url: &str) -> (ServerStore<S>, Query, Vec<Filter>) {
    let store = ServerStore::<S>::connect(url).await.unwrap();
    store.migrate().await.unwrap();
    let (set, filters) = ten_cases();
    let mut query = Query::all(set.workspace, Kind::Case);
    query.sort.by = SortBy::Id;
    store.commit(set).await.unwrap();
    (store, query, filters)
}

/// The numbers of the cases that are found.
async fn found<S: Server>(
    store: &ServerStore<S>,
    bounds: Bounds,
    query: &Query,
    words: &str,
) -> Vec<u64> {
    let text = TextQuery::new(words, Scope::All).unwrap();
    let mut query = query.clone();
    query.text = Some(text.clone());
    let mut session = store.core().session().await.unwrap();
    let page = search_within(&mut session, &query, &text, bounds)
        .await
        .unwrap();
    page.records
        .iter()
        .filter_map(|record| record.number())
        .collect()
}

async fn searches_begin_where_few_are<S: Server>(url: &str) {
    let (store, all, filters) = filled::<S>(url).await;
    for bounds in [BOUNDS, WIDER] {
        let found = async |query: &Query, words| found(&store, bounds, query, words).await;
        // Of a word that very many have, the newest are found.
        for words in ["common", "common comm", "comm common"] {
            assert_eq!(found(&all, words).await, [8, 9, 10], "{words} {bounds:?}");
        }
        // With a word that few have, the oldest is.
        for words in ["rare", "rare common", "common rare", "common comm rare"] {
            assert_eq!(found(&all, words).await, [1], "{words} {bounds:?}");
        }
        assert!(found(&all, "common nobody").await.is_empty());
        // And of the few that a filter selects.
        for filter in &filters {
            let some = all.clone().filter(filter.clone());
            for words in ["common", "common comm"] {
                assert_eq!(
                    found(&some, words).await,
                    [1],
                    "{words} {some:?} {bounds:?}"
                );
            }
        }
    }
    // A word is as rare as the cases that have it, in however many texts.
    for words in ["talk", "talk common", "common talk"] {
        assert_eq!(found(&store, WIDER, &all, words).await, [1], "{words}");
    }
}

#[tokio::test]
async fn on_postgres() {
    if let Some(url) = casekit_servers::fresh_postgres().await {
        searches_begin_where_few_are::<Postgres>(&url).await;
    }
}

#[tokio::test]
async fn on_mariadb() {
    if let Some(url) = casekit_servers::fresh_mysql().await {
        searches_begin_where_few_are::<Mysql>(&url).await;
    }
}
