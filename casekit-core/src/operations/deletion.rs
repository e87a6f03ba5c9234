//! Permanent deletion: only a tombstone is left.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::moving::{keys, of_kind};
use super::{CaseRef, Operation, Staff};
use crate::desk::Context;
use crate::error::Result;
use crate::model::{
    Activity, Case, CaseId, CaseName, Draft, Entry, Event, FieldChange, FromEntity, Happening, Key,
    Kind, Relation, Stored, Tombstone, Version, What,
};
use crate::port::Access;
use crate::query::{Filter, Query};

/// How many records of one kind can be deleted together.
const MAX_DELETED: usize = 200_000;
/// Of how many records others are looked up together.
const AT_ONCE: usize = 500;

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
        let gone: Vec<&Case> = stubs.iter().chain([&case]).collect();
        let ids: Vec<Uuid> = gone.iter().map(|case| case.id.0).collect();
        let relations = cx.all_with::<Relation>("cases", &ids).await?;
        cx.part_from_related(&gone, &relations).await?;
        cx.delete_all_of(&ids, &relations).await?;
        for stub in &stubs {
            cx.bury(stub);
        }
        Ok(cx.bury(&case))
    }
}

impl Context {
    /// The cases that were merged into `case`, also by way of others. The records of the merges go.
    async fn stubs_of(&mut self, case: CaseId) -> Result<Vec<Case>> {
        let merges = self.merges_into(case).await?;
        let stubs = merges.iter().map(|merge| merge.duplicate.key());
        let stubs = self.load(&stubs.collect::<Vec<_>>()).await?;
        keys(&merges).for_each(|merge| self.delete(merge));
        Ok(of_kind(stubs))
    }

    /// Stages in the threads of the cases that those which go are related to that they no longer are.
    async fn part_from_related(&mut self, gone: &[&Case], relations: &[Relation]) -> Result<()> {
        let gone: BTreeMap<CaseId, &Case> = gone.iter().map(|case| (case.id, *case)).collect();
        let parted = relations.iter().filter_map(|relation| {
            match (gone.get(&relation.case), gone.get(&relation.to)) {
                (Some(gone), None) => Some((relation, *gone, relation.to)),
                (None, Some(gone)) => Some((relation, *gone, relation.case)),
                // Both go, and nobody is left to be told.
                _ => None,
            }
        });
        let parted: Vec<_> = parted.collect();
        let others = parted
            .iter()
            .map(|(.., other)| self.key(Kind::Case, other.0));
        let others: Vec<Key> = others.collect();
        self.load(&others).await?;
        for (relation, gone, other) in parted {
            if let Some(mut case) = self.find_one::<Case>(other).await? {
                let changes = vec![FieldChange::new("relations", relation, ())];
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

    /// Stages the deletion of `cases` and of all that belongs to them.
    async fn delete_all_of(&mut self, cases: &[Uuid], relations: &[Relation]) -> Result<()> {
        let own = cases.iter().map(|case| self.key(Kind::Case, *case));
        let mut gone: BTreeSet<Key> = own.collect();
        gone.extend(keys(relations));
        gone.extend(keys(&self.all_with::<Entry>("case", cases).await?));
        gone.extend(keys(&self.all_with::<Activity>("case", cases).await?));
        gone.extend(keys(&self.all_with::<Draft>("case", cases).await?));
        self.forget(cases, &gone).await?;
        for key in gone {
            self.delete(key);
        }
        Ok(())
    }

    /// Stages what is left of `case`.
    fn bury(&mut self, case: &Case) -> Tombstone {
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
        tombstone
    }

    /// All records of a kind of which `field` holds one of `ids`.
    async fn all_with<T: FromEntity>(&mut self, field: &str, ids: &[Uuid]) -> Result<Vec<T>> {
        let mut all = Vec::new();
        for ids in ids.chunks(AT_ONCE) {
            let query = Query::all(self.workspace_id(), T::KIND);
            let query = query.filter(Filter::is_in(field, ids.iter().copied()));
            all.extend(self.find_all::<T>(query, MAX_DELETED).await?);
        }
        Ok(all)
    }

    /// Empties what the audit knows of records that go: under these cases, and under those in which
    /// they were before. What is told under these cases of entries that live on in another stays.
    async fn forget(&mut self, cases: &[Uuid], gone: &BTreeSet<Key>) -> Result<()> {
        let mut events = self.all_with::<Event>("case", cases).await?;
        let ids: Vec<Uuid> = gone.iter().map(|key| key.id).collect();
        events.extend(self.all_with::<Event>("about", &ids).await?);
        events.retain(|event| !event.changes.is_empty());
        let about = events.iter().map(|event| event.about);
        let parts = about.filter(|key| matches!(key.kind, Kind::Entry | Kind::Activity));
        let elsewhere: BTreeSet<Key> = parts.filter(|key| !gone.contains(key)).collect();
        let elsewhere: Vec<Key> = elsewhere.into_iter().collect();
        let living = self.load(&elsewhere).await?.into_iter().flatten();
        let living: BTreeSet<Key> = living.map(|entity| entity.key()).collect();
        for mut event in events {
            if !living.contains(&event.about) {
                event.changes.clear();
                self.put(&mut event);
            }
        }
        Ok(())
    }
}
