//! Failures of ports that cannot fail.
//!
//! A clock, a source of ids and the filters of a policy have no way to fail in casekit. So that what they
//! raise is not lost, the call during which they broke remembers it: it asks no plugin any more, commits nothing
//! more, and ends with it.

use std::cell::RefCell;

use casekit_core::{Error, Result};

tokio::task_local! {
    static BROKEN: RefCell<Option<Error>>;
}

/// Does `work`, which fails if a plugin broke meanwhile.
pub(crate) async fn watched<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    BROKEN
        .scope(RefCell::new(None), async {
            let done = work.await;
            match BROKEN.with(RefCell::take) {
                Some(error) => Err(error),
                None => done,
            }
        })
        .await
}

/// Remembers for the call that runs why a plugin did not work. Later failures may follow from the first.
pub(super) fn broke(error: Error) {
    // Outside of a call nobody can be told.
    let _ = BROKEN.try_with(|broken| broken.borrow_mut().get_or_insert(error).kind());
}

/// Fails, however often it is asked, if a plugin broke during this call. The call itself ends with why.
pub(crate) fn unbroken() -> Result<()> {
    match BROKEN.try_with(|broken| broken.borrow().is_some()) {
        Ok(true) => Err(Error::bug("a plugin of the host failed before")),
        _ => Ok(()),
    }
}
