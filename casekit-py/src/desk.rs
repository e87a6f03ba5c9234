//! The desk as Python sees it.

use std::sync::Arc;
use std::time::Duration;

use casekit_core::desk::Subscription;
use casekit_core::model::{Actor, Event, Seq, WorkspaceId};
use casekit_core::{Error, Result};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::open::{OpenDesk, Place, Ports};
use crate::plugins::{Plugin, PluginClock, PluginIds, PluginPolicy, PluginStore, watched};
use crate::session::Session;
use crate::{asyncio, error, runtime};

/// A help desk. Several can live in one process.
#[pyclass(frozen, module = "casekit._native")]
#[derive(Debug)]
pub(crate) struct Desk {
    desk: Arc<OpenDesk>,
}

#[pymethods]
impl Desk {
    /// Opens the desk at `url`, or in `store`, and creates or upgrades its schema.
    ///
    /// The plugins are those of `casekit._plugins`, which take and give JSON.
    #[staticmethod]
    #[pyo3(signature = (url, *, store=None, clock=None, ids=None, policy=None, patience))]
    fn open(
        py: Python<'_>,
        url: String,
        store: Option<Py<PyAny>>,
        clock: Option<Py<PyAny>>,
        ids: Option<Py<PyAny>>,
        policy: Option<Py<PyAny>>,
        patience: f64,
    ) -> PyResult<Self> {
        let (place, ports) = told(py, url, [store, clock, ids, policy], patience)?;
        let desk = runtime::blocking(py, OpenDesk::open(place, ports))?;
        Ok(Self {
            desk: Arc::new(desk),
        })
    }

    /// The same for asyncio.
    #[staticmethod]
    #[pyo3(signature = (url, *, store=None, clock=None, ids=None, policy=None, patience))]
    fn open_async<'py>(
        py: Python<'py>,
        url: String,
        store: Option<Py<PyAny>>,
        clock: Option<Py<PyAny>>,
        ids: Option<Py<PyAny>>,
        policy: Option<Py<PyAny>>,
        patience: f64,
    ) -> PyResult<Bound<'py, PyAny>> {
        let (place, ports) = told(py, url, [store, clock, ids, policy], patience)?;
        asyncio::future(py, async move {
            let desk = Arc::new(OpenDesk::open(place, ports).await?);
            Ok(Self { desk })
        })
    }

    /// What somebody may do: `actor` is `{"type":"agent","id":…}`, `{"type":"customer","id":…}` or
    /// `{"type":"system"}`, as JSON.
    fn session(&self, py: Python<'_>, workspace: &str, actor: &str) -> PyResult<Session> {
        let read = || -> Result<(WorkspaceId, Actor)> {
            Ok((workspace.parse()?, serde_json::from_str(actor)?))
        };
        let (workspace, actor) = read().map_err(|error| error::to_py(py, &error))?;
        Ok(Session::new(Arc::clone(&self.desk), workspace, actor))
    }

    /// The events of a workspace after a sequence number, a JSON list of at most `limit`. Waits until there is
    /// one, or until `patience` seconds have passed: then the list is empty.
    fn events<'py>(
        &self,
        py: Python<'py>,
        workspace: String,
        after: u64,
        limit: usize,
        patience: f64,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let work = self.next_events(workspace, after, limit, patience);
        Ok(PyBytes::new(py, &runtime::blocking(py, work)?))
    }

    /// The same for asyncio.
    fn events_async<'py>(
        &self,
        py: Python<'py>,
        workspace: String,
        after: u64,
        limit: usize,
        patience: f64,
    ) -> PyResult<Bound<'py, PyAny>> {
        asyncio::cancellable(py, self.next_events(workspace, after, limit, patience))
    }

    /// Whether the store answers: raises if not.
    fn health(&self, py: Python<'_>) -> PyResult<()> {
        let desk = self.desk.here();
        runtime::blocking(py, async { desk?.health().await })
    }

    /// The same for asyncio.
    fn health_async<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let desk = self.desk.here();
        asyncio::future(py, async { desk?.health().await })
    }

    /// A new id, such as for a workspace: a UUID in its usual form.
    #[pyo3(signature = (nested=false))]
    fn new_id(&self, py: Python<'_>, nested: bool) -> PyResult<String> {
        runtime::blocking(py, self.next_id(nested))
    }

    /// The same for asyncio.
    #[pyo3(signature = (nested=false))]
    fn new_id_async<'py>(&self, py: Python<'py>, nested: bool) -> PyResult<Bound<'py, PyAny>> {
        asyncio::future(py, self.next_id(nested))
    }

    /// Closes the desk. Closing it again does nothing.
    fn close(&self, py: Python<'_>) {
        // Connections that close may wait for a thread that needs Python.
        py.detach(|| {
            let _runtime = runtime::handle().map(|handle| {
                let _entered = handle.enter();
                self.desk.close();
            });
        });
    }

    /// Whether it was closed.
    #[getter]
    fn closed(&self) -> bool {
        self.desk.is_closed()
    }
}

impl Desk {
    fn next_id(&self, nested: bool) -> impl Future<Output = Result<String>> + Send + 'static {
        let (open, desk) = (Arc::clone(&self.desk), self.desk.here());
        watched(async move {
            let desk = desk?;
            let _room = open.room(nested).await;
            Ok(desk.new_id().to_string())
        })
    }

    fn next_events(
        &self,
        workspace: String,
        after: u64,
        limit: usize,
        patience: f64,
    ) -> impl Future<Output = Result<Vec<u8>>> + Send + 'static {
        let open = Arc::clone(&self.desk);
        async move {
            let workspace: WorkspaceId = workspace.parse()?;
            let mut subscription = open.here()?.subscribe(workspace, Seq(after));
            // What is there already is fetched however long that takes: only waiting is cut short.
            let mut events = already(&mut subscription, limit).await?;
            if events.is_empty() {
                let waited = tokio::time::timeout(seconds(patience)?, subscription.next());
                tokio::select! {
                    error = open.until_closed() => return Err(error),
                    first = waited => if let Ok(first) = first {
                        events.push(first?);
                    },
                }
            }
            Ok(serde_json::to_vec(&events)?)
        }
    }
}

/// The events that are there, at most `limit`.
async fn already(subscription: &mut Subscription, limit: usize) -> Result<Vec<Event>> {
    let mut events = Vec::new();
    while events.len() < limit
        && let Some(event) = subscription.try_next().await?
    {
        events.push(event);
    }
    Ok(events)
}

/// What Python told of a desk to open.
fn told(
    py: Python<'_>,
    url: String,
    plugins: [Option<Py<PyAny>>; 4],
    patience: f64,
) -> PyResult<(Place, Ports)> {
    let patience = seconds(patience).map_err(|error| error::to_py(py, &error))?;
    let [store, clock, ids, policy] =
        plugins.map(|plugin| plugin.map(|plugin| Plugin::new(plugin, patience)));
    let ports = Ports {
        clock: clock.map(PluginClock),
        ids: ids.map(PluginIds),
        policy: policy.map(PluginPolicy),
    };
    let place = match store {
        Some(store) => Place::In(PluginStore::new(store)),
        None => Place::At(url),
    };
    Ok((place, ports))
}

/// A span of time given in seconds.
pub(crate) fn seconds(seconds: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(seconds)
        .map_err(|_| Error::invalid(format!("`{seconds}` is not a number of seconds to wait")))
}
