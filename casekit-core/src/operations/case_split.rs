//! Splitting part of a case off.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::moving::{Whole, is_history};
use super::{CaseRef, Operation, Staff};
use crate::change::Committed;
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{
    Activity, ActivityId, Body, Case, CaseName, Entry, EntryId, FieldChange, FieldTarget,
    Happening, Relation, RelationKind, Stored, Turn, Version, What,
};
use crate::port::Access;
use crate::rules::length;
use crate::rules::status::AssigneeWorks;

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
