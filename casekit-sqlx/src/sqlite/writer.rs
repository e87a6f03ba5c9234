//! Commits: concurrent callers share a transaction.
//!
//! A caller puts its change set into a queue. Whoever then gets the connection that writes commits
//! all that are in the queue, each in a savepoint of its own, and gives each caller its own answer,
//! after the transaction is committed. A lone caller so commits where it is, without a change of
//! thread; many at once are left to a thread that may block, while their callers go on.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use casekit_core::{Committed, Result};
use tokio::sync::oneshot;

use super::apply::{Batch, Shared};
use super::connection::{Connection, no_answer, unpoisoned};
use super::core::Core;
use super::fault::{Failure, Fault};
use super::session::Session;
use crate::plan::Plan;

/// The most change sets that share a transaction.
const TOGETHER: usize = 256;

/// The most records and events that are written where they hold up an executor.
const BRIEF: usize = 64;

/// How long to wait for another program that writes, on a thread that may block.
const PATIENCE: Duration = Duration::from_secs(10);

/// A change set that waits to be committed.
#[derive(Debug)]
pub(super) struct Job {
    plan: Plan,
    answer: oneshot::Sender<Result<Committed>>,
}

/// Whether the thread may block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Executor,
    Background,
}

/// The rest of the queue, which is served when this is dropped: so also where a runtime that ends drops
/// work that it has not begun. Callers on other runtimes may wait for it.
struct Rest(Arc<Core>);

impl Drop for Rest {
    fn drop(&mut self) {
        self.0.serve_at(Place::Background);
        self.0.maintain();
    }
}

/// What became of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Served {
    /// It is empty, or somebody else serves it.
    All,
    /// What is left would hold up an executor.
    TooMuch,
}

impl Core {
    /// Commits a change set together with those that come at the same moment.
    pub(super) async fn commit(self: &Arc<Self>, plan: Plan) -> Result<Committed> {
        let (answer, answered) = oneshot::channel();
        unpoisoned(self.queue.lock()).push_back(Job { plan, answer });
        // Lets the others that are ready to commit come into the same transaction.
        pause().await;
        self.serve();
        answered.await.map_err(|_| no_answer())?
    }

    /// Sees to it that what is in the queue is committed. Must be called by everybody who has used
    /// the connection that writes: commits that came meanwhile found it taken.
    pub(super) fn serve(self: &Arc<Self>) {
        if self.serve_at(Place::Executor) == Served::TooMuch {
            let rest = Rest(Arc::clone(self));
            // Where no thread can be started, the rest is served here.
            if let Err(error) = super::background::start(move || drop(rest)) {
                tracing::debug!(target: "casekit_sqlx", %error, "commit");
            }
        }
        self.maintain();
    }

    fn serve_at(&self, place: Place) -> Served {
        loop {
            if !self.has_jobs() {
                return Served::All;
            }
            // Whoever has it looks into the queue after giving it back.
            let Some(writer) = self.try_writer() else {
                return Served::All;
            };
            let jobs = self.take(place);
            let Some(jobs) = jobs else {
                return Served::TooMuch;
            };
            if let Err(waiting) = self.commit_all(&writer, jobs, place) {
                let mut queue = unpoisoned(self.queue.lock());
                waiting
                    .into_iter()
                    .rev()
                    .for_each(|job| queue.push_front(job));
                return Served::TooMuch;
            }
        }
    }

    /// Whether somebody waits for a commit. What a caller gave up before its turn is not made: hours may
    /// pass before somebody else's commit would take it along.
    fn has_jobs(&self) -> bool {
        let mut queue = unpoisoned(self.queue.lock());
        queue.retain(|job| !job.answer.is_closed());
        !queue.is_empty()
    }

    /// The next change sets; none if they are too many for here.
    fn take(&self, place: Place) -> Option<Vec<Job>> {
        let mut queue = unpoisoned(self.queue.lock());
        let next = queue.len().min(TOGETHER);
        let weight: usize = queue.iter().take(next).map(|job| job.plan.weight()).sum();
        let fits = place == Place::Background || weight <= BRIEF;
        fits.then(|| queue.drain(..next).collect())
    }

    /// Commits change sets in one transaction and answers. Gives them back if another program writes
    /// and this is no place to wait for it.
    fn commit_all(
        &self,
        writer: &Connection,
        jobs: Vec<Job>,
        place: Place,
    ) -> Result<(), VecDeque<Job>> {
        let session = writer.session();
        let patience = match place {
            Place::Executor => Duration::ZERO,
            Place::Background => PATIENCE,
        };
        let committed = session
            .wait_when_busy(patience)
            .and_then(|()| self.transaction(&session, &jobs))
            .map_err(Failure::from);
        if session.in_transaction() {
            session.roll_back();
        }
        match committed {
            Ok(answers) => {
                for (job, answer) in jobs.into_iter().zip(answers) {
                    // Nobody listens any more when the caller was cancelled.
                    let _ = job.answer.send(answer);
                }
                Ok(())
            }
            Err(failure) if failure.is_busy() && place == Place::Executor => Err(jobs.into()),
            Err(failure) => {
                tracing::debug!(target: "casekit_sqlx", %failure, "commit");
                for job in jobs {
                    let _ = job.answer.send(Err(failure.error()));
                }
                Ok(())
            }
        }
    }

    /// The answers, when the transaction is committed; a failure when nothing of it is.
    fn transaction(
        &self,
        session: &Session<'_>,
        jobs: &[Job],
    ) -> Result<Vec<Result<Committed>>, Fault> {
        let shared = match jobs {
            [_] => Shared::No,
            _ => Shared::Yes,
        };
        session.run("BEGIN IMMEDIATE", &[])?;
        let now = self.clock.now().timestamp_millis();
        let mut batch = Batch::new(session, shared, now);
        let mut answers = Vec::with_capacity(jobs.len());
        for job in jobs {
            match batch.apply(&job.plan) {
                Ok(committed) => answers.push(Ok(committed)),
                // The set was refused, the others are not concerned.
                Err(Fault::Refused(error)) => answers.push(Err(error)),
                Err(fault) => return Err(fault),
            }
        }
        if !session.in_transaction() {
            return Ok(answers);
        }
        batch.finish()?;
        session.run("COMMIT", &[])?;
        self.note_log();
        self.pending
            .fetch_add(batch.texts, std::sync::atomic::Ordering::Relaxed);
        if batch.events {
            self.tell_changed();
        }
        Ok(answers)
    }
}

/// Lets others go first, once.
async fn pause() {
    let mut paused = false;
    poll_fn(|context| {
        if std::mem::replace(&mut paused, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl From<Fault> for Failure {
    /// A refusal concerns one change set and is told to its caller before.
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Sqlite(failure) => failure,
            Fault::Refused(error) => Self::new(rusqlite::ffi::SQLITE_ERROR, error.to_string()),
        }
    }
}
