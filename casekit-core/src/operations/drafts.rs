//! Drafts: replies and notes in the making, one per case, agent and purpose.

use serde::{Deserialize, Serialize};

use super::{CaseRef, Operation, Staff};
use crate::desk::Context;
use crate::error::Result;
use crate::model::{Draft, DraftPurpose, Stored, Version};
use crate::port::Access;
use crate::rules::length;

/// Keeps the text of a draft. It is not a change of the case: nobody else sees it, no event tells of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SaveDraft {
    /// The case.
    pub case: CaseRef,
    /// What it is to become.
    pub purpose: DraftPurpose,
    /// The text so far.
    pub text: String,
}

impl Operation for SaveDraft {
    const NAME: &'static str = "save_draft";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Draft;

    async fn run(&self, cx: &mut Context) -> Result<Draft> {
        length::long("text", &self.text)?;
        let agent = cx.acting_agent()?.id;
        let case = cx.case(self.case).await?;
        // It must not be left behind by a merge or a deletion at the same moment.
        cx.check(&case);
        let key = Draft::unique_key(case.id, agent, self.purpose);
        let mut draft = cx.by_unique::<Draft>(key).await?.unwrap_or_else(|| Draft {
            id: cx.new_id(),
            workspace: cx.workspace_id(),
            version: Version(0),
            case: case.id,
            agent,
            purpose: self.purpose,
            text: String::new(),
            updated_at: cx.now(),
        });
        draft.text.clone_from(&self.text);
        draft.updated_at = cx.now();
        cx.put(&mut draft);
        Ok(draft)
    }
}

/// Shows one's own draft on a case, if there is one.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GetDraft {
    /// The case.
    pub case: CaseRef,
    /// What it is to become.
    pub purpose: DraftPurpose,
}

impl Operation for GetDraft {
    const NAME: &'static str = "get_draft";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = Option<Draft>;

    async fn run(&self, cx: &mut Context) -> Result<Option<Draft>> {
        let agent = cx.acting_agent()?.id;
        let case = cx.case(self.case).await?;
        cx.by_unique(Draft::unique_key(case.id, agent, self.purpose)).await
    }
}

/// Discards one's own draft on a case. There may be none.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DiscardDraft {
    /// The case.
    pub case: CaseRef,
    /// What it was to become.
    pub purpose: DraftPurpose,
}

impl Operation for DiscardDraft {
    const NAME: &'static str = "discard_draft";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = ();

    async fn run(&self, cx: &mut Context) -> Result<()> {
        let agent = cx.acting_agent()?.id;
        let case = cx.case(self.case).await?;
        let key = Draft::unique_key(case.id, agent, self.purpose);
        if let Some(draft) = cx.by_unique::<Draft>(key).await? {
            cx.delete(draft.key());
        }
        Ok(())
    }
}
