//! What a host can set: the clock and the ids, so that a run can be replayed.

use casekit_core::model::Time;
use casekit_core::port::{Clock, Ids, SystemClock, SystemIds};
use chrono::DateTime;
use pyo3::prelude::*;
use uuid::Uuid;

/// A clock of the host: a callable that gives milliseconds since 1970.
#[derive(Debug)]
pub(crate) struct HostClock(pub(crate) Py<PyAny>);

impl Clock for HostClock {
    fn now(&self) -> Time {
        let read = Python::try_attach(|py| self.0.call0(py)?.extract::<i64>(py));
        // The port cannot fail: a clock that breaks is stood in for by the machine's.
        read.and_then(PyResult::ok)
            .and_then(DateTime::from_timestamp_millis)
            .unwrap_or_else(|| SystemClock.now())
    }
}

/// Ids from the host: a callable that takes milliseconds since 1970 and gives a UUID as text.
#[derive(Debug)]
pub(crate) struct HostIds(pub(crate) Py<PyAny>);

impl Ids for HostIds {
    fn next(&self, now: Time) -> Uuid {
        let now_ms = now.timestamp_millis();
        let read = Python::try_attach(|py| self.0.call1(py, (now_ms,))?.extract::<String>(py));
        read.and_then(PyResult::ok)
            .and_then(|id| Uuid::parse_str(&id).ok())
            .unwrap_or_else(|| SystemIds.next(now))
    }
}
