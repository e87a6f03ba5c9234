//! Workspaces: set up, settings, stages, custom fields.

use serde::{Deserialize, Serialize};

use super::{Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, ErrorKind, Result};
use crate::model::{
    Edited, FieldChange, FieldDefinition, FieldTarget, FieldType, FieldValue, Kind, Settings,
    Stage, Status, Value, Version, Workspace,
};
use crate::port::Access;
use crate::query::{Aggregate, Filter};
use crate::rules::edit::Edit;
use crate::rules::{fields, length};

/// The most stages of a workspace.
const MAX_STAGES: usize = 100;
/// The longest that a setting in days can be: a hundred years.
const MAX_DAYS: u32 = 36_500;

/// Creates the workspace of this session, with the usual stages.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateWorkspace {
    /// The name.
    pub name: String,
}

impl Operation for CreateWorkspace {
    const NAME: &'static str = "create_workspace";
    const ACCESS: Access = Access::Administer;
    const WITHOUT_WORKSPACE: bool = true;
    type For = Staff;
    type Output = Workspace;

    async fn run(&self, cx: &mut Context) -> Result<Workspace> {
        length::name("name", &self.name)?;
        if cx.workspace().is_ok() {
            return Err(Error::invalid("the workspace exists already"));
        }
        let mut workspace = Workspace {
            id: cx.workspace_id(),
            version: Version(0),
            name: self.name.trim().to_owned(),
            created_at: cx.now(),
            stages: Workspace::default_stages(),
            fields: Vec::new(),
            settings: Settings::default(),
            edited: Edited::default(),
        };
        cx.create(&mut workspace);
        Ok(workspace)
    }
}

/// Shows the workspace: its stages, custom fields and settings.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GetWorkspace {}

impl Operation for GetWorkspace {
    const NAME: &'static str = "get_workspace";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = Workspace;

    async fn run(&self, cx: &mut Context) -> Result<Workspace> {
        cx.workspace().cloned()
    }
}

/// Edits the name and the settings of the workspace. What it does not name stays.
///
/// A field that somebody else changed since `seen` is refused as a conflict, with its current value.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PatchWorkspace {
    /// The version of the workspace that the editor saw.
    pub seen: Version,
    /// The name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The settings to change.
    #[serde(default)]
    pub settings: SettingsPatch,
}

/// Settings to change; what is absent stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct SettingsPatch {
    /// A customer's message reopens a closed case within so many days, at most 36,500; later it opens
    /// a follow-up case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reopen_within_days: Option<u32>,
}

impl PatchWorkspace {
    /// An edit of `workspace`, as it was loaded, that names nothing yet.
    pub fn of(workspace: &Workspace) -> Self {
        Self {
            seen: workspace.version,
            name: None,
            settings: SettingsPatch::default(),
        }
    }
}

impl Operation for PatchWorkspace {
    const NAME: &'static str = "patch_workspace";
    const ACCESS: Access = Access::Administer;
    type For = Staff;
    type Output = Workspace;

    async fn run(&self, cx: &mut Context) -> Result<Workspace> {
        let SettingsPatch { reopen_within_days } = self.settings;
        let name = length::given_name("name", self.name.as_deref())?;
        if reopen_within_days.is_some_and(|days| days > MAX_DAYS) {
            return Err(Error::invalid(format!(
                "`reopen_within_days` is at most {MAX_DAYS}"
            )));
        }
        let mut workspace = cx.workspace()?.clone();
        let mut edit = Edit::new(self.seen, workspace.version, &mut workspace.edited)?;
        edit.set("name", &mut workspace.name, name.as_ref())?;
        // Without `..`, so that a new setting cannot be forgotten here.
        let Settings {
            reopen_within_days: held,
        } = &mut workspace.settings;
        edit.set(
            "settings.reopen_within_days",
            held,
            reopen_within_days.as_ref(),
        )?;
        let changes = edit.finish();
        cx.save(&mut workspace, changes);
        Ok(workspace)
    }
}

/// Creates a stage, or defines the one with this key anew: renames it, moves it in the order, takes
/// it back into use.
///
/// The status of a stage is kept: the cases in it have that status. The first stage of a status is
/// the one in which cases enter it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DefineStage {
    /// The permanent name: 1 to 64 of a-z, 0-9 and _.
    pub key: String,
    /// What people call it.
    pub name: String,
    /// The status that it is part of.
    pub status: Status,
    /// Whether service levels stand still in it.
    #[serde(default)]
    pub pauses: bool,
    /// The key of the stage before which it is put; without it, an existing stage stays where it is
    /// and a new one is put at the end.
    #[serde(default)]
    pub before: Option<String>,
}

impl Operation for DefineStage {
    const NAME: &'static str = "define_stage";
    const ACCESS: Access = Access::Administer;
    type For = Staff;
    type Output = Workspace;

    async fn run(&self, cx: &mut Context) -> Result<Workspace> {
        fields::check_key("stage", &self.key)?;
        length::name("name", &self.name)?;
        let mut workspace = cx.workspace()?.clone();
        let stages = &mut workspace.stages;
        let held = stages.iter().position(|stage| stage.key == self.key);
        let mut place = held.unwrap_or(stages.len());
        let before = held.map(|at| stages.remove(at));
        if before.as_ref().is_some_and(|b| b.status != self.status) {
            return Err(Error::invalid(format!(
                "the stage `{}` exists with the other status: the status of a stage is kept",
                self.key
            )));
        }
        if stages.len() >= MAX_STAGES {
            let message = format!("a workspace has at most {MAX_STAGES} stages");
            return Err(Error::new(ErrorKind::Limit, message));
        }
        if let Some(next) = &self.before {
            let at = stages.iter().position(|stage| stage.key == *next);
            place = at.ok_or_else(|| no_stage(next))?;
        }
        let stage = Stage {
            key: self.key.clone(),
            name: self.name.trim().to_owned(),
            status: self.status,
            pauses: self.pauses,
            retired: false,
        };
        let mut changes = Vec::new();
        if before.as_ref() != Some(&stage) {
            changes.push(stage_change(before.as_ref(), &stage));
        }
        if held.is_some_and(|held| held != place) {
            let field = format!("stages.{}.place", self.key);
            changes.push(FieldChange::new(&field, held, place));
        }
        stages.insert(place, stage);
        cx.save(&mut workspace, changes);
        Ok(workspace)
    }
}

/// Retires a stage: no case enters it any more. Refused for the last stage of a status, and while a
/// case is in it; one that comes in at the same moment stays in it. It keeps its name in the history, and
/// [`DefineStage`] takes it back into use.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RetireStage {
    /// The key of the stage.
    pub key: String,
}

impl Operation for RetireStage {
    const NAME: &'static str = "retire_stage";
    const ACCESS: Access = Access::Administer;
    type For = Staff;
    type Output = Workspace;

    async fn run(&self, cx: &mut Context) -> Result<Workspace> {
        let mut workspace = cx.workspace()?.clone();
        let stage = workspace.stage(&self.key);
        let before = stage.ok_or_else(|| no_stage(&self.key))?.clone();
        if before.retired {
            return Ok(workspace);
        }
        if workspace.stages_of(before.status).count() == 1 {
            return Err(Error::invalid(format!(
                "`{}` is the only stage of {} cases: each status keeps at least one",
                self.key,
                before.status.name()
            )));
        }
        // A case that was merged into another is in no stage any more; its stub only keeps the key.
        let inside = Filter::equal("stage", self.key.as_str()).and(Filter::equal("merged", false));
        let cases = cx.count(Kind::Case, inside).await?;
        if cases > 0 {
            return Err(Error::invalid(format!(
                "the stage `{}` cannot be retired while cases are in it: there are {cases}",
                self.key
            )));
        }
        let mut stage = before.clone();
        stage.retired = true;
        let changes = vec![stage_change(Some(&before), &stage)];
        let stages = workspace.stages.iter_mut();
        stages
            .filter(|held| held.key == self.key)
            .for_each(|held| held.clone_from(&stage));
        cx.save(&mut workspace, changes);
        Ok(workspace)
    }
}

impl Context {
    /// How many records of `kind` there are that `filter` holds for.
    pub(crate) async fn count(&self, kind: Kind, filter: Filter) -> Result<i64> {
        self.counted(Aggregate::count(self.workspace_id(), kind, filter))
            .await
    }

    /// The same, but so many are enough.
    pub(crate) async fn count_up_to(&self, kind: Kind, filter: Filter, enough: u32) -> Result<i64> {
        let all = Aggregate::count(self.workspace_id(), kind, filter);
        self.counted(all.enough(enough)).await
    }

    async fn counted(&self, count: Aggregate) -> Result<i64> {
        let rows = self.aggregate(&count).await?;
        let counted = rows.first().and_then(|row| row.values.first());
        Ok(match counted {
            Some(Value::Int(count)) => *count,
            _ => 0,
        })
    }
}

fn no_stage(key: &str) -> Error {
    Error::not_found(format_args!("the stage `{key}`"))
}

fn stage_change(before: Option<&Stage>, after: &Stage) -> FieldChange {
    FieldChange::new(&format!("stages.{}", after.key), before, after)
}

/// Creates a custom field, or defines the one with this target and key anew, which also takes a
/// retired one back into use.
///
/// The type of a field is kept. Choices may be added, reordered and taken away: the values that hold
/// one that was taken away stay, and are found by it, and no new one can. A field that becomes required
/// is asked of new records; those that have no value stay as they are.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DefineField {
    /// Which records have it.
    pub target: FieldTarget,
    /// The permanent name: 1 to 64 of a-z, 0-9 and _.
    pub key: String,
    /// What people call it.
    pub label: String,
    /// What it holds.
    pub holds: FieldType,
    /// Whether a new record must have it.
    #[serde(default)]
    pub required: bool,
    /// The value of a new record that is given none.
    #[serde(default)]
    pub default: Option<FieldValue>,
    /// Whether the customer may see it.
    #[serde(default)]
    pub shown_to_customer: bool,
}

impl DefineField {
    /// A field that need not be given and that customers do not see.
    pub fn new(target: FieldTarget, key: &str, label: &str, holds: FieldType) -> Self {
        Self {
            target,
            key: key.to_owned(),
            label: label.to_owned(),
            holds,
            required: false,
            default: None,
            shown_to_customer: false,
        }
    }
}

impl Operation for DefineField {
    const NAME: &'static str = "define_field";
    const ACCESS: Access = Access::Administer;
    type For = Staff;
    type Output = Workspace;

    async fn run(&self, cx: &mut Context) -> Result<Workspace> {
        let mut definition = FieldDefinition {
            key: self.key.clone(),
            label: self.label.trim().to_owned(),
            target: self.target,
            holds: self.holds.clone(),
            required: self.required,
            default: self.default.clone(),
            shown_to_customer: self.shown_to_customer,
            retired: false,
            retired_choices: Vec::new(),
        };
        let mut workspace = cx.workspace()?.clone();
        let before = fields::find(&workspace.fields, self.target, &self.key).cloned();
        let others = workspace.fields.len() - usize::from(before.is_some());
        fields::check_definition(&definition, others)?;
        if let Some(before) = &before {
            definition = fields::redefined(before, definition)?;
        }
        define(cx, &mut workspace, before, definition);
        Ok(workspace)
    }
}

/// Retires a custom field: it takes no new values and keeps those it has. [`DefineField`] takes it
/// back into use.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RetireField {
    /// Which records have it.
    pub target: FieldTarget,
    /// The key of the field.
    pub key: String,
}

impl Operation for RetireField {
    const NAME: &'static str = "retire_field";
    const ACCESS: Access = Access::Administer;
    type For = Staff;
    type Output = Workspace;

    async fn run(&self, cx: &mut Context) -> Result<Workspace> {
        let mut workspace = cx.workspace()?.clone();
        let before = fields::find(&workspace.fields, self.target, &self.key).cloned();
        let missing = || Error::not_found(format_args!("the custom field `{}`", self.key));
        let mut definition = before.clone().ok_or_else(missing)?;
        definition.retired = true;
        define(cx, &mut workspace, before, definition);
        Ok(workspace)
    }
}

fn define(
    cx: &mut Context,
    workspace: &mut Workspace,
    before: Option<FieldDefinition>,
    after: FieldDefinition,
) {
    if before.as_ref() == Some(&after) {
        return;
    }
    let target = match after.target {
        FieldTarget::Case => "case",
        FieldTarget::Customer => "customer",
    };
    let change = FieldChange::new(&format!("fields.{target}.{}", after.key), &before, &after);
    let fields = &mut workspace.fields;
    let held = fields
        .iter_mut()
        .find(|field| field.target == after.target && field.key == after.key);
    match held {
        Some(held) => *held = after,
        None => fields.push(after),
    }
    cx.save(workspace, vec![change]);
}
