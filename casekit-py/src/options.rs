//! What a host can set: the clock and the ids, so that a run can be replayed.
//!
//! Each is tried once when it is given. The ports cannot fail: one that breaks later is stood in for by the
//! machine's, and Python is told of the exception as of every one that nobody can catch.

use casekit_core::model::Time;
use casekit_core::port::{Clock, Ids, SystemClock, SystemIds};
use casekit_core::{Error, Result};
use chrono::DateTime;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use uuid::Uuid;

/// A clock of the host: a callable that gives milliseconds since 1970.
#[derive(Debug)]
pub(crate) struct HostClock(Py<PyAny>);

impl HostClock {
    /// The clock, with what it says now.
    pub(crate) fn tried(py: Python<'_>, now: Py<PyAny>) -> Result<(Self, Time)> {
        let clock = Self(now);
        let read = clock.read(py);
        let now =
            read.map_err(|error| refused("`now` must give milliseconds since 1970", &error))?;
        Ok((clock, now))
    }

    fn read(&self, py: Python<'_>) -> PyResult<Time> {
        let time = DateTime::from_timestamp_millis(self.0.call0(py)?.extract(py)?);
        time.ok_or_else(|| PyValueError::new_err("the time is out of range"))
    }
}

impl Clock for HostClock {
    fn now(&self) -> Time {
        attached(|py| self.read(py)).unwrap_or_else(|| SystemClock.now())
    }
}

/// Ids from the host: a callable that takes milliseconds since 1970 and gives a UUID as text.
#[derive(Debug)]
pub(crate) struct HostIds(Py<PyAny>);

impl HostIds {
    /// The ids, tried at the time of the desk's clock: after a later one they would go on from there.
    pub(crate) fn tried(py: Python<'_>, new_id: Py<PyAny>, now: Time) -> Result<Self> {
        let ids = Self(new_id);
        let read = ids.read(py, now);
        read.map_err(|error| refused("`new_id` must give a UUID as text", &error))?;
        Ok(ids)
    }

    fn read(&self, py: Python<'_>, now: Time) -> PyResult<Uuid> {
        let id: String = self.0.call1(py, (now.timestamp_millis(),))?.extract(py)?;
        Uuid::parse_str(&id).map_err(|error| PyValueError::new_err(error.to_string()))
    }
}

impl Ids for HostIds {
    fn next(&self, now: Time) -> Uuid {
        attached(|py| self.read(py, now)).unwrap_or_else(|| SystemIds.next(now))
    }
}

fn refused(why: &str, error: &PyErr) -> Error {
    Error::invalid(format!("{why}: {error}"))
}

/// What a plugin gives, or nothing if it raises or Python is shutting down.
fn attached<T>(read: impl FnOnce(Python<'_>) -> PyResult<T>) -> Option<T> {
    Python::try_attach(|py| {
        let read = read(py);
        read.map_err(|error| error.write_unraisable(py, None)).ok()
    })?
}
