//! Filters and orders of case lists, as people write them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::{
    AgentId, CustomerId, FieldDefinition, FieldTarget, FieldValue, INDEXED_CHARACTERS, Medium,
    OrganisationId, Priority, ProductId, Status, Time, Value,
};
use crate::query::{Comparison, Direction, Filter, Sort, SortBy};
use crate::rules::fields;

/// Which cases: in JSON an object with one member, such as `{"status": "active"}` or
/// `{"all": [{"tag": "vip"}, {"exclude": {"priority": "low"}}]}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CaseFilter {
    /// Every one holds; with none, always.
    All(Vec<CaseFilter>),
    /// At least one holds; with none, never.
    Any(Vec<CaseFilter>),
    /// It does not hold.
    Exclude(Box<CaseFilter>),
    /// Of this status.
    Status(Status),
    /// In the stage with this key.
    Stage(String),
    /// With this assignee; null for none.
    Assignee(Option<AgentId>),
    /// With this owner; null for none.
    Owner(Option<AgentId>),
    /// With this operator.
    Operator(AgentId),
    /// Of this customer.
    Customer(CustomerId),
    /// Of customers of this organisation; null for none.
    Organisation(Option<OrganisationId>),
    /// About this product; null for none.
    Product(Option<ProductId>),
    /// With this tag.
    Tag(String),
    /// With one of these tags.
    AnyTag(BTreeSet<String>),
    /// Flagged, or not.
    Flagged(bool),
    /// That came about like this.
    Origin(Medium),
    /// Of this priority.
    Priority(Priority),
    /// Of this priority or a higher one.
    PriorityAtLeast(Priority),
    /// To be answered in this language.
    Language(String),
    /// Whose customer waits for a reply, or not.
    Awaiting(bool),
    /// Opened in this period.
    Opened(Period),
    /// Last changed in this period.
    Updated(Period),
    /// Closed in this period.
    Closed(Period),
    /// Whose customer last wrote or called in this period.
    CustomerLast(Period),
    /// Whose customer has waited since this period.
    AwaitingSince(Period),
    /// By a custom field.
    Custom(CustomFilter),
}

/// Since a moment, which belongs to it, until another, which does not. Either may be left open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Period {
    /// The first moment.
    pub since: Option<Time>,
    /// The first moment after it.
    pub until: Option<Time>,
}

/// A custom field compared with a value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CustomFilter {
    /// The key of the field.
    pub field: String,
    /// How it is compared.
    #[serde(default)]
    pub compare: Compare,
    /// The value; of a field of several choices, one of them.
    pub value: FieldValue,
}

/// How a custom field is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// The same.
    #[default]
    Equal,
    /// Greater, later, or the same.
    AtLeast,
    /// Less, earlier, or the same.
    AtMost,
}

impl CaseFilter {
    /// What it means for a store.
    pub(crate) fn compile(&self, definitions: &[FieldDefinition]) -> Result<Filter> {
        let many = |parts: &[Self]| -> Result<Vec<Filter>> {
            parts.iter().map(|part| part.compile(definitions)).collect()
        };
        Ok(match self {
            Self::All(parts) => Filter::All(many(parts)?),
            Self::Any(parts) => Filter::Any(many(parts)?),
            Self::Exclude(part) => part.compile(definitions)?.negate(),
            Self::Status(status) => Filter::equal("status", status.name()),
            Self::Stage(key) => Filter::equal("stage", key.as_str()),
            Self::Assignee(agent) => Filter::equal("assignee", *agent),
            Self::Owner(agent) => Filter::equal("owner", *agent),
            Self::Operator(agent) => Filter::equal("operators", *agent),
            Self::Customer(customer) => Filter::equal("customer", *customer),
            Self::Organisation(organisation) => Filter::equal("organisation", *organisation),
            Self::Product(product) => Filter::equal("product", *product),
            Self::Tag(tag) => Filter::equal("tags", tag.as_str()),
            Self::AnyTag(tags) => Filter::is_in("tags", tags.iter().map(String::as_str)),
            Self::Flagged(yes) => Filter::equal("flagged", *yes),
            Self::Origin(medium) => Filter::equal("origin", medium.name()),
            Self::Priority(priority) => Filter::equal("priority", priority.level()),
            Self::PriorityAtLeast(priority) => {
                Filter::compare("priority", Comparison::AtLeast, priority.level())
            }
            Self::Language(tag) => Filter::equal("language", tag.as_str()),
            Self::Awaiting(yes) => awaiting(*yes),
            Self::Opened(period) => period.compile("opened_at"),
            Self::Updated(period) => period.compile("updated_at"),
            Self::Closed(period) => period.compile("closed_at"),
            Self::CustomerLast(period) => period.compile("customer_last_at"),
            Self::AwaitingSince(period) => period.compile("awaiting_since"),
            Self::Custom(custom) => custom.compile(definitions, FieldTarget::Case)?,
        })
    }
}

/// Whether the customer waits for a reply.
pub(crate) fn awaiting(yes: bool) -> Filter {
    let is = if yes {
        Comparison::Less
    } else {
        Comparison::Equal
    };
    Filter::compare("awaiting_since", is, Value::never())
}

impl Period {
    fn compile(self, field: &str) -> Filter {
        // What never was is in no period, not even in one without beginning or end.
        let since = match self.since {
            Some(since) => Filter::compare(field, Comparison::AtLeast, since),
            None => Filter::compare(field, Comparison::Greater, Value::long_ago()),
        };
        let until = self.until.map_or(Value::never(), Value::from);
        Filter::all()
            .and(since)
            .and(Filter::compare(field, Comparison::Less, until))
    }
}

impl CustomFilter {
    /// What it means for a store, for records of `target`.
    pub(crate) fn compile(
        &self,
        definitions: &[FieldDefinition],
        target: FieldTarget,
    ) -> Result<Filter> {
        let key = &self.field;
        if fields::find(definitions, target, key).is_none() {
            return Err(Error::invalid(format!("there is no custom field `{key}`")));
        }
        let value = match &self.value {
            FieldValue::YesNo(yes) => Value::Bool(*yes),
            FieldValue::Number(number) => Value::Real(*number),
            FieldValue::Text(text) => Value::Text(text.chars().take(INDEXED_CHARACTERS).collect()),
            FieldValue::Choices(_) => {
                return Err(Error::invalid(format!(
                    "compare `{key}` with one choice at a time"
                )));
            }
        };
        let how = match self.compare {
            Compare::Equal => Comparison::Equal,
            Compare::AtLeast => Comparison::AtLeast,
            Compare::AtMost => Comparison::AtMost,
        };
        Ok(Filter::compare(&format!("custom.{key}"), how, value))
    }
}

/// By what a list of cases is sorted; the id decides between equals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CaseSort {
    /// How well the text matches; only with a text. Descending gives the best first.
    Relevance,
    /// When it was opened.
    Opened,
    /// When it, or an entry or activity of it, was last changed.
    #[default]
    Updated,
    /// When the customer last wrote or called; those who never did sort as the earliest.
    CustomerLast,
    /// How long the customer has waited. Descending gives the longest first; who does not wait sorts as the shortest.
    SlaAge,
    /// The name of the customer.
    CustomerName,
    /// The subject.
    Subject,
    /// Flagged or not.
    Flag,
    /// The number.
    Number,
}

impl CaseSort {
    /// What it means for a store.
    pub(crate) fn compile(self, direction: Direction) -> Sort {
        let (field, direction) = match self {
            Self::Relevance => {
                let by = SortBy::Relevance;
                return Sort { by, direction };
            }
            Self::Opened => ("opened_at", direction),
            Self::Updated => ("updated_at", direction),
            Self::CustomerLast => ("customer_last_at", direction),
            // The longer the wait, the earlier it began.
            Self::SlaAge => ("awaiting_since", direction.reversed()),
            Self::CustomerName => ("customer_name", direction),
            Self::Subject => ("subject", direction),
            Self::Flag => ("flagged", direction),
            Self::Number => ("number", direction),
        };
        Sort {
            by: SortBy::Field(field.to_owned()),
            direction,
        }
    }
}
