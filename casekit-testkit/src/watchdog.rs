//! A bound on how long something may take, in any executor.

use std::time::Duration;

/// What `future` gives, unless it takes longer than `patience`: then nothing.
///
/// In wasm, where there are no threads to watch from, there is no bound.
#[cfg(not(target_family = "wasm"))]
pub(crate) async fn within<F: Future>(patience: Duration, future: F) -> Option<F::Output> {
    use std::sync::mpsc::{RecvTimeoutError, channel};

    use futures_util::future::{Either, select};

    // Dropping `_done` ends the watching thread at once.
    let (_done, watched) = channel::<()>();
    let (bark, barked) = tokio::sync::oneshot::channel::<()>();
    std::thread::spawn(move || {
        if watched.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
            let _ = bark.send(());
        }
    });
    match select(std::pin::pin!(future), barked).await {
        Either::Left((output, _)) => Some(output),
        Either::Right(_) => None,
    }
}

#[cfg(target_family = "wasm")]
pub(crate) async fn within<F: Future>(_patience: Duration, future: F) -> Option<F::Output> {
    Some(future.await)
}
