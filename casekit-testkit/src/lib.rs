//! Proves a store, a host or a binding of casekit.
//!
//! - [`conformance`]: one test for every line of the [`Store`](casekit_core::port::Store) port's *Behavior* lists.
//! - [`ManualClock`], [`SeededIds`] and [`generate`]: a world that is the same in every run.

mod clock;
pub mod conformance;
pub mod generate;
mod ids;
mod pages;
mod watchdog;

pub use clock::ManualClock;
pub use ids::SeededIds;
