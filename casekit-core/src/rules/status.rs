//! Closing, reopening, and what a customer's message does to a closed case.

use chrono::TimeDelta;

use crate::error::{Error, Result};
use crate::model::{Actor, Case, Closing, FieldChange, Stage, Status, Time, Workspace};

use super::edit::differing;

/// What a customer's message to a case does to its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnMessage {
    /// The case is active, or was closed after it: it stays as it is.
    Stay,
    /// It was closed a short while ago: it is reopened.
    Reopen,
    /// It was closed long ago: a new case follows it up.
    FollowUp,
}

/// What a customer's message or call at `at` does to `case`.
pub(crate) fn on_message(case: &Case, workspace: &Workspace, at: Time) -> OnMessage {
    let Some(closing) = case.closing.as_ref().filter(|closing| closing.at <= at) else {
        return OnMessage::Stay;
    };
    let within = TimeDelta::days(workspace.settings.reopen_within_days.into());
    if at - closing.at <= within {
        OnMessage::Reopen
    } else {
        OnMessage::FollowUp
    }
}

/// Closes an active case.
pub(crate) fn close(
    case: &mut Case,
    workspace: &Workspace,
    closing: Closing,
) -> Result<Vec<FieldChange>> {
    if case.status == Status::Closed {
        return Err(Error::conflict(format!(
            "{} is closed already",
            case.name()
        )));
    }
    let stage = first_stage(workspace, Status::Closed)?;
    let changes = vec![
        FieldChange::new("status", case.status, Status::Closed),
        FieldChange::new("stage", &case.stage, &stage.key),
    ];
    case.status = Status::Closed;
    case.stage.clone_from(&stage.key);
    case.attention.awaiting_since = None;
    case.closing = Some(closing);
    Ok(changes)
}

/// Makes a closed case active again. Whether the assignee still works here is the caller's to say.
pub(crate) fn reopen(
    case: &mut Case,
    workspace: &Workspace,
    assignee_works_here: AssigneeWorks,
) -> Result<Vec<FieldChange>> {
    if case.status == Status::Active {
        return Err(Error::conflict(format!(
            "{} is active already",
            case.name()
        )));
    }
    let stage = first_stage(workspace, Status::Active)?;
    let mut changes = vec![
        FieldChange::new("status", case.status, Status::Active),
        FieldChange::new("stage", &case.stage, &stage.key),
    ];
    case.status = Status::Active;
    case.stage.clone_from(&stage.key);
    case.closing = None;
    case.reopened += 1;
    if assignee_works_here == AssigneeWorks::NotHere && case.assignee.is_some() {
        changes.push(FieldChange::new("assignee", case.assignee, ()));
        case.assignee = None;
    }
    Ok(changes)
}

/// What differs in how `case` is worked on: its status, its stage, and who works on it.
pub(crate) fn changes(before: &Case, after: &Case) -> Vec<FieldChange> {
    differing([
        FieldChange::new("status", before.status, after.status),
        FieldChange::new("stage", &before.stage, &after.stage),
        FieldChange::new("owner", before.owner, after.owner),
        FieldChange::new("assignee", before.assignee, after.assignee),
    ])
}

/// Whether the assignee of a case is an active agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AssigneeWorks {
    /// Is an active agent.
    Here,
    /// Is not, or nobody is assigned.
    NotHere,
}

/// Moves an active case to another stage of its status.
pub(crate) fn set_stage(
    case: &mut Case,
    workspace: &Workspace,
    key: &str,
) -> Result<Vec<FieldChange>> {
    let stage = known_stage(workspace, key)?;
    if stage.retired {
        return Err(no_stage(workspace, key));
    }
    if stage.status != case.status {
        return Err(Error::invalid(format!(
            "`{key}` is a stage of {} cases and {} is {}: close or reopen it",
            stage.status.name(),
            case.name(),
            case.status.name()
        )));
    }
    if case.stage == stage.key {
        return Ok(Vec::new());
    }
    let change = FieldChange::new("stage", &case.stage, &stage.key);
    case.stage.clone_from(&stage.key);
    Ok(vec![change])
}

/// The stage with this key; a retired one is known too, for there may be cases in it.
pub(crate) fn known_stage<'a>(workspace: &'a Workspace, key: &str) -> Result<&'a Stage> {
    workspace.stage(key).ok_or_else(|| no_stage(workspace, key))
}

fn no_stage(workspace: &Workspace, key: &str) -> Error {
    let open = workspace.stages.iter().filter(|stage| !stage.retired);
    let known: Vec<_> = open.map(|stage| format!("`{}`", stage.key)).collect();
    Error::invalid(format!(
        "there is no stage `{key}`: there are {}",
        known.join(", ")
    ))
}

/// The stage in which cases enter `status`.
pub(crate) fn first_stage(workspace: &Workspace, status: Status) -> Result<&Stage> {
    workspace
        .first_stage(status)
        .ok_or_else(|| Error::bug("a workspace without a stage for a status was stored"))
}

/// The record of a closing.
pub(crate) fn closing(at: Time, by: Actor, reason: &str) -> Closing {
    Closing {
        at,
        by,
        reason: reason.to_owned(),
    }
}
