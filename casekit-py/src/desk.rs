//! The desk as Python sees it.

use std::sync::Arc;

use casekit_core::model::{Actor, Seq, WorkspaceId};
use casekit_core::port::{Clock, Store, SystemClock};
use casekit_core::{Error, ErrorKind, Result};
use casekit_memory::MemoryStore;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use tokio::runtime::Handle;

use crate::options::{HostClock, HostIds};
use crate::{asyncio, error, runtime};

/// A help desk. Several can live in one process.
#[pyclass(frozen, module = "casekit._native")]
#[derive(Debug)]
pub(crate) struct Desk {
    desk: casekit_core::Desk,
    process: u32,
}

#[pymethods]
impl Desk {
    /// Opens the desk at `url`, and creates or upgrades its schema: `memory:`, or the address of a database
    /// (`sqlite:`, `postgres:`, `mysql:`).
    ///
    /// `now` gives milliseconds since 1970, and `new_id` a UUID for such a time: with both a run can be replayed.
    #[staticmethod]
    #[pyo3(signature = (url, *, now=None, new_id=None))]
    fn connect(
        py: Python<'_>,
        url: String,
        now: Option<Py<PyAny>>,
        new_id: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let refused = |error| error::to_py(py, &error);
        let clock = now.map(|now| HostClock::tried(py, now));
        let clock = clock.transpose().map_err(refused)?;
        let (clock, now) = match clock {
            Some((clock, now)) => (Some(clock), now),
            None => (None, SystemClock.now()),
        };
        let ids = new_id.map(|new_id| HostIds::tried(py, new_id, now));
        let ids = ids.transpose().map_err(refused)?;
        blocking(py, async move {
            let mut builder = casekit_core::Desk::builder_on(open(&url).await?);
            if let Some(clock) = clock {
                builder = builder.clock(clock);
            }
            if let Some(ids) = ids {
                builder = builder.ids(ids);
            }
            let desk = builder.build();
            desk.migrate().await?;
            let process = std::process::id();
            Ok(Self { desk, process })
        })
    }

    /// Runs an operation by name, with JSON in and out; blocks this thread alone.
    ///
    /// `actor` is `{"type":"agent","id":…}`, `{"type":"customer","id":…}` or `{"type":"system"}`, as JSON.
    fn call<'py>(
        &self,
        py: Python<'py>,
        workspace: String,
        actor: String,
        name: String,
        input: Vec<u8>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let work = self.work(workspace, actor, name, input);
        let answer = blocking(py, work)?;
        Ok(PyBytes::new(py, &answer))
    }

    /// The same for asyncio: an awaitable of the running event loop.
    fn call_async<'py>(
        &self,
        py: Python<'py>,
        workspace: String,
        actor: String,
        name: String,
        input: Vec<u8>,
    ) -> PyResult<Bound<'py, PyAny>> {
        asyncio::future(py, self.work(workspace, actor, name, input))
    }

    /// The next event of a workspace after a sequence number, as JSON, for asyncio; waits until there is one.
    fn next_event_async<'py>(
        &self,
        py: Python<'py>,
        workspace: String,
        after: u64,
    ) -> PyResult<Bound<'py, PyAny>> {
        let desk = self.here();
        asyncio::future(py, async move {
            let workspace: WorkspaceId = workspace.parse()?;
            let event = desk?.subscribe(workspace, Seq(after)).next().await?;
            Ok(serde_json::to_vec(&event)?)
        })
    }

    /// A new id, such as for a workspace.
    fn new_id(&self) -> String {
        self.desk.new_id().to_string()
    }
}

impl Desk {
    fn work(
        &self,
        workspace: String,
        actor: String,
        name: String,
        input: Vec<u8>,
    ) -> impl Future<Output = Result<Vec<u8>>> + Send + 'static {
        let desk = self.here();
        async move {
            let workspace: WorkspaceId = workspace.parse()?;
            let actor: Actor = serde_json::from_str(&actor)?;
            let session = desk?.session(workspace, actor);
            session.call(&name, &input).await
        }
    }

    /// The desk, in the process that opened it: its connections cannot be shared with a fork.
    fn here(&self) -> Result<casekit_core::Desk> {
        if self.process != std::process::id() {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "the desk was opened before this process was forked: open it again here",
            ));
        }
        Ok(self.desk.clone())
    }
}

async fn open(url: &str) -> Result<Arc<dyn Store>> {
    match url.split_once(':') {
        Some(("memory", _)) => Ok(Arc::new(MemoryStore::new())),
        _ => casekit_sqlx::connect(url).await,
    }
}

/// Runs `work` while other threads of Python go on.
fn blocking<T: Send>(py: Python<'_>, work: impl Future<Output = Result<T>> + Send) -> PyResult<T> {
    let outcome = py.detach(|| {
        if Handle::try_current().is_ok() {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "a plugin cannot call the desk that is calling it",
            ));
        }
        runtime::handle()?.block_on(work)
    });
    outcome.map_err(|error| error::to_py(py, &error))
}
