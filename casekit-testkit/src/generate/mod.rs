//! Seeded builders of plausible records: names and texts in several languages and scripts, tags,
//! custom values of every type, times in the order of a working life.
//!
//! The same seed gives the same records. What is drawn comes from small pools, so that filters find
//! something, words are shared and sort values tie.

mod edit;
pub(crate) mod queries;
mod records;
mod words;

use casekit_core::model::{Entity, Event, Time, WorkspaceId};
use casekit_core::port::Ids;
use chrono::{DateTime, TimeDelta};
use uuid::Uuid;

use crate::ids::SeededIds;

/// Makes plausible records of one workspace.
#[derive(Debug)]
pub struct Generator {
    pub(crate) rng: fastrand::Rng,
    ids: SeededIds,
    workspace: WorkspaceId,
    now: Time,
    made: u64,
}

/// Records that belong together, as [`Generator::scene`] makes them.
#[derive(Debug, Clone, Default)]
pub struct Scene {
    /// The records: each after those that it refers to.
    pub records: Vec<Entity>,
    /// What happened to them.
    pub events: Vec<Event>,
}

impl Generator {
    /// A generator for records of `workspace`, which are decided by `seed` alone.
    pub fn new(seed: u64, workspace: WorkspaceId) -> Self {
        Self {
            rng: fastrand::Rng::with_seed(seed),
            ids: SeededIds::new(seed ^ 0x6361_7365),
            workspace,
            // 2024-01-01
            now: DateTime::from_timestamp_millis(1_704_067_200_000).unwrap_or_default(),
            made: 0,
        }
    }

    /// The workspace of the records.
    pub fn workspace_id(&self) -> WorkspaceId {
        self.workspace
    }

    /// A new id.
    pub fn id(&mut self) -> Uuid {
        self.ids.next(self.now)
    }

    /// The time of the generated world, which goes on by up to three hours with every call.
    pub fn time(&mut self) -> Time {
        let span = TimeDelta::milliseconds(self.rng.i64(0..3 * 3_600_000));
        // Now and then no time passes, so that times tie.
        let span = if self.rng.u8(..8) == 0 {
            TimeDelta::zero()
        } else {
            span
        };
        self.now += span;
        self.now
    }

    /// `sentences` sentences.
    pub fn prose(&mut self, sentences: usize) -> String {
        let drawn: Vec<&str> = (0..sentences)
            .map(|_| self.pick(words::SENTENCES))
            .collect();
        drawn.join(" ")
    }

    /// A number that no other call gives, to make values differ.
    fn serial(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    fn pick(&mut self, pool: &[&'static str]) -> &'static str {
        self.rng.choice(pool.iter()).copied().unwrap_or_default()
    }

    fn one_of<T: Copy>(&mut self, pool: &[T]) -> Option<T> {
        self.rng.choice(pool.iter()).copied()
    }

    /// True once in `times`.
    fn once_in(&mut self, times: u32) -> bool {
        self.rng.u32(..times) == 0
    }
}
