//! The threads that run casekit beside Python's.
//!
//! A thread that touches Python while the interpreter ends crashes the process. So the threads are
//! our own and end before: [`shut_down`] runs from `atexit`, when Python is still whole.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use casekit_core::{Error, ErrorKind, Result};
use pyo3::{PyResult, Python};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::watch;

use crate::error;

/// How long the end of the process waits for calls that run.
const PATIENCE: Duration = Duration::from_secs(5);

static THREADS: Mutex<Threads> = Mutex::new(Threads::NotStarted);

enum Threads {
    NotStarted,
    Running(Running),
    Ended,
}

struct Running {
    runtime: Runtime,
    /// The process that they belong to: a fork does not take threads along.
    owner: u32,
    /// Tells calls in threads of Python that the interpreter ends; each has a receiver for as long as it runs.
    ending: watch::Sender<bool>,
}

/// A call in a thread that is not one of ours.
pub(crate) struct Visit {
    handle: Handle,
    ending: watch::Receiver<bool>,
}

impl Visit {
    /// The threads must not end while it lasts.
    pub(crate) fn begin() -> Result<Self> {
        started(|running| Self {
            handle: running.runtime.handle().clone(),
            ending: running.ending.subscribe(),
        })
    }

    /// Does `work` here, unless the interpreter ends before.
    pub(crate) fn block_on<T>(mut self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.handle.block_on(async {
            tokio::select! {
                done = work => done,
                _ = self.ending.wait_for(|is_ending| *is_ending) => Err(ending()),
            }
        })
    }
}

/// What is said while the interpreter ends.
pub(crate) fn ending() -> Error {
    Error::new(ErrorKind::Unavailable, "the interpreter is shutting down")
}

/// The threads, started at the first need.
pub(crate) fn handle() -> Result<Handle> {
    started(|running| running.runtime.handle().clone())
}

fn started<T>(see: impl FnOnce(&Running) -> T) -> Result<T> {
    let mut threads = THREADS.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    match &*threads {
        Threads::Running(running) if running.owner == process => return Ok(see(running)),
        Threads::Running(_) | Threads::NotStarted => {}
        Threads::Ended => return Err(ending()),
    }
    let runtime = Builder::new_multi_thread()
        .thread_name("casekit")
        .enable_all()
        .build()
        .map_err(|error| Error::unavailable("no threads can be started", error))?;
    let running = Running {
        runtime,
        owner: process,
        ending: watch::Sender::new(false),
    };
    let seen = see(&running);
    if let Threads::Running(foreign) = std::mem::replace(&mut *threads, Threads::Running(running)) {
        // Those of the parent process: they are not here, and cannot be waited for.
        std::mem::forget(foreign);
    }
    Ok(seen)
}

/// Runs `work` while other threads of Python go on.
pub(crate) fn blocking<T: Send>(
    py: Python<'_>,
    work: impl Future<Output = Result<T>> + Send,
) -> PyResult<T> {
    let outcome = py.detach(|| Visit::begin()?.block_on(work));
    outcome.map_err(|error| error::to_py(py, &error))
}

/// Ends the threads. What runs is dropped where it waits, which loses nothing that was acknowledged.
pub(crate) fn shut_down(py: Python<'_>) {
    // Without the interpreter's lock: a thread that is about to deliver an answer needs it to get done.
    py.detach(|| {
        let mut threads = THREADS.lock().unwrap_or_else(PoisonError::into_inner);
        let ended = std::mem::replace(&mut *threads, Threads::Ended);
        drop(threads);
        match ended {
            Threads::Running(running) if running.owner == std::process::id() => end(running),
            Threads::Running(foreign) => std::mem::forget(foreign),
            Threads::NotStarted | Threads::Ended => {}
        }
    });
}

fn end(running: Running) {
    running.ending.send_replace(true);
    let until = Instant::now() + PATIENCE;
    // Threads of Python that are in a call would miss its timers.
    while running.ending.receiver_count() > 0 && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(1));
    }
    running.runtime.shutdown_timeout(PATIENCE);
}
