//! What is said in a case: replies, messages that come in, calls, notes and comments.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{CaseRef, Operation, Staff};
use crate::change::Committed;
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{
    Activity, ActivityId, AgentId, Attachment, Author, Body, CallDirection, CallLog, CallOutcome,
    Case, Customer, Delivery, DraftId, DraftPurpose, Entry, FieldTarget, Kind, Medium, Message,
    Relation, RelationKind, Remark, Status, Stored, Time, Turn, Version, Visibility, What,
    to_millisecond,
};
use crate::port::Access;
use crate::query::{Direction, Filter, Query};
use crate::rules::edit::refuse_unread;
use crate::rules::status::OnMessage;
use crate::rules::{html, length, status, times};

/// Among how many of the latest public entries the customer's last message is looked for.
const LOOKED_BACK: u32 = 100;
/// How many follow-ups of follow-ups are gone through for one that is still worked on.
const FOLLOW_UPS: usize = 32;

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
        let html = self.html.as_deref().unwrap_or_default();
        length::long("text", &self.text)?;
        length::long("html", html)?;
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
            html::to_text(html)?
        } else {
            self.text.clone()
        };
        if text.trim().is_empty() && self.attachments.is_empty() {
            return Err(Error::invalid("a message needs a text"));
        }
        Ok(Message {
            sender: self.sender.clone(),
            to: self.to.clone(),
            cc: self.cc.clone(),
            bcc: self.bcc.clone(),
            subject: self.subject.clone(),
            text,
            html: self.html.as_deref().map(html::sanitise),
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

fn email() -> Medium {
    Medium::Email
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
    async fn customer_got_in_touch(
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

/// Logs a call. An inbound one asks for attention, and reopens or follows up a case that was closed by then
/// as a message would; an outbound one that was answered is a reply.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LogCall {
    /// The case.
    pub case: CaseRef,
    /// Who called whom.
    pub direction: CallDirection,
    /// The number that called.
    #[serde(default)]
    pub caller: String,
    /// The number that was called.
    #[serde(default)]
    pub called: String,
    /// When it began.
    pub started_at: Time,
    /// When it ended; not before it began.
    pub ended_at: Time,
    /// How it ended.
    pub outcome: CallOutcome,
    /// What was said, for staff only.
    #[serde(default)]
    pub notes: String,
    /// Where the recording is.
    #[serde(default)]
    pub recording: Option<String>,
}

impl LogCall {
    fn checked(&self, now: Time) -> Result<CallLog> {
        length::short("caller", &self.caller)?;
        length::short("called", &self.called)?;
        length::long("notes", &self.notes)?;
        length::list("recording", &self.recording, length::SHORT)?;
        times::check(self.started_at, Some(self.ended_at), now)?;
        Ok(CallLog {
            direction: self.direction,
            caller: self.caller.clone(),
            called: self.called.clone(),
            // By a clock that is ahead: what is said from now on comes after it.
            started_at: to_millisecond(self.started_at).min(now),
            ended_at: to_millisecond(self.ended_at).min(now),
            outcome: self.outcome,
            notes: self.notes.clone(),
            recording: self.recording.clone(),
        })
    }
}

impl Operation for LogCall {
    const NAME: &'static str = "log_call";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Received;

    async fn run(&self, cx: &mut Context) -> Result<Received> {
        let call = self.checked(cx.now())?;
        let mut case = cx.case(self.case).await?;
        let changed = case.updated_at;
        let effect = match call.direction {
            CallDirection::Inbound => {
                let ended_at = call.ended_at;
                cx.customer_got_in_touch(&mut case, Medium::Phone, ended_at)
                    .await?
            }
            CallDirection::Outbound => Effect::Added,
        };
        // It may also have been merged or parted since.
        let late = went_on_since(&case, call.ended_at) || changed > call.ended_at;
        let mut activity = cx.activity(&case, Medium::Phone, call.started_at);
        activity.ended_at = Some(call.ended_at);
        activity.agents.extend(cx.actor().agent());
        cx.record_activity(&mut activity);
        let at = call.ended_at;
        let mut entry = cx.new_entry(&case, Body::Call(call), cx.author(), at);
        entry.activity = Some(activity.id);
        cx.add_entry(&mut case, &mut entry);
        if late {
            // More was said since: only the whole thread tells who waits for whom.
            let mut whole = cx.whole(case.id).await?;
            whole.entries.push(entry.clone());
            cx.settle(&mut case, &mut whole);
            cx.put(&mut case);
        }
        Ok(Received {
            case,
            entry,
            effect,
        })
    }

    fn finish(received: &mut Received, committed: &Committed) {
        received.number(committed);
    }
}

/// Whether more was said in `case` after `at`, or it may have been closed then.
fn went_on_since(case: &Case, at: Time) -> bool {
    let said = case
        .attention
        .customer_last_at
        .max(case.attention.staff_last_at);
    said > Some(at) || case.closing.is_some() || case.reopened > 0
}

/// Adds an internal note to a case. The customer never sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AddNote {
    /// The case.
    pub case: CaseRef,
    /// The text.
    pub text: String,
    /// Agents who are to be told.
    #[serde(default)]
    pub mentions: BTreeSet<AgentId>,
    /// The draft that it was made from, which is discarded with it.
    #[serde(default)]
    pub draft: Option<DraftId>,
}

impl AddNote {
    /// A note that mentions nobody.
    pub fn new(case: impl Into<CaseRef>, text: &str) -> Self {
        Self {
            case: case.into(),
            text: text.to_owned(),
            mentions: BTreeSet::new(),
            draft: None,
        }
    }
}

impl Operation for AddNote {
    const NAME: &'static str = "add_note";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Said;

    async fn run(&self, cx: &mut Context) -> Result<Said> {
        let remark = cx.remark(&self.text, &self.mentions).await?;
        let mut case = cx.case(self.case).await?;
        let mut entry = cx.new_entry(&case, Body::Note(remark), cx.author(), cx.now());
        cx.add_entry(&mut case, &mut entry);
        cx.use_draft(self.draft, &case, DraftPurpose::Note).await?;
        Ok(Said { case, entry })
    }
}

/// Adds an internal comment to one activity. The customer never sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AddComment {
    /// The activity.
    pub activity: ActivityId,
    /// The text.
    pub text: String,
    /// Agents who are to be told.
    #[serde(default)]
    pub mentions: BTreeSet<AgentId>,
}

impl Operation for AddComment {
    const NAME: &'static str = "add_comment";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Said;

    async fn run(&self, cx: &mut Context) -> Result<Said> {
        let remark = cx.remark(&self.text, &self.mentions).await?;
        let activity: Activity = cx.get(self.activity).await?;
        // The activity must still be in that case when the comment arrives there.
        cx.check(&activity);
        let mut case = cx.case(activity.case.into()).await?;
        let mut entry = cx.new_entry(&case, Body::Comment(remark), cx.author(), cx.now());
        entry.activity = Some(activity.id);
        cx.add_entry(&mut case, &mut entry);
        Ok(Said { case, entry })
    }
}

impl Context {
    async fn remark(&mut self, text: &str, mentions: &BTreeSet<AgentId>) -> Result<Remark> {
        length::long("text", text)?;
        if text.trim().is_empty() {
            return Err(Error::invalid("`text` must not be empty"));
        }
        if mentions.len() > length::ITEMS {
            let message = format!("at most {} agents are mentioned at once", length::ITEMS);
            return Err(Error::new(crate::ErrorKind::Limit, message));
        }
        let keys: Vec<_> = mentions
            .iter()
            .map(|id| self.key(Kind::Agent, id.0))
            .collect();
        // In one round trip; the loop below finds them loaded.
        self.load(&keys).await?;
        for agent in mentions {
            self.active_agent(*agent).await?;
        }
        Ok(Remark {
            text: text.to_owned(),
            mentions: mentions.clone(),
        })
    }
}
