//! Answers for asyncio.

use casekit_core::{Error, Result};
use pyo3::exceptions::asyncio::InvalidStateError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};
use tokio::task::AbortHandle;

use crate::desk::Desk;
use crate::{error, runtime};

/// A future of the running event loop that gets what `work` gives.
///
/// Cancelling the future does not undo the call: like a request that was sent, it runs to its end.
pub(crate) fn future<'py, T: Deliverable>(
    py: Python<'py>,
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> PyResult<Bound<'py, PyAny>> {
    let (future, _) = started(py, work)?;
    Ok(future)
}

/// The same for what only waits: it stops when the future is cancelled.
pub(crate) fn cancellable<'py, T: Deliverable>(
    py: Python<'py>,
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> PyResult<Bound<'py, PyAny>> {
    let (future, running) = started(py, work)?;
    future.call_method1("add_done_callback", (Stop(running),))?;
    Ok(future)
}

fn started<'py, T: Deliverable>(
    py: Python<'py>,
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> PyResult<(Bound<'py, PyAny>, AbortHandle)> {
    let event_loop = py.import("asyncio")?.call_method0("get_running_loop")?;
    let future = event_loop.call_method0("create_future")?;
    let waiting = Waiting {
        event_loop: event_loop.unbind(),
        future: future.clone().unbind(),
    };
    let handle = runtime::handle().map_err(|error| error::to_py(py, &error))?;
    let running = handle.spawn(work);
    let abort = running.abort_handle();
    handle.spawn(async move {
        // A task of its own, so that whoever waits is answered even if it breaks.
        let answer = running.await.unwrap_or_else(|broken| {
            Err(Error::bug("the call broke inside casekit").with_source(broken))
        });
        waiting.answer(answer);
    });
    Ok((future, abort))
}

/// Stops what runs for a future that is done: if it was cancelled, nobody waits for it.
#[pyclass(frozen, module = "casekit._native")]
struct Stop(AbortHandle);

#[pymethods]
impl Stop {
    fn __call__(&self, _future: &Bound<'_, PyAny>) {
        self.0.abort();
    }
}

/// What an answer can be.
pub(crate) trait Deliverable: Send + 'static {
    /// The answer in Python.
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>>;
}

impl Deliverable for Vec<u8> {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        Ok(PyBytes::new(py, &self).into_any())
    }
}

impl Deliverable for String {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        Ok(PyString::new(py, &self).into_any())
    }
}

impl Deliverable for () {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        Ok(py.None().into_bound(py))
    }
}

impl Deliverable for Desk {
    fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        Ok(Bound::new(py, self)?.into_any())
    }
}

/// Who waits for an answer.
struct Waiting {
    event_loop: Py<PyAny>,
    future: Py<PyAny>,
}

impl Waiting {
    fn answer(&self, answer: Result<impl Deliverable>) {
        // It fails when the loop is closed, or the interpreter ends: then nobody waits any more.
        let _ = Python::try_attach(|py| self.deliver(py, answer));
    }

    fn deliver(&self, py: Python<'_>, answer: Result<impl Deliverable>) -> PyResult<()> {
        let (method, value) = match answer {
            Ok(answer) => ("set_result", answer.into_python(py)?),
            Err(error) => {
                let exception = error::to_py(py, &error).into_value(py);
                ("set_exception", exception.into_bound(py).into_any())
            }
        };
        let settle = wrap_pyfunction!(settle, py)?;
        let arguments = (settle, &self.future, method, value);
        self.event_loop
            .call_method1(py, "call_soon_threadsafe", arguments)?;
        Ok(())
    }
}

/// Settles a future, in its loop's own thread, unless it was cancelled meanwhile.
#[pyfunction]
fn settle(future: &Bound<'_, PyAny>, method: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    match future.call_method1(method, (value,)) {
        Err(error) if !error.is_instance_of::<InvalidStateError>(future.py()) => Err(error),
        _ => Ok(()),
    }
}
