//! When something took place, as hosts tell it.

use chrono::TimeDelta;

use crate::error::{Error, Result};
use crate::model::Time;

/// How far the clocks of hosts may be ahead of this one.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(5);

/// Refuses an activity that lies ahead, or ended before it began.
pub(crate) fn check(started_at: Time, ended_at: Option<Time>, now: Time) -> Result<()> {
    let latest = now + CLOCKS_DIFFER;
    if started_at > latest || ended_at.is_some_and(|at| at > latest) {
        return Err(Error::invalid(
            "an activity is recorded when it has begun, and ends when it has ended: its times must not lie ahead",
        ));
    }
    if ended_at.is_some_and(|ended_at| ended_at < started_at) {
        return Err(Error::invalid("`ended_at` is before `started_at`"));
    }
    Ok(())
}
