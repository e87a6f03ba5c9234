//! What somebody does.

use std::sync::Arc;
use std::time::Instant;

use casekit_core::Result;
use casekit_core::model::{Actor, WorkspaceId};
use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use pyo3::types::PyBytes;

use crate::open::OpenDesk;
use crate::plugins::watched;
use crate::{asyncio, runtime};

/// What an agent, a customer or the host's own programs may do.
#[pyclass(frozen, module = "casekit._native")]
#[derive(Debug)]
pub(crate) struct Session {
    desk: Arc<OpenDesk>,
    workspace: WorkspaceId,
    actor: Actor,
}

impl Session {
    pub(crate) fn new(desk: Arc<OpenDesk>, workspace: WorkspaceId, actor: Actor) -> Self {
        Self {
            desk,
            workspace,
            actor,
        }
    }

    fn work(
        &self,
        name: PyBackedStr,
        input: PyBackedBytes,
        nested: bool,
    ) -> impl Future<Output = Result<Vec<u8>>> + Send + 'static {
        let (desk, workspace, actor) = (self.desk.here(), self.workspace, self.actor);
        let open = Arc::clone(&self.desk);
        watched(async move {
            let session = desk?.session(workspace, actor);
            let _room = open.room(nested).await;
            session.call(&name, &input).await
        })
    }
}

#[pymethods]
impl Session {
    /// Runs an operation by name, with JSON in and out; blocks this thread alone. `nested`: a plugin calls, of another desk.
    #[pyo3(signature = (name, input, nested=false))]
    fn call<'py>(
        &self,
        py: Python<'py>,
        name: PyBackedStr,
        input: PyBackedBytes,
        nested: bool,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let answer = runtime::blocking(py, self.work(name, input, nested))?;
        Ok(PyBytes::new(py, &answer))
    }

    /// The same for asyncio: an awaitable of the running event loop.
    #[pyo3(signature = (name, input, nested=false))]
    fn call_async<'py>(
        &self,
        py: Python<'py>,
        name: PyBackedStr,
        input: PyBackedBytes,
        nested: bool,
    ) -> PyResult<Bound<'py, PyAny>> {
        asyncio::future(py, self.work(name, input, nested))
    }

    /// How many seconds it takes to run an operation so many `times` without Python: for benchmarks.
    fn timed(
        &self,
        py: Python<'_>,
        name: PyBackedStr,
        input: PyBackedBytes,
        times: u32,
    ) -> PyResult<f64> {
        let (desk, workspace, actor) = (self.desk.here(), self.workspace, self.actor);
        runtime::blocking(py, async move {
            let session = desk?.session(workspace, actor);
            let begun = Instant::now();
            for _ in 0..times {
                session.call(&name, &input).await?;
            }
            Ok(begun.elapsed().as_secs_f64())
        })
    }
}
