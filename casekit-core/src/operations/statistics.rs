//! What a workspace adds up to.

use serde::{Deserialize, Serialize};

use super::figures::{Figures, natural, number};
use super::{Operation, Staff};
use crate::desk::Context;
use crate::error::Result;
use crate::model::{Kind, Status, Value};
use crate::port::Access;
use crate::query::Filter;

/// Shows what a workspace adds up to.
///
/// Cases and customers that were merged into others do not count: those they went into do. Of cases and of
/// customers, those count that the policy lets lists give; activities count all.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WorkspaceStatistics {}

/// What a workspace adds up to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WorkspaceFigures {
    /// Active cases.
    pub open: u64,
    /// Closed cases.
    pub closed: u64,
    /// Cases by stage, in the order of the workspace.
    pub stages: Vec<StageFigure>,
    /// Active cases whose customer waits for a reply.
    pub awaiting: u64,
    /// Active cases that nobody has.
    pub unassigned: u64,
    /// How often cases were reopened, all together.
    pub reopened: u64,
    /// Public messages and calls, in both directions.
    pub messages: u64,
    /// Activities.
    pub activities: u64,
    /// Customers.
    pub customers: u64,
    /// Agents, whether they still work here or not.
    pub agents: u64,
    /// Products.
    pub products: u64,
    /// The mean time from opening to the first public reply, in milliseconds; none without a reply.
    pub mean_first_response_ms: Option<u64>,
    /// The mean time from opening to closing of the closed cases, in milliseconds; none without one.
    pub mean_resolution_ms: Option<u64>,
}

/// How many cases are in a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StageFigure {
    /// The key of the stage.
    pub stage: String,
    /// What people call it.
    pub name: String,
    /// The status that it is part of.
    pub status: Status,
    /// How many cases.
    pub cases: u64,
}

impl Operation for WorkspaceStatistics {
    const NAME: &'static str = "workspace_statistics";
    const ACCESS: Access = Access::Supervise;
    type For = Staff;
    type Output = WorkspaceFigures;

    async fn run(&self, cx: &mut Context) -> Result<WorkspaceFigures> {
        let unmerged = Filter::equal("merged", false);
        let mut figures = cx.case_figures(&cx.listed(unmerged.clone())).await?;
        let active = || Filter::all().and(Filter::equal("status", Status::Active.name()));
        let awaiting = active().and(super::filters::awaiting());
        let unassigned = active().and(Filter::equal("assignee", Value::nil()));
        figures.awaiting = natural(cx.count(Kind::Case, cx.listed(awaiting)).await?);
        figures.unassigned = natural(cx.count(Kind::Case, cx.listed(unassigned)).await?);
        figures.activities = natural(cx.count(Kind::Activity, Filter::all()).await?);
        figures.customers = natural(
            cx.count(Kind::Customer, cx.listed_customers(unmerged))
                .await?,
        );
        figures.agents = natural(cx.count(Kind::Agent, Filter::all()).await?);
        figures.products = natural(cx.count(Kind::Product, Filter::all()).await?);
        Ok(figures)
    }
}

impl Context {
    async fn case_figures(&self, filter: &Filter) -> Result<WorkspaceFigures> {
        let rows = self.case_rows(filter, &["stage"]).await?;
        let cases = Figures::of(&rows);
        let mut figures = WorkspaceFigures {
            open: cases.open,
            closed: cases.closed,
            reopened: cases.reopened,
            messages: cases.messages,
            mean_first_response_ms: cases.mean_first_response_ms,
            mean_resolution_ms: cases.mean_resolution_ms,
            ..WorkspaceFigures::default()
        };
        for stage in &self.workspace()?.stages {
            let inside = rows.iter().filter(|row| {
                row.group.first() == Some(&stage.status.name().into())
                    && row.group.get(1) == Some(&stage.key.as_str().into())
            });
            figures.stages.push(StageFigure {
                stage: stage.key.clone(),
                name: stage.name.clone(),
                status: stage.status,
                cases: inside.map(|row| number(row, 0)).sum(),
            });
        }
        Ok(figures)
    }
}
