//! The port to where cases live.

use async_trait::async_trait;

use crate::change::{ChangeSet, Committed};
use crate::error::Result;
use crate::model::{Entity, Event, Key, Seq, Unique, WorkspaceId};
use crate::query::{Aggregate, AggregateRow, Page, Query};
use crate::send::{MaybeSend, MaybeSync};

/// Where cases live.
///
/// Seven methods to write. What each must do is listed under *Behavior*; `casekit-testkit` has a
/// conformance test for every line, under the same name.
#[cfg_attr(target_family = "wasm", async_trait(?Send))]
#[cfg_attr(not(target_family = "wasm"), async_trait)]
pub trait Store: std::fmt::Debug + MaybeSend + MaybeSync {
    /// Creates or upgrades the schema.
    ///
    /// # Behavior
    /// - `migrate_is_idempotent`: a second call changes nothing and loses nothing.
    async fn migrate(&self) -> Result<()>;

    /// Applies a change set: all of it or nothing.
    ///
    /// # Behavior
    /// - `commit_is_atomic`: when one change is refused, none has taken effect, and no event or number is used up.
    /// - `commit_refuses_stale`: a `Create` of an existing record, and a `Replace`, `Delete` or `Check` of a
    ///   record with another version or none, are refused with [`Error::stale`](crate::Error::stale), which
    ///   names every such key.
    /// - `commit_keeps_unique_keys`: a unique value that another record holds is refused with
    ///   [`Error::taken`](crate::Error::taken), unless the same set releases it. Stale keys are reported first.
    /// - `commit_sets_versions`: a created record has version 1, a replaced one the next.
    /// - `commit_assigns_numbers`: records that are numbered and created with number 0 get the workspace's
    ///   next number, in the order of the changes; one that was created with a number keeps it. No number is
    ///   assigned twice, also after deletion, and none is skipped by a refused commit.
    /// - `commit_assigns_sequence`: events get the workspace's next sequence numbers in order, without gaps.
    /// - `commit_is_idempotent_by_id`: a second commit with the id of one that took effect writes nothing and
    ///   gives the same answer. Stores remember ids for a day at least.
    /// - `commit_isolates_workspaces`: numbers, sequences and unique values of one workspace do not affect another.
    async fn commit(&self, set: ChangeSet) -> Result<Committed>;

    /// Looks records up in one round trip.
    ///
    /// # Behavior
    /// - `load_answers_in_order`: one answer for each lookup, in order; `None` where there is no such record;
    ///   the same lookup twice is answered twice.
    /// - `load_finds_by_unique`: a unique value finds the record that holds it.
    /// - `load_reads_own_writes`: what a finished commit wrote is seen.
    async fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Entity>>>;

    /// Finds records.
    ///
    /// # Behavior
    /// - `find_means_eval`: the records found, and their order, are those of [`query::eval`](crate::query::eval).
    /// - `find_pages_without_gap`: pages that follow each other by their cursor give every record that did
    ///   not change exactly once, whatever is written meanwhile.
    /// - `find_bounds_the_page`: no more than `limit` records; `next` is set exactly when there are more.
    /// - `find_searches_folded`: words match by their beginning, without regard to case and accents.
    /// - `find_refuses_foreign_cursor`: a cursor of another query is refused as invalid.
    async fn find(&self, query: &Query) -> Result<Page>;

    /// Counts, sums and extremes by group, computed where the data is.
    ///
    /// # Behavior
    /// - `aggregate_means_eval`: the rows are those of [`query::eval_aggregate`](crate::query::eval_aggregate).
    async fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<AggregateRow>>;

    /// The events of a workspace with a sequence number over `after`, at most `limit`.
    ///
    /// # Behavior
    /// - `feed_is_in_order`: in order, without gaps, each once.
    async fn feed(&self, workspace: WorkspaceId, after: Seq, limit: u32) -> Result<Vec<Event>>;

    /// Returns when the workspace may have an event with a sequence number over `after`.
    ///
    /// # Behavior
    /// - `wait_wakes`: returns at once if there is one, else soon after one is committed. It may return early.
    async fn wait(&self, workspace: WorkspaceId, after: Seq) -> Result<()>;
}

/// How a record is looked up.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lookup {
    /// By its key.
    Key(Key),
    /// By a unique value that it holds.
    Unique(WorkspaceId, Unique),
}
