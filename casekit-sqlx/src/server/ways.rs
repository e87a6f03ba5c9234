//! What lists of a large table give, whichever way they go.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use casekit_core::query::Query;

use super::find::{along, way};
use super::{Server, ServerStore};
use crate::compile::Chosen;
use crate::dialect::{Mysql, Postgres};
use crate::many_cases::{Went, assert_right, fill, lists};

async fn went<S: Server>(store: &ServerStore<S>, query: &Query, expected: Went) -> Went {
    let mut session = store.core().session().await.unwrap();
    match way(&mut session, query).await.unwrap() {
        Chosen::Source(source) => Went::through(source, expected),
        Chosen::Along { .. } => match along(&mut session, query).await.unwrap() {
            Some(_) => Went::Along,
            None => Went::AlongInVain,
        },
    }
}

#[tokio::test]
async fn whichever_way_a_list_goes_on_mariadb_it_gives_the_same() {
    let Some(url) = casekit_servers::fresh_mysql().await else {
        return;
    };
    let store = ServerStore::<Mysql>::connect(&url).await.unwrap();
    let cases = fill(&store).await;
    for (query, expected) in lists() {
        assert_eq!(went(&store, &query, expected).await, expected, "{query:?}");
        assert_right(&store, query, &cases).await;
    }
}

/// It chooses by itself.
#[tokio::test]
async fn whichever_way_a_list_goes_on_postgres_it_gives_the_same() {
    let Some(url) = casekit_servers::fresh_postgres().await else {
        return;
    };
    let store = ServerStore::<Postgres>::connect(&url).await.unwrap();
    let cases = fill(&store).await;
    for (query, _) in lists() {
        assert_right(&store, query, &cases).await;
    }
}
