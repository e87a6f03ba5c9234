//! The host's clock and ids, with which a run can be replayed.

use casekit_core::model::Time;
use casekit_core::port::{Clock, Ids, SystemClock, SystemIds};
use uuid::Uuid;

use super::bridge::Plugin;
use super::broken::broke;

/// A clock of the host.
#[derive(Debug)]
pub(crate) struct PluginClock(pub(crate) Plugin);

impl Clock for PluginClock {
    fn now(&self) -> Time {
        // What the machine's clock stands in for is not committed: see `broken`.
        self.0.ask_now("now", &()).unwrap_or_else(|error| {
            broke(error);
            SystemClock.now()
        })
    }
}

/// Ids from the host.
#[derive(Debug)]
pub(crate) struct PluginIds(pub(crate) Plugin);

impl Ids for PluginIds {
    fn next(&self, now: Time) -> Uuid {
        self.0.ask_now("next", &now).unwrap_or_else(|error| {
            broke(error);
            SystemIds.next(now)
        })
    }
}
