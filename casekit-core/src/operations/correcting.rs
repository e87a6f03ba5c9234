//! Correcting what is in a thread: edited, redacted, erased.

use serde::{Deserialize, Serialize};

use super::{Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{
    Actor, Author, Body, Case, Correction, Entry, EntryId, Event, FieldChange, Happening, Kind,
    Merge, Stored, Version, What,
};
use crate::port::Access;
use crate::query::{Filter, Query};
use crate::rules::edit::refuse_future;
use crate::rules::{attention, length};

/// How many events of one case an erasure looks through.
const MAX_EVENTS: usize = 100_000;
/// Under which name the audit tells what an entry said before it was corrected.
pub(crate) const BODY: &str = "body";

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
