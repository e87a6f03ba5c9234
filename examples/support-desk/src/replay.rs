//! A clock and ids that make what is done the same every time. Both are ports: a program may hand a desk
//! any others.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use casekit_core::model::Time;
use casekit_core::port::{Clock, Ids};
use chrono::{NaiveDate, NaiveTime};
use uuid::{Builder, Uuid};

/// The demo day, a Tuesday.
const DAY: Option<NaiveDate> = NaiveDate::from_ymd_opt(2026, 3, 3);

/// A clock that is set by hand. Clones show the same time.
#[derive(Debug, Clone)]
pub(crate) struct DayClock {
    milliseconds: Arc<AtomicI64>,
}

impl DayClock {
    /// Sets the clock to a time of the day, UTC, and gives it.
    pub(crate) fn set(&self, hour: u32, minute: u32) -> Time {
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

/// What is made of the ids, so that no id is made for both.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Purpose {
    /// The demo day.
    Demo,
    /// An import that can be compared with others.
    Import,
}

/// Ids from the time and a counter: version 7, in the order in which they are made.
#[derive(Debug)]
pub(crate) struct DayIds {
    purpose: Purpose,
    made: AtomicU32,
}

impl DayIds {
    pub(crate) fn new(purpose: Purpose) -> Self {
        let made = AtomicU32::default();
        Self { purpose, made }
    }
}

impl Ids for DayIds {
    fn next(&self, now: Time) -> Uuid {
        let milliseconds = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        let [a, b, c, d] = self.made.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        // Random in other ids of this version. The version and the variant take the upper bits of the
        // bytes that are zero here.
        let purpose = match self.purpose {
            Purpose::Demo => 0,
            Purpose::Import => 1,
        };
        let rest = [0, 0, 0, a, b, c, d, 0, 0, purpose];
        Builder::from_unix_timestamp_millis(milliseconds, &rest).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_in_the_order_in_which_they_are_made_and_the_same_every_time() {
        let made = |purpose| {
            let (clock, ids) = (DayClock::default(), DayIds::new(purpose));
            let [first, second] = [ids.next(clock.now()), ids.next(clock.now())];
            clock.set(9, 0);
            [first, second, ids.next(clock.now())]
        };
        let [first, second, later] = made(Purpose::Demo);
        assert!(first < second && second < later);
        assert_eq!(made(Purpose::Demo), [first, second, later]);
        let others = made(Purpose::Import);
        assert!([first, second, later].iter().all(|id| !others.contains(id)));
    }
}
