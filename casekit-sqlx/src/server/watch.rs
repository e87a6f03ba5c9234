//! Waiting for events.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use casekit_core::Result;
use casekit_core::model::{Seq, WorkspaceId};

use super::connection::Place;
use super::{Core, Server, find};
use crate::lent::no_waiting;

/// How long to wait at most before looking again, whether or not somebody told of an event.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Whoever watches. Where a runtime ends with it, the next who waits starts another.
struct Watch<S: Server>(Weak<Core<S>>);

impl<S: Server> Drop for Watch<S> {
    fn drop(&mut self) {
        if let Some(core) = self.0.upgrade() {
            core.watched.store(false, Ordering::Release);
        }
    }
}

impl<S: Server> Core<S> {
    /// Returns when the workspace may have an event after a number.
    pub(crate) async fn wait(self: &Arc<Self>, workspace: WorkspaceId, after: Seq) -> Result<()> {
        if matches!(self.place, Place::Transaction(_)) {
            return Err(no_waiting());
        }
        let mut changed = self.changed.subscribe();
        loop {
            changed.mark_unchanged();
            let last = self
                .patiently(async || find::last_seq(&mut self.session().await?, workspace).await);
            if last.await? > after {
                return Ok(());
            }
            if !self.watched.swap(true, Ordering::AcqRel) {
                let mut watch = Watch(Arc::downgrade(self));
                tokio::spawn(async move {
                    S::watch(watch.0.clone()).await;
                    // It ended because nobody waited, and has said so: another may watch by now.
                    drop(std::mem::take(&mut watch.0));
                });
            }
            // Either way there is reason to look.
            let _ = tokio::time::timeout(LOOK_AGAIN, changed.changed()).await;
        }
    }

    /// Whether those who watch can stop because nobody waits.
    pub(crate) fn is_unwatched(&self) -> bool {
        if self.changed.receiver_count() > 0 {
            return false;
        }
        self.watched.store(false, Ordering::Release);
        // Somebody who came meanwhile has seen that somebody watches.
        self.changed.receiver_count() == 0 || self.watched.swap(true, Ordering::AcqRel)
    }
}
