//! The threads that run casekit beside Python's.
//!
//! A thread that touches Python while the interpreter ends crashes the process. So the threads are
//! our own and end before: [`shut_down`] runs from `atexit`, when Python is still whole.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use casekit_core::{Error, ErrorKind, Result};
use pyo3::{PyResult, Python};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::error;

/// How long the end of the process waits for calls that run.
const PATIENCE: Duration = Duration::from_secs(5);

static THREADS: Mutex<Threads> = Mutex::new(Threads::NotStarted);

/// Beside the lock, for those who must not wait for it.
static ENDED: AtomicBool = AtomicBool::new(false);

enum Threads {
    NotStarted,
    /// With the process that they belong to: a fork does not take threads along.
    Running(Runtime, u32),
    Ended,
}

/// The threads, started at the first need.
pub(crate) fn handle() -> Result<Handle> {
    let mut threads = THREADS.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    match &*threads {
        Threads::Running(runtime, owner) if *owner == process => {
            return Ok(runtime.handle().clone());
        }
        Threads::Running(..) | Threads::NotStarted => {}
        Threads::Ended => {
            return Err(Error::new(
                ErrorKind::Unavailable,
                "the interpreter is shutting down",
            ));
        }
    }
    let runtime = Builder::new_multi_thread()
        .thread_name("casekit")
        .enable_all()
        .build()
        .map_err(|error| Error::unavailable("no threads can be started", error))?;
    let handle = runtime.handle().clone();
    if let Threads::Running(foreign, _) =
        std::mem::replace(&mut *threads, Threads::Running(runtime, process))
    {
        // Those of the parent process: they are not here, and cannot be waited for.
        std::mem::forget(foreign);
    }
    Ok(handle)
}

/// Whether the interpreter ends.
pub(crate) fn has_ended() -> bool {
    ENDED.load(Ordering::Relaxed)
}

/// Runs `work` while other threads of Python go on.
pub(crate) fn blocking<T: Send>(
    py: Python<'_>,
    work: impl Future<Output = Result<T>> + Send,
) -> PyResult<T> {
    let outcome = py.detach(|| handle()?.block_on(work));
    outcome.map_err(|error| error::to_py(py, &error))
}

/// Ends the threads. What runs is dropped where it waits, which loses nothing that was acknowledged.
pub(crate) fn shut_down(py: Python<'_>) {
    // Without the interpreter's lock: a thread that is about to deliver an answer needs it to get done.
    py.detach(|| {
        ENDED.store(true, Ordering::Relaxed);
        let mut threads = THREADS.lock().unwrap_or_else(PoisonError::into_inner);
        match std::mem::replace(&mut *threads, Threads::Ended) {
            Threads::Running(runtime, owner) if owner == std::process::id() => {
                runtime.shutdown_timeout(PATIENCE);
            }
            Threads::Running(foreign, _) => std::mem::forget(foreign),
            Threads::NotStarted | Threads::Ended => {}
        }
    });
}
