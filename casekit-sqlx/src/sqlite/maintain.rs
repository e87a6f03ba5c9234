//! What is put off until it can be done for many commits at once, beside the callers: indexing
//! texts, copying the write-ahead log back into the file, forgetting old commits.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use casekit_core::Result;

use super::apply::DAY_MS;
use super::core::Core;
use super::row::Param;
use super::session::Session;

/// From so many waiting texts on they are indexed. A search reads those that wait one by one.
const TEXTS: u64 = 128;

/// How many texts are indexed in one transaction, for which writers wait.
const AT_ONCE: u64 = 256;

/// The same where very many wait, as in an import: it takes half the time a text, because the index
/// has fewer parts to merge.
const AT_ONCE_OF_MANY: u64 = 4_096;

/// From so many waiting texts on they are very many.
const MANY_TEXTS: u64 = 8_192;

/// From so many pages in the log on it is copied back.
const PAGES: u32 = 4_000;

/// From so many pages on writers wait until the log is empty, so that it cannot grow without bound.
const MANY_PAGES: u32 = 32_000;

/// How long to wait for another program.
const PATIENCE: Duration = Duration::from_secs(5);

thread_local! {
    /// How many pages the log had after the last commit on this thread.
    static LOGGED: Cell<u32> = const { Cell::new(0) };
}

/// How many pages the log had after the last commit on this thread.
pub(super) fn logged() -> u32 {
    LOGGED.get()
}

/// Has SQLite tell how long the log is, instead of copying it back inside somebody's commit.
pub(super) fn watch_log(session: &Session<'_>) {
    session.connection().wal_hook(Some(|_, pages| {
        LOGGED.set(u32::try_from(pages).unwrap_or(0));
        Ok(())
    }));
}

/// Whose turn it is to maintain, until it is dropped: also where a runtime that ends drops work
/// that it has not begun.
struct Turn(Arc<Core>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.maintained.store(false, Ordering::Release);
    }
}

impl Core {
    /// Starts what is due, if nobody is at it.
    pub(super) fn maintain(self: &Arc<Self>) {
        if !self.begin_maintenance() {
            return;
        }
        let core = Arc::clone(self);
        let mut turn = Some(Turn(Arc::clone(self)));
        let started = super::background::start(move || {
            while let Some(held) = turn.take() {
                if let Err(error) = core.maintain_now() {
                    tracing::warn!(target: "casekit_sqlx", %error, "maintenance");
                    return;
                }
                drop(held);
                // Who committed meanwhile found somebody at it. Not for the log: readers can keep it long.
                let more =
                    core.pending.load(Ordering::Relaxed) >= TEXTS && core.begin_maintenance();
                turn = more.then(|| Turn(Arc::clone(&core)));
            }
        });
        if let Err(error) = started {
            tracing::warn!(target: "casekit_sqlx", %error, "maintenance");
        }
    }

    /// Notes that so many texts wait, and has them indexed if they are many: others than we have written
    /// some, in a transaction of the host's or another program that has ended since.
    pub(super) fn note_waiting(self: &Arc<Self>, texts: usize) {
        self.pending.fetch_max(texts as u64, Ordering::Relaxed);
        self.maintain();
    }

    /// Whether something is due and nobody else is at it.
    fn begin_maintenance(&self) -> bool {
        let texts = self.pending.load(Ordering::Relaxed) >= TEXTS;
        let log = self.is_shared() && self.logged.load(Ordering::Relaxed) >= PAGES;
        (texts || log) && !self.maintained.swap(true, Ordering::AcqRel)
    }

    fn maintain_now(self: &Arc<Self>) -> Result<()> {
        while self.pending.load(Ordering::Relaxed) >= TEXTS {
            // Counted before, so that what comes meanwhile counts again.
            let waiting = self.pending.swap(0, Ordering::Relaxed);
            let at_once = if waiting < MANY_TEXTS {
                AT_ONCE
            } else {
                AT_ONCE_OF_MANY
            };
            let indexed = self.index_all(at_once);
            if indexed.is_err() {
                // They go on waiting: the next commit has them tried again.
                self.pending.fetch_max(waiting, Ordering::Relaxed);
            }
            indexed?;
        }
        let pages = self.logged.load(Ordering::Relaxed);
        if self.is_shared() && pages >= PAGES {
            self.copy_log(pages)?;
        }
        Ok(())
    }

    fn index_all(self: &Arc<Self>, at_once: u64) -> Result<()> {
        while self.index_some(at_once)? == at_once {}
        Ok(())
    }

    /// Does all that is put off.
    pub(super) fn tidy(self: &Arc<Self>) -> Result<()> {
        while self.index_some(AT_ONCE_OF_MANY)? > 0 {}
        if self.is_shared() {
            self.copy_log(MANY_PAGES)?;
        }
        Ok(())
    }

    /// Indexes some of the texts that wait; gives how many there were.
    fn index_some(self: &Arc<Self>, at_once: u64) -> Result<u64> {
        let day = self.clock.now().timestamp_millis().div_euclid(DAY_MS);
        let indexed = self.write(|session| {
            session.wait_when_busy(PATIENCE)?;
            session.run("BEGIN IMMEDIATE", &[])?;
            let indexed = super::index::index_pending(session, at_once)?;
            forget(session, day)?;
            session.run("COMMIT", &[])?;
            self.note_log();
            Ok(indexed)
        })?;
        tracing::debug!(target: "casekit_sqlx", indexed, "index texts");
        Ok(indexed)
    }

    fn copy_log(self: &Arc<Self>, pages: u32) -> Result<()> {
        let copy = |sql: &'static str| {
            move |session: &Session<'_>| {
                session.wait_when_busy(PATIENCE)?;
                session.first(sql, &[], |_| Ok(()))?;
                Ok(())
            }
        };
        self.logged.store(0, Ordering::Relaxed);
        if pages >= MANY_PAGES {
            return self.write(copy("PRAGMA wal_checkpoint(RESTART)"));
        }
        // Beside the writer, who goes on meanwhile.
        self.beside(copy("PRAGMA wal_checkpoint(PASSIVE)"))
    }
}

/// Forgets answers to commits of the days before yesterday, some at a time.
fn forget(session: &Session<'_>, day: i64) -> Result<(), super::fault::Fault> {
    session.run(
        "DELETE FROM casekit_commit WHERE (day, workspace, id) IN \
         (SELECT day, workspace, id FROM casekit_commit WHERE day < ?1 - 1 LIMIT 1000)",
        &[Param::Int(day)],
    )?;
    Ok(())
}
