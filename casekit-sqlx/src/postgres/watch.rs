//! Waking those who wait for events: PostgreSQL tells.

use std::sync::{Arc, Weak};
use std::time::Duration;

use sqlx::postgres::{PgListener, PgPoolOptions};

use crate::dialect::{Dialect, Postgres};
use crate::server::{Core, Place};

/// How often to see whether anybody still waits.
const LOOK_UP: Duration = Duration::from_secs(1);

/// How long to wait for a connection to listen on.
const PATIENCE: Duration = Duration::from_secs(5);

/// The channel on which commits with events are told.
pub(super) fn channel(server: &Postgres) -> String {
    server.schema().named("event")
}

/// Tells of events that others commit, on a connection of its own, while somebody waits.
pub(super) async fn watch(core: Weak<Core<Postgres>>) {
    let mut listener = None;
    while let Some(shared) = core.upgrade().filter(|core| !core.is_unwatched()) {
        if listener.is_none() {
            listener = listen(&shared).await.ok();
            // What was committed before we listened was not told to us.
            shared.tell_changed();
        }
        drop(shared);
        let Some(open) = &mut listener else {
            tokio::time::sleep(LOOK_UP).await;
            continue;
        };
        match tokio::time::timeout(LOOK_UP, open.try_recv()).await {
            Err(_) => {}
            Ok(Ok(Some(_))) => {
                if let Some(core) = core.upgrade() {
                    core.tell_changed();
                }
            }
            // The connection is gone, and with it what was told meanwhile.
            Ok(Ok(None) | Err(_)) => listener = None,
        }
    }
}

/// A connection beside the pool, which would otherwise lack one.
async fn listen(core: &Arc<Core<Postgres>>) -> sqlx::Result<PgListener> {
    let Place::Pool(parking) = &core.place else {
        return Err(sqlx::Error::PoolClosed);
    };
    let own = PgPoolOptions::new().max_connections(1);
    let own = own.acquire_timeout(PATIENCE);
    let own = own.connect_lazy_with(parking.pool().connect_options().as_ref().clone());
    let mut listener = PgListener::connect_with(&own).await?;
    listener.listen(&channel(&core.server)).await?;
    Ok(listener)
}
