//! Drafts: replies and notes in the making, one per case, agent and purpose.

use serde::{Deserialize, Serialize};

use super::finding::fifty;
use super::saving::page;
use super::{CaseRef, Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{Case, Draft, DraftId, DraftPurpose, Kind, Stored, Version};
use crate::port::Access;
use crate::query::{Cursor, Direction, Filter, Query};
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
        cx.by_unique(Draft::unique_key(case.id, agent, self.purpose))
            .await
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

page! {
    /// A page of drafts.
    DraftPage {
        /// The drafts.
        drafts: Draft
    }
}

/// Lists one's own drafts on all cases, the latest first.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListDrafts {
    /// Continues after an earlier page.
    #[serde(default)]
    pub after: Option<Cursor>,
    /// At most so many drafts, up to 1,000.
    #[serde(default = "fifty")]
    pub limit: u32,
}

impl Default for ListDrafts {
    fn default() -> Self {
        Self {
            after: None,
            limit: fifty(),
        }
    }
}

impl Operation for ListDrafts {
    const NAME: &'static str = "list_drafts";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = DraftPage;

    async fn run(&self, cx: &mut Context) -> Result<DraftPage> {
        let agent = cx.acting_agent()?.id;
        let query = Query::all(cx.workspace_id(), Kind::Draft)
            .filter(Filter::equal("agent", agent))
            .sort("updated_at", Direction::Descending);
        Ok(cx
            .page::<Draft>(query, self.after.as_ref(), self.limit)
            .await?
            .into())
    }
}

impl Context {
    /// Stages that the draft of what was said in `case` is discarded.
    pub(crate) async fn use_draft(
        &mut self,
        draft: Option<DraftId>,
        case: &Case,
        purpose: DraftPurpose,
    ) -> Result<()> {
        let Some(id) = draft else {
            return Ok(());
        };
        // In another tab it may have been discarded already.
        if let Some(draft) = self.find_one::<Draft>(id).await? {
            let mine = Some(draft.agent) == self.actor().agent();
            if !mine || draft.case != case.id || draft.purpose != purpose {
                return Err(Error::invalid(
                    "the draft is not one of yours for this on this case",
                ));
            }
            self.delete(draft.key());
        }
        Ok(())
    }
}
