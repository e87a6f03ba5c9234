//! What merging cases, and undoing it, makes of their relations.

use std::collections::BTreeSet;

use super::relations::check_count;
use crate::desk::Context;
use crate::error::{ErrorKind, Result};
use crate::model::{
    Case, CaseId, FieldChange, Merge, Relation, RelationId, RelationKind, Stored, What,
};

impl Context {
    /// Stages the relations of `from` as relations of `to`, without doubles and without one to
    /// itself; gives them as they were.
    pub(crate) async fn move_relations(
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

    /// Stages a relation as it was before a merge, with what was decided since on who may see it.
    /// One that was removed since stays so. Gives the relation that the target loses by it.
    pub(crate) async fn restore_relation(
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
    pub(crate) fn take_up_double(&mut self, free: &Relation, others: &mut [Merge]) {
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
