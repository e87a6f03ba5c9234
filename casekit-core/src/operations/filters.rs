//! Filters and orders of case lists, as people write them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{
    AgentId, Customer, CustomerId, FieldDefinition, FieldTarget, FieldValue, FromEntity,
    INDEXED_CHARACTERS, Key, Kind, Medium, OrganisationId, Priority, ProductId, Status, Time,
    Value, Workspace,
};
use crate::query::{Comparison, Direction, Filter, Sort, SortBy};
use crate::rules::{fields, locale, status, tags};

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
    /// Of this customer; one who was merged stands for the one they went into.
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
    /// The customers that it names.
    fn customers(&self) -> Vec<CustomerId> {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::customers).collect(),
            Self::Exclude(part) => part.customers(),
            Self::Customer(customer) => vec![*customer],
            _ => Vec::new(),
        }
    }

    /// What it means for a store. A customer among `survivors` stands for the one they were merged into.
    fn compile(&self, workspace: &Workspace, survivors: &Survivors) -> Result<Filter> {
        let many = |parts: &[Self]| -> Result<Vec<Filter>> {
            let parts = parts.iter();
            parts
                .map(|part| part.compile(workspace, survivors))
                .collect()
        };
        Ok(match self {
            Self::All(parts) => Filter::All(many(parts)?),
            Self::Any(parts) => Filter::Any(many(parts)?),
            Self::Exclude(part) => part.compile(workspace, survivors)?.negate(),
            Self::Status(status) => Filter::equal("status", status.name()),
            Self::Stage(key) => {
                status::known_stage(workspace, key)?;
                Filter::equal("stage", key.as_str())
            }
            Self::Assignee(agent) => Filter::equal("assignee", *agent),
            Self::Owner(agent) => Filter::equal("owner", *agent),
            Self::Operator(agent) => Filter::equal("operators", *agent),
            Self::Customer(customer) => {
                let survivor = survivors.get(customer).unwrap_or(customer);
                Filter::equal("customer", *survivor)
            }
            Self::Organisation(organisation) => Filter::equal("organisation", *organisation),
            Self::Product(product) => Filter::equal("product", *product),
            Self::Tag(tag) => Filter::equal("tags", tags::clean_one(tag)?),
            Self::AnyTag(tags) => Filter::is_in("tags", tags::clean(tags)?),
            Self::Flagged(yes) => Filter::equal("flagged", *yes),
            Self::Origin(medium) => Filter::equal("origin", medium.name()),
            Self::Priority(priority) => Filter::equal("priority", priority.level()),
            Self::PriorityAtLeast(priority) => {
                Filter::compare("priority", Comparison::AtLeast, priority.level())
            }
            Self::Language(tag) => Filter::equal("language", locale::language("language", tag)?),
            Self::Awaiting(true) => awaiting(),
            Self::Awaiting(false) => Filter::equal("awaiting_since", Value::never()),
            Self::Opened(period) => period.compile("opened_at"),
            Self::Updated(period) => period.compile("updated_at"),
            Self::Closed(period) => period.compile("closed_at"),
            Self::CustomerLast(period) => period.compile("customer_last_at"),
            Self::AwaitingSince(period) => period.compile("awaiting_since"),
            Self::Custom(custom) => custom.compile(&workspace.fields, FieldTarget::Case)?,
        })
    }
}

/// Customers who were merged, with those they went into.
type Survivors = BTreeMap<CustomerId, CustomerId>;

impl Context {
    /// What a filter means for a store.
    pub(crate) async fn case_filter(&mut self, filter: &CaseFilter) -> Result<Filter> {
        let named = filter.customers();
        let keys: Vec<Key> = named
            .iter()
            .map(|id| self.key(Kind::Customer, id.0))
            .collect();
        let mut survivors = Survivors::new();
        for (id, found) in named.into_iter().zip(self.load(&keys).await?) {
            if let Some(customer) = found.and_then(Customer::from_entity) {
                survivors.insert(id, self.follow_customer(customer).await?.id);
            }
        }
        filter.compile(self.workspace()?, &survivors)
    }
}

/// The customer waits for a reply.
pub(crate) fn awaiting() -> Filter {
    Filter::compare("awaiting_since", Comparison::Less, Value::never())
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
        let definition = fields::find(definitions, target, key)
            .ok_or_else(|| Error::invalid(format!("there is no custom field `{key}`")))?;
        fields::check_compared(definition, &self.value)?;
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
    /// Every order that a list can have; by relevance only what a search finds can be sorted.
    pub const LISTED: [Self; 8] = [
        Self::Opened,
        Self::Updated,
        Self::CustomerLast,
        Self::SlaAge,
        Self::CustomerName,
        Self::Subject,
        Self::Flag,
        Self::Number,
    ];

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
