//! The connections of a store and who may use them when.
//!
//! One connection writes. It also serves short reads while nobody writes, because the pages that an
//! operation looks at first and then changes are in its cache. The others read.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, TryLockError};

use casekit_core::Result;
use casekit_core::port::Clock;
use tokio::sync::watch;

use super::connection::{Connection, unpoisoned};
use super::fault::Fault;
use super::names::Names;
use super::session::Session;
use super::writer::Job;

/// How long a read may take where it holds up others, in steps of SQLite's machine: about two
/// milliseconds.
const BRIEF: i64 = 100_000;

/// The same for searches. Those for frequent words take far longer anyhow, and begin again elsewhere.
const BRIEF_SEARCH: i64 = 20_000;

/// What the clones of a store share.
#[derive(Debug)]
pub(super) struct Core {
    pub(super) writer: Mutex<Connection>,
    /// Empty for a database that only one connection can see.
    readers: Readers,
    pub(super) queue: Mutex<VecDeque<Job>>,
    pub(super) names: Names,
    pub(super) clock: Arc<dyn Clock>,
    /// How many statements were run.
    pub(super) statements: Arc<AtomicU64>,
    /// Counts the commits with events.
    pub(super) changed: watch::Sender<u64>,
    /// About how many texts wait to be indexed.
    pub(super) pending: AtomicU64,
    /// How many pages the write-ahead log had after the last commit.
    pub(super) logged: AtomicU32,
    /// Whether somebody indexes texts or empties the log at the moment.
    pub(super) maintained: AtomicBool,
    /// Whether somebody looks for commits of other programs.
    pub(super) polled: AtomicBool,
}

/// The connections that only read.
#[derive(Debug)]
struct Readers {
    idle: Mutex<Vec<Connection>>,
    freed: Condvar,
    all: usize,
}

impl Core {
    pub(super) fn new(
        writer: Connection,
        readers: Vec<Connection>,
        names: Names,
        clock: Arc<dyn Clock>,
        statements: Arc<AtomicU64>,
    ) -> Self {
        let readers = Readers {
            all: readers.len(),
            idle: Mutex::new(readers),
            freed: Condvar::new(),
        };
        Self {
            writer: Mutex::new(writer),
            readers,
            queue: Mutex::default(),
            names,
            clock,
            statements,
            changed: watch::Sender::new(0),
            pending: AtomicU64::new(0),
            logged: AtomicU32::new(0),
            maintained: AtomicBool::new(false),
            polled: AtomicBool::new(false),
        }
    }

    /// Whether other programs may write to the database.
    pub(super) fn is_shared(&self) -> bool {
        self.readers.all > 0
    }

    /// Reads at once, if a connection is free and it does not take long.
    pub(super) fn read_now<T>(
        self: &Arc<Self>,
        work: impl FnOnce(&Session<'_>) -> Result<T, Fault>,
    ) -> Option<Result<T>> {
        self.read_within(BRIEF, work)
    }

    /// Searches at once, if a connection is free and few texts have the words.
    pub(super) fn search_now<T>(
        self: &Arc<Self>,
        work: impl FnOnce(&Session<'_>) -> Result<T, Fault>,
    ) -> Option<Result<T>> {
        self.read_within(BRIEF_SEARCH, work)
    }

    fn read_within<T>(
        self: &Arc<Self>,
        steps: i64,
        work: impl FnOnce(&Session<'_>) -> Result<T, Fault>,
    ) -> Option<Result<T>> {
        if let Some(writer) = self.try_writer() {
            let done = writer.briefly(steps, work);
            drop(writer);
            // Commits that came meanwhile found the writer taken.
            self.serve();
            return done;
        }
        let reader = self.readers.try_take()?;
        let done = reader.briefly(steps, work);
        self.readers.give_back(reader);
        done
    }

    /// Reads for as long as it takes, on a thread that may block.
    pub(super) async fn read_long<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Session<'_>) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T> {
        let core = Arc::clone(self);
        super::background::run(move || {
            if core.is_shared() {
                let reader = core.readers.take();
                let done = in_session(&reader, work);
                core.readers.give_back(reader);
                return done;
            }
            core.write(work)
        })
        .await
    }

    /// Works on the connection that writes, when it is free; blocks until then.
    pub(super) fn write<T>(
        self: &Arc<Self>,
        work: impl FnOnce(&Session<'_>) -> Result<T, Fault>,
    ) -> Result<T> {
        let writer = unpoisoned(self.writer.lock());
        let done = in_session(&writer, work);
        drop(writer);
        self.serve();
        done
    }

    /// A connection that reads, for work beside the writer; blocks until there is one.
    pub(super) fn beside<T>(
        &self,
        work: impl FnOnce(&Session<'_>) -> Result<T, Fault>,
    ) -> Result<T> {
        let reader = self.readers.take();
        let done = in_session(&reader, work);
        self.readers.give_back(reader);
        done
    }

    /// The connection that writes, if nobody uses it.
    pub(super) fn try_writer(&self) -> Option<MutexGuard<'_, Connection>> {
        match self.writer.try_lock() {
            Ok(writer) => Some(writer),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Counts the commits with events.
    pub(super) fn tell_changed(&self) {
        self.changed.send_modify(|commits| *commits += 1);
    }

    /// Notes how long the log is after a commit.
    pub(super) fn note_log(&self) {
        self.logged
            .store(super::maintain::logged(), Ordering::Relaxed);
    }
}

fn in_session<T>(
    connection: &Connection,
    work: impl FnOnce(&Session<'_>) -> Result<T, Fault>,
) -> Result<T> {
    let session = connection.session();
    let done = work(&session);
    if session.in_transaction() {
        session.roll_back();
    }
    done.map_err(Fault::into_error)
}

impl Readers {
    fn try_take(&self) -> Option<Connection> {
        unpoisoned(self.idle.lock()).pop()
    }

    /// Blocks until one is free. There must be at least one.
    fn take(&self) -> Connection {
        let mut idle = unpoisoned(self.idle.lock());
        loop {
            if let Some(reader) = idle.pop() {
                return reader;
            }
            idle = unpoisoned(self.freed.wait(idle));
        }
    }

    fn give_back(&self, reader: Connection) {
        unpoisoned(self.idle.lock()).push(reader);
        self.freed.notify_one();
    }
}
