//! Saved views: personal ones, and those of all staff.

use serde::{Deserialize, Serialize};

use super::{FindCases, Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{
    AgentId, FieldChange, Kind, SavedView, SavedViewId, Stored, Value, Version, What,
};
use crate::port::Access;
use crate::query::{Filter, Query};
use crate::rules::edit::differing;
use crate::rules::length;

/// How many views one agent can keep, and how many all of staff.
const MAX_VIEWS: usize = 200;

/// Saves a list of cases under a name; one that has that name already is replaced.
///
/// One's own, or with the right to supervise that of all staff.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SaveView {
    /// The name.
    pub name: String,
    /// The list. Where it continues (`after`) is not kept.
    pub list: FindCases,
    /// The columns to show, in their order.
    #[serde(default)]
    pub columns: Vec<String>,
    /// Who sees it.
    #[serde(default)]
    pub sharing: Sharing,
}

/// Who sees a saved view.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sharing {
    /// Only the agent who saved it.
    #[default]
    Personal,
    /// All of staff.
    Shared,
}

impl Operation for SaveView {
    const NAME: &'static str = "save_view";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = SavedView;

    async fn run(&self, cx: &mut Context) -> Result<SavedView> {
        length::name("name", &self.name)?;
        length::list("columns", &self.columns, length::NAME)?;
        // A list that could not be shown is not saved.
        cx.case_filter(&self.list.filter).await?;
        let owner = cx.owner_of(self.sharing)?;
        let key = SavedView::unique_key(owner, &self.name);
        let before = cx.by_unique::<SavedView>(key).await?;
        if before.is_none() && cx.views_of(owner).await?.len() >= MAX_VIEWS {
            let message = format!("at most {MAX_VIEWS} views can be saved");
            return Err(Error::new(ErrorKind::Limit, message));
        }
        let mut view = before.clone().unwrap_or_else(|| cx.new_view(owner));
        let list = FindCases {
            after: None,
            ..self.list.clone()
        };
        self.name.trim().clone_into(&mut view.name);
        view.list = serde_json::to_value(list)?;
        view.columns.clone_from(&self.columns);
        view.updated_at = cx.now();
        match before {
            None => cx.create(&mut view),
            Some(before) => {
                let changes = changes(&before, &view);
                if changes.is_empty() {
                    return Ok(before);
                }
                cx.save(&mut view, changes);
            }
        }
        Ok(view)
    }
}

/// What differs in what a view shows.
fn changes(before: &SavedView, after: &SavedView) -> Vec<FieldChange> {
    differing([
        FieldChange::new("name", &before.name, &after.name),
        FieldChange::new("list", &before.list, &after.list),
        FieldChange::new("columns", &before.columns, &after.columns),
    ])
}

impl Context {
    fn owner_of(&self, sharing: Sharing) -> Result<Option<AgentId>> {
        match sharing {
            Sharing::Personal => Ok(Some(self.acting_agent()?.id)),
            Sharing::Shared => self.require(Access::Supervise).map(|()| None),
        }
    }

    fn new_view(&self, owner: Option<AgentId>) -> SavedView {
        SavedView {
            id: self.new_id(),
            workspace: self.workspace_id(),
            version: Version(0),
            owner,
            name: String::new(),
            list: serde_json::Value::Null,
            columns: Vec::new(),
            updated_at: self.now(),
        }
    }

    async fn views_of(&mut self, owner: Option<AgentId>) -> Result<Vec<SavedView>> {
        let query = Query::all(self.workspace_id(), Kind::SavedView)
            .filter(Filter::equal("owner", Value::from(owner)));
        self.find_all(query, MAX_VIEWS * 2).await
    }
}

/// Lists one's own views, or with the right to supervise those of another agent; then those of all staff,
/// each in the order of their making.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListViews {
    /// Whose; null for one's own.
    #[serde(default)]
    pub agent: Option<AgentId>,
}

impl Operation for ListViews {
    const NAME: &'static str = "list_views";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = Vec<SavedView>;

    async fn run(&self, cx: &mut Context) -> Result<Vec<SavedView>> {
        let own = cx.actor().agent();
        if self.agent.is_some() && self.agent != own {
            cx.require(Access::Supervise)?;
        }
        let mut views = match self.agent.or(own) {
            Some(agent) => cx.views_of(Some(agent)).await?,
            None => Vec::new(),
        };
        views.extend(cx.views_of(None).await?);
        Ok(views)
    }
}

/// Deletes a view: one's own, or with the right to supervise anybody's.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeleteView {
    /// The view.
    pub view: SavedViewId,
}

impl Operation for DeleteView {
    const NAME: &'static str = "delete_view";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = ();

    async fn run(&self, cx: &mut Context) -> Result<()> {
        let view: SavedView = cx.get(self.view).await?;
        match view.owner {
            None => cx.require(Access::Supervise)?,
            Some(owner) if cx.actor().agent() == Some(owner) => {}
            Some(_) if cx.require(Access::Supervise).is_ok() => {}
            // What others keep for themselves looks like what does not exist.
            Some(_) => return Err(Error::not_found(format_args!("saved view `{}`", self.view))),
        }
        cx.delete(view.key());
        cx.event(What::Deleted, None, view.key(), Vec::new());
        Ok(())
    }
}
