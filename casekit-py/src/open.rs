//! Opening desks, and knowing until when one is open.

use std::sync::Arc;
use std::{mem, process};

use arc_swap::ArcSwapOption;
use casekit_core::port::{Guarded, Store};
use casekit_core::{Desk, Error, ErrorKind, Result};
use casekit_memory::MemoryStore;
use tokio::sync::{Semaphore, SemaphorePermit, watch};

use crate::plugins::{PluginClock, PluginIds, PluginPolicy, PluginStore, unbroken, watched};

/// Where a desk's cases live.
pub(crate) enum Place {
    /// At an address.
    At(String),
    /// In a store of the host.
    In(PluginStore),
}

/// What a desk is given instead of the machine's own.
#[derive(Default)]
pub(crate) struct Ports {
    pub(crate) clock: Option<PluginClock>,
    pub(crate) ids: Option<PluginIds>,
    pub(crate) policy: Option<PluginPolicy>,
}

impl Ports {
    fn any(&self) -> bool {
        self.clock.is_some() || self.ids.is_some() || self.policy.is_some()
    }
}

/// How many operations of a desk can ask its clock, ids or policy at once. They do it standing still, each in a thread of
/// its own; if they took all threads there can be, nobody would be left to notice that an answer does not come.
const MOST_ASKING: usize = 128;

/// A desk until it is closed, in the process that opened it.
#[derive(Debug)]
pub(crate) struct OpenDesk {
    /// Found without a lock, which a fork could copy while it is closed.
    desk: ArcSwapOption<Desk>,
    closed: watch::Sender<bool>,
    process: u32,
    /// Room for operations, if they can ask plugins.
    room: Option<Semaphore>,
}

impl OpenDesk {
    /// Opens the desk, and creates or upgrades its schema.
    pub(crate) async fn open(place: Place, ports: Ports) -> Result<Self> {
        let store = match place {
            Place::At(url) => at(&url).await?,
            Place::In(store) => Arc::new(store),
        };
        let room = ports.any().then(|| Semaphore::new(MOST_ASKING));
        let desk = desk(store, ports);
        desk.migrate().await?;
        // A plugin that does not work is told now, and not by the first call.
        watched(async { Ok(desk.new_id()) }).await?;
        Ok(Self {
            desk: ArcSwapOption::from_pointee(desk),
            closed: watch::Sender::new(false),
            process: process::id(),
            room,
        })
    }

    /// The desk.
    ///
    /// # Errors
    /// `Unsupported` once it is closed, and in a fork: connections cannot be shared with one.
    pub(crate) fn here(&self) -> Result<Arc<Desk>> {
        if self.is_foreign() {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "the desk was opened before this process was forked: open another here",
            ));
        }
        self.desk.load_full().ok_or_else(closed)
    }

    /// Waits until there is room for an operation, and keeps it. One that is `nested` in a plugin of another desk does not
    /// wait: desks whose plugins ask each other would wait for each other.
    pub(crate) async fn room(&self, nested: bool) -> Option<SemaphorePermit<'_>> {
        let room = self.room.as_ref().filter(|_| !nested)?;
        // It is never closed.
        room.acquire().await.ok()
    }

    /// Closes the desk. What runs comes to its end; what waits for events stops.
    pub(crate) fn close(&self) {
        if self.is_foreign() {
            self.forget();
        } else {
            self.closed.send_replace(true);
            drop(self.desk.swap(None));
        }
    }

    /// Whether it was closed.
    pub(crate) fn is_closed(&self) -> bool {
        self.desk.load().is_none()
    }

    /// Ends when the desk is closed, with the error that says so.
    pub(crate) async fn until_closed(&self) -> Error {
        let mut watched = self.closed.subscribe();
        // It cannot be gone: it is part of what is borrowed.
        let _ = watched.wait_for(|is_closed| *is_closed).await;
        closed()
    }

    fn is_foreign(&self) -> bool {
        self.process != process::id()
    }

    /// Leaves its connections alone: they belong to the parent process, which goes on using them.
    fn forget(&self) {
        mem::forget(self.desk.swap(None));
    }
}

impl Drop for OpenDesk {
    fn drop(&mut self) {
        if self.is_foreign() {
            self.forget();
        }
    }
}

fn desk(store: Arc<dyn Store>, ports: Ports) -> Desk {
    let mut builder = match ports.any() {
        true => Desk::builder(Guarded::new(store, unbroken)),
        false => Desk::builder_on(store),
    };
    if let Some(clock) = ports.clock {
        builder = builder.clock(clock);
    }
    if let Some(ids) = ports.ids {
        builder = builder.ids(ids);
    }
    if let Some(policy) = ports.policy {
        builder = builder.policy(policy);
    }
    builder.build()
}

fn closed() -> Error {
    Error::new(ErrorKind::Unsupported, "the desk is closed")
}

async fn at(url: &str) -> Result<Arc<dyn Store>> {
    match url.split_once(':') {
        Some(("memory", _)) => Ok(Arc::new(MemoryStore::new())),
        _ => casekit_sqlx::connect(url).await,
    }
}
