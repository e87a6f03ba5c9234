//! Moving entries and activities between cases, and what follows for who waits for whom.

use crate::desk::Context;
use crate::error::Result;
use crate::model::{Activity, Body, Case, CaseId, Entity, Entry, FromEntity, Key, Kind, Stored};
use crate::query::{Filter, Query};
use crate::rules::attention;

/// How many entries or activities one case can have for it to be merged or split.
pub(crate) const MAX_MOVED: usize = 10_000;

impl Context {
    /// All entries of a case, by time.
    pub(crate) async fn entries_of(&mut self, case: CaseId) -> Result<Vec<Entry>> {
        let query = Query::all(self.workspace_id(), Kind::Entry)
            .filter(Filter::equal("case", case))
            .sort("at", crate::query::Direction::Ascending);
        self.find_all(query, MAX_MOVED).await
    }

    /// All activities of a case, by time.
    pub(crate) async fn activities_of(&mut self, case: CaseId) -> Result<Vec<Activity>> {
        let query = Query::all(self.workspace_id(), Kind::Activity)
            .filter(Filter::equal("case", case))
            .sort("started_at", crate::query::Direction::Ascending);
        self.find_all(query, MAX_MOVED).await
    }

    /// Stages `activity` as part of `case`.
    pub(crate) fn move_activity_to(&mut self, activity: &mut Activity, case: &Case) {
        activity.case = case.id;
        activity.customer = case.customer;
        self.put(activity);
    }

    /// Derives the attention of `case` anew from `entries`, all that it has from now on, in any order.
    /// Stages those entries that belong elsewhere so far, or whose end of a wait differs.
    pub(crate) fn settle(&mut self, case: &mut Case, entries: &mut [Entry]) {
        entries.sort_by_key(|entry| (entry.at, entry.id));
        let before: Vec<_> = entries.iter().map(|e| (e.case, e.ended_wait)).collect();
        for entry in entries.iter_mut() {
            entry.case = case.id;
        }
        case.attention = attention::derive(entries);
        if case.closing.is_some() {
            case.attention.awaiting_since = None;
        }
        for (entry, (belonged, ended_wait)) in entries.iter_mut().zip(before) {
            if belonged != case.id || ended_wait != entry.ended_wait {
                self.put(entry);
            }
        }
    }
}

/// The keys of records that moved.
pub(crate) fn keys<T: Stored>(records: &[T]) -> impl Iterator<Item = Key> {
    records.iter().map(Stored::key)
}

/// Those of `entities` that are of the kind `T`.
pub(crate) fn of_kind<T: FromEntity>(entities: Vec<Option<Entity>>) -> Vec<T> {
    let entities = entities.into_iter().flatten();
    entities.filter_map(T::from_entity).collect()
}

/// Those of `entries` that are `wanted`, and the others.
pub(crate) fn part(
    entries: Vec<Entry>,
    wanted: impl Fn(&Entry) -> bool,
) -> (Vec<Entry>, Vec<Entry>) {
    entries.into_iter().partition(wanted)
}

/// Whether an entry is the history of its case, which always stays with it.
pub(crate) fn is_history(entry: &Entry) -> bool {
    matches!(entry.body, Body::Happening(_))
}
