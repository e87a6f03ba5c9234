//! Merging a duplicate into another case, undoing that, and splitting part of a case off.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::moving::{Whole, is_history, keys, of_kind};
use super::relations::check_count;
use super::{CaseRef, Operation, Staff};
use crate::change::Committed;
use crate::desk::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{
    Activity, ActivityId, Agent, Body, Case, CaseId, CaseName, Draft, Entry, EntryId, FieldChange,
    FieldTarget, Gained, Happening, Key, Kind, Merge, Relation, RelationId, RelationKind, Status,
    Stay, Stored, Turn, Version, Wait, What, Workspace,
};
use crate::port::Access;
use crate::query::{Filter, Query};
use crate::rules::status::AssigneeWorks;
use crate::rules::{length, status};

/// Merges a duplicate into another case, in one step.
///
/// Messages, calls, notes and comments move, with activities, operators, tags, drafts and relations;
/// the thread is interleaved by time. The duplicate keeps its history and stays as a closed stub that stands for the other case: its number still resolves and a reply to
/// it lands there. What the customers of related cases were shown of the duplicate is not shown to them while
/// it is merged. [`UndoMerge`] takes it back.
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

/// A relation of `from` as one of `to`.
fn moved(relation: &Relation, from: CaseId, to: CaseId) -> Relation {
    let mut moved = relation.clone();
    let ends = [&mut moved.case, &mut moved.to];
    for end in ends.into_iter().filter(|end| **end == from) {
        *end = to;
    }
    // The other customer was shown this case, not all that the target holds.
    moved.shown.remove(&from);
    moved
}

/// The numbers by which `case` is found.
fn numbers(case: &Case) -> impl Iterator<Item = u64> {
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
    async fn stubs_stand_for(&mut self, case: &Case, by_way_of: CaseId) -> Result<()> {
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

    /// Stages the relations of `from` as relations of `to`, without doubles and without one to
    /// itself; gives them as they were.
    async fn move_relations(
        &mut self,
        from: &Case,
        to: &Case,
    ) -> Result<(Vec<Relation>, Vec<RelationId>)> {
        let before = self.relations_of(from.id).await?;
        let there: Vec<Relation> = self.relations_of(to.id).await?;
        let has_parent = |case| {
            there
                .iter()
                .any(|r| r.relation == RelationKind::ChildOf && r.case == case)
        };
        let mut known: BTreeSet<_> = there.iter().flat_map(Stored::unique).collect();
        let mut left_out = Vec::new();
        let mut count = there.len();
        for relation in &before {
            let other = relation.other(from.id);
            let mut moved = moved(relation, from.id, to.id);
            let wrong_parent = moved.relation == RelationKind::ChildOf
                && moved.case != moved.to
                && (moved.case == to.id && has_parent(to.id) || self.closes_circle(&moved).await?);
            let doubled = moved.unique().iter().any(|unique| known.contains(unique));
            if moved.case == moved.to || doubled || wrong_parent {
                left_out.push(relation.id);
                self.delete(relation.key());
                self.tell_relation(other, Some(relation), None);
            } else {
                known.extend(moved.unique());
                count += 1;
                self.put(&mut moved);
                self.tell_relation(other, Some(relation), Some(&moved));
            }
        }
        if before.len() > left_out.len() {
            check_count(to, count)?;
        }
        Ok((before, left_out))
    }

    /// Tells the audit of the case at the other end what a merge, or undoing it, makes of a relation.
    fn tell_relation(&mut self, case: CaseId, before: Option<&Relation>, after: Option<&Relation>) {
        if let Some(relation) = before.or(after) {
            let changes = vec![FieldChange::new("relation", before, after)];
            self.event(What::Changed, Some(case), relation.key(), changes);
        }
    }

    /// Whether a relation to a parent would close a circle.
    async fn closes_circle(&mut self, relation: &Relation) -> Result<bool> {
        let child: Case = self.get(relation.case).await?;
        let parent: Case = self.get(relation.to).await?;
        match self.refuse_circle(&child, &parent).await {
            Ok(()) => Ok(false),
            Err(error) if error.kind() == ErrorKind::Invalid => Ok(true),
            Err(error) => Err(error),
        }
    }
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

    /// Stages a relation as it was before a merge, with what was decided since on who may see it.
    /// One that was removed since stays so. Gives the relation that the target loses by it.
    async fn restore_relation(
        &mut self,
        before: &Relation,
        merge: &Merge,
        was_left_out: bool,
    ) -> Result<Option<Relation>> {
        let (duplicate, target) = (merge.duplicate.id, merge.target);
        let held: Option<Relation> = self.find_one(before.id).await?;
        let mut relation = before.clone();
        if let Some(held) = held {
            if held.case == target || held.to == target {
                // Whether the duplicate is shown could not be decided while it was merged.
                relation.shown.retain(|shown| *shown == duplicate);
                relation.shown.extend(&held.shown);
                relation.shown.remove(&target);
                self.put(&mut relation);
                self.tell_relation(before.other(duplicate), Some(&held), Some(&relation));
                return Ok(Some(held));
            }
            return Ok(None);
        }
        // It may have been made anew since, or the other case may be gone.
        let taken = self.by_uniques::<Relation>(before.unique()).await?;
        let other = before.other(duplicate);
        let there = self.find_one::<Case>(other).await?.is_some();
        if was_left_out && there && taken.iter().all(Option::is_none) {
            self.put(&mut relation);
            self.tell_relation(other, None, Some(&relation));
        }
        Ok(None)
    }

    /// Stages the relation of another merged case that was left out because the target had this one.
    fn take_up_double(&mut self, free: &Relation, others: &mut [Merge]) {
        for other in others {
            let (duplicate, target) = (other.duplicate.id, other.target);
            let left_out = other
                .relations
                .iter()
                .filter(|relation| other.left_out.contains(&relation.id));
            let mut doubles = left_out.map(|relation| moved(relation, duplicate, target));
            if let Some(mut double) = doubles.find(|double| double.unique() == free.unique()) {
                self.put(&mut double);
                self.tell_relation(double.other(target), None, Some(&double));
                other.left_out.retain(|id| *id != double.id);
                self.put(other);
                return;
            }
        }
    }
}

/// Splits entries or a whole activity off a case: they move to a new case, which is related to the
/// old one. Its assignee gets the new one too, if that agent is active.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SplitCase {
    /// The case.
    pub case: CaseRef,
    /// The entries that move.
    #[serde(default)]
    pub entries: BTreeSet<EntryId>,
    /// The activity that moves, with all its entries.
    #[serde(default)]
    pub activity: Option<ActivityId>,
    /// The subject of the new case.
    pub subject: String,
}

impl Operation for SplitCase {
    const NAME: &'static str = "split_case";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Case;

    async fn run(&self, cx: &mut Context) -> Result<Case> {
        length::title("subject", &self.subject)?;
        let mut case = cx.case(self.case).await?;
        let customer = cx.known_customer(case.customer).await?;
        let mut new = cx.new_case(&customer, &self.subject, case.origin)?;
        new.product = case.product;
        new.custom = cx.default_values(FieldTarget::Case)?;
        new.assignee = match cx.assignee_works(&case).await? {
            AssigneeWorks::Here => case.assignee,
            AssigneeWorks::NotHere => None,
        };
        new.owner = cx.actor().agent();
        let activity = cx.split_activity(&mut case, &new, self.activity).await?;
        let mut whole = cx.whole(case.id).await?;
        let moves = |entry: &Entry| {
            self.entries.contains(&entry.id)
                || (self.activity.is_some() && entry.activity == self.activity)
        };
        let mut moving = whole.part_with(moves, new.id, cx.now());
        self.check_entries(&moving, &case)?;
        for entry in &mut moving {
            // An activity that stays behind keeps its other entries; these no longer belong to it, but for comments, which are on it.
            let comment = matches!(entry.body, Body::Comment(_));
            entry.activity = entry
                .activity
                .filter(|_| comment || entry.activity == self.activity);
        }
        new.opened_at = moving
            .iter()
            .map(|entry| entry.at)
            .min()
            .unwrap_or(new.opened_at);
        let moved: Vec<EntryId> = moving.iter().map(|entry| entry.id).collect();
        cx.begin_thread(&mut new, Turn::Unchanged);
        cx.settle(&mut new, &mut Whole::of(moving));
        cx.settle(&mut case, &mut whole);
        if let Some(activity) = &activity {
            cx.tell_move(activity, case.id, new.id);
        }
        cx.relate_split(&mut case, &mut new, &moved);
        Ok(new)
    }

    fn finish(case: &mut Case, committed: &Committed) {
        case.number = committed.number(&case.key()).unwrap_or(case.number);
    }
}

impl SplitCase {
    fn check_entries(&self, moving: &[Entry], case: &Case) -> Result<()> {
        let found: BTreeSet<EntryId> = moving.iter().map(|entry| entry.id).collect();
        if let Some(stranger) = self.entries.difference(&found).next() {
            return Err(Error::not_found(format_args!(
                "entry `{stranger}` of {}",
                case.name()
            )));
        }
        if moving.iter().any(is_history) {
            return Err(Error::invalid("the history of a case stays with it"));
        }
        if moving.is_empty() && self.activity.is_none() {
            return Err(Error::invalid(
                "name the entries or the activity to split off",
            ));
        }
        Ok(())
    }
}

impl Context {
    /// Stages an activity, if one is named, as part of the new case.
    async fn split_activity(
        &mut self,
        case: &mut Case,
        new: &Case,
        activity: Option<ActivityId>,
    ) -> Result<Option<Activity>> {
        let Some(id) = activity else {
            return Ok(None);
        };
        let mut activity: Activity = self.get(id).await?;
        if activity.case != case.id {
            return Err(Error::not_found(format_args!(
                "activity `{id}` of {}",
                case.name()
            )));
        }
        case.exchanges.retain(|_, held| *held != id);
        self.move_activity(&mut activity, case, new);
        Ok(Some(activity))
    }

    fn relate_split(&mut self, case: &mut Case, new: &mut Case, moved: &[EntryId]) {
        let mut relation = Relation {
            id: self.new_id(),
            workspace: self.workspace_id(),
            version: Version(0),
            case: new.id,
            to: case.id,
            relation: RelationKind::SplitFrom,
            shown: BTreeSet::new(),
            created_at: self.now(),
        };
        self.put(&mut relation);
        let other = CaseName::from(&*case);
        let changes = vec![FieldChange::new("entries", case.id, moved)];
        self.happened(new, What::Split, Happening::SplitFrom { other }, changes);
        let other = CaseName::from(&*new);
        let changes = vec![FieldChange::new("entries", moved, new.id)];
        self.happened(case, What::Split, Happening::SplitInto { other }, changes);
    }
}
