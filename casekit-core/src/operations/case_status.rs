//! The status of cases: staged, closed, reopened.

use serde::{Deserialize, Serialize};

use super::{CaseRef, Operation, Staff};
use crate::desk::Context;
use crate::error::Result;
use crate::model::{Agent, Case, Happening, Version, What};
use crate::port::Access;
use crate::rules::edit::{refuse_stale, refuse_unread};
use crate::rules::status::AssigneeWorks;
use crate::rules::{length, status};

impl Context {
    /// Whether the assignee of `case` is an active agent.
    pub(crate) async fn assignee_works(&mut self, case: &Case) -> Result<AssigneeWorks> {
        let assignee = match case.assignee {
            Some(id) => self.find_one::<Agent>(id).await?,
            None => None,
        };
        Ok(match assignee {
            Some(agent) if agent.active => AssigneeWorks::Here,
            _ => AssigneeWorks::NotHere,
        })
    }

    /// Stages the closing of an active case.
    pub(crate) fn close_case(&mut self, case: &mut Case, reason: &str) -> Result<()> {
        length::short("reason", reason)?;
        let closing = status::closing(self.now(), self.actor(), reason);
        let changes = status::close(case, self.workspace()?, closing)?;
        let (reason, stage) = (reason.to_owned(), case.stage.clone());
        self.happened(
            case,
            What::Closed,
            Happening::Closed { reason, stage },
            changes,
        );
        Ok(())
    }

    /// Stages the reopening of a closed case.
    pub(crate) async fn reopen_case(&mut self, case: &mut Case) -> Result<()> {
        let works = self.assignee_works(case).await?;
        let changes = status::reopen(case, self.workspace()?, works)?;
        let stage = case.stage.clone();
        self.happened(case, What::Reopened, Happening::Reopened { stage }, changes);
        Ok(())
    }
}

/// Moves an active case to another stage, such as `waiting_for_customer`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetStage {
    /// The case.
    pub case: CaseRef,
    /// The key of the stage.
    pub stage: String,
    /// The version of the case that was seen: refused if the stage was changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Version>,
}

impl Operation for SetStage {
    const NAME: &'static str = "set_stage";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Case;

    async fn run(&self, cx: &mut Context) -> Result<Case> {
        let mut case = cx.case_as_seen(self.case, self.seen).await?;
        refuse_stale(&case, "stage", &case.stage, self.seen)?;
        cx.set_stage(&mut case, &self.stage)?;
        Ok(case)
    }
}

impl Context {
    /// Stages another stage of `case`, if it is not in it already.
    pub(crate) fn set_stage(&mut self, case: &mut Case, stage: &str) -> Result<()> {
        let before = case.stage.clone();
        let workspace = self.workspace()?.clone();
        let changes = status::set_stage(case, &workspace, stage)?;
        if !changes.is_empty() {
            // The stage may be retired at the same moment.
            self.check(&workspace);
            let after = case.stage.clone();
            self.happened(
                case,
                What::Changed,
                Happening::StageChanged { before, after },
                changes,
            );
        }
        Ok(())
    }
}

/// Closes (completes) an active case.
///
/// # Errors
/// `Conflict` if it is closed already, or if after `seen` the customer wrote or called or it was merged.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CloseCase {
    /// The case.
    pub case: CaseRef,
    /// Why, for staff only.
    #[serde(default)]
    pub reason: String,
    /// The version of the case that was seen: refused if the customer wrote or called since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Version>,
}

impl CloseCase {
    /// The closing of `case` for `reason`, whatever was said meanwhile.
    pub fn new(case: impl Into<CaseRef>, reason: &str) -> Self {
        Self {
            case: case.into(),
            reason: reason.to_owned(),
            seen: None,
        }
    }
}

impl Operation for CloseCase {
    const NAME: &'static str = "close_case";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Case;

    async fn run(&self, cx: &mut Context) -> Result<Case> {
        let mut case = cx.case_as_seen(self.case, self.seen).await?;
        refuse_unread(&case, self.seen)?;
        cx.close_case(&mut case, &self.reason)?;
        Ok(case)
    }
}

/// Makes a closed case active again. It keeps its assignee if that agent is active.
///
/// # Errors
/// `Conflict` if it is active already.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReopenCase {
    /// The case.
    pub case: CaseRef,
}

impl Operation for ReopenCase {
    const NAME: &'static str = "reopen_case";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Case;

    async fn run(&self, cx: &mut Context) -> Result<Case> {
        let mut case = cx.case(self.case).await?;
        cx.reopen_case(&mut case).await?;
        Ok(case)
    }
}
