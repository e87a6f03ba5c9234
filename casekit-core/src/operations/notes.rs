//! What staff says among itself: notes and comments.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::messages::Said;
use super::{CaseRef, Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{Activity, ActivityId, AgentId, Body, DraftId, DraftPurpose, Kind, Remark};
use crate::port::Access;
use crate::rules::length;

/// Adds an internal note to a case. The customer never sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AddNote {
    /// The case.
    pub case: CaseRef,
    /// The text.
    pub text: String,
    /// Agents who are to be told.
    #[serde(default)]
    pub mentions: BTreeSet<AgentId>,
    /// The draft that it was made from, which is discarded with it.
    #[serde(default)]
    pub draft: Option<DraftId>,
}

impl AddNote {
    /// A note that mentions nobody.
    pub fn new(case: impl Into<CaseRef>, text: &str) -> Self {
        Self {
            case: case.into(),
            text: text.to_owned(),
            mentions: BTreeSet::new(),
            draft: None,
        }
    }
}

impl Operation for AddNote {
    const NAME: &'static str = "add_note";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Said;

    async fn run(&self, cx: &mut Context) -> Result<Said> {
        let remark = cx.remark(&self.text, &self.mentions).await?;
        let mut case = cx.case(self.case).await?;
        let mut entry = cx.new_entry(&case, Body::Note(remark), cx.author(), cx.now());
        cx.add_entry(&mut case, &mut entry);
        cx.use_draft(self.draft, &case, DraftPurpose::Note).await?;
        Ok(Said { case, entry })
    }
}

/// Adds an internal comment to one activity. The customer never sees it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AddComment {
    /// The activity.
    pub activity: ActivityId,
    /// The text.
    pub text: String,
    /// Agents who are to be told.
    #[serde(default)]
    pub mentions: BTreeSet<AgentId>,
}

impl Operation for AddComment {
    const NAME: &'static str = "add_comment";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Said;

    async fn run(&self, cx: &mut Context) -> Result<Said> {
        let remark = cx.remark(&self.text, &self.mentions).await?;
        let activity: Activity = cx.get(self.activity).await?;
        // The activity must still be in that case when the comment arrives there.
        cx.check(&activity);
        let mut case = cx.case(activity.case.into()).await?;
        let mut entry = cx.new_entry(&case, Body::Comment(remark), cx.author(), cx.now());
        entry.activity = Some(activity.id);
        cx.add_entry(&mut case, &mut entry);
        Ok(Said { case, entry })
    }
}

impl Context {
    async fn remark(&mut self, text: &str, mentions: &BTreeSet<AgentId>) -> Result<Remark> {
        length::long("text", text)?;
        if text.trim().is_empty() {
            return Err(Error::invalid("`text` must not be empty"));
        }
        if mentions.len() > length::ITEMS {
            let message = format!("at most {} agents are mentioned at once", length::ITEMS);
            return Err(Error::new(crate::ErrorKind::Limit, message));
        }
        let keys: Vec<_> = mentions
            .iter()
            .map(|id| self.key(Kind::Agent, id.0))
            .collect();
        // In one round trip; the loop below finds them loaded.
        self.load(&keys).await?;
        for agent in mentions {
            self.active_agent(*agent).await?;
        }
        Ok(Remark {
            text: text.to_owned(),
            mentions: mentions.clone(),
        })
    }
}
