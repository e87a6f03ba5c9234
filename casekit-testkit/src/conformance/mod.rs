//! One test for every line of the *Behavior* lists of the [`Store`] port, under the same name.
//!
//! An adapter written in Rust gets a `#[test]` for each of them with
//! [`conformance_tests!`](crate::conformance_tests); any other host runs them all with
//! [`run_conformance`] and looks at the [`Report`]. The tests use the port's seven methods only, with
//! values that are serialisable, and workspaces of their own: a factory may give the same store
//! every time, and a store may be tested again.

mod aggregate;
mod commit;
mod events;
mod filter;
mod fixture;
mod isolation;
mod load;
mod numbers;
mod page;
mod sort;
mod text;
mod unique;

use std::sync::Arc;
use std::time::Duration;

use casekit_core::port::Store;
use casekit_core::{BoxFuture, MaybeSend, MaybeSync, Result};

pub use fixture::Failure;
use fixture::{Fixture, Outcome};

use crate::watchdog::within;

/// How long a test may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A test of one behaviour.
#[derive(Clone, Copy)]
pub struct ConformanceTest {
    /// The name of the behaviour in the port's documentation.
    pub name: &'static str,
    run: fn(Fixture) -> BoxFuture<'static, Outcome>,
}

impl std::fmt::Debug for ConformanceTest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("ConformanceTest").field(&self.name).finish()
    }
}

/// Opens the store under test. Implemented by closures: `|| async { Ok(store) }`.
pub trait StoreFactory: MaybeSend + MaybeSync {
    /// A store; it need not be empty, nor another one every time.
    fn open(&self) -> BoxFuture<'static, Result<Arc<dyn Store>>>;
}

impl<F, Fut> StoreFactory for F
where
    F: Fn() -> Fut + MaybeSend + MaybeSync,
    Fut: Future<Output = Result<Arc<dyn Store>>> + MaybeSend + 'static,
{
    fn open(&self) -> BoxFuture<'static, Result<Arc<dyn Store>>> {
        Box::pin(self())
    }
}

/// Names every behaviour once: for the list of tests and for the macro that makes `#[test]`s.
/// (`$dollar` stands for the `$` of the macro that is made.)
macro_rules! behaviours {
    ($dollar:tt $($module:ident: $($name:ident)*;)*) => {
        const TESTS: &[ConformanceTest] = &[
            $($(ConformanceTest {
                name: stringify!($name),
                run: |fixture| Box::pin($module::$name(fixture)),
            },)*)*
        ];

        /// Makes one `#[test]` for each behaviour of the store that a
        /// [`StoreFactory`](crate::conformance::StoreFactory) opens.
        ///
        /// ```
        /// # use std::sync::Arc;
        /// # use casekit_core::port::Store;
        /// # use casekit_memory::MemoryStore;
        /// casekit_testkit::conformance_tests!(|| async {
        ///     Ok(Arc::new(MemoryStore::new()) as Arc<dyn Store>)
        /// });
        /// ```
        #[macro_export]
        macro_rules! conformance_tests {
            ($dollar factory:expr) => {
                $($(
                    #[test]
                    fn $name() {
                        $crate::conformance::check(stringify!($name), $dollar factory);
                    }
                )*)*
            };
        }
    };
}

behaviours! { $
    commit:
        migrate_is_idempotent
        commit_is_atomic
        commit_refuses_stale
        commit_refuses_invalid
        commit_sets_versions
        commit_checks_without_writing
        commit_accepts_empty
        commit_is_idempotent_by_id
        commit_remembers_only_success
        commit_serialises
        commit_frees_what_is_deleted
        commit_keeps_texts_exactly;
    unique:
        commit_keeps_unique_keys
        commit_releases_before_claiming;
    numbers:
        commit_assigns_numbers
        commit_keeps_given_numbers;
    events:
        commit_assigns_sequence
        commit_replaces_events
        feed_is_in_order
        feed_bounds_the_page
        wait_wakes;
    isolation:
        commit_isolates_workspaces
        load_isolates_workspaces
        find_isolates_workspaces
        feed_isolates_workspaces;
    load:
        load_answers_in_order
        load_finds_by_unique
        load_reads_own_writes
        load_accepts_many;
    filter:
        find_means_eval
        find_combines_filters
        find_filters_many_valued
        find_filters_named
        find_compares_text_bytewise
        find_refuses_invalid;
    sort:
        find_sorts_ties_by_id
        find_sorts_absent_by_stand_in;
    page:
        find_pages_without_gap
        find_continues_after_deletion
        find_bounds_the_page
        find_refuses_foreign_cursor;
    text:
        find_searches_folded
        find_keeps_scopes
        find_gathers_words_by_owner
        find_follows_text_changes
        find_names_hits
        find_ranks_by_relevance;
    aggregate:
        aggregate_means_eval
        aggregate_counts_enough
        aggregate_refuses_invalid;
}

/// Every test.
pub fn tests() -> &'static [ConformanceTest] {
    TESTS
}

impl ConformanceTest {
    /// Runs the test on the store that `factory` opens; it fails when it takes longer than `patience`.
    pub async fn run(&self, factory: &dyn StoreFactory, patience: Duration) -> Outcome {
        let test = async {
            let store = factory.open().await?;
            store.migrate().await?;
            (self.run)(Fixture::new(store, patience)).await
        };
        let outcome = within(patience, test).await;
        outcome.unwrap_or_else(|| Err(Failure(format!("it took longer than {patience:?}"))))
    }
}

/// How a store did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The behaviours that it has.
    pub passed: Vec<&'static str>,
    /// The behaviours that it does not have, and what showed it.
    pub failed: Vec<(&'static str, Failure)>,
}

impl Report {
    /// Whether the store has every behaviour.
    pub fn is_conformant(&self) -> bool {
        self.failed.is_empty()
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "{} behaviours hold, {} do not",
            self.passed.len(),
            self.failed.len()
        )?;
        for (name, failure) in &self.failed {
            writeln!(f, "{name}: {failure}")?;
        }
        Ok(())
    }
}

/// Runs every test on stores that `factory` opens.
pub async fn run_conformance(factory: impl StoreFactory) -> Report {
    run_conformance_within(factory, PATIENCE).await
}

/// Runs every test on stores that `factory` opens; none may take longer than `patience`.
pub async fn run_conformance_within(factory: impl StoreFactory, patience: Duration) -> Report {
    let mut report = Report::default();
    for test in TESTS {
        match test.run(&factory, patience).await {
            Ok(()) => report.passed.push(test.name),
            Err(failure) => report.failed.push((test.name, failure)),
        }
    }
    report
}

/// Runs the test of one behaviour on a runtime of its own, and panics if it fails.
#[cfg(not(target_family = "wasm"))]
#[expect(clippy::panic, reason = "this is how a Rust test fails")]
pub fn check(name: &str, factory: impl StoreFactory) {
    let Some(test) = TESTS.iter().find(|test| test.name == name) else {
        panic!("there is no behaviour `{name}`");
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(test.run(&factory, PATIENCE)),
        Err(error) => panic!("no runtime: {error}"),
    };
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
