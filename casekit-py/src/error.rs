//! Errors on their way to Python and back.

use casekit_core::model::{Key, Unique};
use casekit_core::{Error, ErrorKind, WireError};
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::Deserialize;

/// The exception for `error`: the class in `casekit.errors` that has its kind, with the exception of the host
/// that led to it as its cause.
///
/// What a signal raised stays what it is.
pub(crate) fn to_py(py: Python<'_>, error: &Error) -> PyErr {
    if let Some(Interrupted(raised)) = source(error) {
        return raised.clone_ref(py);
    }
    match exception(py, error) {
        Ok(exception) | Err(exception) => exception,
    }
}

fn exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let cause = source::<PyErr>(error);
    let mut wire = error.to_wire();
    // A plugin that raised an exception of casekit knows better whether it passes.
    let said = cause.and_then(|cause| cause.value(py).getattr("retryable").ok()?.extract().ok());
    wire.retryable = said.unwrap_or(wire.retryable);
    // What is made of values of JSON always has a JSON form.
    let wire = serde_json::to_vec(&wire).unwrap_or_default();
    let made = py
        .import("casekit.errors")?
        .call_method1("from_wire", (PyBytes::new(py, &wire),))?;
    let exception = PyErr::from_value(made);
    exception.set_cause(py, cause.map(|cause| cause.clone_ref(py)));
    Ok(exception)
}

/// What of a kind led to an error, such as an exception of the host.
fn source<T: std::error::Error + 'static>(error: &Error) -> Option<&T> {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        source = error.source();
    }
    None
}

/// What a signal raised while Rust waited.
#[derive(Debug, thiserror::Error)]
#[error("a signal ended the call")]
struct Interrupted(PyErr);

/// The error of a call that a signal ended. It is not sent again.
pub(crate) fn interrupted(raised: PyErr) -> Error {
    Error::bug("a signal ended the call").with_source(Interrupted(raised))
}

/// What asking a plugin raised, in the thread that asks: what is no `Exception`, as `KeyboardInterrupt`, does not come
/// from the plugin.
pub(crate) fn in_asking(py: Python<'_>, raised: PyErr, method: &str) -> Error {
    match raised.is_instance_of::<PyException>(py) {
        true => from_py(py, raised, method),
        false => interrupted(raised),
    }
}

/// What a plugin can say of its failure: see `told` in `casekit._plugins`.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Said {
    /// An exception of casekit's own, whose kind is kept.
    Wire(WireError),
    /// A commit came too late.
    Stale(Vec<Key>),
    /// A unique value is held by another record.
    Held(Unique, Key),
}

/// What a plugin raised in `method`. Exceptions of casekit keep their kind, so that a store can say that a
/// commit came too late; anything else is a failure of the plugin.
pub(crate) fn from_py(py: Python<'_>, raised: PyErr, method: &str) -> Error {
    let error = match said(py, &raised) {
        Some(Said::Stale(keys)) => Error::stale(keys),
        Some(Said::Held(unique, holder)) => Error::taken(&unique.name, &unique.value, &holder),
        Some(Said::Wire(wire)) => wire.into(),
        None => Error::new(
            ErrorKind::Bug,
            format!("the host's plugin failed in `{method}`: {raised}"),
        ),
    };
    error.with_source(raised)
}

fn said(py: Python<'_>, raised: &PyErr) -> Option<Said> {
    let plugins = py.import("casekit._plugins").ok()?;
    let told = plugins.call_method1("told", (raised.value(py),)).ok()?;
    let told: Option<Vec<u8>> = told.extract().ok()?;
    serde_json::from_slice(&told?).ok()
}
