//! Filling a store by the bulk path: a few thousand records in a commit.

use std::time::Instant;

use anyhow::Result;
use futures_util::{StreamExt, TryStreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};

use super::place::Place;
use crate::world::World;

/// How many messages a case has; with the line that says that it was opened, it has five entries.
const MESSAGES: usize = 4;

/// How many the first case of a workspace has.
const LONG_THREAD: usize = 1_000;

/// How many commits are made up, and begun, at once.
const AHEAD: usize = 2;

/// How many percent of the cases each workspace has: one is large, as it is in life.
const SHARES: [usize; 5] = [70, 15, 9, 5, 1];

/// A store that is full.
pub(crate) struct Filled {
    /// The largest of its workspaces.
    pub(crate) world: World,
    pub(crate) entries_per_second: f64,
}

impl Filled {
    /// Fills a store with so many cases.
    pub(crate) async fn fill(place: &Place, cases: usize) -> Result<Self> {
        let bar = ProgressBar::new(cases as u64).with_message("fill");
        bar.set_style(ProgressStyle::with_template(
            "{msg} {wide_bar} {pos}/{len} cases, {per_sec}, {eta} left",
        )?);
        let start = Instant::now();
        let mut largest = None;
        let mut entries = 0;
        // The largest last, so that what it needs is not the oldest in the database.
        for (number, share) in (1..).zip(SHARES.into_iter().rev()) {
            let cases = (cases * share / 100).max(1);
            let (sets, made) = tokio::sync::mpsc::channel(AHEAD);
            // On a thread of its own: what making texts up costs is not the store's.
            let making = tokio::task::spawn_blocking(move || {
                let mut world = World::with_threads(number, MESSAGES, LONG_THREAD);
                for set in world.fill(cases) {
                    if sets.blocking_send(set).is_err() {
                        break;
                    }
                }
                world
            });
            let store = place.store();
            let made = stream::unfold(made, async |mut made| Some((made.recv().await?, made)));
            let committed = made.map(|set| async {
                let opened = set.events.len() as u64 / 2;
                store.commit(set).await.map(|_| opened)
            });
            // One is worked out while the one before is written; they are begun, and written, in order.
            let mut committed = std::pin::pin!(committed.buffered(AHEAD));
            while let Some(opened) = committed.try_next().await? {
                bar.inc(opened);
            }
            let world = making.await?;
            entries += cases * (MESSAGES + 1) + LONG_THREAD - MESSAGES;
            largest = Some(world);
        }
        place.settle().await?;
        bar.finish_and_clear();
        let world = largest.ok_or_else(|| anyhow::anyhow!("there is no workspace"))?;
        #[expect(clippy::cast_precision_loss, reason = "a rate that is shown")]
        let entries_per_second = entries as f64 / start.elapsed().as_secs_f64();
        Ok(Self {
            world,
            entries_per_second,
        })
    }
}
