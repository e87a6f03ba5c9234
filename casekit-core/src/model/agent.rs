//! Agents: the people on staff who serve customers.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::edited::Edited;
use super::ids::{AgentId, ProductId, WorkspaceId};
use super::record::{Field, Stored, Taken, Unique, Version};
use super::time::Time;
use super::value::{Holds, Value};
use super::{Kind, normal_email};
use crate::query::sort_key;

/// A person on staff who serves customers; other systems say CSR or operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Agent {
    /// The id.
    pub id: AgentId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How often it was written.
    pub version: Version,
    /// The name that customers see.
    pub name: String,
    /// The e-mail address, unique among agents; customers never see it.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// BCP 47 language tag, such as `nl-BE`.
    pub locale: Option<String>,
    /// IANA time zone, such as `Europe/Brussels`.
    pub time_zone: Option<String>,
    /// Kept for the mailer of the host, which puts it under their replies.
    pub signature: Option<String>,
    /// The products that they are expert in.
    pub products: BTreeSet<ProductId>,
    /// Whether they work here. One who does not can do nothing and is assigned nothing.
    pub active: bool,
    /// When the record was created.
    pub created_at: Time,
    /// The version at which each field was last changed.
    #[serde(default)]
    pub edited: Edited,
}

/// What an agent may do, each including the one before.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Works cases.
    #[default]
    Agent,
    /// Also sees reports and merges.
    Supervisor,
    /// Also changes settings, and deletes for good.
    Admin,
}

impl Role {
    /// The name, as in JSON and SQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        }
    }
}

impl Stored for Agent {
    type Id = AgentId;
    const KIND: Kind = Kind::Agent;
    const NOUN: &'static str = "agent";
    const FIELDS: &'static [Field<Self>] = &[
        Field::one("name", Holds::Text, |a| Value::Text(sort_key(&a.name))),
        Field::one("active", Holds::Bool, |a| a.active.into()),
        Field::one("role", Holds::Text, |a| a.role.name().into()),
        Field::many("products", Holds::Id, |a| {
            a.products.iter().map(|&p| p.into()).collect()
        }),
    ];
    const INDEXES: &'static [&'static [&'static str]] = &[&["name"]];
    const TAKEN: &'static [Taken] = &[Taken {
        name: "agent_email",
        told: "the e-mail address {} already belongs to another agent",
    }];

    fn workspace(&self) -> WorkspaceId {
        self.workspace
    }
    fn id(&self) -> AgentId {
        self.id
    }
    fn version(&self) -> Version {
        self.version
    }
    fn set_version(&mut self, version: Version) {
        self.version = version;
    }

    fn unique(&self) -> Vec<Unique> {
        vec![Unique::new("agent_email", normal_email(&self.email))]
    }
}
