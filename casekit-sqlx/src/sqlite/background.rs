//! Work that would hold up an executor goes to another thread: tokio's where there is one.

use casekit_core::{Error, Result};
use tokio::sync::oneshot;

use super::connection::no_answer;

/// Runs `work` on a thread that may block.
pub(crate) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let (answer, answered) = oneshot::channel();
    start(move || {
        // Nobody listens any more when the caller was cancelled.
        let _ = answer.send(work());
    })?;
    answered.await.map_err(|_| no_answer())?
}

/// Starts `work` on a thread that may block, and does not wait for it.
pub(crate) fn start(work: impl FnOnce() + Send + 'static) -> Result<()> {
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => {
            drop(runtime.spawn_blocking(work));
            Ok(())
        }
        Err(_) => {
            let thread = std::thread::Builder::new().name("casekit-sqlite".to_owned());
            let started = thread.spawn(work).map(drop);
            started.map_err(|error| Error::unavailable("no thread can be started", error))
        }
    }
}
