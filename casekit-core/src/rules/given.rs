//! What a new record was given: the audit of its creation.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{
    Activity, Agent, Case, Customer, Entry, FieldChange, Organisation, Product, SavedView, Stored,
    Workspace,
};

/// A record that can be created.
pub(crate) trait New: Stored {
    /// The fields that differ from what a record has that is given nothing, from null to their values.
    fn given(&self) -> Vec<FieldChange>;
}

/// Collects the fields that were given.
#[derive(Debug, Default)]
struct Given(Vec<FieldChange>);

impl Given {
    /// With `field`, if it is not what it is by default.
    fn field<T: Serialize + Default + PartialEq>(mut self, field: &str, value: &T) -> Self {
        if *value != T::default() {
            self.0.push(FieldChange::new(field, (), value));
        }
        self
    }

    /// With each of the named values, each a field of its own as in an edit.
    fn each<T: Serialize>(mut self, field: &str, values: &BTreeMap<String, T>) -> Self {
        let named = values.iter();
        self.0.extend(
            named.map(|(name, value)| FieldChange::new(&format!("{field}.{name}"), (), value)),
        );
        self
    }
}

impl New for Workspace {
    fn given(&self) -> Vec<FieldChange> {
        Given::default().field("name", &self.name).0
    }
}

impl New for Agent {
    fn given(&self) -> Vec<FieldChange> {
        let given = Given::default()
            .field("name", &self.name)
            .field("email", &self.email)
            .field("role", &self.role)
            .field("locale", &self.locale)
            .field("time_zone", &self.time_zone)
            .field("signature", &self.signature)
            .field("products", &self.products);
        given.0
    }
}

impl New for Organisation {
    fn given(&self) -> Vec<FieldChange> {
        let given = Given::default().field("name", &self.name);
        given.field("notes", &self.notes).0
    }
}

impl New for Product {
    fn given(&self) -> Vec<FieldChange> {
        let given = Given::default().field("name", &self.name);
        given.field("description", &self.description).0
    }
}

impl New for SavedView {
    fn given(&self) -> Vec<FieldChange> {
        let given = Given::default()
            .field("owner", &self.owner)
            .field("name", &self.name)
            .field("list", &self.list)
            .field("columns", &self.columns);
        given.0
    }
}

impl New for Customer {
    fn given(&self) -> Vec<FieldChange> {
        let given = Given::default()
            .field("name", &self.name)
            .field("emails", &self.emails)
            .field("phones", &self.phones)
            .field("organisation", &self.organisation)
            .field("language", &self.language)
            .each("external_ids", &self.external_ids)
            .field("notes", &self.notes)
            .each("custom", &self.custom);
        given.0
    }
}

impl New for Case {
    fn given(&self) -> Vec<FieldChange> {
        let given = Given::default()
            .field("subject", &self.subject)
            .field("description", &self.description)
            .field("customer", &Some(self.customer))
            .field("product", &self.product)
            .field("priority", &self.priority)
            .field("tags", &self.tags)
            .field("language", &self.language)
            .each("custom", &self.custom)
            .field("notes", &self.notes)
            .field("origin", &self.origin)
            .field("status", &Some(self.status))
            .field("stage", &self.stage)
            .field("owner", &self.owner)
            .field("assignee", &self.assignee)
            .field("external_id", &self.external_id);
        given.0
    }
}

impl New for Activity {
    fn given(&self) -> Vec<FieldChange> {
        let given = Given::default()
            .field("medium", &Some(self.medium))
            .field("subject", &self.subject)
            .field("started_at", &Some(self.started_at))
            .field("ended_at", &self.ended_at)
            .field("tags", &self.tags)
            .field("agents", &self.agents)
            .field("others", &self.others);
        given.0
    }
}

impl New for Entry {
    /// What it is and who may see it, but never what it says: the entry has that, and an erasure need
    /// not look for it elsewhere.
    fn given(&self) -> Vec<FieldChange> {
        vec![
            FieldChange::new("kind", (), self.body.kind()),
            FieldChange::new("visibility", (), self.visibility),
        ]
    }
}
