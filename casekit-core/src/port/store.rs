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
///
/// Texts hold no NUL character (not every database can store one); anything else comes back as it was.
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
    /// - `commit_refuses_invalid`: what [`ChangeSet::validate`] refuses.
    /// - `commit_keeps_unique_keys`: a unique value that another record holds is refused with
    ///   [`Error::taken`](crate::Error::taken), unless the same set releases it. Stale keys are reported first.
    /// - `commit_releases_before_claiming`: what one change of a set releases, another can claim, whichever
    ///   comes first; two records can swap.
    /// - `commit_sets_versions`: a created record has version 1, a replaced one the next, whatever version the
    ///   written record carries.
    /// - `commit_checks_without_writing`: a `Check` that holds leaves record and version as they are.
    /// - `commit_accepts_empty`: a set without changes and events takes effect, and answers with the sequence
    ///   number of the last event.
    /// - `commit_assigns_numbers`: records that are numbered and created with number 0 get the workspace's
    ///   next number, in the order of the changes; one that was created with a number keeps it. No number is
    ///   assigned twice, also after deletion, and none is skipped by a refused commit.
    /// - `commit_keeps_given_numbers`: a number that was given is not among those answered, and the numbers
    ///   assigned after it, in the same set or later, are larger.
    /// - `commit_assigns_sequence`: events get the workspace's next sequence numbers in order, without gaps,
    ///   and version 1; they are records, loaded and found like others.
    /// - `commit_replaces_events`: an event that is replaced (an erasure) keeps its sequence number, and the
    ///   feed gives what it has become.
    /// - `commit_is_idempotent_by_id`: a second commit with the id of one that took effect writes nothing and
    ///   gives the same answer. Stores remember ids for a day at least.
    /// - `commit_remembers_only_success`: the id of a refused commit can be used again.
    /// - `commit_serialises`: commits made at the same time take effect one after another; of several that
    ///   change one record at the same version, one succeeds.
    /// - `commit_frees_what_is_deleted`: nothing finds a deleted record any more, neither its key, its values,
    ///   its words nor its unique values; its id can be created again, with version 1.
    /// - `commit_keeps_texts_exactly`: every character comes back, also in texts of hundreds of kilobytes.
    /// - `commit_isolates_workspaces`: numbers, sequences and unique values of one workspace do not affect another.
    async fn commit(&self, set: ChangeSet) -> Result<Committed>;

    /// Looks records up in one round trip.
    ///
    /// # Behavior
    /// - `load_answers_in_order`: one answer for each lookup, in order; `None` where there is no such record;
    ///   the same lookup twice is answered twice.
    /// - `load_finds_by_unique`: a unique value finds the record that holds it.
    /// - `load_reads_own_writes`: what a finished commit wrote is seen.
    /// - `load_accepts_many`: none at all, or thousands of lookups in one call.
    /// - `load_isolates_workspaces`: a record is not found by its id or unique value in another workspace.
    async fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Entity>>>;

    /// Finds records.
    ///
    /// # Behavior
    /// - `find_means_eval`: the records found, and their order, are those of [`query::eval`](crate::query::eval).
    /// - `find_combines_filters`: all, any and not, nested, also without parts.
    /// - `find_filters_many_valued`: one matching value is enough, a record comes once, and `Not` holds only
    ///   if no value matches.
    /// - `find_filters_named`: values of one name can be of different types; one of another type never matches.
    /// - `find_compares_text_bytewise`: case, accents, trailing blanks and wildcards count, in filter and order.
    /// - `find_sorts_ties_by_id`: records with the same value are in the order of their ids, in the direction
    ///   of the sort.
    /// - `find_sorts_absent_by_stand_in`: a time that has not come is last, an absent id or text first.
    /// - `find_refuses_invalid`: what [`Query::validate`] refuses.
    /// - `find_isolates_workspaces`: nothing of another workspace is found, by filter, words or aggregate.
    /// - `find_pages_without_gap`: pages that follow each other by their cursor give every record that did
    ///   not change exactly once, whatever is written meanwhile.
    /// - `find_continues_after_deletion`: a cursor is good also when its record is gone.
    /// - `find_bounds_the_page`: no more than `limit` records; `next` is set exactly when there are more.
    /// - `find_searches_folded`: words match by their beginning, without regard to case and accents. Where
    ///   every word is in very many records, and the filter selects as many, the newest will do:
    ///   [`query::MAX_MATCHES`](crate::query::MAX_MATCHES) says how many that is.
    /// - `find_keeps_scopes`: in public scope, internal words do not count.
    /// - `find_gathers_words_by_owner`: the words asked for may be spread over several records of one owner,
    ///   which is found once; the owner must exist and be of the kind that is asked for.
    /// - `find_follows_text_changes`: a text that was replaced, moved to another owner or deleted is not found
    ///   where it was.
    /// - `find_names_hits`: with a text, `hits` names for each record one of the records, visible in the scope,
    ///   in which one of the words is; without a text it is empty.
    /// - `find_ranks_by_relevance`: sorted by relevance, each record comes once, in the same order whatever the
    ///   size of the pages.
    /// - `find_refuses_foreign_cursor`: a cursor of another query is refused as invalid.
    async fn find(&self, query: &Query) -> Result<Page>;

    /// Counts, sums and extremes by group, computed where the data is.
    ///
    /// # Behavior
    /// - `aggregate_means_eval`: the rows are those of [`query::eval_aggregate`](crate::query::eval_aggregate);
    ///   of no records, there is no row.
    /// - `aggregate_counts_enough`: with [`Aggregate::enough`], a count is right up to that number, and at least
    ///   that number where there are more.
    /// - `aggregate_refuses_invalid`: what [`Aggregate::validate`] refuses.
    async fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<AggregateRow>>;

    /// The events of a workspace with a sequence number over `after`, at most `limit`.
    ///
    /// # Behavior
    /// - `feed_is_in_order`: in order, without gaps, each once.
    /// - `feed_bounds_the_page`: no more than `limit`; none after the last, and none for a limit of 0.
    /// - `feed_isolates_workspaces`: events of another workspace neither appear nor count.
    async fn feed(&self, workspace: WorkspaceId, after: Seq, limit: u32) -> Result<Vec<Event>>;

    /// Returns when the workspace may have an event with a sequence number over `after`.
    ///
    /// # Behavior
    /// - `wait_wakes`: returns at once if there is one, else soon after one is committed. It may return early.
    async fn wait(&self, workspace: WorkspaceId, after: Seq) -> Result<()>;

    /// Whether it can be used as it is: one round trip that changes nothing. An error of kind
    /// [`Unavailable`](crate::ErrorKind::Unavailable) means that it cannot be reached, one of kind
    /// [`Storage`](crate::ErrorKind::Storage) that its schema is missing or of another version.
    ///
    /// A store that does not say otherwise asks for an event.
    async fn health(&self) -> Result<()> {
        let nowhere = WorkspaceId(uuid::Uuid::nil());
        self.feed(nowhere, Seq(0), 1).await.map(drop)
    }
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

impl Lookup {
    /// The workspace of the record.
    pub fn workspace(&self) -> WorkspaceId {
        match self {
            Self::Key(key) => key.workspace,
            Self::Unique(workspace, _) => *workspace,
        }
    }
}
