//! Answers on their way to an event loop.
//!
//! To wake a loop takes the interpreter's lock, for which a thread of ours would wait at each answer. So the first answer
//! wakes it, and those that come until it looks go with the first.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use casekit_core::Result;
use pyo3::exceptions::PyException;
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

/// The inbox of each event loop, weak on both sides: letters hold futures, and these their loop. A call holds its inbox, and
/// so does the loop from when it was woken until it looks.
static INBOXES: PyOnceLock<Py<PyAny>> = PyOnceLock::new();

/// What an event loop is to be told.
#[pyclass(frozen, weakref, module = "casekit._native")]
pub(crate) struct Inbox {
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
        let known = inboxes.bind(py).call_method1("get", (event_loop,))?;
        if let Ok(known) = known.cast::<PyWeakrefReference>()
            && let Some(inbox) = known.upgrade()
        {
            return Ok(inbox.cast_into::<Self>()?.unbind());
        }
        let inbox = Self {
            event_loop: PyWeakrefReference::new(event_loop)?.unbind(),
            letters: Mutex::default(),
        };
        let inbox = Bound::new(py, inbox)?;
        let weak = PyWeakrefReference::new(&inbox)?;
        inboxes.bind(py).set_item(event_loop, weak)?;
        Ok(inbox.unbind())
    }

    /// Has a letter delivered. If that cannot be, because the loop or the interpreter ended, nobody waits any more.
    pub(crate) fn send(this: &Py<Self>, letter: Letter) {
        let mut letters = this.get().letters();
        letters.push(letter);
        let is_first = letters.len() == 1;
        drop(letters);
        if is_first && Python::try_attach(|py| Self::wake(this.bind(py)).is_ok()) != Some(true) {
            this.get().letters().clear();
        }
    }

    /// Has the loop look. It fails if the loop is closed, or no more.
    fn wake(this: &Bound<'_, Self>) -> PyResult<()> {
        let event_loop = this.get().event_loop.bind(this.py()).call0()?;
        let deliver = this.getattr("deliver")?;
        event_loop.call_method1("call_soon_threadsafe", (deliver,))?;
        Ok(())
    }

    fn letters(&self) -> MutexGuard<'_, Vec<Letter>> {
        self.letters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Inbox {
    /// Settles the futures whose answers came.
    fn deliver(this: &Bound<'_, Self>) -> PyResult<()> {
        let py = this.py();
        let mut letters = mem::take(&mut *this.get().letters()).into_iter();
        while let Some(letter) = letters.next() {
            match letter.settle(py) {
                Ok(()) => {}
                // The others get theirs all the same.
                Err(error) if error.is_instance_of::<PyException>(py) => {
                    error.write_unraisable(py, None);
                }
                // What a signal raised ends the loop, or not: the others get theirs if it goes on.
                Err(raised) => {
                    let mut later: Vec<Letter> = letters.collect();
                    later.append(&mut this.get().letters());
                    *this.get().letters() = later;
                    Self::wake(this)?;
                    return Err(raised);
                }
            }
        }
        Ok(())
    }
}
