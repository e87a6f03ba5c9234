//! Answers on their way to an event loop.
//!
//! To wake a loop takes the interpreter's lock, for which a thread of ours would wait at each answer. So the first answer
//! wakes it, and those that come until it looks go with the first.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use casekit_core::Result;
use pyo3::exceptions::PyKeyError;
use pyo3::exceptions::asyncio::InvalidStateError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyString, PyWeakrefMethods, PyWeakrefReference};

use crate::desk::Desk;
use crate::error;

/// What an answer can be.
pub(crate) trait Deliverable: Send + 'static {
    /// The answer in Python.
    fn into_python(self: Box<Self>, py: Python<'_>) -> PyResult<Bound<'_, PyAny>>;
}

impl Deliverable for Vec<u8> {
    fn into_python(self: Box<Self>, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        Ok(PyBytes::new(py, &self).into_any())
    }
}

impl Deliverable for String {
    fn into_python(self: Box<Self>, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        Ok(PyString::new(py, &self).into_any())
    }
}

impl Deliverable for () {
    fn into_python(self: Box<Self>, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        Ok(py.None().into_bound(py))
    }
}

impl Deliverable for Desk {
    fn into_python(self: Box<Self>, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        Ok(Bound::new(py, *self)?.into_any())
    }
}

/// An answer for who waits for a future.
pub(crate) struct Letter {
    pub(crate) future: Py<PyAny>,
    pub(crate) answer: Result<Box<dyn Deliverable>>,
}

impl Letter {
    /// Settles the future, in its loop's own thread, unless it was cancelled meanwhile.
    fn settle(self, py: Python<'_>) -> PyResult<()> {
        let (method, value) = match self.answer {
            Ok(answer) => ("set_result", answer.into_python(py)?),
            Err(error) => {
                let exception = error::to_py(py, &error).into_value(py);
                ("set_exception", exception.into_bound(py).into_any())
            }
        };
        match self.future.call_method1(py, method, (value,)) {
            Err(error) if !error.is_instance_of::<InvalidStateError>(py) => Err(error),
            _ => Ok(()),
        }
    }
}

/// The inbox of each event loop, for as long as there is the loop.
static INBOXES: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// What an event loop is to be told.
#[pyclass(frozen, module = "casekit._native")]
pub(crate) struct Inbox {
    /// Weak, so that a loop which ended can go.
    event_loop: Py<PyWeakrefReference>,
    letters: Mutex<Vec<Letter>>,
}

impl Inbox {
    /// That of an event loop.
    pub(crate) fn of(event_loop: &Bound<'_, PyAny>) -> PyResult<Py<Self>> {
        let py = event_loop.py();
        let inboxes = INBOXES.get_or_try_init(py, || {
            let inboxes = py.import("weakref")?.call_method0("WeakKeyDictionary")?;
            PyResult::Ok(inboxes.unbind())
        })?;
        match inboxes.bind(py).get_item(event_loop) {
            Ok(found) => Ok(found.cast_into::<Self>()?.unbind()),
            Err(error) if error.is_instance_of::<PyKeyError>(py) => {
                let inbox = Self {
                    event_loop: PyWeakrefReference::new(event_loop)?.unbind(),
                    letters: Mutex::default(),
                };
                let inbox = Bound::new(py, inbox)?;
                inboxes.bind(py).set_item(event_loop, &inbox)?;
                Ok(inbox.unbind())
            }
            Err(error) => Err(error),
        }
    }

    /// Has a letter delivered. If that cannot be, because the loop or the interpreter ended, nobody waits any more.
    pub(crate) fn send(this: &Py<Self>, letter: Letter) {
        let mut letters = this.get().letters();
        letters.push(letter);
        let is_first = letters.len() == 1;
        drop(letters);
        if is_first && !matches!(Python::try_attach(|py| Self::wake(this, py)), Some(Ok(()))) {
            this.get().letters().clear();
        }
    }

    fn wake(this: &Py<Self>, py: Python<'_>) -> PyResult<()> {
        let event_loop = this.get().event_loop.bind(py).upgrade();
        let deliver = this.getattr(py, "deliver")?;
        event_loop
            .unwrap_or_else(|| py.None().into_bound(py))
            .call_method1("call_soon_threadsafe", (deliver,))?;
        Ok(())
    }

    fn letters(&self) -> MutexGuard<'_, Vec<Letter>> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Inbox {
    /// Settles the futures whose answers came.
    fn deliver(&self, py: Python<'_>) {
        let letters = mem::take(&mut *self.letters());
        for letter in letters {
            if let Err(error) = letter.settle(py) {
                // The others get theirs all the same.
                error.write_unraisable(py, None);
            }
        }
    }
}
