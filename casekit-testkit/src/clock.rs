//! A clock that stands still until it is told otherwise.

use std::sync::{Arc, Mutex, PoisonError};

use casekit_core::model::Time;
use casekit_core::port::Clock;
use chrono::{DateTime, TimeDelta};

/// A clock that stands still until it is set or advanced. Clones show the same time.
#[derive(Debug, Clone)]
pub struct ManualClock {
    now: Arc<Mutex<Time>>,
}

impl ManualClock {
    /// A clock that shows `now`.
    pub fn at(now: Time) -> Self {
        Self {
            now: Arc::new(Mutex::new(now)),
        }
    }

    /// Shows `now` from here on, be it earlier or later.
    pub fn set(&self, now: Time) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// Goes on by `span`.
    pub fn advance(&self, span: TimeDelta) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) += span;
    }
}

impl Default for ManualClock {
    /// Monday, 5 January 2026, 9:00 UTC: a working day begins.
    fn default() -> Self {
        Self::at(DateTime::from_timestamp_millis(1_767_603_600_000).unwrap_or_default())
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Time {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_shows_the_same_time() {
        let clock = ManualClock::default();
        let shown = clock.clone();
        assert_eq!(shown.now().to_rfc3339(), "2026-01-05T09:00:00+00:00");
        clock.advance(TimeDelta::minutes(90));
        assert_eq!(shown.now().to_rfc3339(), "2026-01-05T10:30:00+00:00");
        clock.set(DateTime::from_timestamp_millis(0).expect("a time"));
        assert_eq!(shown.now().to_rfc3339(), "1970-01-01T00:00:00+00:00");
    }
}
