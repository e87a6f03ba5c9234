//! Cases: the records of one matter each.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Kind;
use super::activity::Medium;
use super::actor::Actor;
use super::attention::Attention;
use super::edited::Edited;
use super::fields::{CustomValues, indexed_values};
use super::ids::{ActivityId, AgentId, CaseId, CustomerId, OrganisationId, ProductId, WorkspaceId};
use super::merge::Gained;
use super::record::{Field, SearchText, Stored, Taken, Unique, Version};
use super::time::{Time, milliseconds_between};
use super::value::{Holds, Value};
use crate::query::sort_key;

/// The record of one matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Case {
    /// The id.
    pub id: CaseId,
    /// The workspace.
    pub workspace: WorkspaceId,
    /// How often it was written.
    pub version: Version,
    /// The number for people, unique in the workspace and never reused; 0 until it is stored.
    pub number: u64,

    /// The subject (name).
    pub subject: String,
    /// What it is about, for staff only.
    pub description: String,
    /// The product that it is about.
    pub product: Option<ProductId>,
    /// How urgent it is.
    pub priority: Priority,
    /// Tags, for staff only.
    pub tags: BTreeSet<String>,
    /// The language to answer in, a BCP 47 tag.
    pub language: Option<String>,
    /// Whether staff flagged it.
    pub flagged: bool,
    /// The workspace's own fields.
    pub custom: CustomValues,
    /// For staff only.
    pub notes: String,

    /// How it came about.
    pub origin: Medium,
    /// Whether it is worked on.
    pub status: Status,
    /// The key of the workspace's stage inside the status.
    pub stage: String,
    /// How it was closed; none while it is active.
    pub closing: Option<Closing>,
    /// How often it was reopened.
    pub reopened: u32,

    /// The customer.
    pub customer: CustomerId,
    /// The name of the customer, kept equal to the customer's record.
    pub customer_name: String,
    /// The organisation of the customer, kept equal to the customer's record.
    pub organisation: Option<OrganisationId>,
    /// The agent who created it or, where it came in by itself, first took it.
    pub owner: Option<AgentId>,
    /// The agent who is to deal with it.
    pub assignee: Option<AgentId>,
    /// The agents who work on it beside the assignee.
    pub operators: BTreeSet<AgentId>,

    /// When it was opened.
    pub opened_at: Time,
    /// When it, or one of its entries or activities, was last changed.
    pub updated_at: Time,
    /// Who waits for whom.
    pub attention: Attention,
    /// The activity that further messages of a medium belong to.
    #[serde(default)]
    pub exchanges: BTreeMap<Medium, ActivityId>,
    /// The case that this one was merged into: this record is then a closed stub that resolves there.
    pub merged_into: Option<CaseId>,
    /// The numbers of the cases that were merged into it, by which it is found too.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub absorbed: BTreeSet<u64>,
    /// What it has only by the cases that were merged into it.
    #[serde(default, skip_serializing_if = "Gained::is_empty")]
    pub gained: Gained,
    /// Its id in another system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<ExternalId>,
    /// The version at which each field was last changed.
    #[serde(default)]
    pub edited: Edited,
}

/// Whether a case is worked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Worked on.
    Active,
    /// Complete; it can be reopened at any time.
    Closed,
}

impl Status {
    /// The name, as in JSON and SQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Closed => "closed",
        }
    }
}

/// How urgent a case is.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// When there is time.
    Low,
    /// The usual.
    #[default]
    Normal,
    /// Before the others.
    High,
    /// At once.
    Urgent,
}

impl Priority {
    /// 0 for low to 3 for urgent, by which it is filtered and sorted.
    pub const fn level(self) -> i64 {
        self as i64
    }
}

/// How a case was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Closing {
    /// When.
    pub at: Time,
    /// By whom.
    pub by: Actor,
    /// Why; empty if nobody said.
    pub reason: String,
}

/// An id in another system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExternalId {
    /// The name of the other system.
    pub system: String,
    /// The id there.
    pub id: String,
}

impl ExternalId {
    /// System and id as one text, by which it is unique.
    pub fn joined(&self) -> String {
        format!("{}:{}", self.system, self.id)
    }
}

impl Case {
    /// Milliseconds from opening to the first public reply of staff.
    pub fn first_reply_ms(&self) -> Option<i64> {
        let first = self.attention.first_reply_at?;
        Some(milliseconds_between(self.opened_at, first))
    }

    /// Milliseconds from opening to closing, for a closed case.
    pub fn resolution_ms(&self) -> Option<i64> {
        let closing = self.closing.as_ref()?;
        Some(milliseconds_between(self.opened_at, closing.at))
    }

    /// What people call it: `case 42`.
    pub fn name(&self) -> String {
        format!("case {}", self.number)
    }

    /// Its number and those of the cases that were merged into it, with blanks between.
    pub(crate) fn numbers(&self) -> String {
        let numbers = std::iter::once(&self.number).chain(&self.absorbed);
        let numbers: Vec<String> = numbers.map(u64::to_string).collect();
        numbers.join(" ")
    }
}

impl Stored for Case {
    type Id = CaseId;
    const KIND: Kind = Kind::Case;
    const NOUN: &'static str = "case";
    const FIELDS: &'static [Field<Self>] = &[
        Field::one("number", Holds::Int, |c| Value::Int(c.number.cast_signed())),
        Field::one("status", Holds::Text, |c| c.status.name().into()),
        Field::one("stage", Holds::Text, |c| c.stage.as_str().into()),
        Field::one("assignee", Holds::Id, |c| c.assignee.into()),
        Field::one("owner", Holds::Id, |c| c.owner.into()),
        Field::one("customer", Holds::Id, |c| c.customer.into()),
        Field::one("organisation", Holds::Id, |c| c.organisation.into()),
        Field::one("product", Holds::Id, |c| c.product.into()),
        Field::one("origin", Holds::Text, |c| c.origin.name().into()),
        Field::one("priority", Holds::Int, |c| Value::Int(c.priority.level())),
        Field::one("flagged", Holds::Bool, |c| c.flagged.into()),
        Field::one("language", Holds::Text, |c| {
            c.language.clone().unwrap_or_default().into()
        }),
        Field::one("subject", Holds::Text, |c| {
            Value::Text(sort_key(&c.subject))
        }),
        Field::one("customer_name", Holds::Text, |c| {
            Value::Text(sort_key(&c.customer_name))
        }),
        Field::one("opened_at", Holds::Time, |c| c.opened_at.into()),
        Field::one("updated_at", Holds::Time, |c| c.updated_at.into()),
        Field::one("closed_at", Holds::Time, |c| {
            c.closing.as_ref().map(|c| c.at).into()
        }),
        Field::one("awaiting_since", Holds::Time, |c| {
            c.attention.awaiting_since.into()
        }),
        Field::one("customer_last_at", Holds::Time, |c| {
            c.attention
                .customer_last_at
                .map_or(Value::long_ago(), Value::from)
        }),
        Field::one("merged", Holds::Bool, |c| c.merged_into.is_some().into()),
        Field::one("messages", Holds::Int, |c| {
            Value::Int(c.attention.messages.into())
        }),
        Field::one("reopened", Holds::Int, |c| Value::Int(c.reopened.into())),
        // 0 stands for "none yet": sums then leave it out by themselves.
        Field::one("first_reply_ms", Holds::Int, |c| {
            Value::Int(c.first_reply_ms().unwrap_or(0))
        }),
        Field::one("resolution_ms", Holds::Int, |c| {
            Value::Int(c.resolution_ms().unwrap_or(0))
        }),
        Field::one("replied", Holds::Bool, |c| {
            c.attention.first_reply_at.is_some().into()
        }),
        Field::many("tags", Holds::Text, |c| {
            c.tags.iter().map(|t| t.as_str().into()).collect()
        }),
        Field::many("operators", Holds::Id, |c| {
            c.operators.iter().map(|&o| o.into()).collect()
        }),
        Field::named("custom", |c| indexed_values(&c.custom)),
    ];
    const INDEXES: &'static [&'static [&'static str]] = &[
        &["number"],
        &["status", "awaiting_since"],
        &["status", "updated_at"],
        &["assignee", "status", "updated_at"],
        &["customer", "opened_at"],
        &["organisation", "opened_at"],
        &["opened_at"],
        &["updated_at"],
        &["customer_last_at"],
        &["customer_name"],
        &["subject"],
        &["flagged"],
    ];
    const TAKEN: &'static [Taken] = &[Taken {
        name: "case_external_id",
        told: "another case has the id {} already",
    }];

    fn workspace(&self) -> WorkspaceId {
        self.workspace
    }
    fn id(&self) -> CaseId {
        self.id
    }
    fn version(&self) -> Version {
        self.version
    }
    fn set_version(&mut self, version: Version) {
        self.version = version;
    }

    fn unique(&self) -> Vec<Unique> {
        let external = self.external_id.iter();
        external
            .map(|id| Unique::new("case_external_id", id.joined()))
            .collect()
    }

    fn search_text(&self) -> Option<SearchText> {
        Some(SearchText {
            owner: self.key(),
            public: format!("{} {}", self.numbers(), self.subject),
            internal: format!("{} {} {}", self.customer_name, self.description, self.notes),
        })
    }

    fn number(&self) -> Option<u64> {
        Some(self.number)
    }
    fn set_number(&mut self, number: u64) {
        self.number = number;
    }
}
