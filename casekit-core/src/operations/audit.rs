//! The audit: every change, who, when, from what to what.

use serde::{Deserialize, Serialize};

use super::finding::descending;
use super::reading::hundred;
use super::{Operation, Staff};
use crate::desk::Context;
use crate::error::Result;
use crate::model::{Case, CaseId, Event, Kind, Seq};
use crate::port::Access;
use crate::query::{Cursor, Direction, Filter, Query};

/// Reads the audit of a case or, with the right to supervise, of the workspace.
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
        Ok(AuditPage {
            events: page.records,
            next: page.next,
        })
    }
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
        cx.feed(self.after, self.limit.clamp(1, crate::query::MAX_LIMIT)).await
    }
}
