//! Workspaces: set up, stages, custom fields, settings.

use serde::{Deserialize, Serialize};

use super::{Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{Settings, Stored, What, Workspace};
use crate::port::Access;

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
        if cx.workspace().is_ok() {
            return Err(Error::invalid("the workspace exists already"));
        }
        let mut workspace = Workspace {
            id: cx.workspace_id(),
            version: crate::model::Version(0),
            name: self.name.clone(),
            created_at: cx.now(),
            stages: Workspace::default_stages(),
            fields: Vec::new(),
            settings: Settings::default(),
        };
        cx.put(&mut workspace);
        cx.event(What::Created, None, workspace.key(), Vec::new());
        Ok(workspace)
    }
}
