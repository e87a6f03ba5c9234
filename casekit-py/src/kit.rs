//! For those who write a store in Python: what queries mean, and the conformance tests.

use std::sync::Arc;

use casekit_core::model::{Entity, Key, Unique, Version};
use casekit_core::port::Store;
use casekit_core::query::{Aggregate, Query, eval, eval_aggregate};
use casekit_core::{BoxFuture, ChangeSet, Error, Result};
use casekit_testkit::conformance::{StoreFactory, tests};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::Serialize;

use crate::desk::seconds;
use crate::plugins::{Plugin, PluginStore};
use crate::{error, runtime};

/// What a record says about itself, to a store.
#[derive(Serialize)]
struct Facts {
    key: Key,
    version: Version,
    number: Option<u64>,
    unique: Vec<Unique>,
}

/// What a record says about itself, as JSON.
#[pyfunction]
pub(crate) fn facts<'py>(py: Python<'py>, record: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    answered(py, || {
        let record: Entity = serde_json::from_slice(record)?;
        Ok(Facts {
            key: record.key(),
            version: record.version(),
            number: record.number(),
            unique: record.unique(),
        })
    })
}

/// Refuses a change set that no store could apply.
#[pyfunction]
pub(crate) fn validate(py: Python<'_>, set: &[u8]) -> PyResult<()> {
    let set = serde_json::from_slice::<ChangeSet>(set).map_err(Error::from);
    let valid = set.and_then(|set| set.validate());
    valid.map_err(|error| error::to_py(py, &error))
}

/// All records of a workspace, read once: what queries mean is asked of them.
#[pyclass(frozen, module = "casekit._native")]
pub(crate) struct Records(Vec<Entity>);

#[pymethods]
impl Records {
    /// Reads a JSON list of records.
    #[new]
    fn new(py: Python<'_>, records: &[u8]) -> PyResult<Self> {
        let records = py.detach(|| serde_json::from_slice(records));
        let records = records.map_err(|error| error::to_py(py, &error.into()))?;
        Ok(Self(records))
    }

    /// The page that a query gives.
    fn find<'py>(&self, py: Python<'py>, query: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        answered(py, || {
            let query: Query = serde_json::from_slice(query)?;
            eval(&query, self.0.iter())
        })
    }

    /// The rows that an aggregate gives.
    fn aggregate<'py>(&self, py: Python<'py>, aggregate: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        answered(py, || {
            let aggregate: Aggregate = serde_json::from_slice(aggregate)?;
            eval_aggregate(&aggregate, self.0.iter())
        })
    }
}

/// The names of the behaviours that a store must have.
#[pyfunction]
pub(crate) fn conformance_names() -> Vec<&'static str> {
    tests().iter().map(|test| test.name).collect()
}

/// Runs the test of one behaviour on `store`, a plugin; gives what showed that the store does not have it.
#[pyfunction]
pub(crate) fn run_conformance(
    py: Python<'_>,
    name: &str,
    store: Py<PyAny>,
    patience: f64,
) -> PyResult<Option<String>> {
    let outcome = || {
        let patience = seconds(patience)?;
        let test = tests().iter().find(|test| test.name == name);
        let test = test.ok_or_else(|| Error::invalid(format!("there is no behaviour `{name}`")))?;
        let store: Arc<dyn Store> = Arc::new(PluginStore::new(Plugin::new(store, patience)));
        Ok((test, Given(store), patience))
    };
    let (test, given, patience) = outcome().map_err(|error| error::to_py(py, &error))?;
    runtime::blocking(py, async {
        let outcome = test.run(&given, patience).await;
        Ok(outcome.err().map(|failure| failure.0))
    })
}

/// Opens the one store that was given.
struct Given(Arc<dyn Store>);

impl StoreFactory for Given {
    fn open(&self) -> BoxFuture<'static, Result<Arc<dyn Store>>> {
        let store = Arc::clone(&self.0);
        Box::pin(async { Ok(store) })
    }
}

fn answered<'py, T: Serialize>(
    py: Python<'py>,
    answer: impl FnOnce() -> Result<T> + Send,
) -> PyResult<Bound<'py, PyBytes>> {
    let answer = py.detach(|| {
        serde_json::to_vec(&answer()?)
            .map_err(|error| Error::bug("an answer has no JSON form").with_source(error))
    });
    let answer = answer.map_err(|error| error::to_py(py, &error))?;
    Ok(PyBytes::new(py, &answer))
}
