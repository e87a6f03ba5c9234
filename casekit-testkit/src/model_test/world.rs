//! What the driver knows of one workspace.

use std::collections::{BTreeMap, VecDeque};

use casekit_core::model::{Entity, Key, Kind, Seq, Stored, WorkspaceId};
use casekit_core::port::{Lookup, Store};
use casekit_core::query::Query;
use casekit_core::{ChangeSet, Committed, Error, ErrorKind, Result};

use super::ModelReport;
use super::questions::Reader;
use crate::generate::Generator;

/// How often a store that is unavailable is asked again.
const ATTEMPTS: u32 = 50;
/// How many old versions and old change sets are kept to be sent again.
const KEPT: usize = 30;

/// What the driver knows of one workspace, and the two stores that must agree about it.
pub(super) struct World<'a> {
    pub(super) make: Generator,
    pub(super) oracle: &'a dyn Store,
    pub(super) store: &'a dyn Store,
    pub(super) workspace: WorkspaceId,
    /// Every record as it is stored.
    pub(super) known: BTreeMap<Key, Entity>,
    /// Records as they once were.
    pub(super) past: VecDeque<Entity>,
    /// Change sets that were sent, whatever became of them.
    pub(super) sent: VecDeque<ChangeSet>,
    /// Queries in the midst of being read page by page.
    pub(super) readers: Vec<Reader>,
    pub(super) seq: Seq,
    pub(super) report: ModelReport,
}

impl<'a> World<'a> {
    pub(super) fn new(
        seed: u64,
        workspace: WorkspaceId,
        oracle: &'a dyn Store,
        store: &'a dyn Store,
    ) -> Self {
        Self {
            make: Generator::new(seed, workspace),
            oracle,
            store,
            workspace,
            known: BTreeMap::new(),
            past: VecDeque::new(),
            sent: VecDeque::new(),
            readers: Vec::new(),
            seq: Seq(0),
            report: ModelReport::default(),
        }
    }

    pub(super) async fn step(&mut self) -> Result<(), String> {
        match self.make.rng.u8(..20) {
            0..=9 => self.commit_something().await,
            10 => self.commit_again().await,
            11..=14 => self.ask_query().await,
            15 | 16 => self.read_on().await,
            17 => self.ask_aggregate().await,
            18 => self.look_up().await,
            _ => self.read_feed().await,
        }
    }

    pub(super) fn records(&self) -> Vec<Entity> {
        self.known.values().cloned().collect()
    }

    /// Sends a change set to both stores, compares their answers and learns what became of it.
    pub(super) async fn send(&mut self, set: ChangeSet) -> Result<(), String> {
        let wanted = self.oracle.commit(set.clone()).await;
        let got = commit_surely(self.store, &set).await;
        same_answer(&set, &got, &wanted)?;
        if self.sent.len() >= KEPT {
            self.sent.pop_front();
        }
        self.sent.push_back(set.clone());
        match wanted {
            Ok(committed) => {
                self.report.committed += 1;
                self.learn(&set, &committed).await
            }
            Err(error) => {
                match error.kind() {
                    ErrorKind::Conflict => self.report.stale += 1,
                    ErrorKind::Taken => self.report.taken += 1,
                    _ => {}
                }
                Ok(())
            }
        }
    }

    /// Reads back what a commit wrote, from both stores.
    async fn learn(&mut self, set: &ChangeSet, committed: &Committed) -> Result<(), String> {
        self.seq = self.seq.max(committed.seq);
        let changed = set.changes.iter().map(casekit_core::Change::key);
        let keys: Vec<Key> = changed.chain(set.events.iter().map(Stored::key)).collect();
        let found = self.load_both(&keys).await?;
        for (key, found) in keys.iter().zip(found) {
            let before = match found {
                Some(now) => {
                    self.report.kinds.insert(now.kind());
                    self.known.insert(*key, now)
                }
                None => self.known.remove(key),
            };
            if let Some(before) = before {
                if self.past.len() >= KEPT {
                    self.past.pop_front();
                }
                self.past.push_back(before);
            }
        }
        Ok(())
    }

    pub(super) async fn load_both(&self, keys: &[Key]) -> Result<Vec<Option<Entity>>, String> {
        let lookups: Vec<Lookup> = keys.iter().copied().map(Lookup::Key).collect();
        self.look_up_both(&lookups).await
    }

    pub(super) async fn look_up_both(
        &self,
        lookups: &[Lookup],
    ) -> Result<Vec<Option<Entity>>, String> {
        let wanted = answered(self.oracle.load(lookups).await)?;
        let got = answered(self.store.load(lookups).await)?;
        same("load", &lookups, &got, &wanted)?;
        Ok(wanted)
    }

    /// At the end: every record and every event.
    pub(super) async fn compare_everything(&mut self) -> Result<(), String> {
        for kind in Kind::ALL {
            let query = Query::all(self.workspace, *kind);
            self.compare_query(&query).await?;
        }
        let limit = u32::try_from(self.seq.0)
            .unwrap_or(u32::MAX)
            .saturating_add(1);
        self.compare_feed(Seq(0), limit).await?;
        self.report.records = u32::try_from(self.known.len()).unwrap_or(u32::MAX);
        Ok(())
    }

    pub(super) fn new_set(&mut self) -> ChangeSet {
        ChangeSet {
            id: self.make.id(),
            workspace: self.workspace,
            changes: Vec::new(),
            events: Vec::new(),
        }
    }
}

/// Commits, again and again while the store is unavailable.
pub(super) async fn commit_surely(store: &dyn Store, set: &ChangeSet) -> Result<Committed> {
    let mut answer = store.commit(set.clone()).await;
    for _ in 0..ATTEMPTS {
        match &answer {
            Err(error) if error.kind() == ErrorKind::Unavailable => {
                answer = store.commit(set.clone()).await;
            }
            _ => break,
        }
    }
    answer
}

/// Which of several taken values is named is the store's choice; all else must be the same.
fn same_answer(
    set: &ChangeSet,
    got: &Result<Committed>,
    wanted: &Result<Committed>,
) -> Result<(), String> {
    let told = |answer: &Result<Committed>| match answer {
        Ok(committed) => (Some(committed.clone()), None, Vec::new()),
        Err(error) => {
            let mut stale = error.stale_keys().to_vec();
            stale.sort();
            (None, Some(error.kind()), stale)
        }
    };
    same("commit", &set, &told(got), &told(wanted))
}

/// An error that a valid question must not get.
pub(super) fn answered<T>(answer: Result<T, Error>) -> Result<T, String> {
    answer.map_err(|error| format!("unexpected error of kind {:?}: {error}", error.kind()))
}

pub(super) fn same<Q: serde::Serialize, A: std::fmt::Debug + PartialEq>(
    what: &str,
    question: &Q,
    got: &A,
    wanted: &A,
) -> Result<(), String> {
    if got == wanted {
        return Ok(());
    }
    let question = serde_json::to_string(question).unwrap_or_default();
    Err(format!(
        "{what} {question}\n  got    {got:?}\n  wanted {wanted:?}"
    ))
}
