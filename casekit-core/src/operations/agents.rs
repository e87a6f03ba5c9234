//! Agents: created, edited, listed.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::finding::fifty;
use super::patch::given;
use super::saving::page;
use super::{Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{Actor, Agent, AgentId, Edited, Kind, Product, ProductId, Role, Version};
use crate::port::Access;
use crate::query::{Cursor, Filter, Query};
use crate::rules::edit::Edit;
use crate::rules::{contact, length, locale};

/// Creates an agent. The first one of a workspace is created by the host's own programs.
///
/// A second agent with the same e-mail address is refused as taken.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateAgent {
    /// The name that customers see.
    pub name: String,
    /// The e-mail address; customers never see it.
    pub email: String,
    /// What they may do.
    #[serde(default)]
    pub role: Role,
    /// BCP 47 language tag, such as `nl-BE`.
    #[serde(default)]
    pub locale: Option<String>,
    /// IANA time zone, such as `Europe/Brussels`. Only its form is checked.
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Kept for the mailer of the host, which puts it under their replies.
    #[serde(default)]
    pub signature: Option<String>,
    /// The products that they are expert in.
    #[serde(default)]
    pub products: BTreeSet<ProductId>,
}

impl CreateAgent {
    /// An agent with a name, an address and a role.
    pub fn new(name: &str, email: &str, role: Role) -> Self {
        Self {
            name: name.to_owned(),
            email: email.to_owned(),
            role,
            locale: None,
            time_zone: None,
            signature: None,
            products: BTreeSet::new(),
        }
    }
}

impl Operation for CreateAgent {
    const NAME: &'static str = "create_agent";
    const ACCESS: Access = Access::Administer;
    type For = Staff;
    type Output = Agent;

    async fn run(&self, cx: &mut Context) -> Result<Agent> {
        length::name("name", &self.name)?;
        contact::email(&self.email)?;
        let locale = locale::given_language("locale", self.locale.as_ref())?;
        check_profile(self.time_zone.as_deref(), self.signature.as_deref())?;
        cx.check_products(&self.products).await?;
        let mut agent = Agent {
            id: cx.new_id(),
            workspace: cx.workspace_id(),
            version: Version(0),
            name: self.name.trim().to_owned(),
            email: self.email.trim().to_owned(),
            role: self.role,
            locale,
            time_zone: self.time_zone.clone(),
            signature: self.signature.clone(),
            products: self.products.clone(),
            active: true,
            created_at: cx.now(),
            edited: Edited::default(),
        };
        cx.create(&mut agent);
        Ok(agent)
    }
}

/// Edits an agent. What it does not name stays; a field that somebody else changed since `seen` is
/// refused as a conflict, with its current value.
///
/// Agents edit their own name, locale, time zone and signature; everything else takes an admin. The
/// last active admin can neither be deactivated nor given another role, except by the host's own
/// programs. An agent who is deactivated keeps their history, and their cases until these are assigned
/// to somebody else.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PatchAgent {
    /// The agent.
    pub agent: AgentId,
    /// The version of the agent that the editor saw.
    pub seen: Version,
    /// The name that customers see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What they may do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// BCP 47 language tag; null for none.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "given"
    )]
    pub locale: Option<Option<String>>,
    /// IANA time zone; null for none. Only its form is checked.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "given"
    )]
    pub time_zone: Option<Option<String>>,
    /// Kept for the mailer of the host, which puts it under their replies; null for nothing.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "given"
    )]
    pub signature: Option<Option<String>>,
    /// All products that they are expert in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub products: Option<BTreeSet<ProductId>>,
    /// Whether they work here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
}

impl PatchAgent {
    /// An edit of `agent`, as they were loaded, that names no field yet.
    pub fn of(agent: &Agent) -> Self {
        Self {
            agent: agent.id,
            seen: agent.version,
            name: None,
            email: None,
            role: None,
            locale: None,
            time_zone: None,
            signature: None,
            products: None,
            active: None,
        }
    }

    /// Whether an agent may make this edit of their own record.
    fn is_personal(&self) -> bool {
        self.email.is_none()
            && self.role.is_none()
            && self.products.is_none()
            && self.active.is_none()
    }
}

impl Operation for PatchAgent {
    const NAME: &'static str = "patch_agent";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Agent;

    async fn run(&self, cx: &mut Context) -> Result<Agent> {
        if cx.actor() != Actor::Agent(self.agent) || !self.is_personal() {
            cx.require(Access::Administer)?;
        }
        let name = length::given_name("name", self.name.as_deref())?;
        let email = self.email.as_deref().map(str::trim).map(str::to_owned);
        email.iter().try_for_each(|email| contact::email(email))?;
        let locale = locale::patched_language("locale", self.locale.as_ref())?;
        check_profile(
            self.time_zone.as_ref().and_then(Option::as_deref),
            self.signature.as_ref().and_then(Option::as_deref),
        )?;
        if let Some(products) = &self.products {
            cx.check_products(products).await?;
        }
        let mut agent: Agent = cx.get(self.agent).await?;
        let was_admin = administers(&agent);
        let mut edit = Edit::new(self.seen, agent.version, &mut agent.edited)?;
        edit.set("name", &mut agent.name, name.as_ref())?;
        edit.set("email", &mut agent.email, email.as_ref())?;
        edit.set("role", &mut agent.role, self.role.as_ref())?;
        edit.set("locale", &mut agent.locale, locale.as_ref())?;
        edit.set("time_zone", &mut agent.time_zone, self.time_zone.as_ref())?;
        edit.set("signature", &mut agent.signature, self.signature.as_ref())?;
        edit.set("products", &mut agent.products, self.products.as_ref())?;
        edit.set("active", &mut agent.active, self.active.as_ref())?;
        let changes = edit.finish();
        if was_admin && !administers(&agent) && cx.actor() != Actor::System {
            cx.keep_an_admin(agent.id).await?;
        }
        cx.save(&mut agent, changes);
        Ok(agent)
    }
}

/// Shows an agent.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GetAgent {
    /// The agent.
    pub agent: AgentId,
}

impl Operation for GetAgent {
    const NAME: &'static str = "get_agent";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = Agent;

    async fn run(&self, cx: &mut Context) -> Result<Agent> {
        cx.get(self.agent).await
    }
}

/// Lists agents by name.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ListAgents {
    /// Only those who work here, or only those who do not.
    pub active: Option<bool>,
    /// Only those who are expert in this product.
    pub product: Option<ProductId>,
    /// Where the page begins: `next` of the one before.
    pub after: Option<Cursor>,
    /// At most so many, up to 1,000.
    pub limit: u32,
}

impl Default for ListAgents {
    fn default() -> Self {
        Self {
            active: None,
            product: None,
            after: None,
            limit: fifty(),
        }
    }
}

page! {
    /// A page of agents.
    AgentPage {
        /// The agents.
        agents: Agent
    }
}

impl Operation for ListAgents {
    const NAME: &'static str = "list_agents";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = AgentPage;

    async fn run(&self, cx: &mut Context) -> Result<AgentPage> {
        let mut filter = Filter::all();
        if let Some(active) = self.active {
            filter = filter.and(Filter::equal("active", active));
        }
        if let Some(product) = self.product {
            filter = filter.and(Filter::equal("products", product));
        }
        cx.by_name(filter, self.after.as_ref(), self.limit).await
    }
}

impl Context {
    async fn check_products(&mut self, products: &BTreeSet<ProductId>) -> Result<()> {
        if products.len() > length::ITEMS {
            let message = format!("an agent is expert in at most {} products", length::ITEMS);
            return Err(Error::new(ErrorKind::Limit, message));
        }
        let keys: Vec<_> = products
            .iter()
            .map(|id| self.key(Kind::Product, id.0))
            .collect();
        // In one round trip; the loop below finds them loaded.
        self.load(&keys).await?;
        for id in products {
            self.get::<Product>(*id).await?;
        }
        Ok(())
    }

    /// Refuses if `leaving` is the only active admin. Guards the one who remains, so that two who
    /// leave at once do not each count on the other.
    async fn keep_an_admin(&mut self, leaving: AgentId) -> Result<()> {
        let admins = Filter::equal("active", true).and(Filter::equal("role", Role::Admin.name()));
        let query = Query::all(self.workspace_id(), Kind::Agent)
            .filter(admins)
            .limit(2);
        let admins = self.find::<Agent>(&query).await?.records;
        let other = admins.into_iter().find(|admin| admin.id != leaving);
        match other {
            Some(other) => {
                self.check(&other);
                Ok(())
            }
            None => Err(Error::invalid(
                "the workspace would be left without an active admin",
            )),
        }
    }
}

fn administers(agent: &Agent) -> bool {
    agent.active && agent.role == Role::Admin
}

fn check_profile(time_zone: Option<&str>, signature: Option<&str>) -> Result<()> {
    if let Some(name) = time_zone {
        locale::time_zone(name)?;
    }
    if let Some(text) = signature {
        length::long("signature", text)?;
    }
    Ok(())
}
