//! An activity goes to another case of the same customer, with its entries.

use serde::{Deserialize, Serialize};

use super::{CaseRef, Operation, Staff};
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{Activity, ActivityId, Case, CaseName, Entry, Happening, Status};
use crate::port::Access;
use crate::rules::attention;

/// Moves an activity to another case of the same customer, with its entries. Both threads record it,
/// and who waits for whom is worked out anew in both.
///
/// A case that was merged stands for the one it went into. Refused if the case belongs to another
/// customer, if the activity is there already, and if either thread has more than 10,000 entries. A
/// closed case stays closed; it is refused as a conflict if the customer still waits for an answer to what
/// would move there.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MoveActivity {
    /// The activity.
    pub activity: ActivityId,
    /// The case that it goes to.
    pub to_case: CaseRef,
}

/// An activity that went to another case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ActivityMoved {
    /// The activity.
    pub activity: Activity,
    /// The case that it left, as it is since.
    pub left: Case,
    /// The case that it came to, as it is since.
    pub joined: Case,
    /// How many entries went with it.
    pub entries: u64,
}

impl Operation for MoveActivity {
    const NAME: &'static str = "move_activity";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = ActivityMoved;

    async fn run(&self, cx: &mut Context) -> Result<ActivityMoved> {
        let mut activity = cx.known_activity(self.activity).await?;
        let mut from: Case = cx.get(activity.case).await?;
        let mut to = cx.case(self.to_case).await?;
        check_target(&from, &to)?;

        let belongs = |entry: &Entry| entry.activity == Some(activity.id);
        let mut left = cx.whole(from.id).await?;
        let moved = left.part_with(belongs, to.id, cx.now());
        let entries = moved.len() as u64;
        refuse_swallowing(&moved, &to)?;
        let mut joined = cx.whole(to.id).await?;
        joined.take_in(moved);
        from.exchanges
            .retain(|_, exchange| *exchange != activity.id);
        cx.settle(&mut from, &mut left);
        cx.settle(&mut to, &mut joined);
        cx.move_activity(&mut activity, &from, &to);
        cx.record_move(&activity, &mut from, &mut to);
        Ok(ActivityMoved {
            activity,
            left: from,
            joined: to,
            entries,
        })
    }
}

fn check_target(from: &Case, to: &Case) -> Result<()> {
    if from.id == to.id {
        return Err(Error::invalid(format!(
            "the activity is in {} already",
            to.name()
        )));
    }
    // Cases always name the customer themselves, never a stub: merging customers moves their cases.
    if from.customer != to.customer {
        return Err(Error::invalid(format!(
            "{} belongs to another customer than {}: an activity moves only between cases of one customer",
            to.name(),
            from.name()
        )));
    }
    Ok(())
}

/// Refuses a closed case for what still waits: there it would wait on no list.
fn refuse_swallowing(moved: &[Entry], to: &Case) -> Result<()> {
    let (attention, _) = attention::derive(&mut moved.to_vec());
    if to.status == Status::Closed && attention.awaiting_since.is_some() {
        return Err(Error::conflict(format!(
            "{} is closed and the customer still waits for an answer: reopen it first",
            to.name()
        )));
    }
    Ok(())
}

impl Context {
    /// Stages what both threads and the audit say about the move.
    fn record_move(&mut self, activity: &Activity, from: &mut Case, to: &mut Case) {
        let (left, joined) = (CaseName::from(&*from), CaseName::from(&*to));
        self.tell_move(activity, from.id, to.id);
        let gone = Happening::ActivityMovedTo {
            activity: activity.id,
            other: joined,
        };
        let come = Happening::ActivityMovedFrom {
            activity: activity.id,
            other: left,
        };
        for (case, happening) in [(from, gone), (to, come)] {
            self.history(case, happening, self.now());
            self.touch(case);
        }
    }
}
