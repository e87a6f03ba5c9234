//! Opening a case, replying, changing a field.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use casekit_core::model::*;
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::rows::{self, Text};
use super::{Theirs, case, customer, decoded};

/// The milliseconds of a day, by which answered commits are kept.
const DAY_MS: i64 = 86_400_000;

impl Theirs {
    pub(super) fn open_case(
        &mut self,
        customer_id: CustomerId,
        subject: &str,
        text: &str,
    ) -> Result<Case> {
        let (workspace, agent, now) = (self.workspace, self.agent.clone(), now());
        let tx = self.begin()?;
        let customer = customer(&tx, workspace, customer_id)?;
        let (seq, number) = count(&tx, workspace, 3, 1)?;
        let (mut case, activity) = new_case(&agent, &customer, subject, number, now);
        let opened = Body::Happening(Happening::Opened {
            origin: Medium::Email,
            turn: Turn::Unchanged,
            stage: case.stage.clone(),
        });
        let opened = entry(&case, None, by(&agent), opened, now);
        let author = Author::Customer {
            id: customer.id,
            name: case.customer_name.clone(),
        };
        let message = entry(
            &case,
            Some(activity.id),
            author,
            message(text, &[], Delivery::Done),
            now,
        );
        case.attention.awaiting_since = Some(now);
        case.attention.customer_last_at = Some(now);
        case.attention.messages = 1;
        rows::insert_case(&tx, &case)?;
        rows::insert_activity(&tx, &activity)?;
        rows::insert_entry(&tx, &opened)?;
        rows::insert_entry(&tx, &message)?;
        let named = format!("{} {}", case.number, case.subject);
        let internal = format!("{} {} {}", case.customer_name, case.description, case.notes);
        text_of(&case, "case", case.id.0, &named, &internal).insert(&tx)?;
        text_of(&case, "entry", message.id.0, text, "").insert(&tx)?;
        let happened = [
            (What::Opened, case.key(), given_to_case(&case)),
            (
                What::ActivityRecorded,
                activity.key(),
                given_to_activity(&activity),
            ),
            (What::EntryAdded, message.key(), given_to_message()),
        ];
        for (seq, (what, about, given)) in (seq - 2..).zip(happened) {
            let mut event = event(&agent, "open_case", &case, what, about, seq, now);
            event.changes = given;
            rows::insert_event(&tx, &event)?;
        }
        let numbers = serde_json::to_string(&[(case.key(), case.number)])?;
        remember(&tx, workspace, seq, Some(&numbers), now)?;
        tx.commit()?;
        Ok(case)
    }

    pub(super) fn reply(&mut self, id: CaseId, text: &str) -> Result<(Case, Entry)> {
        let (workspace, agent, now) = (self.workspace, self.agent.clone(), now());
        let tx = self.begin()?;
        let mut case = case(&tx, workspace, id)?;
        let customer = customer(&tx, workspace, case.customer)?;
        let activity = case.exchanges.get(&Medium::Email).copied();
        let joined = match activity {
            Some(activity) => join(&tx, &agent, workspace, activity)?,
            None => None,
        };
        let events = 1 + u64::from(joined.is_some());
        let (seq, _) = count(&tx, workspace, events, 0)?;
        if let Some((about, changes)) = joined {
            let (what, before) = (What::Changed, seq - 1);
            let mut event = event(&agent, "reply", &case, what, about, before, now);
            event.changes = changes;
            rows::insert_event(&tx, &event)?;
        }
        let body = message(text, &customer.emails, Delivery::Pending);
        let mut entry = entry(&case, activity, by(&agent), body, now);
        entry.ended_wait = case.attention.awaiting_since.take();
        case.attention.messages += 1;
        case.attention.staff_last_at = Some(now);
        case.attention.first_reply_at.get_or_insert(now);
        case.updated_at = case.updated_at.max(now);
        case.version = case.version.next();
        rows::insert_entry(&tx, &entry)?;
        rows::update_answered(&tx, &case)?;
        text_of(&case, "entry", entry.id.0, text, "").insert(&tx)?;
        let mut event = event(
            &agent,
            "reply",
            &case,
            What::EntryAdded,
            entry.key(),
            seq,
            now,
        );
        event.changes = given_to_message();
        rows::insert_event(&tx, &event)?;
        remember(&tx, workspace, seq, None, now)?;
        tx.commit()?;
        Ok((case, entry))
    }

    pub(super) fn patch(&mut self, id: CaseId) -> Result<Case> {
        let (workspace, agent, now) = (self.workspace, self.agent.clone(), now());
        let tx = self.begin()?;
        let mut case = case(&tx, workspace, id)?;
        let (seq, _) = count(&tx, workspace, 1, 0)?;
        let before = std::mem::replace(&mut case.priority, Priority::Urgent);
        case.version = case.version.next();
        case.edited.0.insert("priority".to_owned(), case.version);
        case.updated_at = case.updated_at.max(now);
        rows::update_priority(&tx, &case)?;
        let mut event = event(
            &agent,
            "patch_case",
            &case,
            What::Changed,
            case.key(),
            seq,
            now,
        );
        event.changes = vec![FieldChange::new("priority", before, case.priority)];
        rows::insert_event(&tx, &event)?;
        remember(&tx, workspace, seq, None, now)?;
        tx.commit()?;
        Ok(case)
    }
}

/// Makes the agent take part in an activity; gives what the audit says of it, if they did not yet.
fn join(
    connection: &Connection,
    agent: &Agent,
    workspace: WorkspaceId,
    id: ActivityId,
) -> Result<Option<(Key, Vec<FieldChange>)>> {
    let sql = "SELECT body FROM casekit_activity WHERE workspace = ?1 AND id = ?2";
    let mut activity: Activity = decoded(connection, sql, (workspace.0, id.0))?;
    let before = activity.agents.clone();
    if !activity.agents.insert(agent.id) {
        return Ok(None);
    }
    let changes = vec![FieldChange::new("agents", before, &activity.agents)];
    activity.edited.mark("agents", activity.version);
    activity.version = activity.version.next();
    rows::update_activity(connection, &activity)?;
    Ok(Some((activity.key(), changes)))
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

/// Counts events and cases; gives the last number of each.
fn count(
    connection: &Connection,
    workspace: WorkspaceId,
    events: u64,
    cases: u64,
) -> Result<(u64, u64)> {
    let sql = "UPDATE casekit_counter SET seq = seq + ?2, number = number + ?3 \
         WHERE workspace = ?1 RETURNING seq, number";
    let mut statement = connection.prepare_cached(sql)?;
    let counted = params![workspace.0.as_bytes(), events, cases];
    Ok(statement.query_row(counted, |row| Ok((row.get(0)?, row.get(1)?)))?)
}

/// Keeps the answer, so that an operation that is sent again is not done again.
fn remember(
    connection: &Connection,
    workspace: WorkspaceId,
    seq: u64,
    numbers: Option<&str>,
    now: Time,
) -> Result<()> {
    let sql = "INSERT INTO casekit_commit (day, workspace, id, seq, numbers) \
         VALUES (?1, ?2, ?3, ?4, ?5)";
    let day = now.timestamp_millis().div_euclid(DAY_MS);
    let id = Uuid::now_v7();
    let kept = params![day, workspace.0.as_bytes(), id.as_bytes(), seq, numbers];
    connection.prepare_cached(sql)?.execute(kept)?;
    Ok(())
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

fn text_of<'a>(
    case: &Case,
    kind: &'a str,
    id: Uuid,
    public: &'a str,
    internal: &'a str,
) -> Text<'a> {
    Text {
        workspace: case.workspace,
        kind,
        id,
        case: case.id.0,
        public,
        internal,
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
