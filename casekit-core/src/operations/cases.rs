//! Cases: opened, shown, edited, staged, closed, reopened.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::patch::given;
use super::thread::NewMessage;
use super::{CaseRef, CustomerRef, Operation, Staff};
use crate::change::Committed;
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{
    Actor, Agent, AgentId, Attention, Author, Case, CustomValues, Customer, Edited, ExternalId,
    FieldTarget, FieldValue, Gained, Happening, Medium, Priority, Product, ProductId, Status,
    Stored, Turn, Version, What,
};
use crate::port::Access;
use crate::rules::edit::{Edit, refuse_stale, refuse_unread};
use crate::rules::given::New;
use crate::rules::status::AssigneeWorks;
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

    /// Whether the assignee of `case` is an active agent.
    pub(crate) async fn assignee_works(&mut self, case: &Case) -> Result<AssigneeWorks> {
        let assignee = match case.assignee {
            Some(id) => self.find_one::<Agent>(id).await?,
            None => None,
        };
        Ok(match assignee {
            Some(agent) if agent.active => AssigneeWorks::Here,
            _ => AssigneeWorks::NotHere,
        })
    }

    /// Stages the closing of an active case.
    pub(crate) fn close_case(&mut self, case: &mut Case, reason: &str) -> Result<()> {
        length::short("reason", reason)?;
        let closing = status::closing(self.now(), self.actor(), reason);
        let changes = status::close(case, self.workspace()?, closing)?;
        let (reason, stage) = (reason.to_owned(), case.stage.clone());
        self.happened(
            case,
            What::Closed,
            Happening::Closed { reason, stage },
            changes,
        );
        Ok(())
    }

    /// Stages the reopening of a closed case.
    pub(crate) async fn reopen_case(&mut self, case: &mut Case) -> Result<()> {
        let works = self.assignee_works(case).await?;
        let changes = status::reopen(case, self.workspace()?, works)?;
        let stage = case.stage.clone();
        self.happened(case, What::Reopened, Happening::Reopened { stage }, changes);
        Ok(())
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

/// Edits the fields that it names; the others stay as they are.
///
/// # Errors
/// `Conflict` if one of these fields was changed by somebody else after `seen`; the details hold its
/// current value.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PatchCase {
    /// The case.
    pub case: CaseRef,
    /// The version of the case that the editor saw.
    pub seen: Version,
    /// The subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The product; null for none.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "given"
    )]
    pub product: Option<Option<ProductId>>,
    /// How urgent it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// All tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<BTreeSet<String>>,
    /// The language to answer in; null for none.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "given"
    )]
    pub language: Option<Option<String>>,
    /// Whether it is flagged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flagged: Option<bool>,
    /// For staff only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Values of custom fields; null takes one away.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub custom: BTreeMap<String, Option<FieldValue>>,
}

impl PatchCase {
    /// An edit of `case`, as it was loaded, that names no field yet.
    pub fn of(case: &Case) -> Self {
        Self {
            case: case.id.into(),
            seen: case.version,
            subject: None,
            description: None,
            product: None,
            priority: None,
            tags: None,
            language: None,
            flagged: None,
            notes: None,
            custom: BTreeMap::new(),
        }
    }

    fn check_lengths(&self) -> Result<()> {
        if let Some(subject) = &self.subject {
            length::short("subject", subject)?;
        }
        for (field, text) in [("description", &self.description), ("notes", &self.notes)] {
            text.iter().try_for_each(|text| length::long(field, text))?;
        }
        Ok(())
    }
}

impl Operation for PatchCase {
    const NAME: &'static str = "patch_case";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Case;

    async fn run(&self, cx: &mut Context) -> Result<Case> {
        self.check_lengths()?;
        let mut case = cx.unmerged_case(self.case).await?;
        if let Some(Some(product)) = self.product
            && case.product != Some(product)
        {
            cx.active_product(product).await?;
        }
        let tags = self.tags.as_ref().map(tags::clean).transpose()?;
        let language = locale::patched_language("language", self.language.as_ref())?;
        let definitions = &cx.workspace()?.fields;
        let custom =
            fields::edited_values(definitions, FieldTarget::Case, &case.custom, &self.custom)?;
        let mut edit = Edit::new(self.seen, case.version, &mut case.edited)?;
        edit.set("subject", &mut case.subject, self.subject.as_ref())?;
        edit.set(
            "description",
            &mut case.description,
            self.description.as_ref(),
        )?;
        edit.set("product", &mut case.product, self.product.as_ref())?;
        edit.set("priority", &mut case.priority, self.priority.as_ref())?;
        edit.set("tags", &mut case.tags, tags.as_ref())?;
        edit.set("language", &mut case.language, language.as_ref())?;
        edit.set("flagged", &mut case.flagged, self.flagged.as_ref())?;
        edit.set("notes", &mut case.notes, self.notes.as_ref())?;
        edit.set_each("custom", &mut case.custom, &custom)?;
        let changes = edit.finish();
        if !changes.is_empty() {
            cx.changed(&mut case, What::Changed, changes);
        }
        Ok(case)
    }
}

/// Moves an active case to another stage, such as `waiting_for_customer`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetStage {
    /// The case.
    pub case: CaseRef,
    /// The key of the stage.
    pub stage: String,
    /// The version of the case that was seen: refused if the stage was changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Version>,
}

impl Operation for SetStage {
    const NAME: &'static str = "set_stage";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Case;

    async fn run(&self, cx: &mut Context) -> Result<Case> {
        let mut case = cx.case(self.case).await?;
        refuse_stale(&case, "stage", &case.stage, self.seen)?;
        cx.set_stage(&mut case, &self.stage)?;
        Ok(case)
    }
}

impl Context {
    /// Stages another stage of `case`, if it is not in it already.
    pub(crate) fn set_stage(&mut self, case: &mut Case, stage: &str) -> Result<()> {
        let before = case.stage.clone();
        let workspace = self.workspace()?.clone();
        let changes = status::set_stage(case, &workspace, stage)?;
        if !changes.is_empty() {
            // The stage may be retired at the same moment.
            self.check(&workspace);
            case.edited.mark("stage", case.version);
            let after = case.stage.clone();
            self.happened(
                case,
                What::Changed,
                Happening::StageChanged { before, after },
                changes,
            );
        }
        Ok(())
    }
}

/// Closes (completes) an active case.
///
/// # Errors
/// `Conflict` if it is closed already, or if the customer wrote or called after `seen`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CloseCase {
    /// The case.
    pub case: CaseRef,
    /// Why, for staff only.
    #[serde(default)]
    pub reason: String,
    /// The version of the case that was seen: refused if the customer wrote or called since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Version>,
}

impl CloseCase {
    /// The closing of `case` for `reason`, whatever was said meanwhile.
    pub fn new(case: impl Into<CaseRef>, reason: &str) -> Self {
        Self {
            case: case.into(),
            reason: reason.to_owned(),
            seen: None,
        }
    }
}

impl Operation for CloseCase {
    const NAME: &'static str = "close_case";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Case;

    async fn run(&self, cx: &mut Context) -> Result<Case> {
        let mut case = cx.case(self.case).await?;
        refuse_unread(&case, self.seen)?;
        cx.close_case(&mut case, &self.reason)?;
        Ok(case)
    }
}

/// Makes a closed case active again. It keeps its assignee if that agent is active.
///
/// # Errors
/// `Conflict` if it is active already.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReopenCase {
    /// The case.
    pub case: CaseRef,
}

impl Operation for ReopenCase {
    const NAME: &'static str = "reopen_case";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Case;

    async fn run(&self, cx: &mut Context) -> Result<Case> {
        let mut case = cx.case(self.case).await?;
        cx.reopen_case(&mut case).await?;
        Ok(case)
    }
}
