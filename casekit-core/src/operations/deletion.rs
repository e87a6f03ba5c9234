//! Permanent deletion: only a tombstone is left.

use serde::{Deserialize, Serialize};

use super::{CaseRef, Operation, Staff};
use crate::desk::Context;
use crate::error::Result;
use crate::model::{Case, CaseId, Kind, Merge, Stored, Tombstone, Version, What};
use crate::port::Access;
use crate::query::{Filter, Query};

/// How many cases merged into one can be deleted with it.
const MAX_STUBS: usize = 1_000;

/// Deletes a case for good: the case, its entries, activities, drafts and relations, the cases that
/// were merged into it, and what the audit knows of their contents. What is left is a tombstone with number, time and
/// actor.
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
        let case = cx.case(self.case).await?;
        for stub in cx.stubs_of(case.id).await? {
            cx.bury(&stub).await?;
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
            let query = Query::all(self.workspace_id(), Kind::Merge).filter(Filter::equal("target", target));
            for merge in self.find_all::<Merge>(query, MAX_STUBS).await? {
                self.delete(merge.key());
                stubs.push(self.get(merge.duplicate.id).await?);
                targets.push(merge.duplicate.id);
            }
        }
        Ok(stubs)
    }

    /// Stages the deletion of all that belongs to `case`, and its tombstone.
    async fn bury(&mut self, case: &Case) -> Result<Tombstone> {
        for entry in self.entries_of(case.id).await? {
            self.delete(entry.key());
        }
        for activity in self.activities_of(case.id).await? {
            self.delete(activity.key());
        }
        for draft in self.drafts_of(case.id).await? {
            self.delete(draft.key());
        }
        for relation in self.relations_of(case.id).await? {
            self.delete(relation.key());
        }
        for mut event in self.events_of(case.id).await? {
            if !event.changes.is_empty() {
                event.changes.clear();
                self.put(&mut event);
            }
        }
        self.delete(case.key());
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
}
