//! Errors on their way to Python.

use casekit_core::{Error, WireError};
use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;

create_exception!(
    casekit,
    CasekitError,
    PyException,
    "What went wrong: `kind` for programs, the message for people, `details`, and whether it is `retryable`."
);

/// The exception for `error`.
pub(crate) fn to_py(py: Python<'_>, error: &Error) -> PyErr {
    match exception(py, error) {
        Ok(exception) | Err(exception) => exception,
    }
}

fn exception(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let WireError {
        kind,
        message,
        details,
        retryable,
    } = error.to_wire();
    let exception = CasekitError::new_err(message);
    let value = exception.value(py);
    value.setattr("kind", from_json(py, &serde_json::to_value(kind))?)?;
    value.setattr("details", from_json(py, &serde_json::to_value(details))?)?;
    value.setattr("retryable", retryable)?;
    Ok(exception)
}

fn from_json<'py>(
    py: Python<'py>,
    json: &serde_json::Result<serde_json::Value>,
) -> PyResult<Bound<'py, PyAny>> {
    let json = json.as_ref().map(ToString::to_string);
    let json = json.unwrap_or_else(|_| "null".to_owned());
    py.import("json")?.call_method1("loads", (json,))
}
