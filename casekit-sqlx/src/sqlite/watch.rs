//! Waking those who wait for events.
//!
//! Commits through this store wake them at once. Commits of other programs are seen by a thread
//! that looks every [`INTERVAL`] while somebody waits, and only then.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use casekit_core::Result;
use casekit_core::model::{Seq, WorkspaceId};

use super::core::Core;
use super::find;
use super::session::Session;

/// The longest that an event of another program goes unnoticed by those who wait.
pub const INTERVAL: Duration = Duration::from_millis(200);

impl Core {
    /// Returns when the workspace may have an event after a number.
    pub(super) async fn wait(self: &Arc<Self>, workspace: WorkspaceId, after: Seq) -> Result<()> {
        let mut changed = self.changed.subscribe();
        loop {
            changed.mark_unchanged();
            let last = match self.read_now(|session| find::last_seq(session, workspace)) {
                Some(last) => last?,
                None => {
                    let read = move |session: &Session<'_>| find::last_seq(session, workspace);
                    self.read_long(read).await?
                }
            };
            if last > after {
                return Ok(());
            }
            self.poll();
            // Fails only when the store is gone, which we are part of.
            let _ = changed.changed().await;
        }
    }

    /// Looks for commits of other programs while somebody waits.
    fn poll(self: &Arc<Self>) {
        if !self.is_shared() || self.polled.swap(true, Ordering::AcqRel) {
            return;
        }
        let weak = Arc::downgrade(self);
        let thread = std::thread::Builder::new().name("casekit-sqlite-watch".to_owned());
        let started = thread.spawn(move || {
            let mut version = None;
            while let Some(core) = weak.upgrade() {
                if core.changed.receiver_count() == 0 {
                    core.polled.store(false, Ordering::Release);
                    // Somebody who came meanwhile has seen that this thread runs.
                    if core.changed.receiver_count() == 0
                        || core.polled.swap(true, Ordering::AcqRel)
                    {
                        return;
                    }
                }
                let seen = core.data_version();
                // What was committed before the first look is not seen in the number.
                if version.is_none_or(|version| version != seen) {
                    core.tell_changed();
                }
                version = Some(seen);
                drop(core);
                std::thread::sleep(INTERVAL);
            }
        });
        if started.is_err() {
            self.polled.store(false, Ordering::Release);
        }
    }

    /// A number that differs when another connection has committed since.
    fn data_version(self: &Arc<Self>) -> i64 {
        // Always on the connection that writes: the number means something for one connection only,
        // and only there do our own commits not count.
        let version =
            self.write(|session| session.first("PRAGMA data_version", &[], |row| Ok(row.get(0)?)));
        version.ok().flatten().unwrap_or(0)
    }
}
