//! Undoing a merge.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::case_merge::numbers;
use super::moving::of_kind;
use super::{CaseRef, Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{
    Activity, Case, CaseName, Draft, Entry, EntryId, FieldChange, Happening, Merge, Status, Stored,
    What, Workspace,
};
use crate::port::Access;
use crate::rules::status;
use crate::rules::status::AssigneeWorks;

/// Takes from `target` the operators and tags that it has only by `merge`; gives what changed.
fn give_up(target: &mut Case, merge: &Merge, others: &[Merge]) -> Vec<FieldChange> {
    let mut operators = &merge.duplicate.operators & &target.gained.operators;
    let mut tags = &merge.duplicate.tags & &target.gained.tags;
    for other in others {
        operators = &operators - &other.duplicate.operators;
        tags = &tags - &other.duplicate.tags;
    }
    let mut changes = Vec::new();
    if !operators.is_empty() {
        let left = &target.operators - &operators;
        changes.push(FieldChange::new("operators", &target.operators, &left));
        target.operators = left;
    }
    if !tags.is_empty() {
        let left = &target.tags - &tags;
        changes.push(FieldChange::new("tags", &target.tags, &left));
        target.tags = left;
    }
    changes
}

/// Undoes a merge: what moved, and is still there, goes back.
///
/// What came to the other case since stays there. An agent who no longer works here does not get the case
/// back, nor does it go back to a stage that was retired.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UndoMerge {
    /// The case that was merged, by its own number or id.
    pub duplicate: CaseRef,
}

impl Operation for UndoMerge {
    const NAME: &'static str = "undo_merge";
    const ACCESS: Access = Access::Supervise;
    type For = Staff;
    type Output = Case;

    async fn run(&self, cx: &mut Context) -> Result<Case> {
        let mut duplicate = cx.exact_case(self.duplicate).await?;
        let merge = cx
            .by_unique::<Merge>(Merge::unique_key(duplicate.id))
            .await?;
        let merge = merge.ok_or_else(|| {
            Error::invalid(format!("{} was not merged into another", duplicate.name()))
        })?;
        let mut target = cx.exact_case(merge.target.into()).await?;
        if target.merged_into.is_some() {
            return Err(Error::conflict(format!(
                "{} was merged on: undo that merge first",
                target.name()
            )));
        }
        let stub = duplicate.clone();
        restore(&mut duplicate, &merge, cx.workspace()?)?;
        let gone = cx.assignee_works(&duplicate).await? == AssigneeWorks::NotHere;
        if gone && duplicate.status == Status::Active {
            duplicate.assignee = None;
        }
        let mut others = cx.merges_into(target.id).await?;
        others.retain(|other| other.target == target.id && other.id != merge.id);
        cx.move_back(&merge, &mut others, &mut duplicate, &mut target)
            .await?;
        let lost = give_up(&mut target, &merge, &others);
        for number in numbers(&duplicate) {
            target.absorbed.remove(&number);
        }
        cx.stubs_stand_for(&duplicate, duplicate.id).await?;
        cx.delete(merge.key());
        let other = CaseName::from(&duplicate);
        let mut changes = vec![FieldChange::new("merged", &other, ())];
        changes.extend(lost);
        let stage = target.stage.clone();
        cx.happened(
            &mut target,
            What::MergeUndone,
            Happening::MergeUndone { other, stage },
            changes,
        );
        let other = CaseName::from(&target);
        let mut changes = vec![FieldChange::new("merged_into", target.id, ())];
        changes.extend(status::changes(&stub, &duplicate));
        let stage = duplicate.stage.clone();
        cx.happened(
            &mut duplicate,
            What::MergeUndone,
            Happening::MergeUndone { other, stage },
            changes,
        );
        Ok(duplicate)
    }
}

/// Gives the stub back what it was before the merge. A stage that was retired since gives way to the one
/// in which cases enter that status.
fn restore(duplicate: &mut Case, merge: &Merge, workspace: &Workspace) -> Result<()> {
    let before = &merge.duplicate;
    duplicate.merged_into = None;
    duplicate.status = before.status;
    let mut open = workspace.stages_of(before.status);
    let stage = match open.find(|stage| stage.key == before.stage) {
        Some(stage) => stage,
        None => status::first_stage(workspace, before.status)?,
    };
    duplicate.stage.clone_from(&stage.key);
    duplicate.closing.clone_from(&before.closing);
    duplicate.exchanges.clone_from(&before.exchanges);
    Ok(())
}

impl Context {
    /// Stages what moved in a merge, and is still in `target`, as part of `duplicate` again.
    async fn move_back(
        &mut self,
        merge: &Merge,
        others: &mut [Merge],
        duplicate: &mut Case,
        target: &mut Case,
    ) -> Result<()> {
        let moved = self.load(&merge.moved).await?;
        let activities: Vec<Activity> = of_kind(moved.clone());
        let drafts: Vec<Draft> = of_kind(moved.clone());
        let back: BTreeSet<EntryId> = of_kind::<Entry>(moved)
            .iter()
            .map(|entry| entry.id)
            .collect();
        for mut activity in activities.into_iter().filter(|a| a.case == target.id) {
            target.exchanges.retain(|_, held| *held != activity.id);
            self.move_activity(&mut activity, target, duplicate);
        }
        for mut draft in drafts.into_iter().filter(|draft| draft.case == target.id) {
            draft.case = duplicate.id;
            self.put(&mut draft);
        }
        for relation in &merge.relations {
            let was_left_out = merge.left_out.contains(&relation.id);
            if let Some(free) = self.restore_relation(relation, merge, was_left_out).await? {
                self.take_up_double(&free, others);
            }
        }
        let mut staying = self.whole(target.id).await?;
        let mut returning = self.whole(duplicate.id).await?;
        staying.give_back(&mut returning, &merge.stay(), &back);
        self.settle(duplicate, &mut returning);
        self.settle(target, &mut staying);
        Ok(())
    }
}
