//! What the lines of another system's log mean for a case.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::model::{Actor, Agent, Case, Happening, Status, Time, Turn, Workspace};
use crate::query::words;

use super::status::{self, AssigneeWorks};

/// The stages that a log's lines lead to, where a workspace has them.
const IN_PROGRESS: &str = "in_progress";
const WAITING: &str = "waiting_for_customer";
const RESOLVED: &str = "resolved";

/// What an activity of a log means for its case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LogAction {
    /// The agent takes it.
    Take,
    /// It waits for the customer, who was answered.
    Wait,
    /// It is resolved, and the customer was answered.
    Resolve,
    /// It is closed.
    Close,
    /// It is made active again.
    Reopen,
    /// Nothing but that it happened.
    Record,
}

/// What an activity of a log means, judged by the first word of its name.
pub(crate) fn meaning(activity: &str) -> LogAction {
    let words = words(activity);
    match words.first().map(String::as_str) {
        Some("take" | "taken" | "claim" | "claimed" | "accept" | "accepted") => LogAction::Take,
        Some("wait" | "waiting" | "pending" | "suspend" | "suspended") => LogAction::Wait,
        Some("resolve" | "resolved" | "solve" | "solved") => LogAction::Resolve,
        Some("close" | "closed" | "complete" | "completed") => LogAction::Close,
        Some("reopen" | "reopened") => LogAction::Reopen,
        _ => LogAction::Record,
    }
}

/// Whose turn a line of a log makes it: who waits for the customer, or has resolved the case, has
/// answered them.
pub(crate) fn turn(action: LogAction) -> Turn {
    match action {
        LogAction::Wait | LogAction::Resolve => Turn::Customer,
        LogAction::Take | LogAction::Close | LogAction::Reopen | LogAction::Record => {
            Turn::Unchanged
        }
    }
}

/// Applies what a line of a log means to `case`; gives the history that follows from it.
///
/// A line that means work on a closed case reopens it.
pub(crate) fn apply(
    case: &mut Case,
    workspace: &Workspace,
    action: LogAction,
    line: &Line<'_>,
) -> Result<Vec<Happening>> {
    let mut history = Vec::new();
    let works = matches!(
        action,
        LogAction::Take | LogAction::Wait | LogAction::Resolve | LogAction::Reopen
    );
    if works && case.status == Status::Closed {
        status::reopen(case, workspace, AssigneeWorks::Here)?;
        let stage = case.stage.clone();
        history.push(Happening::Reopened { stage });
    }
    match action {
        LogAction::Take => {
            if let Some(agent) = line.agent {
                case.assignee = Some(agent.id);
                case.owner.get_or_insert(agent.id);
                history.push(Happening::Taken);
            }
            history.extend(enter(case, workspace, IN_PROGRESS)?);
        }
        LogAction::Wait => history.extend(enter(case, workspace, WAITING)?),
        LogAction::Resolve => history.extend(enter(case, workspace, RESOLVED)?),
        LogAction::Close if case.status == Status::Active => {
            let by = line.agent.map(|agent| Actor::Agent(agent.id));
            let by = by.unwrap_or(Actor::System);
            status::close(case, workspace, status::closing(line.at, by, line.activity))?;
            let (reason, stage) = (line.activity.to_owned(), case.stage.clone());
            history.push(Happening::Closed { reason, stage });
        }
        LogAction::Close | LogAction::Reopen | LogAction::Record => {}
    }
    case.updated_at = case.updated_at.max(line.at);
    Ok(history)
}

/// A line of a log.
#[derive(Debug)]
pub(crate) struct Line<'a> {
    /// What the log calls it.
    pub(crate) activity: &'a str,
    /// When it happened.
    pub(crate) at: Time,
    /// Who did it.
    pub(crate) agent: Option<&'a Agent>,
}

/// Moves an active case to a stage, if the workspace has it in use and the case is not in it.
fn enter(case: &mut Case, workspace: &Workspace, key: &str) -> Result<Option<Happening>> {
    if !workspace
        .stages_of(case.status)
        .any(|stage| stage.key == key)
    {
        return Ok(None);
    }
    let before = case.stage.clone();
    status::set_stage(case, workspace, key)?;
    let after = case.stage.clone();
    Ok((before != after).then_some(Happening::StageChanged { before, after }))
}
