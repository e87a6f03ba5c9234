//! What the lines of another system's log mean for a case.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::model::{Actor, Agent, Case, Closing, Happening, Status, Time, Turn, Workspace};
use crate::query::words;

use super::status::first_stage;

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
        case.status = Status::Active;
        case.closing = None;
        case.reopened += 1;
        first_stage(workspace, Status::Active)?
            .key
            .clone_into(&mut case.stage);
        history.push(Happening::Reopened {
            stage: case.stage.clone(),
        });
    }
    match action {
        LogAction::Take => {
            if let Some(agent) = line.agent {
                case.assignee = Some(agent.id);
                case.owner.get_or_insert(agent.id);
                history.push(Happening::Taken);
            }
            history.extend(enter(case, workspace, IN_PROGRESS));
        }
        LogAction::Wait | LogAction::Resolve => {
            let stage = if action == LogAction::Wait {
                WAITING
            } else {
                RESOLVED
            };
            history.extend(enter(case, workspace, stage));
        }
        LogAction::Close if case.status == Status::Active => {
            case.status = Status::Closed;
            first_stage(workspace, Status::Closed)?
                .key
                .clone_into(&mut case.stage);
            let reason = line.activity.to_owned();
            case.closing = Some(Closing {
                at: line.at,
                by: line
                    .agent
                    .map_or(Actor::System, |agent| Actor::Agent(agent.id)),
                reason: reason.clone(),
            });
            history.push(Happening::Closed {
                reason,
                stage: case.stage.clone(),
            });
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

/// Moves an active case to a stage, if the workspace has it and the case is not in it.
fn enter(case: &mut Case, workspace: &Workspace, key: &str) -> Option<Happening> {
    let stage = workspace
        .stage(key)
        .filter(|stage| stage.status == case.status)?;
    if case.stage == stage.key {
        return None;
    }
    let before = std::mem::replace(&mut case.stage, stage.key.clone());
    Some(Happening::StageChanged {
        before,
        after: stage.key.clone(),
    })
}
