//! Each kind of record as a row.

use anyhow::{Result, ensure};
use casekit_core::model::{Activity, Case, Entry, Event, Time, Value, Visibility, WorkspaceId};
use casekit_core::query::{sort_key, words};
use rusqlite::{Connection, params};
use uuid::Uuid;

const NIL: [u8; 16] = [0; 16];

pub(super) fn insert_case(connection: &Connection, case: &Case) -> Result<()> {
    let sql = "INSERT INTO casekit_case (workspace, id, version, number, status, stage, assignee, \
         owner, customer, organisation, product, origin, priority, flagged, language, subject, \
         customer_name, opened_at, updated_at, closed_at, awaiting_since, customer_last_at, merged, \
         messages, reopened, first_reply_ms, resolution_ms, replied, body) VALUES (?1, ?2, ?3, ?4, \
         ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, \
         ?24, ?25, ?26, ?27, ?28, ?29)";
    connection.prepare_cached(sql)?.execute(params![
        case.workspace.0.as_bytes(),
        case.id.0.as_bytes(),
        case.version.0,
        case.number,
        case.status.name(),
        case.stage,
        case.assignee.map_or(NIL, |id| id.0.into_bytes()),
        case.owner.map_or(NIL, |id| id.0.into_bytes()),
        case.customer.0.as_bytes(),
        case.organisation.map_or(NIL, |id| id.0.into_bytes()),
        case.product.map_or(NIL, |id| id.0.into_bytes()),
        case.origin.name(),
        case.priority.level(),
        case.flagged,
        case.language.as_deref().unwrap_or_default(),
        sort_key(&case.subject),
        sort_key(&case.customer_name),
        case.opened_at.timestamp_millis(),
        case.updated_at.timestamp_millis(),
        or_never(case.closing.as_ref().map(|closing| closing.at)),
        or_never(case.attention.awaiting_since),
        case.attention
            .customer_last_at
            .map_or(0, |at| at.timestamp_millis()),
        case.merged_into.is_some(),
        case.attention.messages,
        case.reopened,
        case.first_reply_ms().unwrap_or(0),
        case.resolution_ms().unwrap_or(0),
        case.attention.first_reply_at.is_some(),
        serde_json::to_string(case)?,
    ])?;
    Ok(())
}

/// Writes what a reply changes of a case.
pub(super) fn update_answered(connection: &Connection, case: &Case) -> Result<()> {
    let sql = "UPDATE casekit_case SET version = ?1, updated_at = ?2, awaiting_since = ?3, \
         messages = ?4, first_reply_ms = ?5, replied = ?6, body = ?7 \
         WHERE workspace = ?8 AND id = ?9 AND version = ?1 - 1";
    let written = connection.prepare_cached(sql)?.execute(params![
        case.version.0,
        case.updated_at.timestamp_millis(),
        or_never(case.attention.awaiting_since),
        case.attention.messages,
        case.first_reply_ms().unwrap_or(0),
        case.attention.first_reply_at.is_some(),
        serde_json::to_string(case)?,
        case.workspace.0.as_bytes(),
        case.id.0.as_bytes(),
    ])?;
    ensure!(written == 1, "the case has changed");
    Ok(())
}

/// Writes what an edit of the priority changes of a case.
pub(super) fn update_priority(connection: &Connection, case: &Case) -> Result<()> {
    let sql = "UPDATE casekit_case SET version = ?1, updated_at = ?2, priority = ?3, body = ?4 \
         WHERE workspace = ?5 AND id = ?6 AND version = ?1 - 1";
    let written = connection.prepare_cached(sql)?.execute(params![
        case.version.0,
        case.updated_at.timestamp_millis(),
        case.priority.level(),
        serde_json::to_string(case)?,
        case.workspace.0.as_bytes(),
        case.id.0.as_bytes(),
    ])?;
    ensure!(written == 1, "the case has changed");
    Ok(())
}

pub(super) fn insert_activity(connection: &Connection, activity: &Activity) -> Result<()> {
    let sql = "INSERT INTO casekit_activity \
         (workspace, id, version, \"case\", customer, medium, started_at, body) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    connection.prepare_cached(sql)?.execute(params![
        activity.workspace.0.as_bytes(),
        activity.id.0.as_bytes(),
        activity.version.0,
        activity.case.0.as_bytes(),
        activity.customer.0.as_bytes(),
        activity.medium.name(),
        activity.started_at.timestamp_millis(),
        serde_json::to_string(activity)?,
    ])?;
    Ok(())
}

pub(super) fn update_activity(connection: &Connection, activity: &Activity) -> Result<()> {
    let sql = "UPDATE casekit_activity SET version = ?1, body = ?2 \
         WHERE workspace = ?3 AND id = ?4 AND version = ?1 - 1";
    let written = connection.prepare_cached(sql)?.execute(params![
        activity.version.0,
        serde_json::to_string(activity)?,
        activity.workspace.0.as_bytes(),
        activity.id.0.as_bytes(),
    ])?;
    ensure!(written == 1, "the activity has changed");
    Ok(())
}

pub(super) fn insert_entry(connection: &Connection, entry: &Entry) -> Result<()> {
    let sql = "INSERT INTO casekit_entry \
         (workspace, id, version, \"case\", activity, at, public, to_do, body) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    connection.prepare_cached(sql)?.execute(params![
        entry.workspace.0.as_bytes(),
        entry.id.0.as_bytes(),
        entry.version.0,
        entry.case.0.as_bytes(),
        entry.activity.map_or(NIL, |id| id.0.into_bytes()),
        entry.at.timestamp_millis(),
        entry.visibility == Visibility::Public,
        entry.to_do().name(),
        serde_json::to_string(entry)?,
    ])?;
    Ok(())
}

pub(super) fn insert_event(connection: &Connection, event: &Event) -> Result<()> {
    let sql = "INSERT INTO casekit_event (workspace, id, version, seq, \"case\", about, told, body) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    connection.prepare_cached(sql)?.execute(params![
        event.workspace.0.as_bytes(),
        event.id.0.as_bytes(),
        event.version.0,
        event.seq.0,
        event.case.map_or(NIL, |id| id.0.into_bytes()),
        event.about.id.as_bytes(),
        event.told.map_or(NIL, |id| id.0.into_bytes()),
        serde_json::to_string(event)?,
    ])?;
    Ok(())
}

/// The words of a record of a case, to be indexed.
pub(super) struct Text<'a> {
    pub(super) workspace: WorkspaceId,
    pub(super) kind: &'a str,
    pub(super) id: Uuid,
    pub(super) case: Uuid,
    pub(super) public: &'a str,
    pub(super) internal: &'a str,
}

impl Text<'_> {
    pub(super) fn insert(&self, connection: &Connection) -> Result<()> {
        let sql = "INSERT INTO casekit_pending \
             (workspace, kind, id, owner_kind, owner, public, internal) \
             VALUES (?1, ?2, ?3, 'case', ?4, ?5, ?6)";
        connection.prepare_cached(sql)?.execute(params![
            self.workspace.0.as_bytes(),
            self.kind,
            self.id.as_bytes(),
            self.case.as_bytes(),
            words(self.public).join(" "),
            words(self.internal).join(" "),
        ])?;
        Ok(())
    }
}

fn or_never(time: Option<Time>) -> i64 {
    time.map_or(Value::NEVER, |time| time.timestamp_millis())
}
