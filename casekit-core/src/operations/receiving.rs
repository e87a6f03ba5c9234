//! Messages that come in, and what they do to the status of a case.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::messages::NewMessage;
use super::{CaseRef, Operation, Staff};
use crate::change::Committed;
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{
    Author, Case, Entry, FieldTarget, Medium, Relation, RelationKind, Status, Stored, Time, Turn,
    Version, Visibility, What,
};
use crate::port::Access;
use crate::rules::status::OnMessage;
use crate::rules::{length, status};

/// How many follow-ups of follow-ups are gone through for one that is still worked on.
const FOLLOW_UPS: usize = 32;

/// Takes in a message that came from outside to a case.
///
/// A closed case is reopened by it or, if it was closed longer ago than the workspace's setting,
/// followed up by a new one. Automatic messages, and those of strangers, change no status.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReceiveMessage {
    /// The case.
    pub case: CaseRef,
    /// Who wrote it.
    #[serde(default)]
    pub by: Sender,
    /// What it says.
    pub message: NewMessage,
    /// By which medium.
    #[serde(default = "email")]
    pub medium: Medium,
}

fn email() -> Medium {
    Medium::Email
}

/// Who wrote a message that came in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(
    tag = "type",
    rename_all = "snake_case",
    deny_unknown_fields,
    expecting = "an object with `type`"
)]
pub enum Sender {
    /// The customer of the case.
    #[default]
    Customer,
    /// Somebody else. Staff sees it; the customer does not until an agent accepts it.
    Stranger {
        /// The name they gave.
        name: String,
    },
}

impl ReceiveMessage {
    /// A message of plain text from the customer by e-mail.
    pub fn new(case: impl Into<CaseRef>, text: &str) -> Self {
        Self {
            case: case.into(),
            by: Sender::Customer,
            message: NewMessage::text(text),
            medium: Medium::Email,
        }
    }
}

/// What became of a message that came in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Received {
    /// The case that it is in: the one it was sent to, or the new one that follows it up.
    pub case: Case,
    /// The entry.
    pub entry: Entry,
    /// What it did to the case that it was sent to.
    pub effect: Effect,
}

/// What a message did to the case that it was sent to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It was added.
    Added,
    /// It was added, and the case reopened.
    Reopened,
    /// It is in a case that follows the old one up: in the one that there is, as long as a message would be in
    /// it, else in a new one.
    FollowedUp,
}

impl Received {
    /// Puts the number of a follow-up case in place.
    pub(crate) fn number(&mut self, committed: &Committed) {
        let number = committed.number(&self.case.key());
        self.case.number = number.unwrap_or(self.case.number);
    }
}

impl Operation for ReceiveMessage {
    const NAME: &'static str = "receive_message";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Received;

    async fn run(&self, cx: &mut Context) -> Result<Received> {
        let case = cx.case(self.case).await?;
        let author = match &self.by {
            Sender::Stranger { name } => {
                length::at_most("name", name, length::NAME)?;
                Author::Stranger { name: name.clone() }
            }
            Sender::Customer => {
                let customer = cx.known_customer(case.customer).await?;
                Author::Customer {
                    id: customer.id,
                    name: customer.display_name().to_owned(),
                }
            }
        };
        cx.receive(case, &self.message, author, self.medium).await
    }

    fn finish(received: &mut Received, committed: &Committed) {
        received.number(committed);
    }
}

impl Context {
    /// Stages a message from outside, and what it does to the status of `case`.
    pub(crate) async fn receive(
        &mut self,
        mut case: Case,
        message: &NewMessage,
        author: Author,
        medium: Medium,
    ) -> Result<Received> {
        let speaks = matches!(author, Author::Customer { .. }) && !message.automatic;
        let effect = if speaks {
            self.customer_got_in_touch(&mut case, medium, self.now())
                .await?
        } else {
            Effect::Added
        };
        let entry = self.add_message(&mut case, message, author, medium).await?;
        Ok(Received {
            case,
            entry,
            effect,
        })
    }

    /// Stages what it does to the status of `case` that the customer wrote or called at `at`: one that was
    /// closed by then is reopened, or `case` becomes a new one that follows it up.
    pub(crate) async fn customer_got_in_touch(
        &mut self,
        case: &mut Case,
        medium: Medium,
        at: Time,
    ) -> Result<Effect> {
        let addressed = case.id;
        for _ in 0..FOLLOW_UPS {
            let effect = match status::on_message(case, self.workspace()?, at) {
                OnMessage::Stay => Effect::Added,
                OnMessage::Reopen => {
                    self.reopen_case(case).await?;
                    Effect::Reopened
                }
                OnMessage::FollowUp => match self.later_case(case).await? {
                    Some(later) => {
                        *case = later;
                        continue;
                    }
                    None => break,
                },
            };
            return Ok(if case.id == addressed {
                effect
            } else {
                Effect::FollowedUp
            });
        }
        *case = self.follow_up(case.clone(), medium).await?;
        Ok(Effect::FollowedUp)
    }

    /// The case of the same customer that follows `closed` up, if there is one: an active one before others,
    /// then the latest.
    async fn later_case(&mut self, closed: &Case) -> Result<Option<Case>> {
        let related = self.relations_of(closed.id).await?.into_iter();
        let follow_ups = related.filter(|relation| {
            relation.relation == RelationKind::FollowUpOf && relation.to == closed.id
        });
        let cases = follow_ups.map(|relation| relation.case).collect();
        let cases = self.surviving_cases(cases).await?.into_iter();
        let later = cases.filter(|case| case.id != closed.id && case.customer == closed.customer);
        let latest = later.max_by_key(|case| (case.status == Status::Active, case.opened_at));
        Ok(latest.map(Arc::unwrap_or_clone))
    }

    /// Stages a new case that follows up a closed one.
    async fn follow_up(&mut self, mut closed: Case, medium: Medium) -> Result<Case> {
        let customer = self.known_customer(closed.customer).await?;
        let mut case = self.new_case(&customer, &closed.subject, medium)?;
        case.product = closed.product;
        case.language.clone_from(&closed.language);
        case.custom = self.default_values(FieldTarget::Case)?;
        self.begin_thread(&mut case, Turn::Unchanged);
        let mut relation = Relation {
            id: self.new_id(),
            workspace: self.workspace_id(),
            version: Version(0),
            case: case.id,
            to: closed.id,
            relation: RelationKind::FollowUpOf,
            shown: BTreeSet::new(),
            created_at: self.now(),
        };
        self.put(&mut relation);
        self.link_happened(&mut case, &closed, &relation);
        self.link_happened(&mut closed, &case, &relation);
        Ok(case)
    }
}

/// Shows a stranger's message to the customer.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AcceptMessage {
    /// The entry.
    pub entry: crate::model::EntryId,
}

impl Operation for AcceptMessage {
    const NAME: &'static str = "accept_message";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Entry;

    async fn run(&self, cx: &mut Context) -> Result<Entry> {
        let mut entry = cx.entry(self.entry).await?;
        if !matches!(entry.author, Author::Stranger { .. }) {
            return Err(Error::invalid("only a stranger's message can be accepted"));
        }
        if entry.visibility == Visibility::Internal {
            entry.visibility = Visibility::Public;
            let mut case: Case = cx.get(entry.case).await?;
            cx.attend(&mut case, &mut entry);
            case.updated_at = case.updated_at.max(cx.now());
            cx.put(&mut case);
            cx.put(&mut entry);
            let changes = vec![crate::model::FieldChange::new(
                "visibility",
                Visibility::Internal,
                Visibility::Public,
            )];
            cx.event(What::EntryEdited, Some(entry.case), entry.key(), changes);
            cx.tell(case.customer);
        }
        Ok(entry)
    }
}
