//! A seeded run of random commits and random questions through two stores, whose answers must be the same.
//!
//! One store is the oracle, as a rule the one in memory; what it answers to queries is also compared with
//! [`eval`](casekit_core::query::eval) over all records. The same seed gives the same run.

mod commits;
mod questions;
mod world;

use std::collections::BTreeSet;

use casekit_core::model::{Kind, WorkspaceId};
use casekit_core::port::Store;
use uuid::Uuid;

use world::World;

/// Where two stores, or a store and what its answer means, differ.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("seed {seed}, step {step}: {what}")]
pub struct Difference {
    /// The seed with which to run it again.
    pub seed: u64,
    /// The step at which they differ; the run need not be longer.
    pub step: u32,
    /// The question and the answers.
    pub what: String,
}

/// What a run did, to see that it did enough.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelReport {
    /// Commits that took effect.
    pub committed: u32,
    /// Commits that were refused as stale.
    pub stale: u32,
    /// Commits that were refused because a unique value was taken.
    pub taken: u32,
    /// Commits sent again.
    pub retried: u32,
    /// Queries followed to their end, and pages of queries during which others wrote.
    pub queries: u32,
    /// Records that queries found.
    pub found: u32,
    /// Aggregates.
    pub aggregates: u32,
    /// Records stored at the end.
    pub records: u32,
    /// The kinds of which a record was ever stored.
    pub kinds: BTreeSet<Kind>,
}

/// Takes `steps` random steps, decided by `seed`, in `oracle` and in `store`, and compares every answer.
///
/// Both stores must be migrated, and not yet used with this seed. A store that is
/// [unavailable](casekit_core::ErrorKind::Unavailable) is asked again with the same change set, so that
/// a store wrapped in [`FaultyStore`](crate::FaultyStore) must give the same answers as a sound one.
pub async fn model_test(
    seed: u64,
    steps: u32,
    oracle: &dyn Store,
    store: &dyn Store,
) -> Result<ModelReport, Difference> {
    let workspace = |n: u64| WorkspaceId(Uuid::from_u64_pair(seed, 0x8000_0000_0000_0000 | n));
    let mut worlds = [
        World::new(seed, workspace(1), oracle, store),
        World::new(seed ^ 0x5eed, workspace(2), oracle, store),
    ];
    let mut at = 0;
    for step in 0..=steps {
        let differs = |what| Difference { seed, step, what };
        if step == steps {
            for world in &mut worlds {
                world.compare_everything().await.map_err(differs)?;
            }
            break;
        }
        // Mostly in the first workspace; the second is there to be left alone.
        at = (at + 1) % 5;
        let [first, second] = &mut worlds;
        let world = if at == 0 { second } else { first };
        world.step().await.map_err(differs)?;
    }
    let [first, second] = &worlds;
    Ok(first.report.plus(&second.report))
}

impl ModelReport {
    fn plus(&self, other: &Self) -> Self {
        Self {
            committed: self.committed + other.committed,
            stale: self.stale + other.stale,
            taken: self.taken + other.taken,
            retried: self.retried + other.retried,
            queries: self.queries + other.queries,
            found: self.found + other.found,
            aggregates: self.aggregates + other.aggregates,
            records: self.records + other.records,
            kinds: self.kinds.union(&other.kinds).copied().collect(),
        }
    }
}
