//! Time and ids come in through ports, so that everything can be replayed from a seed.

use uuid::Uuid;

use crate::model::Time;
use crate::send::{MaybeSend, MaybeSync};

/// Tells the time.
pub trait Clock: std::fmt::Debug + MaybeSend + MaybeSync {
    /// The time now, UTC. casekit keeps milliseconds.
    fn now(&self) -> Time;
}

/// Makes ids.
pub trait Ids: std::fmt::Debug + MaybeSend + MaybeSync {
    /// A new id, UUID version 7, that sorts after all that were made before by the same source.
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
