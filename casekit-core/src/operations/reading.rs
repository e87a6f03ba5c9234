//! Reading a thread.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CaseRef, Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{
    ActivityId, Body, Case, CaseId, CaseName, Entry, EntryId, FromEntity, Happening, Kind,
};
use crate::port::Access;
use crate::query::{Comparison, Cursor, Direction, Filter, Query};
use crate::rules::html;

/// Reads the thread of a case: messages, calls, notes, comments and history, by time.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ReadThread {
    /// The case.
    pub case: CaseRef,
    /// Only what belongs to this activity.
    #[serde(default)]
    pub activity: Option<ActivityId>,
    /// Begins with what was said at the time of this entry, in either direction.
    #[serde(default)]
    pub start: Option<EntryId>,
    /// Oldest or newest first.
    #[serde(default)]
    pub direction: Direction,
    /// Whether images in HTML that come from elsewhere are shown.
    #[serde(default)]
    pub remote_images: RemoteImages,
    /// Continues after an earlier page.
    #[serde(default)]
    pub after: Option<Cursor>,
    /// At most so many entries, up to 1,000.
    #[serde(default = "hundred")]
    pub limit: u32,
}

pub(crate) fn hundred() -> u32 {
    100
}

/// Whether images in HTML that come from elsewhere are shown: fetching them tells the sender that
/// the message was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RemoteImages {
    /// They are left out.
    #[default]
    Blocked,
    /// They are left in.
    Shown,
}

impl ReadThread {
    /// The thread of `case` from its beginning.
    pub fn of(case: impl Into<CaseRef>) -> Self {
        Self {
            case: case.into(),
            activity: None,
            start: None,
            direction: Direction::Ascending,
            remote_images: RemoteImages::Blocked,
            after: None,
            limit: hundred(),
        }
    }
}

/// A page of a thread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ThreadPage {
    /// The entries.
    pub entries: Vec<Entry>,
    /// Where the next page begins.
    pub next: Option<Cursor>,
}

impl Operation for ReadThread {
    const NAME: &'static str = "read_thread";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = ThreadPage;

    async fn run(&self, cx: &mut Context) -> Result<ThreadPage> {
        let case = cx.case(self.case).await?;
        let mut filter = Filter::equal("case", case.id);
        if let Some(activity) = self.activity {
            filter = Filter::all()
                .and(filter)
                .and(Filter::equal("activity", activity));
        }
        if let Some(start) = self.start {
            filter = filter.and(cx.since_entry(start, &case, self.direction).await?);
        }
        let mut query = Query::all(cx.workspace_id(), Kind::Entry)
            .filter(filter)
            .sort("at", self.direction)
            .limit(self.limit);
        query.after.clone_from(&self.after);
        let page = cx.find::<Entry>(&query).await?;
        let mut entries = page.records;
        cx.ready(&mut entries, self.remote_images).await?;
        Ok(ThreadPage {
            entries,
            next: page.next,
        })
    }
}

/// Shows one entry.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GetEntry {
    /// The entry.
    pub entry: EntryId,
    /// Whether images in HTML that come from elsewhere are shown.
    #[serde(default)]
    pub remote_images: RemoteImages,
}

impl Operation for GetEntry {
    const NAME: &'static str = "get_entry";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = Entry;

    async fn run(&self, cx: &mut Context) -> Result<Entry> {
        let mut entry = cx.entry(self.entry).await?;
        cx.ready(std::slice::from_mut(&mut entry), self.remote_images)
            .await?;
        Ok(entry)
    }
}

pub(crate) fn block_remote_images(entry: &mut Entry) {
    if let Body::Message(message) = &mut entry.body
        && let Some(markup) = &mut message.html
        && markup.contains("<img")
    {
        *markup = html::without_remote_images(markup);
    }
}

impl Context {
    /// Those from the time of an entry of `case` on.
    async fn since_entry(
        &mut self,
        start: EntryId,
        case: &Case,
        direction: Direction,
    ) -> Result<Filter> {
        let entry = self.entry(start).await?;
        if entry.case != case.id {
            return Err(Error::invalid(format!(
                "the entry `{start}` is not in {}",
                case.name()
            )));
        }
        let how = match direction {
            Direction::Ascending => Comparison::AtLeast,
            Direction::Descending => Comparison::AtMost,
        };
        Ok(Filter::compare("at", how, entry.at))
    }

    /// Makes entries ready to be shown.
    async fn ready(&mut self, entries: &mut [Entry], images: RemoteImages) -> Result<()> {
        if images == RemoteImages::Blocked {
            entries.iter_mut().for_each(block_remote_images);
        }
        self.number_cases(entries).await
    }

    /// Fills in the numbers of cases that were not known when the history was written.
    async fn number_cases(&mut self, entries: &mut [Entry]) -> Result<()> {
        let unknown: Vec<CaseId> = entries
            .iter_mut()
            .filter_map(|entry| other_case(entry))
            .filter(|other| other.number == 0)
            .map(|other| other.id)
            .collect();
        if unknown.is_empty() {
            return Ok(());
        }
        let keys: Vec<_> = unknown
            .iter()
            .map(|id| self.key(Kind::Case, id.0))
            .collect();
        let found = self.load(&keys).await?;
        let numbers: BTreeMap<CaseId, u64> = found
            .into_iter()
            .flatten()
            .filter_map(Case::from_entity)
            .map(|case| (case.id, case.number))
            .collect();
        for other in entries.iter_mut().filter_map(other_case) {
            if let Some(number) = numbers.get(&other.id) {
                other.number = *number;
            }
        }
        Ok(())
    }
}

/// The other case that a line of history names.
fn other_case(entry: &mut Entry) -> Option<&mut CaseName> {
    let Body::Happening(happening) = &mut entry.body else {
        return None;
    };
    match happening {
        Happening::Linked { other, .. }
        | Happening::Unlinked { other }
        | Happening::MergedFrom { other }
        | Happening::MergedInto { other, .. }
        | Happening::MergeUndone { other, .. }
        | Happening::SplitInto { other }
        | Happening::SplitFrom { other }
        | Happening::ActivityMovedTo { other, .. }
        | Happening::ActivityMovedFrom { other, .. } => Some(other),
        Happening::Opened { .. }
        | Happening::Closed { .. }
        | Happening::Reopened { .. }
        | Happening::StageChanged { .. }
        | Happening::Taken
        | Happening::Assigned { .. }
        | Happening::Transferred { .. }
        | Happening::OperatorJoined { .. }
        | Happening::OperatorLeft { .. }
        | Happening::Logged { .. } => None,
    }
}
