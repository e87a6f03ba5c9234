//! Connections that are kept between two uses.
//!
//! A pool tests every connection that is given back, which takes as long as many a statement. A few of
//! those that were left in order are kept from it; one that was lost meanwhile is noticed when it is
//! used, as everywhere.

use std::sync::{Mutex, MutexGuard, PoisonError};

use sqlx::pool::PoolConnection;
use sqlx::{Database, Pool};

/// How many connections are kept of a pool of our own: fewer than it has, so that it always has some.
const MOST: usize = 4;

/// After so many uses a connection goes back to the pool, which sees to it that none grows too old.
const USES: u32 = 1_000;

/// A pool, with the connections that are kept from it.
pub(crate) struct Parking<D: Database> {
    pool: Pool<D>,
    most: usize,
    parked: Mutex<Vec<Kept<D>>>,
}

/// A connection that is kept, and how often it was used.
struct Kept<D: Database> {
    connection: PoolConnection<D>,
    uses: u32,
}

impl<D: Database> Parking<D> {
    /// With a pool of our own.
    pub(crate) fn own(pool: Pool<D>) -> Self {
        let (most, parked) = (MOST, Mutex::default());
        Self { pool, most, parked }
    }

    /// With a pool of the host's, who counts on every connection: none is kept.
    pub(crate) fn of_host(pool: Pool<D>) -> Self {
        let (most, parked) = (0, Mutex::default());
        Self { pool, most, parked }
    }

    pub(crate) fn pool(&self) -> &Pool<D> {
        &self.pool
    }

    /// A connection that was kept, else one of the pool.
    pub(crate) async fn take(&self) -> sqlx::Result<Parked<'_, D>> {
        let kept = self.kept().pop();
        let kept = match kept {
            Some(kept) => kept,
            None => Kept {
                connection: self.pool.acquire().await?,
                uses: 0,
            },
        };
        Ok(Parked {
            parking: self,
            kept: Some(kept),
            is_in_order: true,
            closes: false,
        })
    }

    fn kept(&self) -> MutexGuard<'_, Vec<Kept<D>>> {
        self.parked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D: Database> Drop for Parking<D> {
    fn drop(&mut self) {
        let parked = self
            .parked
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        // The pool would want them back, and a runtime for it, which may have ended.
        parked
            .drain(..)
            .for_each(|kept| drop(kept.connection.detach()));
    }
}

impl<D: Database> std::fmt::Debug for Parking<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parking")
            .field("pool", &self.pool)
            .finish_non_exhaustive()
    }
}

/// A connection that is kept after use, if it is in order.
pub(crate) struct Parked<'p, D: Database> {
    parking: &'p Parking<D>,
    kept: Option<Kept<D>>,
    is_in_order: bool,
    closes: bool,
}

impl<D: Database> Parked<'_, D> {
    /// The connection, for a statement. It is left to the pool at the end, unless the last statement
    /// [went well](Self::went_well): not where one failed, or was given up while it ran.
    pub(crate) fn for_statement(&mut self) -> Option<&mut D::Connection> {
        self.is_in_order = false;
        self.kept.as_mut().map(|kept| &mut *kept.connection)
    }

    /// Notes that the statement went well.
    pub(crate) fn went_well(&mut self) {
        self.is_in_order = true;
    }

    /// Whether to close the connection at the end: not any more once what was open on it is ended.
    pub(crate) fn close_at_end(&mut self, closes: bool) {
        self.closes = closes;
    }
}

impl<D: Database> Drop for Parked<'_, D> {
    fn drop(&mut self) {
        let Some(mut used) = self.kept.take() else {
            return;
        };
        if self.closes {
            used.connection.close_on_drop();
            return;
        }
        used.uses += 1;
        let mut kept = self.parking.kept();
        if self.is_in_order && used.uses < USES && kept.len() < self.parking.most {
            kept.push(used);
        }
    }
}
