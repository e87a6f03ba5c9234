//! Calls, logged when they are over.

use serde::{Deserialize, Serialize};

use super::receiving::{Effect, Received};
use super::{CaseRef, Operation, Staff};
use crate::change::Committed;
use crate::desk::Context;
use crate::error::Result;
use crate::model::{Body, CallDirection, CallLog, CallOutcome, Case, Medium, Time, to_millisecond};
use crate::port::Access;
use crate::rules::{length, times};

/// Logs a call. An inbound one asks for attention, and reopens or follows up a case that was closed by then
/// as a message would; an outbound one that was answered is a reply.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LogCall {
    /// The case.
    pub case: CaseRef,
    /// Who called whom.
    pub direction: CallDirection,
    /// The number that called.
    #[serde(default)]
    pub caller: String,
    /// The number that was called.
    #[serde(default)]
    pub called: String,
    /// When it began.
    pub started_at: Time,
    /// When it ended; not before it began.
    pub ended_at: Time,
    /// How it ended.
    pub outcome: CallOutcome,
    /// What was said, for staff only.
    #[serde(default)]
    pub notes: String,
    /// Where the recording is.
    #[serde(default)]
    pub recording: Option<String>,
}

impl LogCall {
    fn checked(&self, now: Time) -> Result<CallLog> {
        length::short("caller", &self.caller)?;
        length::short("called", &self.called)?;
        length::long("notes", &self.notes)?;
        length::list("recording", &self.recording, length::SHORT)?;
        times::check(self.started_at, Some(self.ended_at), now)?;
        Ok(CallLog {
            direction: self.direction,
            caller: self.caller.clone(),
            called: self.called.clone(),
            // By a clock that is ahead: what is said from now on comes after it.
            started_at: to_millisecond(self.started_at).min(now),
            ended_at: to_millisecond(self.ended_at).min(now),
            outcome: self.outcome,
            notes: self.notes.clone(),
            recording: self.recording.clone(),
        })
    }
}

impl Operation for LogCall {
    const NAME: &'static str = "log_call";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Received;

    async fn run(&self, cx: &mut Context) -> Result<Received> {
        let call = self.checked(cx.now())?;
        let mut case = cx.case(self.case).await?;
        let changed = case.updated_at;
        let effect = match call.direction {
            CallDirection::Inbound => {
                let ended_at = call.ended_at;
                cx.customer_got_in_touch(&mut case, Medium::Phone, ended_at)
                    .await?
            }
            CallDirection::Outbound => Effect::Added,
        };
        // It may also have been merged or parted since.
        let late = went_on_since(&case, call.ended_at) || changed > call.ended_at;
        let mut activity = cx.activity(&case, Medium::Phone, call.started_at);
        activity.ended_at = Some(call.ended_at);
        activity.agents.extend(cx.actor().agent());
        cx.record_activity(&mut activity);
        let at = call.ended_at;
        let mut entry = cx.new_entry(&case, Body::Call(call), cx.author(), at);
        entry.activity = Some(activity.id);
        cx.add_entry(&mut case, &mut entry);
        if late {
            // More was said since: only the whole thread tells who waits for whom.
            let mut whole = cx.whole(case.id).await?;
            whole.entries.push(entry.clone());
            cx.settle(&mut case, &mut whole);
            cx.put(&mut case);
        }
        Ok(Received {
            case,
            entry,
            effect,
        })
    }

    fn finish(received: &mut Received, committed: &Committed) {
        received.number(committed);
    }
}

/// Whether more was said in `case` after `at`, or it may have been closed then.
fn went_on_since(case: &Case, at: Time) -> bool {
    let said = case
        .attention
        .customer_last_at
        .max(case.attention.staff_last_at);
    said > Some(at) || case.closing.is_some() || case.reopened > 0
}
