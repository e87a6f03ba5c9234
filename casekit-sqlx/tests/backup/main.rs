//! Backup and restore as docs/operating.md describes them, tried on each database while others write.
//!
//! A backup is taken in the middle of what four writers do, and restored elsewhere. Then it is migrated
//! and has to be the whole of what was committed up to some moment of the backup, and to go on from there.
#![cfg(all(feature = "sqlite", feature = "postgres", feature = "mysql"))]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail by panicking"
)]

mod mysql;
mod postgres;
mod restored;
mod sqlite;
mod work;

use std::process::Command;

use restored::assert_whole;
use work::Work;

/// Takes a backup by `back_up` while others write to the database at `url`, and looks at what is at the
/// address that it gives, where it was restored.
async fn assert_restores(url: &str, back_up: impl FnOnce() -> String + Send + 'static) {
    let store = casekit_sqlx::connect(url).await.unwrap();
    store.migrate().await.unwrap();
    let work = Work::begin(store.clone()).await;
    let before = work.events();
    let restored = tokio::task::spawn_blocking(back_up).await.unwrap();
    let after = work.events();
    assert!(before < after, "nobody wrote while the backup was taken");
    let done = work.end().await;
    assert_whole(&restored, &*store, &done, before).await;
}

/// Runs a program to its end, which must be a good one.
fn run(command: &mut Command) {
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed: {told}");
}
