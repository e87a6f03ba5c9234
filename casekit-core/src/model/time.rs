//! Time. Everything is UTC with a resolution of one millisecond, which every store and every host
//! language can carry exactly.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// A moment in UTC, to the millisecond.
pub type Time = DateTime<Utc>;

/// `time` without what is finer than a millisecond.
pub fn to_millisecond(time: Time) -> Time {
    time.duration_trunc(TimeDelta::milliseconds(1))
        .unwrap_or(time)
}

/// The milliseconds from `start` to `end`, never negative.
pub fn milliseconds_between(start: Time, end: Time) -> i64 {
    (end - start).num_milliseconds().max(0)
}
