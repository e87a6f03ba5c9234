//! What holds for every input, not only for those that somebody thought of.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod cursors;
mod merges;
mod patches;
#[path = "../behaviour/stores.rs"]
mod stores;
#[path = "../behaviour/world.rs"]
#[expect(dead_code, reason = "the behaviour tests use the rest of it")]
mod world;

use std::future::Future;
use std::sync::Arc;

use casekit_memory::MemoryStore;
use world::World;

/// Runs `test` in a new world in memory; the other stores are compared with it by the model test.
fn in_a_world<F: Future<Output = ()>>(test: impl FnOnce(World) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async { test(World::on(Arc::new(MemoryStore::new()), 7).await).await });
}
