//! Reading a thread, and correcting what is in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{CaseRef, Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{
    ActivityId, Actor, Author, Body, Case, CaseId, CaseName, Correction, Delivery, Entry, EntryId,
    Event, FieldChange, FromEntity, Happening, Kind, Merge, Stored, Version, What,
};
use crate::port::Access;
use crate::query::{Comparison, Cursor, Direction, Filter, Query};
use crate::rules::edit::refuse_future;
use crate::rules::{attention, html, length};

/// How many events of one case an erasure looks through.
const MAX_EVENTS: usize = 100_000;
/// Under which name the audit tells what an entry said before it was corrected.
pub(crate) const BODY: &str = "body";

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

/// Lists the messages of all cases that have to be sent, the oldest first: for the host's mailer, which tells
/// what became of them by `set_delivery`. Or those that could not be delivered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ListUndelivered {
    /// Which.
    #[serde(default)]
    pub which: Undelivered,
    /// Continues after an earlier page.
    #[serde(default)]
    pub after: Option<Cursor>,
    /// At most so many entries, up to 1,000.
    #[serde(default = "hundred")]
    pub limit: u32,
}

/// Which messages that were not delivered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Undelivered {
    /// Those that have to be sent.
    #[default]
    Pending,
    /// Those that could not be delivered.
    Failed,
}

impl Default for ListUndelivered {
    fn default() -> Self {
        Self {
            which: Undelivered::Pending,
            after: None,
            limit: hundred(),
        }
    }
}

impl Operation for ListUndelivered {
    const NAME: &'static str = "list_undelivered";
    const ACCESS: Access = Access::Supervise;
    type For = Staff;
    type Output = ThreadPage;

    async fn run(&self, cx: &mut Context) -> Result<ThreadPage> {
        let delivery = match self.which {
            Undelivered::Pending => "pending",
            Undelivered::Failed => "failed",
        };
        let query = Query::all(cx.workspace_id(), Kind::Entry)
            .filter(Filter::equal("delivery", delivery))
            .sort("at", Direction::Ascending);
        let page = cx
            .page::<Entry>(query, self.after.as_ref(), self.limit)
            .await?;
        let cases = page.records.iter().map(|entry| entry.case);
        let cases = cx.allowed_cases(cases).await?;
        let entries = page.records.into_iter().zip(cases);
        Ok(ThreadPage {
            entries: entries
                .filter(|(_, case)| case.is_some())
                .map(|(entry, _)| entry)
                .collect(),
            next: page.next,
        })
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

/// Corrects the text of a message, note or comment, or the notes of a call. The original stays in the audit.
///
/// One's own entries, or anybody's with the right to supervise.
///
/// # Errors
/// `Conflict` if the entry was changed by somebody else after `seen`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EditEntry {
    /// The entry.
    pub entry: EntryId,
    /// The version of the entry that the editor saw.
    pub seen: Version,
    /// The text since.
    pub text: String,
}

impl Operation for EditEntry {
    const NAME: &'static str = "edit_entry";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Entry;

    async fn run(&self, cx: &mut Context) -> Result<Entry> {
        length::long("text", &self.text)?;
        if self.text.trim().is_empty() {
            return Err(Error::invalid(
                "`text` must not be empty: redact the entry instead",
            ));
        }
        let mut entry = cx.entry(self.entry).await?;
        cx.may_correct(&entry)?;
        refuse_future(self.seen, entry.version)?;
        if entry.edited.since("text", self.seen) {
            let current = serde_json::json!({ "field": "text", "current": entry.text() });
            let conflict =
                Error::conflict("the entry was changed by somebody else since you loaded it");
            return Err(conflict.with_details(current));
        }
        let before = entry.body.clone();
        match &mut entry.body {
            Body::Message(message) => {
                message.text.clone_from(&self.text);
                // HTML that says something else than the text would undo the correction.
                message.html = None;
            }
            Body::Call(call) => call.notes.clone_from(&self.text),
            Body::Note(remark) | Body::Comment(remark) => remark.text.clone_from(&self.text),
            Body::Happening(_) | Body::Redacted { .. } => {
                return Err(Error::invalid(
                    "this entry has no text that could be corrected",
                ));
            }
        }
        if entry.body != before {
            entry.edited.mark("text", entry.version);
            cx.correct(&mut entry, What::EntryEdited, Some(before))
                .await?;
        }
        Ok(entry)
    }
}

impl Context {
    fn may_correct(&self, entry: &Entry) -> Result<()> {
        let own =
            matches!(&entry.author, Author::Agent { id, .. } if self.actor() == Actor::Agent(*id));
        if own {
            Ok(())
        } else {
            self.require(Access::Supervise)
        }
    }

    /// Stages a correction, which is a change of the case too; `before` goes to the audit.
    async fn correct(&mut self, entry: &mut Entry, what: What, before: Option<Body>) -> Result<()> {
        entry.correction = Some(Correction {
            at: self.now(),
            by: self.actor(),
        });
        self.put(entry);
        let mut case: Case = self.get(entry.case).await?;
        case.updated_at = case.updated_at.max(self.now());
        self.put(&mut case);
        let changes = before.map(|before| FieldChange::new(BODY, before, &entry.body));
        self.event(
            what,
            Some(entry.case),
            entry.key(),
            changes.into_iter().collect(),
        );
        Ok(())
    }
}

/// Redacts an entry: nobody reads it any more, but the original stays in the audit, for those who may
/// supervise. A line of history
/// loses what a person wrote in it: the reason of a closing, the note of a transfer.
///
/// One's own entries, or anybody's with the right to supervise.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RedactEntry {
    /// The entry.
    pub entry: EntryId,
}

impl Operation for RedactEntry {
    const NAME: &'static str = "redact_entry";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Entry;

    async fn run(&self, cx: &mut Context) -> Result<Entry> {
        let mut entry = cx.entry(self.entry).await?;
        cx.may_correct(&entry)?;
        refuse_wordless(&entry)?;
        let before = cx.redact(&mut entry).await?;
        if entry.body != before {
            cx.correct(&mut entry, What::EntryRedacted, Some(before))
                .await?;
        }
        Ok(entry)
    }
}

impl Context {
    /// Takes the body away; gives it. A line of history keeps what happened, without what a person wrote
    /// in it.
    async fn redact(&mut self, entry: &mut Entry) -> Result<Body> {
        let before = entry.body.clone();
        let turn = attention::turn(entry);
        match &mut entry.body {
            Body::Happening(happening) => {
                happening.clear_text();
                self.forget_reason(entry).await?;
            }
            body @ (Body::Message(_) | Body::Call(_) | Body::Note(_) | Body::Comment(_)) => {
                *body = Body::Redacted { turn };
            }
            Body::Redacted { .. } => {}
        }
        Ok(before)
    }

    /// Takes away the reason of a closing where the case repeats it, also as it was before a merge.
    async fn forget_reason(&mut self, entry: &Entry) -> Result<()> {
        let repeats = |case: &Case| {
            let closing = case.closing.as_ref();
            closing.is_some_and(|closing| closing.at == entry.at && !closing.reason.is_empty())
        };
        let forget = |case: &mut Case| {
            case.closing
                .iter_mut()
                .for_each(|closing| closing.reason.clear())
        };
        if !matches!(entry.body, Body::Happening(Happening::Closed { .. })) {
            return Ok(());
        }
        let mut case: Case = self.get(entry.case).await?;
        if repeats(&case) {
            forget(&mut case);
            self.put(&mut case);
        }
        let merge = self.by_unique::<Merge>(Merge::unique_key(case.id)).await?;
        if let Some(mut merge) = merge.filter(|merge| repeats(&merge.duplicate)) {
            forget(&mut merge.duplicate);
            self.put(&mut merge);
        }
        Ok(())
    }
}

fn refuse_wordless(entry: &Entry) -> Result<()> {
    match &entry.body {
        Body::Happening(happening)
            if happening.text().is_none_or(str::is_empty) && entry.correction.is_none() =>
        {
            Err(Error::invalid(
                "nobody wrote anything in this line of history: it cannot be redacted",
            ))
        }
        _ => Ok(()),
    }
}

/// Erases an entry for privacy: like redacting, and the original leaves the audit too.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct EraseEntry {
    /// The entry.
    pub entry: EntryId,
}

impl Operation for EraseEntry {
    const NAME: &'static str = "erase_entry";
    const ACCESS: Access = Access::Administer;
    type For = Staff;
    type Output = Entry;

    async fn run(&self, cx: &mut Context) -> Result<Entry> {
        let mut entry = cx.entry(self.entry).await?;
        refuse_wordless(&entry)?;
        cx.redact(&mut entry).await?;
        for mut event in cx.events_about(&[entry.id.0]).await? {
            if !event.changes.is_empty() {
                event.changes.clear();
                cx.put(&mut event);
            }
        }
        cx.correct(&mut entry, What::EntryErased, None).await?;
        Ok(entry)
    }
}

impl Context {
    /// All events about records with these ids, whichever case they belonged to then.
    pub(crate) async fn events_about(&mut self, ids: &[uuid::Uuid]) -> Result<Vec<Event>> {
        let query = Query::all(self.workspace_id(), Kind::Event)
            .filter(Filter::is_in("about", ids.iter().copied()));
        self.find_all(query, MAX_EVENTS).await
    }
}

/// Records how far the delivery of a message has come: for the host's mailer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SetDelivery {
    /// The entry of the message.
    pub entry: EntryId,
    /// How far.
    pub delivery: Delivery,
}

impl Operation for SetDelivery {
    const NAME: &'static str = "set_delivery";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Entry;

    async fn run(&self, cx: &mut Context) -> Result<Entry> {
        let mut entry = cx.entry(self.entry).await?;
        let Body::Message(message) = &mut entry.body else {
            return Err(Error::invalid("only a message is delivered"));
        };
        if message.delivery != self.delivery {
            let change = FieldChange::new("delivery", &message.delivery, &self.delivery);
            message.delivery.clone_from(&self.delivery);
            cx.put(&mut entry);
            cx.event(
                What::DeliveryChanged,
                Some(entry.case),
                entry.key(),
                vec![change],
            );
        }
        Ok(entry)
    }
}
