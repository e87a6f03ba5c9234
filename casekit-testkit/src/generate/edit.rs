//! Changes to a record that exists: fields that are indexed, found by, searched or unique.

use std::sync::Arc;

use casekit_core::model::*;

use super::{Generator, words};

impl Generator {
    /// `record` after somebody worked on it; its id, number and sequence stay.
    pub fn edit(&mut self, record: &Entity) -> Entity {
        let mut record = record.clone();
        match &mut record {
            Entity::Workspace(workspace) => {
                Arc::make_mut(workspace).settings.reopen_within_days += 1
            }
            Entity::Agent(agent) => {
                let agent = Arc::make_mut(agent);
                agent.name = self.name();
                agent.active = !agent.active;
            }
            Entity::Organisation(organisation) => Arc::make_mut(organisation).notes = self.prose(1),
            Entity::Product(product) => {
                let product = Arc::make_mut(product);
                product.active = !product.active;
            }
            Entity::Customer(customer) => self.edit_customer(Arc::make_mut(customer)),
            Entity::Case(case) => self.edit_case(Arc::make_mut(case)),
            Entity::Activity(activity) => {
                let activity = Arc::make_mut(activity);
                activity.tags = self.tags();
                activity.medium = self.medium();
            }
            Entity::Entry(entry) => {
                let entry = Arc::make_mut(entry);
                if self.once_in(3) {
                    entry.body = Body::Redacted {
                        turn: casekit_core::model::Turn::Unchanged,
                    };
                } else {
                    (entry.visibility, entry.body) = self.body(entry.at);
                }
            }
            Entity::Draft(draft) => Arc::make_mut(draft).text = self.prose(1),
            Entity::Relation(relation) => {
                let relation = Arc::make_mut(relation);
                std::mem::swap(&mut relation.case, &mut relation.to);
            }
            Entity::Merge(merge) => Arc::make_mut(merge).at = self.time(),
            Entity::Tombstone(tombstone) => Arc::make_mut(tombstone).at = self.time(),
            Entity::SavedView(view) => {
                let view = Arc::make_mut(view);
                view.name = self.pick(words::SUBJECTS).to_owned();
                view.updated_at = self.time();
            }
            Entity::Event(event) => Arc::make_mut(event).changes.clear(),
        }
        record
    }

    fn edit_customer(&mut self, customer: &mut Customer) {
        customer.updated_at = self.time();
        match self.rng.u8(..4) {
            0 => customer.name = self.name(),
            1 => customer.custom = self.custom(),
            2 => {
                let serial = self.serial();
                customer.emails.push(format!("other{serial}@example.org"));
            }
            _ => {
                customer.emails.pop();
            }
        }
    }

    fn edit_case(&mut self, case: &mut Case) {
        case.updated_at = self.time();
        match self.rng.u8(..8) {
            0 => case.subject = self.pick(words::SUBJECTS).to_owned(),
            1 => case.tags = self.tags(),
            2 => case.custom = self.custom(),
            3 => case.notes = self.prose(1),
            4 => case.flagged = !case.flagged,
            5 => case.priority = self.priority(),
            6 => {
                case.status = Status::Active;
                case.closing = None;
                case.reopened += 1;
                case.attention.awaiting_since = Some(case.updated_at);
            }
            _ => {
                case.status = Status::Closed;
                case.closing = Some(Closing {
                    at: case.updated_at,
                    by: Actor::System,
                    reason: String::new(),
                });
                case.attention.awaiting_since = None;
            }
        }
    }
}
