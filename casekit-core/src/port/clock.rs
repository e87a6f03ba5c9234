//! Time and ids come in through ports, so that everything can be replayed from a seed.

use std::sync::atomic::{AtomicU64, Ordering};

use uuid::{Timestamp, Uuid};

use crate::model::Time;
use crate::send::{MaybeSend, MaybeSync};

/// Tells the time.
///
/// # Behavior
/// - `a_clock_is_asked_once_for_each_operation`: and once more each time that it is run again after a conflict.
/// - `an_operation_has_one_time`: all that it records has that time.
/// - `milliseconds_are_kept`: what a clock tells beyond them is cut off.
pub trait Clock: std::fmt::Debug + MaybeSend + MaybeSync {
    /// The time now, UTC.
    fn now(&self) -> Time;
}

/// Makes ids.
///
/// # Behavior
/// - `ids_are_of_version_7`: they are UUIDs of version 7.
/// - `ids_sort_as_they_were_made`: each sorts after all that the same source made before, also when the
///   time goes back.
/// - `what_only_reads_makes_no_id`: they are asked for what is written.
pub trait Ids: std::fmt::Debug + MaybeSend + MaybeSync {
    /// A new id.
    fn next(&self, now: Time) -> Uuid;
}

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        chrono::Utc::now()
    }
}

/// Ids from the machine's clock and randomness.
///
/// Making one takes no lock: a process that is forked while another thread makes one can go on making some.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

/// The millisecond of the last id, and in the last [`COUNTER_BITS`] its place in it.
static LAST: AtomicU64 = AtomicU64::new(0);

/// How many bits count the ids of a millisecond; when they are all used, the next millisecond begins early.
const COUNTER_BITS: u8 = 16;

impl Ids for SystemIds {
    fn next(&self, _now: Time) -> Uuid {
        let now_ms = chrono::Utc::now().timestamp_millis().unsigned_abs();
        let after = |last: u64| (last + 1).max(now_ms << COUNTER_BITS);
        let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
            Some(after(last))
        });
        let place = after(last.unwrap_or_default());
        let (ms, count) = (place >> COUNTER_BITS, place & ((1 << COUNTER_BITS) - 1));
        let nanos = u32::try_from(ms % 1_000).unwrap_or_default() * 1_000_000;
        let counted = Timestamp::from_unix_time(ms / 1_000, nanos, count.into(), COUNTER_BITS);
        let id = Uuid::new_v7(counted).as_u128();
        Uuid::from_u128(id ^ u128::from(process()))
    }
}

/// What tells processes apart whose randomness goes on from the same state, because one was forked from the other. It
/// is put into the last bits of an id, behind all that it is sorted by.
fn process() -> u32 {
    #[cfg(not(target_family = "wasm"))]
    let process = std::process::id();
    #[cfg(target_family = "wasm")]
    let process = 0;
    process
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_the_machine_are_of_version_7_and_sort_as_they_were_made() {
        let make = || -> Vec<Uuid> {
            let ids = (0..100_000).map(|_| SystemIds.next(SystemClock.now()));
            ids.collect()
        };
        let both = std::thread::scope(|scope| {
            let other = scope.spawn(make);
            [make(), other.join().unwrap()]
        });
        for ids in &both {
            assert!(ids.is_sorted_by(|a, b| a < b));
            assert!(ids.iter().all(|id| id.get_version_num() == 7));
        }
        let all: std::collections::HashSet<Uuid> = both.into_iter().flatten().collect();
        assert_eq!(all.len(), 200_000);
        let told = all
            .iter()
            .next()
            .unwrap()
            .get_timestamp()
            .unwrap()
            .to_unix()
            .0;
        let now = SystemClock.now().timestamp().unsigned_abs();
        assert!(now.abs_diff(told) < 60, "{told} {now}");
    }
}
