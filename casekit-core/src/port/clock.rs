//! Time and ids come in through ports, so that everything can be replayed from a seed.

use uuid::Uuid;

use crate::model::Time;
use crate::send::{MaybeSend, MaybeSync};

/// Tells the time.
///
/// # Behavior
/// - `an_operation_has_one_time`: it is asked once each time that an operation is run, and all that the
///   operation records has that time.
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
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemIds;

impl Ids for SystemIds {
    fn next(&self, _now: Time) -> Uuid {
        Uuid::now_v7()
    }
}
