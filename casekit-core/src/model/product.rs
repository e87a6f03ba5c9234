//! Products and services that cases are about.

use serde::{Deserialize, Serialize};

use super::Kind;
use super::edited::Edited;
use super::ids::{ProductId, WorkspaceId};
use super::record::{Field, Stored, Taken, Unique, Version};
use super::time::Time;
use super::value::{Holds, Value};
use crate::query::{fold, sort_key};

/// A product or service that a case can be about and an agent expert in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Product {
    /// The id.
    pub id: ProductId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How often it was written.
    pub version: Version,
    /// The name, unique without regard to case and accents.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Whether new cases can be about it.
    pub active: bool,
    /// When the record was created.
    pub created_at: Time,
    /// The version at which each field was last changed.
    #[serde(default)]
    pub edited: Edited,
}

impl Stored for Product {
    type Id = ProductId;
    const KIND: Kind = Kind::Product;
    const NOUN: &'static str = "product";
    const FIELDS: &'static [Field<Self>] = &[
        Field::one("name", Holds::Text, |p| Value::Text(sort_key(&p.name))),
        Field::one("active", Holds::Bool, |p| p.active.into()),
    ];
    const INDEXES: &'static [&'static [&'static str]] = &[&["name"]];
    const TAKEN: &'static [Taken] = &[Taken {
        name: "product_name",
        told: "there is a product called {} already",
    }];

    fn workspace(&self) -> WorkspaceId {
        self.workspace
    }
    fn id(&self) -> ProductId {
        self.id
    }
    fn version(&self) -> Version {
        self.version
    }
    fn set_version(&mut self, version: Version) {
        self.version = version;
    }

    fn unique(&self) -> Vec<Unique> {
        vec![Unique::new("product_name", fold(self.name.trim()))]
    }
}
