//! The audit: every change, who, when, from what to what.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::correcting::BODY;
use super::finding::descending;
use super::reading::hundred;
use super::{Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{Body, Case, CaseId, Entry, Event, FromEntity, Key, Kind, Seq, Stored, What};
use crate::port::Access;
use crate::query::{Cursor, Direction, Filter, MAX_LIMIT, Query};

/// Reads the audit of a case or, with the right to supervise, of the workspace. What an entry said that was
/// redacted is told to those only who may supervise.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadAudit {
    /// The case, also one that was deleted; null for the workspace.
    #[serde(default)]
    pub case: Option<CaseId>,
    /// Oldest or newest first.
    #[serde(default = "descending")]
    pub direction: Direction,
    /// Continues after an earlier page.
    #[serde(default)]
    pub after: Option<Cursor>,
    /// At most so many events, up to 1,000.
    #[serde(default = "hundred")]
    pub limit: u32,
}

impl ReadAudit {
    /// The audit of a case, newest first.
    pub fn of(case: CaseId) -> Self {
        Self {
            case: Some(case),
            direction: descending(),
            after: None,
            limit: hundred(),
        }
    }
}

/// A page of the audit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditPage {
    /// The events.
    pub events: Vec<Event>,
    /// Where the next page begins.
    pub next: Option<Cursor>,
}

impl Operation for ReadAudit {
    const NAME: &'static str = "read_audit";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = AuditPage;

    async fn run(&self, cx: &mut Context) -> Result<AuditPage> {
        let filter = match self.case {
            Some(case) => {
                if let Some(case) = cx.find_one::<Case>(case).await? {
                    cx.allow_case(&case)?;
                }
                Filter::equal("case", case)
            }
            None => {
                cx.require(Access::Supervise)?;
                Filter::all()
            }
        };
        let mut query = Query::all(cx.workspace_id(), Kind::Event)
            .filter(filter)
            .sort("seq", self.direction)
            .limit(self.limit);
        query.after.clone_from(&self.after);
        let page = cx.find(&query).await?;
        let mut events = page.records;
        if cx.require(Access::Supervise).is_err() {
            cx.hide_redacted(&mut events).await?;
        }
        Ok(AuditPage {
            events,
            next: page.next,
        })
    }
}

impl Context {
    /// Takes what redacted entries said out of `events`.
    async fn hide_redacted(&mut self, events: &mut [Event]) -> Result<()> {
        let told: Vec<Key> = events
            .iter()
            .filter(|event| says_body(event))
            .map(|event| event.about)
            .collect();
        let entries = self
            .load(&told)
            .await?
            .into_iter()
            .flatten()
            .filter_map(Entry::shared);
        let redacted: BTreeSet<Key> = entries
            .filter(|entry| matches!(entry.body, Body::Redacted { .. }))
            .map(|entry| entry.key())
            .collect();
        for event in events.iter_mut() {
            if event.what == What::EntryRedacted || redacted.contains(&event.about) {
                event.changes.retain(|change| change.field != BODY);
            }
        }
        Ok(())
    }
}

fn says_body(event: &Event) -> bool {
    event.about.kind == Kind::Entry && event.changes.iter().any(|change| change.field == BODY)
}

/// Reads the events of the workspace after a sequence number, in order: to follow what happens.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadEvents {
    /// The last event that was seen; 0 for none.
    pub after: Seq,
    /// At most so many events, up to 1,000.
    #[serde(default = "hundred")]
    pub limit: u32,
}

impl Operation for ReadEvents {
    const NAME: &'static str = "read_events";
    const ACCESS: Access = Access::Supervise;
    type For = Staff;
    type Output = Vec<Event>;

    async fn run(&self, cx: &mut Context) -> Result<Vec<Event>> {
        if !(1..=MAX_LIMIT).contains(&self.limit) {
            let limit = self.limit;
            return Err(Error::invalid(format!(
                "a page holds 1 to {MAX_LIMIT} events, not {limit}"
            )));
        }
        cx.feed(self.after, self.limit).await
    }
}
