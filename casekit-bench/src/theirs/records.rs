//! The records that an operation writes, made by hand.

use std::collections::{BTreeMap, BTreeSet};

use casekit_core::model::*;
use uuid::Uuid;

/// What a new case comes with.
pub(crate) struct Opened {
    pub(crate) case: Case,
    pub(crate) activity: Activity,
    pub(crate) entries: [Entry; 2],
    pub(crate) events: [Event; 3],
}

/// A new case with its first message. The last of its three events is `seq`.
pub(crate) fn opened(
    agent: &Agent,
    customer: &Customer,
    (subject, text): (&str, &str),
    (seq, number): (u64, u64),
) -> Opened {
    let now = now();
    let (mut case, activity) = new_case(agent, customer, subject, number, now);
    let happened = Body::Happening(Happening::Opened {
        origin: Medium::Email,
        turn: Turn::Unchanged,
        stage: case.stage.clone(),
    });
    let author = Author::Customer {
        id: customer.id,
        name: case.customer_name.clone(),
    };
    let said = message(text, &[], Delivery::Done);
    let said = entry(&case, Some(activity.id), author, said, now);
    let entries = [entry(&case, None, by(agent), happened, now), said];
    case.attention.awaiting_since = Some(now);
    case.attention.customer_last_at = Some(now);
    case.attention.messages = 1;
    let event = |place, what, about, given| {
        let mut event = event(agent, "open_case", &case, what, about, seq - 2 + place, now);
        event.changes = given;
        event
    };
    let events = [
        event(0, What::Opened, case.key(), given_to_case(&case)),
        event(
            1,
            What::ActivityRecorded,
            activity.key(),
            given_to_activity(&activity),
        ),
        event(2, What::EntryAdded, entries[1].key(), given_to_message()),
    ];
    Opened {
        case,
        activity,
        entries,
        events,
    }
}

/// What a reply comes with.
pub(crate) struct Replied {
    pub(crate) entry: Entry,
    /// The activity, if the agent takes part in it from now on.
    pub(crate) joined: Option<Activity>,
    /// Without their sequence numbers.
    pub(crate) events: Vec<Event>,
}

impl Replied {
    /// Numbers the events; the last is `seq`.
    pub(crate) fn number(&mut self, seq: u64) {
        for (event, seq) in self.events.iter_mut().rev().zip((0..=seq).rev()) {
            event.seq = Seq(seq);
        }
    }
}

/// Answers the customer of `case` in `activity`.
pub(crate) fn replied(
    agent: &Agent,
    customer: &Customer,
    case: &mut Case,
    activity: Option<Activity>,
    text: &str,
) -> Replied {
    let now = now();
    let mut events = Vec::new();
    let about = activity.as_ref().map(|activity| activity.id);
    let joined = activity.and_then(|activity| join(agent, activity));
    if let Some((activity, changes)) = &joined {
        let mut event = event(agent, "reply", case, What::Changed, activity.key(), 0, now);
        event.changes.clone_from(changes);
        events.push(event);
    }
    let body = message(text, &customer.emails, Delivery::Pending);
    let mut entry = entry(case, about, by(agent), body, now);
    entry.ended_wait = case.attention.awaiting_since.take();
    case.attention.messages += 1;
    case.attention.staff_last_at = Some(now);
    case.attention.first_reply_at.get_or_insert(now);
    case.updated_at = case.updated_at.max(now);
    case.version = case.version.next();
    let mut said = event(agent, "reply", case, What::EntryAdded, entry.key(), 0, now);
    said.changes = given_to_message();
    events.push(said);
    Replied {
        entry,
        joined: joined.map(|(activity, _)| activity),
        events,
    }
}

/// Makes the agent take part in `activity`, with what the audit says of it; nothing if they did already.
fn join(agent: &Agent, mut activity: Activity) -> Option<(Activity, Vec<FieldChange>)> {
    let before = activity.agents.clone();
    if !activity.agents.insert(agent.id) {
        return None;
    }
    let changes = vec![FieldChange::new("agents", before, &activity.agents)];
    activity.edited.mark("agents", activity.version);
    activity.version = activity.version.next();
    Some((activity, changes))
}

/// Makes `case` urgent.
pub(crate) fn patched(agent: &Agent, case: &mut Case, seq: u64) -> Event {
    let now = now();
    let before = std::mem::replace(&mut case.priority, Priority::Urgent);
    case.version = case.version.next();
    case.edited.0.insert("priority".to_owned(), case.version);
    case.updated_at = case.updated_at.max(now);
    let what = What::Changed;
    let mut event = event(agent, "patch_case", case, what, case.key(), seq, now);
    event.changes = vec![FieldChange::new("priority", before, case.priority)];
    event
}

/// The words by which a case is found: those that its customer may know, and the others.
pub(crate) fn words_of(case: &Case) -> [String; 2] {
    [
        format!("{} {}", case.number, case.subject),
        format!("{} {} {}", case.customer_name, case.description, case.notes),
    ]
}

/// What the audit says of a new case.
fn given_to_case(case: &Case) -> Vec<FieldChange> {
    vec![
        FieldChange::new("subject", (), &case.subject),
        FieldChange::new("customer", (), case.customer),
        FieldChange::new("origin", (), case.origin),
        FieldChange::new("status", (), case.status),
        FieldChange::new("stage", (), &case.stage),
        FieldChange::new("owner", (), case.owner),
        FieldChange::new("assignee", (), case.assignee),
    ]
}

/// What the audit says of a new activity.
fn given_to_activity(activity: &Activity) -> Vec<FieldChange> {
    vec![
        FieldChange::new("medium", (), activity.medium),
        FieldChange::new("subject", (), &activity.subject),
        FieldChange::new("started_at", (), activity.started_at),
    ]
}

/// What the audit says of a new message.
fn given_to_message() -> Vec<FieldChange> {
    vec![
        FieldChange::new("kind", (), "message"),
        FieldChange::new("visibility", (), Visibility::Public),
    ]
}

fn new_case(
    agent: &Agent,
    customer: &Customer,
    subject: &str,
    number: u64,
    now: Time,
) -> (Case, Activity) {
    let id = CaseId(Uuid::now_v7());
    let activity = Activity {
        id: ActivityId(Uuid::now_v7()),
        workspace: agent.workspace,
        version: Version(1),
        case: id,
        customer: customer.id,
        medium: Medium::Email,
        subject: subject.to_owned(),
        started_at: now,
        ended_at: None,
        tags: BTreeSet::new(),
        agents: BTreeSet::new(),
        others: BTreeSet::new(),
        external_id: None,
        edited: Edited::default(),
    };
    let case = Case {
        id,
        workspace: agent.workspace,
        version: Version(1),
        number,
        subject: subject.to_owned(),
        description: String::new(),
        product: None,
        priority: Priority::Normal,
        tags: BTreeSet::new(),
        language: customer.language.clone(),
        flagged: false,
        custom: CustomValues::new(),
        notes: String::new(),
        origin: Medium::Email,
        status: Status::Active,
        stage: "new".to_owned(),
        closing: None,
        reopened: 0,
        customer: customer.id,
        customer_name: customer.display_name().to_owned(),
        organisation: customer.organisation,
        owner: Some(agent.id),
        assignee: Some(agent.id),
        operators: BTreeSet::new(),
        opened_at: now,
        updated_at: now,
        attention: Attention::default(),
        exchanges: BTreeMap::from([(Medium::Email, activity.id)]),
        merged_into: None,
        absorbed: BTreeSet::new(),
        gained: Gained::default(),
        external_id: None,
        edited: Edited::default(),
    };
    (case, activity)
}

fn entry(
    case: &Case,
    activity: Option<ActivityId>,
    author: Author,
    body: Body,
    now: Time,
) -> Entry {
    Entry {
        id: EntryId(Uuid::now_v7()),
        workspace: case.workspace,
        version: Version(1),
        case: case.id,
        was_in: Vec::new(),
        activity,
        at: now,
        author,
        visibility: Visibility::Public,
        body,
        ended_wait: None,
        edited: Edited::default(),
        correction: None,
    }
}

fn message(text: &str, to: &[String], delivery: Delivery) -> Body {
    Body::Message(Message {
        sender: None,
        to: to.iter().take(1).cloned().collect(),
        cc: Vec::new(),
        bcc: Vec::new(),
        subject: String::new(),
        text: text.to_owned(),
        html: None,
        attachments: Vec::new(),
        automatic: false,
        delivery,
    })
}

fn by(agent: &Agent) -> Author {
    Author::Agent {
        id: agent.id,
        name: agent.name.clone(),
    }
}

fn event(
    agent: &Agent,
    operation: &str,
    case: &Case,
    what: What,
    about: Key,
    seq: u64,
    now: Time,
) -> Event {
    Event {
        id: EventId(Uuid::now_v7()),
        workspace: case.workspace,
        version: Version(1),
        seq: Seq(seq),
        at: now,
        actor: Actor::Agent(agent.id),
        operation: operation.to_owned(),
        what,
        case: Some(case.id),
        about,
        told: matches!(what, What::Opened | What::EntryAdded).then_some(case.customer),
        changes: Vec::new(),
    }
}

/// The time now, to the millisecond.
fn now() -> Time {
    let now = chrono::Utc::now();
    chrono::DateTime::from_timestamp_millis(now.timestamp_millis()).unwrap_or(now)
}
