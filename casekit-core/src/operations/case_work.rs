//! Who works on a case: take, assign, transfer, operators, tags.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::patch::decided;
#[cfg(feature = "schema")]
use super::patch::decided_schema;
use super::{CaseRef, Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{
    Agent, AgentId, AgentName, Case, FieldChange, Happening, Status, Version, What,
};
use crate::port::Access;
use crate::rules::edit::refuse_stale;
use crate::rules::{length, status, tags};

/// Takes a case that nobody has: the first who takes it gets it.
///
/// # Errors
/// `Conflict` if another agent has it; the details name them. Taking what one has already changes nothing.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TakeCase {
    /// The case.
    pub case: CaseRef,
}

impl Operation for TakeCase {
    const NAME: &'static str = "take_case";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Case;

    async fn run(&self, cx: &mut Context) -> Result<Case> {
        let me = cx.agent_name()?;
        let mut case = cx.case(self.case).await?;
        match case.assignee {
            Some(holder) if holder == me.id => return Ok(case),
            Some(holder) => return Err(held(&case, &cx.get(holder).await?)),
            None => {}
        }
        refuse_closed(&case, "taken")?;
        let before = case.clone();
        case.assignee = Some(me.id);
        case.owner.get_or_insert(me.id);
        let changes = status::changes(&before, &case);
        cx.happened(&mut case, What::Taken, Happening::Taken, changes);
        Ok(case)
    }
}

fn held(case: &Case, holder: &Agent) -> Error {
    Error::conflict(format!("{} is already with {}", case.name(), holder.name)).with_details(
        serde_json::json!({ "field": "assignee", "current": holder.id, "name": holder.name }),
    )
}

fn refuse_closed(case: &Case, done: &str) -> Result<()> {
    if case.status == Status::Active {
        return Ok(());
    }
    Err(Error::conflict(format!(
        "{} is closed and cannot be {done}: reopen it first",
        case.name()
    )))
}

/// Assigns a case to an active agent, whoever had it, or to nobody.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AssignCase {
    /// The case.
    pub case: CaseRef,
    /// The agent; null for nobody.
    #[serde(deserialize_with = "decided")]
    #[cfg_attr(
        feature = "schema",
        schemars(schema_with = "decided_schema::<AgentId>")
    )]
    pub to: Option<AgentId>,
    /// The version of the case that was seen: refused if the assignee was changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Version>,
}

impl Operation for AssignCase {
    const NAME: &'static str = "assign_case";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Case;

    async fn run(&self, cx: &mut Context) -> Result<Case> {
        let mut case = cx.case_as_seen(self.case, self.seen).await?;
        refuse_stale(&case, "assignee", case.assignee, self.seen)?;
        cx.assign(&mut case, self.to).await?;
        Ok(case)
    }
}

impl Context {
    /// Stages another assignee of `case`, if it has not that one already.
    pub(crate) async fn assign(&mut self, case: &mut Case, to: Option<AgentId>) -> Result<()> {
        if case.assignee == to {
            return Ok(());
        }
        let to = match to {
            Some(id) => Some(name_of(&self.active_agent(id).await?)),
            None => None,
        };
        let assignee = to.as_ref().map(|agent| agent.id);
        let changes = vec![FieldChange::new("assignee", case.assignee, assignee)];
        case.assignee = assignee;
        self.happened(case, What::Assigned, Happening::Assigned { to }, changes);
        Ok(())
    }
}

fn name_of(agent: &Agent) -> AgentName {
    AgentName {
        id: agent.id,
        name: agent.name.clone(),
    }
}

/// Hands an active case to another agent, with a note.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TransferCase {
    /// The case.
    pub case: CaseRef,
    /// The agent who gets it.
    pub to: AgentId,
    /// What the other should know, for staff only.
    #[serde(default)]
    pub note: String,
    /// The version of the case that was seen: refused if the assignee was changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen: Option<Version>,
}

impl Operation for TransferCase {
    const NAME: &'static str = "transfer_case";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Case;

    async fn run(&self, cx: &mut Context) -> Result<Case> {
        length::long("note", &self.note)?;
        let mut case = cx.case_as_seen(self.case, self.seen).await?;
        refuse_closed(&case, "transferred")?;
        refuse_stale(&case, "assignee", case.assignee, self.seen)?;
        let to = name_of(&cx.active_agent(self.to).await?);
        if case.assignee == Some(to.id) {
            return Err(Error::conflict(format!(
                "{} is already with {}",
                case.name(),
                to.name
            )));
        }
        let changes = vec![FieldChange::new("assignee", case.assignee, to.id)];
        case.assignee = Some(to.id);
        let note = self.note.clone();
        cx.happened(
            &mut case,
            What::Transferred,
            Happening::Transferred { to, note },
            changes,
        );
        Ok(case)
    }
}

/// Adds an operator: an agent who works on the case beside the assignee.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AddOperator {
    /// The case.
    pub case: CaseRef,
    /// The agent, who must be active.
    pub operator: AgentId,
}

impl Operation for AddOperator {
    const NAME: &'static str = "add_operator";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Case;

    async fn run(&self, cx: &mut Context) -> Result<Case> {
        let mut case = cx.case(self.case).await?;
        let operator = name_of(&cx.active_agent(self.operator).await?);
        if case.operators.len() >= length::ITEMS {
            return Err(Error::new(
                crate::ErrorKind::Limit,
                format!("a case has at most {} operators", length::ITEMS),
            ));
        }
        if case.operators.insert(operator.id) {
            let changes = vec![FieldChange::new("operators", (), operator.id)];
            cx.happened(
                &mut case,
                What::OperatorJoined,
                Happening::OperatorJoined { operator },
                changes,
            );
        }
        Ok(case)
    }
}

/// Removes an operator from a case.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RemoveOperator {
    /// The case.
    pub case: CaseRef,
    /// The agent.
    pub operator: AgentId,
}

impl Operation for RemoveOperator {
    const NAME: &'static str = "remove_operator";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Case;

    async fn run(&self, cx: &mut Context) -> Result<Case> {
        let mut case = cx.case(self.case).await?;
        if case.operators.remove(&self.operator) {
            let operator = name_of(&cx.get(self.operator).await?);
            let changes = vec![FieldChange::new("operators", operator.id, ())];
            cx.happened(
                &mut case,
                What::OperatorLeft,
                Happening::OperatorLeft { operator },
                changes,
            );
        }
        Ok(case)
    }
}

/// Adds and removes tags. Unlike an edit of all tags, it collides with nobody.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TagCase {
    /// The case.
    pub case: CaseRef,
    /// Tags to add.
    #[serde(default)]
    pub add: BTreeSet<String>,
    /// Tags to remove.
    #[serde(default)]
    pub remove: BTreeSet<String>,
}

impl Operation for TagCase {
    const NAME: &'static str = "tag_case";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Case;

    async fn run(&self, cx: &mut Context) -> Result<Case> {
        let mut case = cx.case(self.case).await?;
        cx.tag(&mut case, &self.add, &self.remove)?;
        Ok(case)
    }
}

impl Context {
    /// Stages other tags of `case`, if they differ.
    pub(crate) fn tag(
        &mut self,
        case: &mut Case,
        add: &BTreeSet<String>,
        remove: &BTreeSet<String>,
    ) -> Result<()> {
        let (add, remove) = (tags::clean(add)?, tags::clean(remove)?);
        let tags: BTreeSet<String> = case.tags.union(&add).cloned().collect();
        let tags: BTreeSet<String> = tags.difference(&remove).cloned().collect();
        length::list("tags", &tags, length::TAG)?;
        if tags != case.tags {
            let changes = vec![FieldChange::new("tags", &case.tags, &tags)];
            case.tags = tags;
            self.changed(case, What::Changed, changes);
        }
        Ok(())
    }
}
