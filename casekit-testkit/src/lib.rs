//! Proves a store, a host or a binding of casekit.
//!
//! - [`conformance`]: one test for every line of the [`Store`](casekit_core::port::Store) port's *Behavior* lists.
//! - [`model_test`]: random commits and questions through two stores, whose answers must be the same.
//! - [`FaultyStore`]: a store that fails on purpose, to prove that retries give exactly one result.
//! - [`ManualClock`], [`SeededIds`] and [`generate`]: a world that is the same in every run.

mod clock;
pub mod conformance;
mod faulty;
pub mod generate;
mod ids;
mod model_test;
mod pages;
mod watchdog;

pub use clock::ManualClock;
pub use faulty::{Fault, FaultyStore};
pub use ids::SeededIds;
pub use model_test::{Difference, ModelReport, model_test};
