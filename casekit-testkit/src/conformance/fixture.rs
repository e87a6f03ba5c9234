//! What a conformance test works with.

use std::sync::Arc;
use std::time::Duration;

use casekit_core::model::{
    Case, Customer, Entity, Event, FromEntity, Key, Kind, Seq, Stored, WorkspaceId,
};
use casekit_core::port::{Lookup, Store};
use casekit_core::query::Query;
use casekit_core::{Change, ChangeSet, Committed, ErrorKind};
use uuid::Uuid;

use crate::generate::Generator;
use crate::pages::{all_by_eval, all_pages, difference};

/// Why a test failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Failure(pub String);

impl From<casekit_core::Error> for Failure {
    fn from(error: casekit_core::Error) -> Self {
        Self(format!(
            "unexpected error of kind {:?}: {error}",
            error.kind()
        ))
    }
}

/// What a test gives.
pub(crate) type Outcome = Result<(), Failure>;

/// The store under test, and workspaces that are new to it.
#[derive(Debug)]
pub(crate) struct Fixture {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) workspace: WorkspaceId,
    pub(crate) make: Generator,
    pub(crate) patience: Duration,
}

impl Fixture {
    pub(crate) fn new(store: Arc<dyn Store>, patience: Duration) -> Self {
        let workspace = WorkspaceId(Uuid::now_v7());
        // Ids differ from run to run, so that the same store can be tested again.
        let seed = workspace.0.as_u64_pair();
        Self {
            store,
            workspace,
            make: Generator::new(seed.0 ^ seed.1, workspace),
            patience,
        }
    }

    /// The same store, another workspace.
    pub(crate) fn neighbour(&self) -> Self {
        Self::new(Arc::clone(&self.store), self.patience)
    }

    pub(crate) fn set(&self, changes: Vec<Change>) -> ChangeSet {
        ChangeSet {
            id: Uuid::now_v7(),
            workspace: self.workspace,
            changes,
            events: Vec::new(),
        }
    }

    pub(crate) async fn commit(&self, changes: Vec<Change>) -> casekit_core::Result<Committed> {
        self.store.commit(self.set(changes)).await
    }

    /// Creates a record and reads it back.
    pub(crate) async fn create<T: FromEntity>(&self, record: T) -> Result<T, Failure> {
        let key = record.key();
        self.commit(vec![Change::Create(record.into_entity())])
            .await?;
        self.get(key).await
    }

    /// Replaces a record and reads it back.
    pub(crate) async fn replace<T: FromEntity>(&self, before: &T, after: T) -> Result<T, Failure> {
        let key = before.key();
        self.commit(vec![replace(before, after)]).await?;
        self.get(key).await
    }

    pub(crate) async fn delete<T: FromEntity>(&self, before: &T) -> Outcome {
        self.commit(vec![delete(before)]).await?;
        Ok(())
    }

    /// A customer and a new case of theirs, stored.
    pub(crate) async fn create_case(&mut self) -> Result<Case, Failure> {
        let customer = self.make.customer();
        let case = self.make.case(&customer);
        self.create(case).await
    }

    pub(crate) fn some_customer(&mut self) -> Customer {
        self.make.customer()
    }

    pub(crate) async fn load(&self, key: Key) -> Result<Option<Entity>, Failure> {
        let mut found = self.store.load(&[Lookup::Key(key)]).await?;
        equal("the number of answers to one lookup", &found.len(), &1)?;
        Ok(found.pop().flatten())
    }

    pub(crate) async fn get<T: FromEntity>(&self, key: Key) -> Result<T, Failure> {
        let found = self.load(key).await?;
        let record = found.and_then(T::from_entity);
        record.ok_or_else(|| Failure(format!("the {} {} is not there", T::NOUN, key.id)))
    }

    pub(crate) async fn feed(&self) -> Result<Vec<Event>, Failure> {
        Ok(self.store.feed(self.workspace, Seq(0), 1_000).await?)
    }

    /// Commits a generated workspace at work and gives all that is then stored.
    pub(crate) async fn populate(&mut self, cases: usize) -> Result<Vec<Entity>, Failure> {
        let scene = self.make.scene(cases);
        let mut set = self.set(scene.records.iter().cloned().map(Change::Create).collect());
        set.events = scene.events.clone();
        self.store.commit(set).await?;
        let events = scene.events.iter().map(Stored::key);
        let keys: Vec<Key> = scene
            .records
            .iter()
            .map(Entity::key)
            .chain(events)
            .collect();
        self.load_all(&keys).await
    }

    pub(crate) async fn load_all(&self, keys: &[Key]) -> Result<Vec<Entity>, Failure> {
        let lookups: Vec<Lookup> = keys.iter().copied().map(Lookup::Key).collect();
        let found = self.store.load(&lookups).await?;
        equal("the number of answers", &found.len(), &keys.len())?;
        let known: Vec<Entity> = found.into_iter().flatten().collect();
        equal("the number of records found", &known.len(), &keys.len())?;
        Ok(known)
    }

    /// The query gives what it means over `known`, which must be all records of the workspace.
    pub(crate) async fn agree(&self, known: &[Entity], query: &Query) -> Outcome {
        let got = all_pages(&*self.store, query).await?;
        let wanted = all_by_eval(known, query)?;
        match difference(query, &got, &wanted) {
            None => Ok(()),
            Some(difference) => Err(Failure(format!("{difference}\n  for {}", shown(query)))),
        }
    }

    /// The ids that a query finds, page by page.
    pub(crate) async fn ids(&self, query: &Query) -> Result<Vec<Uuid>, Failure> {
        let found = all_pages(&*self.store, query).await?;
        Ok(found.records.iter().map(|record| record.key().id).collect())
    }

    pub(crate) fn cases(&self) -> Query {
        Query::all(self.workspace, Kind::Case)
    }
}

pub(crate) fn create<T: FromEntity>(record: &T) -> Change {
    Change::Create(record.clone().into_entity())
}

pub(crate) fn replace<T: FromEntity>(before: &T, after: T) -> Change {
    Change::Replace {
        before: before.clone().into_entity(),
        after: after.into_entity(),
    }
}

pub(crate) fn delete<T: FromEntity>(before: &T) -> Change {
    Change::Delete {
        before: before.clone().into_entity(),
    }
}

pub(crate) fn check<T: Stored>(record: &T) -> Change {
    Change::Check {
        key: record.key(),
        version: record.version(),
    }
}

/// Fails unless `got` is `wanted`.
pub(crate) fn equal<T: std::fmt::Debug + PartialEq>(what: &str, got: &T, wanted: &T) -> Outcome {
    if got == wanted {
        return Ok(());
    }
    Err(Failure(format!(
        "{what}:\n  got    {got:?}\n  wanted {wanted:?}"
    )))
}

/// Fails unless it `holds`.
pub(crate) fn ensure(holds: bool, why: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(Failure(why())) }
}

/// Fails unless the store refused with an error of `kind`, which is given.
pub(crate) fn refused<T: std::fmt::Debug>(
    what: &str,
    result: casekit_core::Result<T>,
    kind: ErrorKind,
) -> Result<casekit_core::Error, Failure> {
    match result {
        Ok(answer) => Err(Failure(format!(
            "{what} was not refused but gave {answer:?}"
        ))),
        Err(error) if error.kind() == kind => Ok(error),
        Err(error) => Err(Failure(format!(
            "{what} was refused as {:?} ({error}), not as {kind:?}",
            error.kind()
        ))),
    }
}

/// Fails unless the commit was refused because exactly `keys` are stale.
pub(crate) fn refused_stale(
    what: &str,
    result: casekit_core::Result<Committed>,
    keys: &[Key],
) -> Outcome {
    let error = refused(what, result, ErrorKind::Conflict)?;
    let (mut got, mut wanted) = (error.stale_keys().to_vec(), keys.to_vec());
    got.sort();
    wanted.sort();
    equal(&format!("the stale keys of {what}"), &got, &wanted)
}

fn shown(query: &Query) -> String {
    serde_json::to_string(query).unwrap_or_default()
}
