//! Ids that are the same in every run.

use std::sync::{Arc, Mutex, PoisonError};

use casekit_core::model::Time;
use casekit_core::port::Ids;
use uuid::{Builder, Uuid};

/// How many ids one millisecond has room for: the counter takes the bits of a version 7 UUID that
/// sort after its time and that neither the version nor the variant occupies.
const COUNTER_BITS: u32 = 26;

/// Makes ids from the given time, a counter and a seed: UUIDs of version 7 that sort in the order
/// in which they were made, also when the time goes back. Clones share the counter.
#[derive(Debug, Clone)]
pub struct SeededIds {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    rng: fastrand::Rng,
    milliseconds: u64,
    counter: u32,
}

impl SeededIds {
    /// A source of ids that differ from those of another seed.
    pub fn new(seed: u64) -> Self {
        let state = State {
            rng: fastrand::Rng::with_seed(seed),
            milliseconds: 0,
            counter: 0,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
        }
    }
}

impl Ids for SeededIds {
    fn next(&self, now: Time) -> Uuid {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        if now > state.milliseconds {
            state.milliseconds = now;
            state.counter = 0;
        } else {
            state.counter += 1;
            if state.counter >> COUNTER_BITS != 0 {
                state.milliseconds += 1;
                state.counter = 0;
            }
        }
        // 12 bits beside the version and 14 beside the variant.
        let [.., high, low] = (state.counter >> 14).to_be_bytes();
        let [.., second_high, second_low] = (state.counter & 0x3fff).to_be_bytes();
        let [a, b, c, d, e, f, ..] = state.rng.u64(..).to_be_bytes();
        let tail = [high, low, second_high, second_low, a, b, c, d, e, f];
        Builder::from_unix_timestamp_millis(state.milliseconds, &tail).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn at(milliseconds: i64) -> Time {
        DateTime::from_timestamp_millis(milliseconds).expect("a time")
    }

    #[test]
    fn ids_sort_in_the_order_in_which_they_were_made_even_when_time_goes_back() {
        let ids = SeededIds::new(7);
        let mut last = Uuid::nil();
        for n in 0..100_000 {
            let id = ids.next(at(1_000_000 - n / 3));
            assert!(id > last, "{id} after {last}");
            assert_eq!(id.get_version_num(), 7);
            last = id;
        }
    }

    #[test]
    fn a_full_counter_goes_on_in_the_next_millisecond() {
        let ids = SeededIds::new(7);
        let first = ids.next(at(5));
        ids.state.lock().expect("free").counter = (1 << COUNTER_BITS) - 2;
        let last = ids.next(at(5));
        let over = ids.next(at(5));
        assert!(first < last && last < over);
    }

    #[test]
    fn the_seed_decides() {
        let made = |seed| {
            let ids = SeededIds::new(seed);
            [ids.next(at(9)), ids.next(at(9))]
        };
        assert_eq!(made(1), made(1));
        assert_ne!(made(1), made(2));
    }
}
