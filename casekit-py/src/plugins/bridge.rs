//! Asking a plugin, and waiting for its answer.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use casekit_core::{Error, ErrorKind, Result};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::oneshot;

use super::broken::unbroken;
use crate::error;
use crate::runtime::{Visit, ending};

/// Something that the host wrote: an object of `casekit._plugins`, and how long its answers may take.
#[derive(Clone)]
pub(crate) struct Plugin {
    object: Arc<Py<PyAny>>,
    pub(super) patience: Duration,
}

impl fmt::Debug for Plugin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Plugin")
    }
}

impl Plugin {
    pub(crate) fn new(object: Py<PyAny>, patience: Duration) -> Self {
        let object = Arc::new(object);
        Self { object, patience }
    }

    /// What the plugin's `method` answers to `question`.
    pub(super) async fn ask<A: DeserializeOwned>(
        &self,
        method: &'static str,
        question: &impl Serialize,
    ) -> Result<A> {
        let mut asked = self.begin(method, question)?;
        let answer = tokio::time::timeout(self.patience, &mut asked.answer).await;
        let answer = answer.map_err(|_| self.too_long(method))?;
        asked.is_answered = true;
        read(method, answer)
    }

    /// The same for ports that do not know the scheduler: it blocks this thread. Not if a plugin failed before in the
    /// same call, which would wait for one that is stuck again and again.
    pub(super) fn ask_now<A: DeserializeOwned>(
        &self,
        method: &'static str,
        question: &impl Serialize,
    ) -> Result<A> {
        unbroken()?;
        // What else this thread had to do goes on in another.
        tokio::task::block_in_place(|| Visit::begin()?.block_on(self.ask(method, question)))
    }

    fn begin(&self, method: &'static str, question: &impl Serialize) -> Result<Asked> {
        let question = serde_json::to_vec(question).map_err(|error| {
            Error::bug("a question to a plugin has no JSON form").with_source(error)
        })?;
        let (reply, answer) = oneshot::channel();
        let begun = in_python(|py| {
            py.check_signals().map_err(error::interrupted)?;
            let reply = Reply(Mutex::new(Some(reply)));
            let question = PyBytes::new(py, &question);
            let begun = self
                .object
                .call_method1(py, "begin", (method, question, reply));
            begun.map_err(|raised| error::in_asking(py, raised, method))
        });
        let running = begun.ok_or_else(ending)??;
        Ok(Asked {
            running,
            answer,
            is_answered: false,
        })
    }

    fn too_long(&self, method: &str) -> Error {
        let message = format!(
            "the host's plugin did not answer to `{method}` within {} s",
            self.patience.as_secs_f64()
        );
        Error::new(ErrorKind::Unavailable, message)
    }
}

/// A question that a plugin works on. If nobody waits for the answer any more, what runs in an event loop is told to
/// end, and what has not begun does not: a thread cannot be told.
struct Asked {
    running: Py<PyAny>,
    answer: oneshot::Receiver<PyResult<Vec<u8>>>,
    is_answered: bool,
}

impl Drop for Asked {
    fn drop(&mut self) {
        if !self.is_answered {
            let _ = in_python(|py| self.running.call_method0(py, "cancel"));
        }
    }
}

/// Runs `work` with the interpreter's lock. In a thread of Python a signal's handler can run there, which may call a desk:
/// as one that blocks, not as part of what the runtime does.
fn in_python<T>(work: impl FnOnce(Python<'_>) -> T) -> Option<T> {
    match tokio::task::try_id() {
        Some(_) => Python::try_attach(work),
        None => tokio::task::block_in_place(|| Python::try_attach(work)),
    }
}

/// By which the plugin answers, once.
#[pyclass(frozen, module = "casekit._native")]
struct Reply(Mutex<Option<oneshot::Sender<PyResult<Vec<u8>>>>>);

#[pymethods]
impl Reply {
    fn __call__(&self, answer: Option<Vec<u8>>, raised: Option<Bound<'_, PyAny>>) {
        let mut reply = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(reply) = reply.take() {
            // It fails when nobody waits any more.
            let _ = reply.send(match raised {
                Some(raised) => Err(PyErr::from_value(raised)),
                None => Ok(answer.unwrap_or_default()),
            });
        }
    }
}

fn read<A: DeserializeOwned>(
    method: &str,
    answer: std::result::Result<PyResult<Vec<u8>>, oneshot::error::RecvError>,
) -> Result<A> {
    let answer = answer.map_err(|_| Error::bug(format!("the host's plugin lost `{method}`")))?;
    let answer = answer.map_err(|raised| {
        Python::try_attach(|py| error::from_py(py, raised, method)).unwrap_or_else(ending)
    })?;
    serde_json::from_slice(&answer).map_err(|error| {
        Error::bug(format!(
            "the host's plugin gave from `{method}` what cannot be used: {error}"
        ))
    })
}
