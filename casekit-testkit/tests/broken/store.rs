//! A memory store with one fault.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::Mutex;

use async_trait::async_trait;
use casekit_core::model::{Case, Entity, Event, FromEntity, Key, Seq, Stored, Value, WorkspaceId};
use casekit_core::port::{Lookup, Store};
use casekit_core::query::{
    Aggregate, AggregateRow, Comparison, Direction, Filter, Page, Query, Scope, SortBy,
};
use casekit_core::{Change, ChangeSet, Committed, Error, ErrorKind, Result};
use casekit_memory::MemoryStore;
use uuid::Uuid;

/// How a store is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    ForgetsOnMigrate,
    AppliesPiecemeal,
    IgnoresChecks,
    NamesOneStaleKey,
    LastWriteWins,
    IgnoresInvalidSets,
    WritesNothingNewAway,
    CheckWrites,
    RefusesEmpty,
    ForgetsCommits,
    RemembersRefusals,
    KeepsDeleted,
    Trims,
    GivesUpUniqueKeys,
    ClaimsFirst,
    BurnsNumbers,
    AnswersGivenNumbers,
    InventsEvents,
    FeedFromJournal,
    FeedBackwards,
    FeedInclusive,
    FeedUnbounded,
    NeverWakes,
    SharesSequence,
    SharesUniqueKeys,
    LoadsFromAnywhere,
    SharesAggregates,
    LeavesOutMissing,
    LowersUnique,
    CachesLoads,
    LoadsAThousand,
    LessIsAtMost,
    EmptyAnyHolds,
    NotByValue,
    TextForEveryType,
    IgnoresCase,
    ClampsLimit,
    TiesAscending,
    AbsentFirst,
    PagesByOffset,
    NeedsCursorRecord,
    AlwaysMore,
    TakesAnyCursor,
    WordsInAscii,
    ShowsInternal,
    SearchesOwnTextOnly,
    CachesSearches,
    HitsOwner,
    ShuffledRelevance,
    CountsNothing,
    StopsCountingEarly,
    AggregatesAnything,
}

/// A memory store with one fault.
#[derive(Debug)]
pub(crate) struct BrokenStore {
    fault: Fault,
    inner: Mutex<std::sync::Arc<MemoryStore>>,
    memory: Mutex<Memory>,
}

/// What a fault has to remember.
#[derive(Debug, Default)]
struct Memory {
    migrations: u32,
    refused: BTreeSet<Uuid>,
    workspaces: BTreeSet<WorkspaceId>,
    claimed: BTreeMap<casekit_core::model::Unique, WorkspaceId>,
    deleted: BTreeMap<Key, Entity>,
    journal: Vec<Event>,
    loads: BTreeMap<Key, Entity>,
    offsets: BTreeMap<u64, usize>,
    searches: BTreeMap<String, Page>,
}

impl BrokenStore {
    pub(crate) fn new(fault: Fault) -> Self {
        Self {
            fault,
            inner: Mutex::default(),
            memory: Mutex::default(),
        }
    }

    fn inner(&self) -> std::sync::Arc<MemoryStore> {
        self.inner.lock().expect("free").clone()
    }

    fn with<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        work(&mut self.memory.lock().expect("free"))
    }

    async fn get(&self, key: Key) -> Option<Entity> {
        let found = self.inner().load(&[Lookup::Key(key)]).await;
        found.expect("memory loads").pop().flatten()
    }

    /// The set as the fault changes it before it is committed.
    async fn distort(&self, mut set: ChangeSet) -> ChangeSet {
        match self.fault {
            Fault::IgnoresChecks => set.changes.retain(|c| !matches!(c, Change::Check { .. })),
            Fault::ForgetsCommits => set.id = Uuid::now_v7(),
            Fault::InventsEvents => {
                if let Some(mut event) = set.events.last().cloned() {
                    event.id = Uuid::now_v7().into();
                    set.events.push(event);
                }
            }
            Fault::IgnoresInvalidSets if set.validate().is_err() => {
                set.changes.clear();
                set.events.clear();
            }
            Fault::WritesNothingNewAway => set.changes.retain(
                |change| !matches!(change, Change::Replace { before, after } if before == after),
            ),
            Fault::KeepsDeleted => set.changes.retain(|change| {
                if let Change::Delete { before } = change {
                    self.with(|m| m.deleted.insert(before.key(), before.clone()));
                }
                true
            }),
            Fault::Trims => {
                for change in &mut set.changes {
                    if let Change::Create(Entity::Case(case)) = change {
                        let case = Arc::make_mut(case);
                        case.description = case.description.trim().to_owned();
                    }
                }
            }
            Fault::CheckWrites => {
                for change in &mut set.changes {
                    if let Change::Check { key, version } = change
                        && let Some(before) = self.get(*key).await
                        && before.version() == *version
                    {
                        let after = before.clone();
                        *change = Change::Replace { before, after };
                    }
                }
            }
            Fault::LastWriteWins => {
                for change in &mut set.changes {
                    if let Change::Replace { before, .. } = change
                        && let Some(now) = self.get(before.key()).await
                    {
                        *before = now;
                    }
                }
            }
            _ => {}
        }
        set
    }

    fn refuse(&self, set: &ChangeSet) -> Result<()> {
        let refused = || Err(Error::new(ErrorKind::Unavailable, "broken on purpose"));
        match self.fault {
            Fault::RefusesEmpty if set.changes.is_empty() && set.events.is_empty() => refused(),
            Fault::RemembersRefusals if self.with(|m| m.refused.contains(&set.id)) => refused(),
            Fault::SharesUniqueKeys => self.with(|m| {
                for unique in set
                    .changes
                    .iter()
                    .filter_map(Change::after)
                    .flat_map(Entity::unique)
                {
                    let holder = m.claimed.entry(unique.clone()).or_insert(set.workspace);
                    if *holder != set.workspace {
                        return refused();
                    }
                }
                Ok(())
            }),
            _ => Ok(()),
        }
    }

    /// Each change in a commit of its own, then the events.
    async fn commit_piecemeal(&self, set: ChangeSet) -> Result<Committed> {
        for change in set.changes {
            let part = ChangeSet {
                id: Uuid::now_v7(),
                workspace: set.workspace,
                changes: vec![change],
                events: Vec::new(),
            };
            self.inner().commit(part).await?;
        }
        let events = ChangeSet {
            id: set.id,
            workspace: set.workspace,
            changes: Vec::new(),
            events: set.events,
        };
        self.inner().commit(events).await
    }

    async fn claim_first(&self, set: &ChangeSet) -> Result<()> {
        for change in &set.changes {
            for unique in change.after().map(Entity::unique).unwrap_or_default() {
                let lookup = Lookup::Unique(set.workspace, unique.clone());
                let holder = self.inner().load(&[lookup]).await?.pop().flatten();
                if let Some(holder) = holder.filter(|holder| holder.key() != change.key()) {
                    return Err(Error::taken(&unique.name, &unique.value, &holder.key()));
                }
            }
        }
        Ok(())
    }

    async fn after_refusal(&self, set: ChangeSet, error: Error) -> Result<Committed> {
        match self.fault {
            Fault::NamesOneStaleKey if error.stale_keys().len() > 1 => {
                let first = error.stale_keys().first().copied();
                Err(Error::stale(first.into_iter().collect()))
            }
            Fault::GivesUpUniqueKeys if error.kind() == ErrorKind::Taken => {
                let mut set = set;
                for change in &mut set.changes {
                    if let Change::Create(Entity::Customer(customer))
                    | Change::Replace {
                        after: Entity::Customer(customer),
                        ..
                    } = change
                    {
                        Arc::make_mut(customer).emails.clear();
                    }
                }
                self.inner().commit(set).await
            }
            Fault::BurnsNumbers => {
                let numbered = set.changes.iter().find_map(|change| match change {
                    Change::Create(Entity::Case(case)) if case.number == 0 => {
                        Some(Case::clone(case))
                    }
                    _ => None,
                });
                if let Some(mut case) = numbered {
                    case.id = Uuid::now_v7().into();
                    let one = |change| ChangeSet {
                        id: Uuid::now_v7(),
                        workspace: set.workspace,
                        changes: vec![change],
                        events: Vec::new(),
                    };
                    let key = case.key();
                    self.inner()
                        .commit(one(Change::Create(case.into_entity())))
                        .await?;
                    let before = self.get(key).await.expect("just created");
                    self.inner().commit(one(Change::Delete { before })).await?;
                }
                Err(error)
            }
            Fault::RemembersRefusals => {
                self.with(|m| m.refused.insert(set.id));
                Err(error)
            }
            _ => Err(error),
        }
    }

    fn distort_query(&self, query: &Query) -> Query {
        let mut query = query.clone();
        match self.fault {
            Fault::LessIsAtMost
            | Fault::EmptyAnyHolds
            | Fault::NotByValue
            | Fault::TextForEveryType
            | Fault::IgnoresCase => {
                query.filter = distort_filter(self.fault, query.filter);
            }
            Fault::ClampsLimit => query.limit = query.limit.clamp(1, 1_000),
            Fault::WordsInAscii => {
                if let Some(text) = &mut query.text {
                    for word in &mut text.words {
                        if !word.is_ascii() {
                            *word = "nothing like this".to_owned();
                        }
                    }
                }
            }
            Fault::ShowsInternal => {
                if let Some(text) = &mut query.text {
                    text.scope = Scope::All;
                }
            }
            _ => {}
        }
        query
    }

    async fn find_by_offset(&self, query: &Query) -> Result<Page> {
        let mut all = query.clone();
        all.after = None;
        all.limit = 1_000;
        let page = self.inner().find(&all).await?;
        let offset = match &query.after {
            None => 0,
            Some(cursor) => self.with(|m| m.offsets.get(&cursor.fingerprint).copied().unwrap_or(0)),
        };
        let end = offset + query.limit as usize;
        self.with(|m| m.offsets.insert(query.fingerprint(), end));
        let more = page.records.len() > end;
        let records: Vec<Entity> = page
            .records
            .into_iter()
            .skip(offset)
            .take(end - offset)
            .collect();
        let hits = page
            .hits
            .into_iter()
            .skip(offset)
            .take(end - offset)
            .collect();
        let next = records
            .last()
            .map(|last| query.cursor(sort_value(query, last), last.key().id));
        Ok(Page {
            next: next.filter(|_| more),
            records,
            hits,
        })
    }

    fn distort_page(&self, query: &Query, mut page: Page) -> Page {
        let by_field = matches!(query.sort.by, SortBy::Field(_));
        match self.fault {
            Fault::TiesAscending if query.sort.direction == Direction::Descending && by_field => {
                page.records.sort_by(|a, b| {
                    let (x, y) = (sort_value(query, a), sort_value(query, b));
                    y.cmp(&x).then(a.key().cmp(&b.key()))
                });
            }
            Fault::AbsentFirst => page
                .records
                .sort_by_key(|record| sort_value(query, record) != Value::never()),
            Fault::AlwaysMore if page.next.is_none() => {
                let last = page.records.last();
                page.next = last.map(|last| query.cursor(sort_value(query, last), last.key().id));
            }
            Fault::HitsOwner => {
                for (hit, record) in page.hits.iter_mut().zip(&page.records) {
                    *hit = record.key();
                }
            }
            Fault::SearchesOwnTextOnly if query.text.is_some() => {
                let own: Vec<bool> = page
                    .hits
                    .iter()
                    .zip(&page.records)
                    .map(|(h, r)| *h == r.key())
                    .collect();
                let mut keep = own.iter();
                page.records.retain(|_| *keep.next().unwrap_or(&false));
                page.hits.truncate(page.records.len());
            }
            Fault::ShuffledRelevance if query.sort.by == SortBy::Relevance && query.limit > 50 => {
                page.records.reverse();
            }
            _ => {}
        }
        page
    }
}

fn sort_value(query: &Query, record: &Entity) -> Value {
    let row = record.row();
    match &query.sort.by {
        SortBy::Field(name) => row.values(query.kind, name).next().cloned(),
        _ => None,
    }
    .unwrap_or(Value::Id(record.key().id))
}

fn distort_filter(fault: Fault, filter: Filter) -> Filter {
    let all = |parts: Vec<Filter>| {
        parts
            .into_iter()
            .map(|p| distort_filter(fault, p))
            .collect()
    };
    match filter {
        Filter::All(parts) => Filter::All(all(parts)),
        Filter::Any(parts) if parts.is_empty() && fault == Fault::EmptyAnyHolds => Filter::all(),
        Filter::Any(parts) => Filter::Any(all(parts)),
        Filter::Not(part) => match *part {
            // "One of its values is another": what a join with `<>` gives.
            Filter::Field {
                field,
                is: Comparison::Equal,
                value,
            } if fault == Fault::NotByValue => Filter::Any(vec![
                Filter::compare(&field, Comparison::Less, value.clone()),
                Filter::compare(&field, Comparison::Greater, value),
            ]),
            part => distort_filter(fault, part).negate(),
        },
        Filter::Field {
            field,
            mut is,
            mut value,
        } => {
            if fault == Fault::LessIsAtMost && is == Comparison::Less {
                is = Comparison::AtMost;
            }
            if let (Fault::IgnoresCase, Value::Text(text)) = (fault, &mut value) {
                *text = text.to_lowercase();
            }
            // Asked for a number, it compares with texts that look like it.
            if fault == Fault::TextForEveryType
                && field.starts_with("custom.")
                && let Value::Real(number) = value
            {
                value = Value::Text(number.to_string());
            }
            Filter::Field { field, is, value }
        }
        filter @ Filter::In { .. } => filter,
    }
}

#[async_trait]
impl Store for BrokenStore {
    async fn migrate(&self) -> Result<()> {
        let again = self.with(|m| {
            m.migrations += 1;
            m.migrations > 1
        });
        if again && self.fault == Fault::ForgetsOnMigrate {
            *self.inner.lock().expect("free") = std::sync::Arc::default();
        }
        self.inner().migrate().await
    }

    async fn commit(&self, set: ChangeSet) -> Result<Committed> {
        self.with(|m| m.workspaces.insert(set.workspace));
        let set = self.distort(set).await;
        self.refuse(&set)?;
        if self.fault == Fault::AppliesPiecemeal {
            return self.commit_piecemeal(set).await;
        }
        if self.fault == Fault::ClaimsFirst {
            self.claim_first(&set).await?;
        }
        let mut committed = match self.inner().commit(set.clone()).await {
            Ok(committed) => committed,
            Err(error) => return self.after_refusal(set, error).await,
        };
        if self.fault == Fault::AnswersGivenNumbers {
            for change in &set.changes {
                if let Change::Create(Entity::Case(case)) = change
                    && case.number > 0
                {
                    committed.numbers.push((case.key(), case.number));
                }
            }
        }
        if self.fault == Fault::FeedFromJournal {
            let first = committed.seq.0 + 1 - set.events.len() as u64;
            self.with(|m| {
                for (mut event, seq) in set.events.into_iter().zip(first..) {
                    event.seq = Seq(seq);
                    event.version = casekit_core::model::Version(1);
                    m.journal.push(event);
                }
            });
        }
        Ok(committed)
    }

    async fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Entity>>> {
        if self.fault == Fault::LoadsAThousand && lookups.len() > 1_000 {
            return Err(Error::new(ErrorKind::Limit, "too many lookups"));
        }
        let mut lookups = lookups.to_vec();
        if self.fault == Fault::LowersUnique {
            for lookup in &mut lookups {
                if let Lookup::Unique(_, unique) = lookup {
                    unique.value = unique.value.to_lowercase();
                }
            }
        }
        let mut found = self.inner().load(&lookups).await?;
        match self.fault {
            Fault::LeavesOutMissing => found.retain(Option::is_some),
            Fault::LoadsFromAnywhere => {
                for (found, lookup) in found.iter_mut().zip(&lookups) {
                    for workspace in self.with(|m| m.workspaces.clone()) {
                        if let (None, Lookup::Key(key)) = (&found, lookup) {
                            *found = self.get(Key { workspace, ..*key }).await;
                        }
                    }
                }
            }
            Fault::KeepsDeleted => {
                for (found, lookup) in found.iter_mut().zip(&lookups) {
                    if let (None, Lookup::Key(key)) = (&found, lookup) {
                        *found = self.with(|m| m.deleted.get(key).cloned());
                    }
                }
            }
            Fault::CachesLoads => {
                for found in found.iter_mut().flatten() {
                    *found = self.with(|m| {
                        let first = m.loads.entry(found.key());
                        first.or_insert_with(|| found.clone()).clone()
                    });
                }
            }
            _ => {}
        }
        Ok(found)
    }

    async fn find(&self, query: &Query) -> Result<Page> {
        if self.fault == Fault::PagesByOffset {
            return self.find_by_offset(query).await;
        }
        if let (Fault::NeedsCursorRecord, Some(cursor)) = (self.fault, &query.after) {
            let key = Key {
                workspace: query.workspace,
                kind: query.kind,
                id: cursor.id,
            };
            if self.get(key).await.is_none() {
                return Err(Error::invalid("the record of the cursor is gone"));
            }
        }
        let asked = query.fingerprint();
        let mut distorted = self.distort_query(query);
        // The inner store must know the cursor again, unless it was foreign to begin with.
        let changed = distorted.fingerprint();
        if let Some(cursor) = &mut distorted.after
            && (cursor.fingerprint == asked || self.fault == Fault::TakesAnyCursor)
        {
            cursor.fingerprint = changed;
        }
        if self.fault == Fault::CachesSearches && query.text.is_some() {
            let name = serde_json::to_string(query)?;
            if let Some(page) = self.with(|m| m.searches.get(&name).cloned()) {
                return Ok(page);
            }
            let page = self.inner().find(query).await?;
            self.with(|m| m.searches.insert(name, page.clone()));
            return Ok(page);
        }
        let mut page = self.inner().find(&distorted).await?;
        if let Some(next) = &mut page.next {
            next.fingerprint = asked;
        }
        Ok(self.distort_page(query, page))
    }

    async fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<AggregateRow>> {
        if self.fault == Fault::AggregatesAnything && aggregate.validate().is_err() {
            return Ok(Vec::new());
        }
        let mut rows = self.inner().aggregate(aggregate).await?;
        if self.fault == Fault::StopsCountingEarly && aggregate.enough.is_some_and(|n| n > 1) {
            for row in &mut rows {
                row.values = vec![Value::Int(1)];
            }
        }
        if self.fault == Fault::CountsNothing && rows.is_empty() {
            let values = vec![Value::Int(0)];
            let group = Vec::new();
            rows.push(AggregateRow { group, values });
        }
        if self.fault == Fault::SharesAggregates {
            for workspace in self.with(|m| m.workspaces.clone()) {
                if workspace != aggregate.workspace {
                    let mut elsewhere = aggregate.clone();
                    elsewhere.workspace = workspace;
                    rows.extend(self.inner().aggregate(&elsewhere).await?);
                }
            }
        }
        Ok(rows)
    }

    async fn feed(&self, workspace: WorkspaceId, after: Seq, limit: u32) -> Result<Vec<Event>> {
        match self.fault {
            Fault::FeedInclusive => {
                let after = Seq(after.0.saturating_sub(1));
                self.inner().feed(workspace, after, limit).await
            }
            Fault::FeedUnbounded => self.inner().feed(workspace, after, limit.max(3)).await,
            Fault::FeedBackwards => {
                let mut events = self.inner().feed(workspace, after, limit).await?;
                events.reverse();
                Ok(events)
            }
            Fault::FeedFromJournal => Ok(self.with(|m| {
                let of_workspace = m.journal.iter().filter(|e| e.workspace == workspace);
                of_workspace
                    .filter(|e| e.seq > after)
                    .take(limit as usize)
                    .cloned()
                    .collect()
            })),
            Fault::SharesSequence => {
                let mut events = Vec::new();
                for workspace in self.with(|m| m.workspaces.clone()) {
                    events.extend(self.inner().feed(workspace, after, limit).await?);
                }
                Ok(events)
            }
            _ => self.inner().feed(workspace, after, limit).await,
        }
    }

    async fn wait(&self, workspace: WorkspaceId, after: Seq) -> Result<()> {
        if self.fault == Fault::NeverWakes {
            std::future::pending::<()>().await;
        }
        self.inner().wait(workspace, after).await
    }
}
