//! Messages, and how staff replies to customers.

use serde::{Deserialize, Serialize};

use super::{CaseRef, Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{
    Activity, Attachment, Author, Body, Case, Customer, Delivery, DraftId, DraftPurpose, Entry,
    Kind, Medium, Message, Version, Visibility,
};
use crate::port::Access;
use crate::query::{Direction, Filter, Query};
use crate::rules::edit::refuse_unread;
use crate::rules::{html, html_effort, html_text, length};

/// Among how many of the latest public entries the customer's last message is looked for.
const LOOKED_BACK: u32 = 100;

/// A message to be added to a thread.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct NewMessage {
    /// The text. May be empty if there is HTML, from which it is then made.
    pub text: String,
    /// The same as HTML; it is reduced to what is safe.
    pub html: Option<String>,
    /// The subject; empty to mean the case's.
    pub subject: String,
    /// The sender's address.
    pub sender: Option<String>,
    /// Addresses it goes to.
    pub to: Vec<String>,
    /// Addresses that get a copy.
    pub cc: Vec<String>,
    /// Addresses that get a copy unseen by the others.
    pub bcc: Vec<String>,
    /// Files that come with it.
    pub attachments: Vec<Attachment>,
    /// Written by a program: it neither asks for attention nor answers, and changes no status.
    pub automatic: bool,
}

impl NewMessage {
    /// A message of plain text.
    pub fn text(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            ..Self::default()
        }
    }

    fn checked(&self) -> Result<Message> {
        let given = self.html.as_deref().unwrap_or_default();
        length::long("text", &self.text)?;
        length::long("html", given)?;
        html_effort::check(given)?;
        length::short("subject", &self.subject)?;
        length::list("sender", &self.sender, length::SHORT)?;
        length::list(
            "to",
            self.to.iter().chain(&self.cc).chain(&self.bcc),
            length::SHORT,
        )?;
        length::list(
            "attachments",
            self.attachments
                .iter()
                .flat_map(|file| [&file.name, &file.media_type, &file.location]),
            length::SHORT,
        )?;
        let text = if self.text.trim().is_empty() {
            html_text::to_text(given)
        } else {
            self.text.clone()
        };
        if text.trim().is_empty() && self.attachments.is_empty() {
            return Err(Error::invalid("a message needs a text"));
        }
        let html = self.html.as_deref().map(html::sanitise);
        // What was left open is written out, and can be longer than what was given.
        length::long("html", html.as_deref().unwrap_or_default())?;
        Ok(Message {
            sender: self.sender.clone(),
            to: self.to.clone(),
            cc: self.cc.clone(),
            bcc: self.bcc.clone(),
            subject: self.subject.clone(),
            text,
            html,
            attachments: self.attachments.clone(),
            automatic: self.automatic,
            delivery: Delivery::Done,
        })
    }
}

impl Context {
    /// Stages a message at the end of the thread, in the exchange of its medium.
    pub(crate) async fn add_message(
        &mut self,
        case: &mut Case,
        message: &NewMessage,
        author: Author,
        medium: Medium,
    ) -> Result<Entry> {
        let mut message = message.checked()?;
        let outgoing = matches!(author, Author::Agent { .. } | Author::System);
        if outgoing && medium == Medium::Email {
            if message.to.is_empty() {
                let customer: Customer = self.get(case.customer).await?;
                message.to.extend(customer.emails.first().cloned());
            }
            if message
                .to
                .iter()
                .chain(&message.cc)
                .chain(&message.bcc)
                .next()
                .is_none()
            {
                return Err(Error::invalid(
                    "the customer has no e-mail address: give one in `to`, or say another `medium`",
                ));
            }
            message.delivery = Delivery::Pending;
        }
        let agent = self.actor().agent().filter(|_| outgoing);
        let activity = self.exchange(case, medium, agent).await?;
        let stranger = matches!(author, Author::Stranger { .. });
        let mut entry = self.new_entry(case, Body::Message(message), author, self.now());
        entry.activity = Some(activity.id);
        if stranger {
            // Not shown to the customer until an agent accepts it.
            entry.visibility = Visibility::Internal;
        }
        self.add_entry(case, &mut entry);
        Ok(entry)
    }
}

/// Replies to the customer. It answers them: the case no longer asks for attention.
///
/// By e-mail it goes to the customer's first address if no other is given, and is then to be delivered.
///
/// # Errors
/// `Conflict` if after `seen` the customer wrote or called or the case was merged.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// The case.
    pub case: CaseRef,
    /// What it says.
    pub message: NewMessage,
    /// By which medium. If absent: where the customer reads on, by chat or in their own view, if they last
    /// wrote there, else by e-mail.
    #[serde(default)]
    pub medium: Option<Medium>,
    /// The stage to put the case in with it.
    #[serde(default)]
    pub stage: Option<String>,
    /// The draft that it was made from, which is discarded with it.
    #[serde(default)]
    pub draft: Option<DraftId>,
    /// The version of the case that was seen: refused if the customer wrote or called since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Version>,
}

impl Reply {
    /// A reply of plain text, by the medium that the customer reads.
    pub fn new(case: impl Into<CaseRef>, text: &str) -> Self {
        Self {
            case: case.into(),
            message: NewMessage::text(text),
            medium: None,
            stage: None,
            draft: None,
            seen: None,
        }
    }
}

/// A case and the entry that was added to its thread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Said {
    /// The case as it is since.
    pub case: Case,
    /// The entry.
    pub entry: Entry,
}

impl Operation for Reply {
    const NAME: &'static str = "reply";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Said;

    async fn run(&self, cx: &mut Context) -> Result<Said> {
        let mut case = cx.case_as_seen(self.case, self.seen).await?;
        refuse_unread(&case, self.seen)?;
        let medium = match self.medium {
            Some(medium) => medium,
            None => cx.medium_to_answer(&case).await?,
        };
        let author = cx.author();
        let entry = cx
            .add_message(&mut case, &self.message, author, medium)
            .await?;
        if let Some(stage) = &self.stage {
            cx.set_stage(&mut case, stage)?;
        }
        cx.use_draft(self.draft, &case, DraftPurpose::Reply).await?;
        Ok(Said { case, entry })
    }
}

impl Context {
    /// The medium by which the customer reads an answer: that of their last message where they see it without
    /// its being sent, else e-mail.
    async fn medium_to_answer(&mut self, case: &Case) -> Result<Medium> {
        let seen_there = |medium| matches!(medium, Medium::Chat | Medium::Portal);
        if !case.exchanges.keys().any(|medium| seen_there(*medium)) {
            return Ok(Medium::Email);
        }
        let query = Query::all(self.workspace_id(), Kind::Entry)
            .filter(Filter::equal("case", case.id).and(Filter::equal("public", true)))
            .sort("at", Direction::Descending)
            .limit(LOOKED_BACK);
        let latest = self.find::<Entry>(&query).await?.records.into_iter();
        let activity = latest
            .filter(is_customers_message)
            .find_map(|entry| entry.activity);
        let medium = match activity {
            Some(id) => self
                .find_one::<Activity>(id)
                .await?
                .map(|activity| activity.medium),
            None => None,
        };
        Ok(medium
            .filter(|medium| seen_there(*medium))
            .unwrap_or(Medium::Email))
    }
}

fn is_customers_message(entry: &Entry) -> bool {
    matches!(
        (&entry.body, &entry.author),
        (Body::Message(_), Author::Customer { .. })
    )
}
