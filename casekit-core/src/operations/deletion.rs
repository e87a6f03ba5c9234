//! Permanent deletion: only a tombstone is left.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::moving::keys;
use super::{CaseRef, Operation, Staff};
use crate::desk::Context;
use crate::error::Result;
use crate::model::{
    Activity, Case, CaseId, CaseName, Draft, Entry, FieldChange, FromEntity, Happening, Key, Kind,
    Merge, Stored, Tombstone, Version, What,
};
use crate::port::Access;
use crate::query::{Filter, Query};

/// How many cases merged into one can be deleted with it.
const MAX_STUBS: usize = 1_000;
/// How many entries, activities or drafts of one case can be deleted together.
const MAX_DELETED: usize = 200_000;
/// Of how many records the events are looked up together.
const ABOUT_AT_ONCE: usize = 500;

/// Deletes a case for good: the case, its entries, activities, drafts and relations, the cases that
/// were merged into it, and what the audit knows of their contents. What is left is a tombstone with number,
/// time and actor, and in the threads of the cases it was related to a line that it no longer is.
///
/// # Errors
/// `Conflict` for a case that was merged into another: that other one would have to be deleted.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeleteCase {
    /// The case.
    pub case: CaseRef,
}

impl Operation for DeleteCase {
    const NAME: &'static str = "delete_case";
    const ACCESS: Access = Access::Administer;
    type For = Staff;
    type Output = Tombstone;

    async fn run(&self, cx: &mut Context) -> Result<Tombstone> {
        let case = cx.unmerged_case(self.case).await?;
        let stubs = cx.stubs_of(case.id).await?;
        for gone in stubs.iter().chain([&case]) {
            cx.part_from_related(gone, &stubs).await?;
        }
        for stub in &stubs {
            cx.bury(stub).await?;
        }
        cx.bury(&case).await
    }
}

impl Context {
    /// The cases that were merged into `case`, also by way of others.
    async fn stubs_of(&mut self, case: CaseId) -> Result<Vec<Case>> {
        let mut stubs = Vec::new();
        let mut targets = vec![case];
        while let Some(target) = targets.pop() {
            let query = Query::all(self.workspace_id(), Kind::Merge)
                .filter(Filter::equal("target", target));
            for merge in self.find_all::<Merge>(query, MAX_STUBS).await? {
                self.delete(merge.key());
                stubs.push(self.get(merge.duplicate.id).await?);
                targets.push(merge.duplicate.id);
            }
        }
        Ok(stubs)
    }

    /// Stages in the threads of the cases that `gone` is related to that it no longer is, but not in those
    /// that go with it.
    async fn part_from_related(&mut self, gone: &Case, with: &[Case]) -> Result<()> {
        for relation in self.relations_of(gone.id).await? {
            let other = relation.other(gone.id);
            if with.iter().any(|case| case.id == other) {
                continue;
            }
            if let Some(mut case) = self.find_one::<Case>(other).await? {
                let changes = vec![FieldChange::new("relations", &relation, ())];
                let other = CaseName::from(gone);
                self.happened(
                    &mut case,
                    What::Unlinked,
                    Happening::Unlinked { other },
                    changes,
                );
            }
        }
        Ok(())
    }

    /// Stages the deletion of all that belongs to `case`, and its tombstone.
    async fn bury(&mut self, case: &Case) -> Result<Tombstone> {
        let mut gone = BTreeSet::from([case.key()]);
        gone.extend(keys(&self.all_of::<Entry>(case.id).await?));
        gone.extend(keys(&self.all_of::<Activity>(case.id).await?));
        gone.extend(keys(&self.all_of::<Draft>(case.id).await?));
        gone.extend(keys(&self.relations_of(case.id).await?));
        self.forget(case.id, &gone).await?;
        for key in gone {
            self.delete(key);
        }
        let mut tombstone = Tombstone {
            id: case.id,
            workspace: case.workspace,
            version: Version(0),
            number: case.number,
            at: self.now(),
            by: self.actor(),
        };
        self.put(&mut tombstone);
        self.event(What::Deleted, Some(case.id), case.key(), Vec::new());
        Ok(tombstone)
    }

    /// All records of a kind that belong to `case`.
    async fn all_of<T: FromEntity>(&mut self, case: CaseId) -> Result<Vec<T>> {
        let query = Query::all(self.workspace_id(), T::KIND).filter(Filter::equal("case", case));
        self.find_all(query, MAX_DELETED).await
    }

    /// Empties what the audit knows of records that go: under this case, and under those in which
    /// they were before. What is told under this case of entries that live on in another stays.
    async fn forget(&mut self, case: CaseId, gone: &BTreeSet<Key>) -> Result<()> {
        let mut events = self.events_of(case).await?;
        let ids: Vec<Uuid> = gone.iter().map(|key| key.id).collect();
        for ids in ids.chunks(ABOUT_AT_ONCE) {
            events.extend(self.events_about(ids).await?);
        }
        for mut event in events.into_iter().filter(|event| !event.changes.is_empty()) {
            let lives = !gone.contains(&event.about) && self.lives(&event.about).await?;
            if !lives {
                event.changes.clear();
                self.put(&mut event);
            }
        }
        Ok(())
    }

    async fn lives(&mut self, key: &Key) -> Result<bool> {
        let part = matches!(key.kind, Kind::Entry | Kind::Activity);
        Ok(part
            && self
                .load(&[*key])
                .await?
                .into_iter()
                .flatten()
                .next()
                .is_some())
    }
}
