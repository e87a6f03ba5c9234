//! Cases: opened and shown.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::messages::NewMessage;
use super::{CaseRef, CustomerRef, Operation, Staff};
use crate::change::Committed;
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{
    Actor, Agent, AgentId, Attention, Author, Case, CustomValues, Customer, Edited, ExternalId,
    FieldTarget, Gained, Happening, Medium, Priority, Product, ProductId, Status, Stored, Turn,
    Version, What,
};
use crate::port::Access;
use crate::rules::given::New;
use crate::rules::{fields, length, locale, status, tags};

/// Opens a case.
///
/// An agent who opens it owns it and is its assignee unless another is named; one that the host's
/// programs open has neither until somebody takes it. It asks for attention if it opens with a message of
/// the customer, or by the host's programs without any message.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenCase {
    /// The customer, by id or by what they gave.
    pub customer: CustomerRef,
    /// The subject.
    #[serde(default)]
    pub subject: String,
    /// The first message, if there is one.
    #[serde(default)]
    pub message: Option<FirstMessage>,
    /// What it is about, for staff only.
    #[serde(default)]
    pub description: String,
    /// The product that it is about.
    #[serde(default)]
    pub product: Option<ProductId>,
    /// How urgent it is.
    #[serde(default)]
    pub priority: Priority,
    /// Tags, for staff only.
    #[serde(default)]
    pub tags: BTreeSet<String>,
    /// The language to answer in; none for the customer's.
    #[serde(default)]
    pub language: Option<String>,
    /// Values of custom fields.
    #[serde(default)]
    pub custom: CustomValues,
    /// For staff only.
    #[serde(default)]
    pub notes: String,
    /// How it came about.
    #[serde(default)]
    pub origin: Medium,
    /// The agent who is to deal with it.
    #[serde(default)]
    pub assignee: Option<AgentId>,
    /// Its id in another system; a second case with the same is refused.
    #[serde(default)]
    pub external_id: Option<ExternalId>,
}

/// The message that a case begins with.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FirstMessage {
    /// Whose it is.
    pub by: Speaker,
    /// What it says.
    pub message: NewMessage,
}

/// Whose a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    /// The customer's.
    Customer,
    /// That of the one who runs the operation.
    Staff,
}

impl OpenCase {
    /// A case of `customer` about `subject`, with nothing more.
    pub fn new(customer: impl Into<CustomerRef>, subject: &str) -> Self {
        Self {
            customer: customer.into(),
            subject: subject.to_owned(),
            message: None,
            description: String::new(),
            product: None,
            priority: Priority::default(),
            tags: BTreeSet::new(),
            language: None,
            custom: CustomValues::new(),
            notes: String::new(),
            origin: Medium::default(),
            assignee: None,
            external_id: None,
        }
    }

    /// With a first message of the customer.
    #[must_use]
    pub fn customer_says(mut self, text: &str) -> Self {
        self.message = Some(FirstMessage {
            by: Speaker::Customer,
            message: NewMessage::text(text),
        });
        self
    }
}

impl Operation for OpenCase {
    const NAME: &'static str = "open_case";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Case;

    async fn run(&self, cx: &mut Context) -> Result<Case> {
        let tags = tags::clean(&self.tags)?;
        length::long("notes", &self.notes)?;
        length::long("description", &self.description)?;
        let language = locale::given_language("language", self.language.as_ref())?;
        if let Some(id) = &self.external_id {
            length::external_id(&id.system, &id.id)?;
        }
        let customer = cx.customer_for(&self.customer).await?;
        if let Some(product) = self.product {
            cx.active_product(product).await?;
        }
        let mut case = cx.new_case(&customer, &self.subject, self.origin)?;
        case.custom = fields::new_values(&cx.workspace()?.fields, FieldTarget::Case, &self.custom)?;
        case.owner = cx.actor().agent();
        case.assignee = match self.assignee {
            Some(assignee) => Some(cx.active_agent(assignee).await?.id),
            None => case.owner,
        };
        case.description.clone_from(&self.description);
        case.product = self.product;
        case.priority = self.priority;
        case.tags = tags;
        case.language = language.or(case.language);
        case.notes.clone_from(&self.notes);
        case.external_id.clone_from(&self.external_id);
        let asks = self.message.is_none() && cx.actor() == Actor::System;
        let turn = if asks { Turn::Staff } else { Turn::Unchanged };
        cx.allow_case(&case)?;
        cx.begin_thread(&mut case, turn);
        if let Some(first) = &self.message {
            let author = match first.by {
                Speaker::Customer => Author::Customer {
                    id: customer.id,
                    name: customer.display_name().to_owned(),
                },
                Speaker::Staff => cx.author(),
            };
            let medium = self.origin;
            cx.add_message(&mut case, &first.message, author, medium)
                .await?;
        }
        cx.put(&mut case);
        Ok(case)
    }

    fn finish(case: &mut Case, committed: &Committed) {
        case.number = committed.number(&case.key()).unwrap_or(case.number);
    }
}

impl Context {
    /// A new case of `customer`, not staged yet. It is committed only if the customer is still who they
    /// were: else it would be left behind when they are merged or renamed at the same moment.
    pub(crate) fn new_case(
        &mut self,
        customer: &Customer,
        subject: &str,
        origin: Medium,
    ) -> Result<Case> {
        length::short("subject", subject)?;
        self.check(customer);
        let stage = status::first_stage(self.workspace()?, Status::Active)?;
        Ok(Case {
            id: self.new_id(),
            workspace: self.workspace_id(),
            version: Version(0),
            number: 0,
            subject: subject.trim().to_owned(),
            description: String::new(),
            product: None,
            priority: Priority::default(),
            tags: BTreeSet::new(),
            language: customer.language.clone(),
            flagged: false,
            custom: CustomValues::new(),
            notes: String::new(),
            origin,
            status: Status::Active,
            stage: stage.key.clone(),
            closing: None,
            reopened: 0,
            customer: customer.id,
            customer_name: customer.display_name().to_owned(),
            organisation: customer.organisation,
            owner: None,
            assignee: None,
            operators: BTreeSet::new(),
            opened_at: self.now(),
            updated_at: self.now(),
            attention: Attention::default(),
            exchanges: BTreeMap::new(),
            merged_into: None,
            absorbed: BTreeSet::new(),
            gained: Gained::default(),
            external_id: None,
            edited: Edited::default(),
        })
    }

    /// Stages the opening of `case` and the first line of its thread.
    pub(crate) fn begin_thread(&mut self, case: &mut Case, turn: Turn) {
        let (origin, stage, given) = (case.origin, case.stage.clone(), case.given());
        // A case that was split off is as old as what is in it.
        self.history(
            case,
            Happening::Opened {
                origin,
                turn,
                stage,
            },
            case.opened_at,
        );
        self.changed(case, What::Opened, given);
    }

    /// The product, which must be active.
    pub(crate) async fn active_product(&mut self, id: ProductId) -> Result<Product> {
        let product: Product = self.get(id).await?;
        if product.active {
            return Ok(product);
        }
        Err(Error::invalid(format!(
            "the product `{}` is no longer active",
            product.name
        )))
    }

    /// The agent, who must be active.
    pub(crate) async fn active_agent(&mut self, id: AgentId) -> Result<Agent> {
        let agent: Agent = self.get(id).await?;
        if agent.active {
            return Ok(agent);
        }
        Err(Error::invalid(format!(
            "the agent `{}` is no longer active",
            agent.name
        )))
    }
}

/// Shows a case. One that was merged shows the case that it went into.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GetCase {
    /// The case.
    pub case: CaseRef,
}

impl Operation for GetCase {
    const NAME: &'static str = "get_case";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = Case;

    async fn run(&self, cx: &mut Context) -> Result<Case> {
        cx.case(self.case).await
    }
}
