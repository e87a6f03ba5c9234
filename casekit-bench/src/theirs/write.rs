//! Opening a case, replying, changing a field.

use anyhow::Result;
use casekit_core::model::*;
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::records::{self, Opened};
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
        let (workspace, agent) = (self.workspace, self.agent.clone());
        let tx = self.begin()?;
        let customer = customer(&tx, workspace, customer_id)?;
        let counted = count(&tx, workspace, 3, 1)?;
        let Opened {
            case,
            activity,
            entries,
            events,
        } = records::opened(&agent, &customer, (subject, text), counted);
        rows::insert_case(&tx, &case)?;
        rows::insert_activity(&tx, &activity)?;
        for entry in &entries {
            rows::insert_entry(&tx, entry)?;
        }
        let [public, internal] = records::words_of(&case);
        text_of(&case, "case", case.id.0, &public, &internal).insert(&tx)?;
        text_of(&case, "entry", entries[1].id.0, text, "").insert(&tx)?;
        for event in &events {
            rows::insert_event(&tx, event)?;
        }
        let numbers = serde_json::to_string(&[(case.key(), case.number)])?;
        remember(&tx, workspace, counted.0, Some(&numbers))?;
        tx.commit()?;
        Ok(case)
    }

    pub(super) fn reply(&mut self, id: CaseId, text: &str) -> Result<(Case, Entry)> {
        let (workspace, agent) = (self.workspace, self.agent.clone());
        let tx = self.begin()?;
        let mut case = case(&tx, workspace, id)?;
        let customer = customer(&tx, workspace, case.customer)?;
        let activity = match case.exchanges.get(&Medium::Email) {
            Some(id) => {
                let sql = "SELECT body FROM casekit_activity WHERE workspace = ?1 AND id = ?2";
                Some(decoded(&tx, sql, (workspace.0, id.0))?)
            }
            None => None,
        };
        let mut replied = records::replied(&agent, &customer, &mut case, activity, text);
        let (seq, _) = count(&tx, workspace, replied.events.len() as u64, 0)?;
        replied.number(seq);
        let entry = replied.entry;
        if let Some(activity) = &replied.joined {
            rows::update_activity(&tx, activity)?;
        }
        rows::insert_entry(&tx, &entry)?;
        rows::update_answered(&tx, &case)?;
        text_of(&case, "entry", entry.id.0, text, "").insert(&tx)?;
        for event in &replied.events {
            rows::insert_event(&tx, event)?;
        }
        remember(&tx, workspace, seq, None)?;
        tx.commit()?;
        Ok((case, entry))
    }

    pub(super) fn patch(&mut self, id: CaseId) -> Result<Case> {
        let (workspace, agent) = (self.workspace, self.agent.clone());
        let tx = self.begin()?;
        let mut case = case(&tx, workspace, id)?;
        let (seq, _) = count(&tx, workspace, 1, 0)?;
        let event = records::patched(&agent, &mut case, seq);
        rows::update_priority(&tx, &case)?;
        rows::insert_event(&tx, &event)?;
        remember(&tx, workspace, seq, None)?;
        tx.commit()?;
        Ok(case)
    }
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
) -> Result<()> {
    let sql = "INSERT INTO casekit_commit (day, workspace, id, seq, numbers) \
         VALUES (?1, ?2, ?3, ?4, ?5)";
    let day = chrono::Utc::now().timestamp_millis().div_euclid(DAY_MS);
    let id = Uuid::now_v7();
    let kept = params![day, workspace.0.as_bytes(), id.as_bytes(), seq, numbers];
    connection.prepare_cached(sql)?.execute(kept)?;
    Ok(())
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
