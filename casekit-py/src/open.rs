//! Opening desks, and knowing until when one is open.

use std::sync::{Arc, PoisonError, RwLock};

use casekit_core::port::Store;
use casekit_core::{Desk, Error, ErrorKind, Result};
use casekit_memory::MemoryStore;
use tokio::sync::watch;

use crate::plugins::{Guarded, PluginClock, PluginIds, PluginPolicy, PluginStore, watched};

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

/// A desk until it is closed, in the process that opened it.
#[derive(Debug)]
pub(crate) struct OpenDesk {
    desk: RwLock<Option<Desk>>,
    closed: watch::Sender<bool>,
    process: u32,
}

impl OpenDesk {
    /// Opens the desk, and creates or upgrades its schema.
    pub(crate) async fn open(place: Place, ports: Ports) -> Result<Self> {
        let store = match place {
            Place::At(url) => at(&url).await?,
            Place::In(store) => Arc::new(store),
        };
        let can_break = ports.clock.is_some() || ports.ids.is_some() || ports.policy.is_some();
        let store = if can_break {
            Arc::new(Guarded::new(store))
        } else {
            store
        };
        let mut builder = Desk::builder_on(store);
        if let Some(clock) = ports.clock {
            builder = builder.clock(clock);
        }
        if let Some(ids) = ports.ids {
            builder = builder.ids(ids);
        }
        if let Some(policy) = ports.policy {
            builder = builder.policy(policy);
        }
        let desk = builder.build();
        desk.migrate().await?;
        // A plugin that does not work is told now, and not by the first call.
        watched(async { Ok(desk.new_id()) }).await?;
        Ok(Self {
            desk: RwLock::new(Some(desk)),
            closed: watch::Sender::new(false),
            process: std::process::id(),
        })
    }

    /// The desk.
    ///
    /// # Errors
    /// `Unsupported` once it is closed, and in a fork: connections cannot be shared with one.
    pub(crate) fn here(&self) -> Result<Desk> {
        if self.process != std::process::id() {
            return Err(Error::new(
                ErrorKind::Unsupported,
                "the desk was opened before this process was forked: open it again here",
            ));
        }
        let desk = self.desk.read().unwrap_or_else(PoisonError::into_inner);
        desk.clone().ok_or_else(closed)
    }

    /// Closes the desk. What runs comes to its end; what waits for events stops.
    pub(crate) fn close(&self) {
        let mut desk = self.desk.write().unwrap_or_else(PoisonError::into_inner);
        if self.process == std::process::id() {
            drop(desk.take());
        } else if let Some(foreign) = desk.take() {
            // Its connections belong to the parent process, which goes on using them.
            std::mem::forget(foreign);
        }
        self.closed.send_replace(true);
    }

    /// Whether it was closed.
    pub(crate) fn is_closed(&self) -> bool {
        *self.closed.borrow()
    }

    /// Ends when the desk is closed, with the error that says so.
    pub(crate) async fn until_closed(&self) -> Error {
        let mut watched = self.closed.subscribe();
        // It cannot be gone: it is part of what is borrowed.
        let _ = watched.wait_for(|is_closed| *is_closed).await;
        closed()
    }
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
