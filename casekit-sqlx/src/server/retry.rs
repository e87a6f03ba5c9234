//! Trying again, where that can help.

use std::time::Duration;

use casekit_core::Result;

use super::connection::Place;
use super::{Core, Fault, Server, Trouble};
use crate::lent::lent;

/// How often something is tried that collides with others.
const TRIES: u32 = 12;

/// How long to wait after the first collision; twice as long after each.
const PAUSE: Duration = Duration::from_millis(2);

/// The longest pause.
const LONGEST: Duration = Duration::from_millis(250);

impl<S: Server> Core<S> {
    /// Does `work`; again after a collision or on another connection, unless the transaction is the
    /// host's: then it is theirs to roll back.
    pub(crate) async fn patiently<T, F>(&self, work: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T, Fault>>,
    {
        let Place::Pool(parking) = &self.place else {
            return work().await.map_err(|fault| lent(fault.into_error::<S>()));
        };
        let (mut collisions, mut losses) = (0, 0);
        // As many may have been lost at once. The pool forgets them one by one as they are noticed.
        let connections = parking.pool().size();
        loop {
            let fault = match work().await {
                Ok(done) => return Ok(done),
                Err(fault) => fault,
            };
            match fault.trouble::<S>() {
                Some(Trouble::Collision) if collisions < TRIES => {
                    pause(collisions).await;
                    collisions += 1;
                }
                Some(Trouble::Lost) if losses <= connections => {
                    // All connections of before are gone at once: no need to wait for the next. One that is new
                    // and lost too means that the server is not there yet.
                    if losses > 0 {
                        pause(losses).await;
                    }
                    losses += 1;
                }
                _ => return Err(fault.into_error::<S>()),
            }
        }
    }
}

async fn pause(collisions: u32) {
    let longest = LONGEST.min(PAUSE * 2_u32.saturating_pow(collisions));
    // Those who collided must not do so again for having waited equally long.
    let share = uuid::Uuid::now_v7().as_bytes().last().copied().unwrap_or(0);
    tokio::time::sleep(longest * u32::from(share) / 255).await;
}
