//! Answers for asyncio.

use std::panic::AssertUnwindSafe;

use casekit_core::{Error, Result};
use futures_util::FutureExt;
use pyo3::prelude::*;
use tokio::task::AbortHandle;

use crate::inbox::{Deliverable, Inbox, Letter};
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
    let inbox = Inbox::of(&event_loop)?;
    let waiting = event_loop.call_method0("create_future")?;
    let future = waiting.clone().unbind();
    let handle = runtime::handle().map_err(|error| error::to_py(py, &error))?;
    let running = handle.spawn(async move {
        // Whoever waits is answered even if it breaks. Nothing that was broken is used again.
        let done = AssertUnwindSafe(work).catch_unwind().await;
        let done = done.unwrap_or_else(|_| Err(Error::bug("the call broke inside casekit")));
        let answer = done.map(|answer| Box::new(answer) as Box<dyn Deliverable>);
        Inbox::send(&inbox, Letter { future, answer });
    });
    Ok((waiting, running.abort_handle()))
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
