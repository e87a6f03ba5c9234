//! The threads that run casekit beside Python's.
//!
//! A thread that touches Python while the interpreter ends crashes the process. So the threads are
//! our own and end before: [`shut_down`] runs from `atexit`, when Python is still whole.
//!
//! Where they are found takes no lock: a fork copies a lock as it is, and nobody in the child would ever open it.

use std::mem;
use std::pin::pin;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwapOption;
use casekit_core::{Error, ErrorKind, Result};
use pyo3::{PyResult, Python};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::watch;

use crate::error;

/// How long the end of the process waits for calls that run.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a blocking call runs until Python is asked whether somebody wants it to end, by Control-C say.
const SLICE: Duration = Duration::from_millis(200);

/// How many threads can stand still at once, each in a call that waits for a plugin: see `Room` in `open`.
const MOST_STANDING: usize = 4_096;

static RUNNING: ArcSwapOption<Running> = ArcSwapOption::const_empty();

/// Whether the interpreter ends.
static ENDED: AtomicBool = AtomicBool::new(false);

struct Running {
    handle: Handle,
    /// Taken when they end.
    runtime: Mutex<Option<Runtime>>,
    /// The process that they belong to: a fork does not take threads along.
    owner: u32,
    /// Tells calls in threads of Python that the interpreter ends; each has a receiver for as long as it runs.
    ending: watch::Sender<bool>,
}

impl Running {
    fn start() -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .thread_name("casekit")
            .max_blocking_threads(MOST_STANDING)
            .enable_all()
            .build()
            .map_err(|error| Error::unavailable("no threads can be started", error))?;
        Ok(Self {
            handle: runtime.handle().clone(),
            runtime: Mutex::new(Some(runtime)),
            owner: process::id(),
            ending: watch::Sender::new(false),
        })
    }

    fn is_here(&self) -> bool {
        self.owner == process::id()
    }

    fn end(&self) {
        self.ending.send_replace(true);
        let until = Instant::now() + PATIENCE;
        // Threads of Python that are in a call would miss its timers.
        while self.ending.receiver_count() > 0 && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(1));
        }
        let mut runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = runtime.take() {
            runtime.shutdown_timeout(until.saturating_duration_since(Instant::now()));
        }
    }
}

/// A call in a thread that is not one of ours.
pub(crate) struct Visit {
    handle: Handle,
    ending: watch::Receiver<bool>,
}

impl Visit {
    /// The threads must not end while it lasts.
    pub(crate) fn begin() -> Result<Self> {
        let running = running()?;
        let visit = Self {
            handle: running.handle.clone(),
            ending: running.ending.subscribe(),
        };
        // Who ends the threads waits for visits that it sees, and says so before it looks.
        not_ended()?;
        Ok(visit)
    }

    /// Does `work` here, unless the interpreter ends before, or a signal wants it to.
    pub(crate) fn block_on<T>(mut self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let mut work = pin!(work);
        loop {
            if let Some(done) = self.block_on_slice(work.as_mut()) {
                return done;
            }
            let heeded = Python::try_attach(|py| py.check_signals());
            heeded.ok_or_else(ending)?.map_err(error::interrupted)?;
        }
    }

    /// Does `work` for as long as a [`SLICE`] lasts; nothing if it was not done then.
    fn block_on_slice<T>(&mut self, work: impl Future<Output = Result<T>>) -> Option<Result<T>> {
        self.handle.block_on(async {
            tokio::select! {
                biased;
                done = work => Some(done),
                _ = self.ending.wait_for(|is_ending| *is_ending) => Some(Err(ending())),
                () = tokio::time::sleep(SLICE) => None,
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
    running().map(|running| running.handle.clone())
}

fn not_ended() -> Result<()> {
    match ENDED.load(Ordering::SeqCst) {
        true => Err(ending()),
        false => Ok(()),
    }
}

fn running() -> Result<Arc<Running>> {
    not_ended()?;
    match RUNNING.load_full() {
        Some(running) if running.is_here() => Ok(running),
        _ => started(),
    }
}

/// Starts the threads, unless somebody else just did: then theirs are used, and end here unused.
fn started() -> Result<Arc<Running>> {
    let fresh = Arc::new(Running::start()?);
    let before = RUNNING.rcu(|now| match now {
        Some(running) if running.is_here() => Arc::clone(running),
        _ => Arc::clone(&fresh),
    });
    match before {
        Some(running) if running.is_here() => Ok(running),
        foreign => {
            // Those of the parent process: they are not here, and cannot be waited for.
            mem::forget(foreign);
            // The interpreter may have ended meanwhile, and not seen these.
            not_ended().inspect_err(|_| fresh.end())?;
            Ok(fresh)
        }
    }
}

/// Runs `work` while other threads of Python go on.
///
/// What a signal raises ends it, Control-C say: like a call whose answer was lost, it can have been done.
pub(crate) fn blocking<T: Send>(
    py: Python<'_>,
    work: impl Future<Output = Result<T>> + Send,
) -> PyResult<T> {
    let outcome = py.detach(|| {
        let visit = Visit::begin()?;
        // Dropped after what it is for: a connection that is given back on the way starts a task.
        let handle = visit.handle.clone();
        let _entered = handle.enter();
        visit.block_on(work)
    });
    outcome.map_err(|error| error::to_py(py, &error))
}

/// Ends the threads. What runs is dropped where it waits, which loses nothing that was acknowledged.
pub(crate) fn shut_down(py: Python<'_>) {
    // Without the interpreter's lock: a thread that is about to deliver an answer needs it to get done.
    py.detach(|| {
        ENDED.store(true, Ordering::SeqCst);
        match RUNNING.swap(None) {
            Some(running) if running.is_here() => running.end(),
            foreign => mem::forget(foreign),
        }
    });
}
