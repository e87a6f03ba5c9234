//! The clock and the ids of the demo day. Both are ports: a program may hand a desk any others.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use casekit_core::model::Time;
use casekit_core::port::{Clock, Ids};
use chrono::{NaiveDate, NaiveTime};
use uuid::{Builder, Uuid};

/// The day, a Tuesday.
const DAY: Option<NaiveDate> = NaiveDate::from_ymd_opt(2026, 3, 3);

/// A clock that is set by hand. Clones show the same time.
#[derive(Debug, Clone)]
pub(super) struct DayClock {
    milliseconds: Arc<AtomicI64>,
}

impl DayClock {
    /// Sets the clock to a time of the day, UTC, and gives it.
    pub(super) fn set(&self, hour: u32, minute: u32) -> Time {
        let time = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
        let time = DAY.unwrap_or_default().and_time(time).and_utc();
        let milliseconds = time.timestamp_millis();
        self.milliseconds.store(milliseconds, Ordering::Relaxed);
        time
    }
}

impl Default for DayClock {
    fn default() -> Self {
        let clock = Self {
            milliseconds: Arc::default(),
        };
        clock.set(8, 0);
        clock
    }
}

impl Clock for DayClock {
    fn now(&self) -> Time {
        Time::from_timestamp_millis(self.milliseconds.load(Ordering::Relaxed)).unwrap_or_default()
    }
}

/// Ids from the time and a counter: version 7, in the order in which they are made.
#[derive(Debug, Default)]
pub(super) struct DayIds {
    made: AtomicU32,
}

impl Ids for DayIds {
    fn next(&self, now: Time) -> Uuid {
        let milliseconds = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        let [a, b, c, d] = self.made.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        // Random in other ids of this version. The version and the variant take the upper bits of the
        // bytes that are zero here.
        let rest = [0, 0, 0, a, b, c, d, 0, 0, 0];
        Builder::from_unix_timestamp_millis(milliseconds, &rest).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_in_the_order_in_which_they_are_made_and_the_same_every_time() {
        let made = || {
            let (clock, ids) = (DayClock::default(), DayIds::default());
            let [first, second] = [ids.next(clock.now()), ids.next(clock.now())];
            clock.set(9, 0);
            [first, second, ids.next(clock.now())]
        };
        let [first, second, later] = made();
        assert!(first < second && second < later);
        assert_eq!(made(), [first, second, later]);
    }
}
