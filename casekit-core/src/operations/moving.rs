//! Moving entries and activities between cases, and what follows for who waits for whom.

use std::collections::{BTreeMap, BTreeSet};

use crate::desk::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{
    Activity, Body, Case, CaseId, Entity, Entry, EntryId, FieldChange, FromEntity, Happening, Key,
    Kind, Merge, Stay, Stored, Time, Turn, Value, Wait, What,
};
use crate::query::{Filter, Query};
use crate::rules::attention::{self, Waits};
use crate::rules::edit::UNREAD;

/// How many entries or activities one case can have for it to be merged or split.
pub(crate) const MAX_MOVED: usize = 10_000;

/// How many cases merged into one are looked after together.
pub(crate) const MAX_STUBS: usize = 1_000;
/// Of how many cases records are looked up together.
const CASES_AT_ONCE: usize = 100;

/// All from which it follows who waits in a case.
#[derive(Debug, Default)]
pub(crate) struct Whole {
    /// Its entries.
    pub(crate) entries: Vec<Entry>,
    /// The history of the cases that were merged into it, which stays with them. The way by which it counts
    /// here is not stored.
    pub(crate) absorbed: Vec<Entry>,
    /// How many cases were merged into it, also by way of others.
    stubs: usize,
    /// Those that come with what is staged.
    come: BTreeSet<EntryId>,
}

impl Whole {
    /// A case of which only the entries count.
    pub(crate) fn of(entries: Vec<Entry>) -> Self {
        Self {
            entries,
            ..Self::default()
        }
    }

    /// Takes up entries that come from another case.
    pub(crate) fn take_in(&mut self, entries: Vec<Entry>) {
        self.come.extend(entries.iter().map(|entry| entry.id));
        self.entries.extend(entries);
    }

    /// Takes up all of a case that is merged into `into`; gives the entries that move.
    pub(crate) fn absorb(&mut self, whole: Self, into: CaseId, stay: &Stay) -> Vec<Key> {
        self.stubs += whole.stubs + 1;
        let (mut history, mut entries) = part(whole.entries, is_history);
        for entry in &mut entries {
            entry.enter(into, stay.until, stay.wait);
        }
        history.extend(whole.absorbed);
        for line in &mut history {
            line.was_in.push(stay.clone());
        }
        let moved = keys(&entries).collect();
        self.take_in(entries);
        self.come.extend(history.iter().map(|line| line.id));
        self.absorbed.extend(history);
        moved
    }

    /// Refuses more than can be looked after together: what could not be undone.
    pub(crate) fn fits(&self, case: &Case) -> Result<()> {
        let entries = self.entries.len().max(self.absorbed.len());
        let counts = [
            (entries, MAX_MOVED, "entries"),
            (self.stubs, MAX_STUBS, "cases merged into it"),
        ];
        for (count, most, what) in counts {
            if count > most {
                let message = format!("{} would have more than {most} {what}", case.name());
                return Err(Error::new(ErrorKind::Limit, message));
            }
        }
        Ok(())
    }

    /// Gives back to `other` what came by a merge that ended `stay`: of the entries those that moved and are
    /// still here.
    pub(crate) fn give_back(&mut self, other: &mut Self, stay: &Stay, moved: &BTreeSet<EntryId>) {
        self.absorbed.retain(|line| !line.was_in.contains(stay));
        let mut back = self.take(|entry| moved.contains(&entry.id));
        for entry in &mut back {
            entry.resume(stay);
        }
        other.entries.extend(back);
    }

    /// Takes out those entries that are `wanted`, which go to another case.
    pub(crate) fn part_with(
        &mut self,
        wanted: impl Fn(&Entry) -> bool,
        to: CaseId,
        at: Time,
    ) -> Vec<Entry> {
        let (_, waits) = attention::derive(self.all());
        let mut moving = self.take(wanted);
        for entry in &mut moving {
            let wait = waits.of(entry);
            entry.enter(to, at, wait);
        }
        moving
    }

    fn take(&mut self, wanted: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let (taken, left) = part(std::mem::take(&mut self.entries), wanted);
        self.entries = left;
        taken
    }

    /// Whether there is something that nobody could read here before, and to which the customer waits for
    /// an answer.
    fn is_news(&self, waits: &Waits) -> bool {
        let all = self.entries.iter().chain(&self.absorbed);
        let mut came = all.filter(|entry| self.come.contains(&entry.id));
        came.any(|entry| attention::turn(entry) == Turn::Staff && waits.of(entry) == Wait::GoesOn)
    }

    /// All of it, by time.
    fn all(&mut self) -> Vec<&mut Entry> {
        let mut all: Vec<&mut Entry> = self.entries.iter_mut().chain(&mut self.absorbed).collect();
        all.sort_by_key(|entry| (entry.at, entry.id));
        all
    }
}

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

    /// Stages `activity` as part of `to`. One with somebody else than the customer of its case stays theirs.
    pub(crate) fn move_activity(&mut self, activity: &mut Activity, from: &Case, to: &Case) {
        activity.case = to.id;
        if activity.customer == from.customer {
            activity.customer = to.customer;
        }
        self.put(activity);
    }

    /// Tells the audit of both cases that an activity moved.
    pub(crate) fn tell_move(&mut self, activity: &Activity, from: CaseId, to: CaseId) {
        for case in [from, to] {
            let changes = vec![FieldChange::new("case", from, to)];
            self.event(What::ActivityMoved, Some(case), activity.key(), changes);
        }
    }

    /// The whole of a case.
    pub(crate) async fn whole(&mut self, case: CaseId) -> Result<Whole> {
        let entries = self.entries_of(case).await?;
        let mut ways: BTreeMap<CaseId, Vec<Stay>> = BTreeMap::new();
        for merge in self.merges_into(case).await? {
            let mut way = vec![merge.stay()];
            way.extend(ways.get(&merge.target).into_iter().flatten().cloned());
            ways.insert(merge.duplicate.id, way);
        }
        let stubs: Vec<CaseId> = ways.keys().copied().collect();
        let mut absorbed = Vec::new();
        for stubs in stubs.chunks(CASES_AT_ONCE) {
            let stubs = stubs.iter().map(|stub| Value::from(*stub));
            let query =
                Query::all(self.workspace_id(), Kind::Entry).filter(Filter::is_in("case", stubs));
            absorbed.extend(self.find_all::<Entry>(query, MAX_MOVED).await?);
        }
        for line in &mut absorbed {
            line.was_in
                .extend(ways.get(&line.case).into_iter().flatten().cloned());
        }
        Ok(Whole {
            entries,
            absorbed,
            stubs: stubs.len(),
            ..Whole::default()
        })
    }

    /// The merges by which other cases went into `case`, also by way of others; each comes after that of the
    /// case it went into.
    pub(crate) async fn merges_into(&mut self, case: CaseId) -> Result<Vec<Merge>> {
        let mut merges: Vec<Merge> = Vec::new();
        let mut targets = vec![case];
        while !targets.is_empty() {
            let mut next = Vec::new();
            for targets in targets.chunks(CASES_AT_ONCE) {
                let targets = targets.iter().map(|target| Value::from(*target));
                let query = Query::all(self.workspace_id(), Kind::Merge);
                let query = query.filter(Filter::is_in("target", targets));
                next.extend(self.find_all::<Merge>(query, MAX_STUBS).await?);
            }
            targets = next.iter().map(|merge| merge.duplicate.id).collect();
            merges.extend(next);
        }
        Ok(merges)
    }

    /// Derives anew what follows from all that `case` has from now on, since when it is open and who waits,
    /// and stages the entries that differ. A question that came here, or that is open anew, is unread.
    pub(crate) fn settle(&mut self, case: &mut Case, whole: &mut Whole) {
        let all = whole.all();
        let opened = all
            .iter()
            .find(|line| matches!(line.body, Body::Happening(Happening::Opened { .. })));
        case.opened_at = opened.map_or(case.opened_at, |line| line.at);
        let waited = case.attention.awaiting_since.is_some();
        let (attention, waits) = attention::derive(all);
        case.attention = attention;
        if case.closing.is_some() {
            case.attention.awaiting_since = None;
        }
        let begins = !waited && case.attention.awaiting_since.is_some();
        if begins || whole.is_news(&waits) {
            self.mark(case, UNREAD);
        }
        for entry in &mut whole.entries {
            self.put_changed(entry);
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
fn part(entries: Vec<Entry>, wanted: impl Fn(&Entry) -> bool) -> (Vec<Entry>, Vec<Entry>) {
    entries.into_iter().partition(wanted)
}

/// Whether an entry is the history of its case, which always stays with it.
pub(crate) fn is_history(entry: &Entry) -> bool {
    matches!(entry.body, Body::Happening(_))
}
