//! What customers can do and see. Every answer is made of the types in [`super::portal_view`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::finding::{descending, fifty};
use super::messages::NewMessage;
use super::moving::of_kind;
use super::portal_view::Names;
use super::reading::{block_remote_images, hundred};
use super::receiving::Received;
use super::{CaseRef, Operation, Portal, PortalCase, PortalEntry};
use crate::change::Committed;
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{
    Author, Case, Customer, CustomerId, Entity, Entry, FromEntity, Key, Kind, Medium, ProductId,
    Relation, Status, Turn,
};
use crate::port::Access;
use crate::query::{Cursor, Direction, Filter, Query, Scope, Sort, SortBy, TextQuery};
use crate::rules::length;

/// Lists one's own cases.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MyCases {
    /// Words of the number, the subject or the public thread.
    #[serde(default)]
    pub text: Option<String>,
    /// Only those of this status.
    #[serde(default)]
    pub status: Option<Status>,
    /// By when they were opened: newest or oldest first.
    #[serde(default = "descending")]
    pub direction: Direction,
    /// Continues after an earlier page.
    #[serde(default)]
    pub after: Option<Cursor>,
    /// At most so many cases, up to 1,000.
    #[serde(default = "fifty")]
    pub limit: u32,
}

impl Default for MyCases {
    fn default() -> Self {
        Self {
            text: None,
            status: None,
            direction: descending(),
            after: None,
            limit: fifty(),
        }
    }
}

/// A page of a customer's cases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PortalCasePage {
    /// The cases.
    pub cases: Vec<PortalCase>,
    /// Where the next page begins.
    pub next: Option<Cursor>,
}

impl Operation for MyCases {
    const NAME: &'static str = "my_cases";
    const ACCESS: Access = Access::Read;
    type For = Portal;
    type Output = PortalCasePage;

    async fn run(&self, cx: &mut Context) -> Result<PortalCasePage> {
        let me = cx.customer()?.id;
        let mut filter = Filter::all()
            .and(Filter::equal("customer", me))
            .and(Filter::equal("merged", false));
        if let Some(status) = self.status {
            filter = filter.and(Filter::equal("status", status.name()));
        }
        let words = self.text.as_deref().filter(|text| !text.trim().is_empty());
        let text = match words {
            None => None,
            Some(words) => {
                length::search("text", words)?;
                let text = TextQuery::new(words, Scope::Public);
                Some(text.ok_or_else(|| Error::invalid("there is no word to search for"))?)
            }
        };
        let query = Query {
            workspace: cx.workspace_id(),
            kind: Kind::Case,
            filter: cx.listed(filter),
            text,
            sort: Sort {
                by: SortBy::Field("opened_at".to_owned()),
                direction: self.direction,
            },
            after: self.after.clone(),
            limit: self.limit,
        };
        let page = cx.find::<Case>(&query).await?;
        Ok(PortalCasePage {
            cases: cx.portal_cases(&page.records).await?,
            next: page.next,
        })
    }
}

/// Whether a customer cannot be told more of `error` than that there is no such case.
fn is_hidden(error: &Error) -> bool {
    matches!(
        error.kind(),
        crate::ErrorKind::NotFound | crate::ErrorKind::Denied
    )
}

impl Context {
    /// The case, if the customer may see it: their own, or one shown to them through a link. Else it
    /// looks exactly like one that does not exist.
    async fn visible_case(&mut self, reference: CaseRef) -> Result<Case> {
        let me = self.customer()?.id;
        let hidden = || Error::not_found(reference);
        let case = match self.case(reference).await {
            Err(error) if is_hidden(&error) => return Err(hidden()),
            other => other?,
        };
        if case.customer == me || self.shown_to(&case, me).await? {
            return Ok(case);
        }
        Err(hidden())
    }

    async fn shown_to(&mut self, case: &Case, customer: CustomerId) -> Result<bool> {
        let relations = self.relations_of(case.id).await?;
        let shown = relations
            .iter()
            .filter(|relation| relation.shown.contains(&case.id));
        let others: Vec<_> = shown
            .map(|relation: &Relation| self.key(Kind::Case, relation.other(case.id).0))
            .collect();
        let others = self.load(&others).await?;
        let mut others = others.into_iter().flatten().filter_map(Case::from_entity);
        Ok(others.any(|other| other.customer == customer))
    }

    /// The case, if it is the customer's own: only those can be acted on.
    async fn own_case(&mut self, reference: CaseRef) -> Result<Case> {
        let me = self.customer()?.id;
        let case = self.visible_case(reference).await?;
        if case.customer == me {
            return Ok(case);
        }
        Err(Error::denied(
            self.operation(),
            "this case is shown to you, but it is not yours",
        ))
    }

    async fn portal_case(&mut self, case: &Case) -> Result<PortalCase> {
        let mut shown = self.portal_cases(std::slice::from_ref(case)).await?;
        shown.pop().ok_or_else(|| Error::bug("a case has no view"))
    }

    /// What the customer sees of `cases`, with the names of agents and products, loaded in one go.
    async fn portal_cases(&mut self, cases: &[Case]) -> Result<Vec<PortalCase>> {
        let me = self.customer()?.id;
        let agents = cases.iter().filter_map(|case| case.assignee);
        let products = cases.iter().filter_map(|case| case.product);
        let keys: BTreeSet<Key> = agents
            .map(|agent| self.key(Kind::Agent, agent.0))
            .chain(products.map(|product| self.key(Kind::Product, product.0)))
            .collect();
        let keys: Vec<Key> = keys.into_iter().collect();
        let named = keys.iter().copied().zip(self.load(&keys).await?);
        let names: BTreeMap<uuid::Uuid, String> = named
            .filter_map(|(key, record)| match record? {
                Entity::Agent(agent) => Some((key.id, agent.name.clone())),
                Entity::Product(product) => Some((key.id, product.name.clone())),
                _ => None,
            })
            .collect();
        let workspace = self.workspace()?;
        let view = |case: &Case| {
            let shown = Names {
                agent: case.assignee.and_then(|id| names.get(&id.0).cloned()),
                product: case.product.and_then(|id| names.get(&id.0).cloned()),
            };
            PortalCase::of(case, me, workspace, shown)
        };
        Ok(cases.iter().map(view).collect())
    }
}

/// Shows one of one's own cases, or one that is shown through a link.
///
/// # Errors
/// `NotFound` for every other case, whether it exists or not.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MyCase {
    /// The case.
    pub case: CaseRef,
}

impl Operation for MyCase {
    const NAME: &'static str = "my_case";
    const ACCESS: Access = Access::Read;
    type For = Portal;
    type Output = PortalCase;

    async fn run(&self, cx: &mut Context) -> Result<PortalCase> {
        let case = cx.visible_case(self.case).await?;
        cx.portal_case(&case).await
    }
}

/// Lists the cases of others that are shown to one through a link with this own case.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MyLinkedCases {
    /// The own case.
    pub case: CaseRef,
}

impl Operation for MyLinkedCases {
    const NAME: &'static str = "my_linked_cases";
    const ACCESS: Access = Access::Read;
    type For = Portal;
    type Output = Vec<PortalCase>;

    async fn run(&self, cx: &mut Context) -> Result<Vec<PortalCase>> {
        let own = cx.own_case(self.case).await?;
        let relations = cx.relations_of(own.id).await?;
        let others: Vec<_> = relations
            .iter()
            .map(|relation| (relation, relation.other(own.id)))
            .filter(|(relation, other)| relation.shown.contains(other))
            .map(|(_, other)| other)
            .collect();
        let others = cx.allowed_cases(others.into_iter()).await?;
        let others = others.into_iter().flatten();
        let others: Vec<Case> = others.map(Arc::unwrap_or_clone).collect();
        cx.portal_cases(&others).await
    }
}

/// Reads the public thread of a case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MyThread {
    /// The case.
    pub case: CaseRef,
    /// Oldest or newest first.
    #[serde(default)]
    pub direction: Direction,
    /// Continues after an earlier page.
    #[serde(default)]
    pub after: Option<Cursor>,
    /// At most so many entries, up to 1,000.
    #[serde(default = "hundred")]
    pub limit: u32,
}

impl MyThread {
    /// The thread of `case` from its beginning.
    pub fn of(case: impl Into<CaseRef>) -> Self {
        Self {
            case: case.into(),
            direction: Direction::Ascending,
            after: None,
            limit: hundred(),
        }
    }
}

/// A page of a public thread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PortalThreadPage {
    /// The entries.
    pub entries: Vec<PortalEntry>,
    /// Where the next page begins.
    pub next: Option<Cursor>,
}

impl Operation for MyThread {
    const NAME: &'static str = "my_thread";
    const ACCESS: Access = Access::Read;
    type For = Portal;
    type Output = PortalThreadPage;

    async fn run(&self, cx: &mut Context) -> Result<PortalThreadPage> {
        let case = cx.visible_case(self.case).await?;
        let filter = Filter::all()
            .and(Filter::equal("case", case.id))
            .and(Filter::equal("public", true));
        let mut query = Query::all(cx.workspace_id(), Kind::Entry)
            .filter(filter)
            .sort("at", self.direction)
            .limit(self.limit);
        query.after.clone_from(&self.after);
        let mut page = cx.find::<Entry>(&query).await?;
        page.records.iter_mut().for_each(block_remote_images);
        let me = cx.known_as(&page.records).await?;
        let entries = page.records.iter();
        Ok(PortalThreadPage {
            entries: entries
                .filter_map(|entry| PortalEntry::of(entry, &me))
                .collect(),
            next: page.next,
        })
    }
}

impl Context {
    /// The ids of the acting customer among the authors of `entries`: the own one, and those of records
    /// that were merged into it.
    async fn known_as(&mut self, entries: &[Entry]) -> Result<BTreeSet<CustomerId>> {
        let me = self.customer()?.id;
        let authors: BTreeSet<CustomerId> = entries
            .iter()
            .filter_map(|entry| match &entry.author {
                Author::Customer { id, .. } => Some(*id),
                Author::Agent { .. } | Author::Stranger { .. } | Author::System => None,
            })
            .collect();
        let others = authors.into_iter().filter(|author| *author != me);
        let others: Vec<Key> = others.map(|id| self.key(Kind::Customer, id.0)).collect();
        let others = of_kind::<Customer>(self.load(&others).await?).into_iter();
        // However often records were merged on, each stub points to the one that stays.
        let mine = others.filter(|author| author.merged_into == Some(me));
        Ok(mine.map(|author| author.id).chain([me]).collect())
    }
}

/// Opens a case of one's own.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OpenMyCase {
    /// The subject.
    pub subject: String,
    /// What it is about: the first message.
    pub text: String,
    /// The product that it is about.
    #[serde(default)]
    pub product: Option<ProductId>,
}

impl Operation for OpenMyCase {
    const NAME: &'static str = "open_my_case";
    const ACCESS: Access = Access::Work;
    type For = Portal;
    type Output = PortalCase;

    async fn run(&self, cx: &mut Context) -> Result<PortalCase> {
        length::title("subject", &self.subject)?;
        if let Some(product) = self.product {
            cx.active_product(product).await?;
        }
        let me = cx.customer()?.clone();
        let mut case = cx.new_case(&me, &self.subject, Medium::Portal)?;
        case.product = self.product;
        case.custom = cx.default_values(crate::model::FieldTarget::Case)?;
        cx.begin_thread(&mut case, Turn::Unchanged);
        let (message, author) = (NewMessage::text(&self.text), cx.author());
        cx.add_message(&mut case, &message, author, Medium::Portal)
            .await?;
        cx.portal_case(&case).await
    }

    fn finish(case: &mut PortalCase, committed: &Committed) {
        // The only numbered record that this commit creates is the case.
        let number = committed
            .numbers
            .iter()
            .find(|(key, _)| key.id == case.id.0);
        case.number = number.map_or(case.number, |(_, number)| *number);
    }
}

/// Writes a message to a case of one's own. A closed one is reopened or followed up by a new one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SendMyMessage {
    /// The case.
    pub case: CaseRef,
    /// The text.
    pub text: String,
}

/// What became of a customer's message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PortalSaid {
    /// The case that it is in: the one it was sent to, or a new one.
    pub case: PortalCase,
    /// The entry.
    pub entry: PortalEntry,
}

impl Operation for SendMyMessage {
    const NAME: &'static str = "send_my_message";
    const ACCESS: Access = Access::Work;
    type For = Portal;
    type Output = PortalSaid;

    async fn run(&self, cx: &mut Context) -> Result<PortalSaid> {
        let case = cx.own_case(self.case).await?;
        let me = BTreeSet::from([cx.customer()?.id]);
        let author: Author = cx.author();
        let message = NewMessage::text(&self.text);
        let Received { case, entry, .. } =
            cx.receive(case, &message, author, Medium::Portal).await?;
        let entry = PortalEntry::of(&entry, &me)
            .ok_or_else(|| Error::bug("a customer's own message is not public"))?;
        let case = cx.portal_case(&case).await?;
        Ok(PortalSaid { case, entry })
    }

    fn finish(said: &mut PortalSaid, committed: &Committed) {
        OpenMyCase::finish(&mut said.case, committed);
    }
}

/// Closes a case of one's own.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CloseMyCase {
    /// The case.
    pub case: CaseRef,
}

impl Operation for CloseMyCase {
    const NAME: &'static str = "close_my_case";
    const ACCESS: Access = Access::Work;
    type For = Portal;
    type Output = PortalCase;

    async fn run(&self, cx: &mut Context) -> Result<PortalCase> {
        let mut case = cx.own_case(self.case).await?;
        cx.close_case(&mut case, "closed by the customer")?;
        cx.portal_case(&case).await
    }
}

/// Makes a closed case of one's own active again.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReopenMyCase {
    /// The case.
    pub case: CaseRef,
}

impl Operation for ReopenMyCase {
    const NAME: &'static str = "reopen_my_case";
    const ACCESS: Access = Access::Work;
    type For = Portal;
    type Output = PortalCase;

    async fn run(&self, cx: &mut Context) -> Result<PortalCase> {
        let mut case = cx.own_case(self.case).await?;
        cx.reopen_case(&mut case).await?;
        cx.portal_case(&case).await
    }
}
