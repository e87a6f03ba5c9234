//! Merging a duplicate into another case.

use serde::{Deserialize, Serialize};

use super::moving::{keys, of_kind};
use super::{CaseRef, Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{
    Agent, Case, CaseId, CaseName, Draft, FieldChange, Gained, Happening, Key, Kind, Merge, Status,
    Stay, Stored, Version, Wait, What,
};
use crate::port::Access;
use crate::query::{Filter, Query};
use crate::rules::{length, status};

/// Merges a duplicate into another case, in one step.
///
/// Messages, calls, notes and comments move, with activities, operators, tags, drafts and relations;
/// the thread is interleaved by time. The duplicate keeps its history and stays as a closed stub that stands for the other case: its number still resolves and a reply to
/// it lands there. What the customers of related cases were shown of the duplicate is not shown to them while
/// it is merged. `UndoMerge` takes it back.
///
/// # Errors
/// `Invalid` for a case and itself, also by way of earlier merges.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MergeCases {
    /// The case that goes into the other.
    pub duplicate: CaseRef,
    /// The case that stays.
    pub into: CaseRef,
}

impl Operation for MergeCases {
    const NAME: &'static str = "merge_cases";
    const ACCESS: Access = Access::Supervise;
    type For = Staff;
    type Output = Case;

    async fn run(&self, cx: &mut Context) -> Result<Case> {
        let mut duplicate = cx.exact_case(self.duplicate).await?;
        let mut target = cx.case(self.into).await?;
        if let Some(other) = duplicate.merged_into {
            let other: Case = cx.get(other).await?;
            return Err(Error::conflict(format!(
                "{} was already merged into {}",
                duplicate.name(),
                other.name()
            )));
        }
        if duplicate.id == target.id {
            return Err(Error::invalid(format!(
                "{} cannot be merged into itself",
                target.name()
            )));
        }
        check_pair(&duplicate, &target)?;
        let before = duplicate.clone();
        let mut moved = Vec::new();
        let mut activities = cx.activities_of(duplicate.id).await?;
        moved.extend(keys(&activities));
        for activity in &mut activities {
            cx.move_activity(activity, &duplicate, &target);
        }
        for (medium, activity) in std::mem::take(&mut duplicate.exchanges) {
            target.exchanges.entry(medium).or_insert(activity);
        }
        let mut whole = cx.whole(target.id).await?;
        let theirs = cx.whole(duplicate.id).await?;
        let stay = Stay {
            case: duplicate.id,
            until: cx.now(),
            wait: Wait::GoesOn,
        };
        moved.extend(whole.absorb(theirs, target.id, &stay));
        whole.fits(&target)?;
        moved.extend(cx.move_drafts(&duplicate, &target).await?);
        let (relations, left_out) = cx.move_relations(&duplicate, &target).await?;
        let gained = gain(&mut target, &duplicate);
        target.absorbed.extend(numbers(&duplicate));
        cx.settle(&mut target, &mut whole);
        cx.stub(&mut duplicate, &target)?;
        cx.stubs_stand_for(&target, duplicate.id).await?;
        let mut merge = Merge {
            id: cx.new_id(),
            workspace: cx.workspace_id(),
            version: Version(0),
            duplicate: Box::new(before),
            target: target.id,
            at: cx.now(),
            by: cx.actor(),
            moved,
            relations,
            left_out,
        };
        cx.put(&mut merge);
        let other = CaseName::from(&duplicate);
        let mut changes = vec![FieldChange::new("merged", (), &other)];
        if !gained.is_empty() {
            changes.push(FieldChange::new("gained", (), &gained));
        }
        cx.happened(
            &mut target,
            What::Merged,
            Happening::MergedFrom { other },
            changes,
        );
        Ok(target)
    }
}

/// Refuses cases of different customers, who would read each other's messages, and a closed target, in
/// which what the duplicate asks would be lost.
fn check_pair(duplicate: &Case, target: &Case) -> Result<()> {
    if duplicate.customer != target.customer {
        return Err(Error::invalid(format!(
            "{} and {} are of different customers: link them, or merge the customers first",
            duplicate.name(),
            target.name()
        )));
    }
    if target.status == Status::Closed && duplicate.status == Status::Active {
        return Err(Error::conflict(format!(
            "{} is closed and {} is not: reopen it first",
            target.name(),
            duplicate.name()
        )));
    }
    Ok(())
}

/// Gives `target` the operators and tags of `duplicate`.
fn gain(target: &mut Case, duplicate: &Case) -> Gained {
    let gained = Gained {
        operators: &duplicate.operators - &target.operators,
        tags: &duplicate.tags - &target.tags,
    };
    if !gained.tags.is_empty() {
        target.edited.mark("tags", target.version);
    }
    target.operators.extend(&gained.operators);
    target.tags.extend(gained.tags.iter().cloned());
    target.gained.operators.extend(&gained.operators);
    target.gained.tags.extend(gained.tags.iter().cloned());
    gained
}

/// The numbers by which `case` is found.
pub(crate) fn numbers(case: &Case) -> impl Iterator<Item = u64> {
    case.absorbed.iter().copied().chain([case.number])
}

impl Context {
    /// Stages `duplicate` as a closed stub that stands for `target`.
    fn stub(&mut self, duplicate: &mut Case, target: &Case) -> Result<()> {
        let stage = status::first_stage(self.workspace()?, Status::Closed)?
            .key
            .clone();
        let before = duplicate.clone();
        let mut changes = vec![FieldChange::new("merged_into", (), target.id)];
        duplicate.merged_into = Some(target.id);
        if duplicate.closing.is_none() {
            duplicate.closing = Some(status::closing(self.now(), self.actor(), "merged"));
        }
        duplicate.status = Status::Closed;
        duplicate.stage.clone_from(&stage);
        duplicate.attention.awaiting_since = None;
        changes.extend(status::changes(&before, duplicate));
        let other = CaseName::from(target);
        self.happened(
            duplicate,
            What::Merged,
            Happening::MergedInto { other, stage },
            changes,
        );
        Ok(())
    }

    /// Makes the stubs that were merged into `by_way_of` point to `case`, so that every stub is one step away.
    pub(crate) async fn stubs_stand_for(&mut self, case: &Case, by_way_of: CaseId) -> Result<()> {
        let merges = self.merges_into(by_way_of).await?.into_iter();
        let stubs = merges.map(|merge| self.key(Kind::Case, merge.duplicate.id.0));
        let stubs: Vec<Key> = stubs.collect();
        for mut stub in of_kind::<Case>(self.load(&stubs).await?) {
            let change = FieldChange::new("merged_into", stub.merged_into, case.id);
            stub.merged_into = Some(case.id);
            self.put(&mut stub);
            self.event(What::Changed, Some(stub.id), stub.key(), vec![change]);
        }
        Ok(())
    }

    /// Stages the drafts of `from` as drafts of `to`. Where an agent has one there already, both texts are kept in it.
    async fn move_drafts(&mut self, from: &Case, to: &Case) -> Result<Vec<Key>> {
        let mut moved = Vec::new();
        for mut draft in self.drafts_of(from.id).await? {
            let key = Draft::unique_key(to.id, draft.agent, draft.purpose);
            match self.by_unique::<Draft>(key).await? {
                Some(mut held) => {
                    held.text = format!("{}\n\n{}", held.text, draft.text);
                    self.check_joined(&held).await?;
                    self.put(&mut held);
                    self.delete(draft.key());
                }
                None => {
                    draft.case = to.id;
                    moved.push(draft.key());
                    self.put(&mut draft);
                }
            }
        }
        Ok(moved)
    }

    async fn check_joined(&mut self, draft: &Draft) -> Result<()> {
        let joined = length::long("text", &draft.text);
        if joined.is_err() {
            let agent: Agent = self.get(draft.agent).await?;
            let name = agent.name;
            return Err(Error::new(
                ErrorKind::Limit,
                format!(
                    "the drafts of {name} in both cases are too long together: one has to be shortened or discarded first"
                ),
            ));
        }
        Ok(())
    }

    /// All drafts on a case.
    pub(crate) async fn drafts_of(&mut self, case: CaseId) -> Result<Vec<Draft>> {
        let query =
            Query::all(self.workspace_id(), Kind::Draft).filter(Filter::equal("case", case));
        self.find_all(query, super::moving::MAX_MOVED).await
    }
}
