//! Proves a store, a host or a binding of casekit.
//!
//! - [`conformance`]: one test for every line of the [`Store`](casekit_core::port::Store) port's *Behavior* lists.
//! - [`model_test`]: random commits and questions through two stores, whose answers must be the same.
//! - [`FaultyStore`]: a store that fails on purpose, to prove that retries give exactly one result.
//! - [`scenarios`]: what people do at a help desk, in files that every host runs with the same result.
//! - [`ManualClock`], [`SeededIds`] and [`generate`]: a world that is the same in every run.

mod clock;
pub mod conformance;
mod faulty;
pub mod generate;
mod ids;
mod model_test;
mod pages;
mod scenario;
mod watchdog;

pub use clock::ManualClock;
pub use faulty::{Fault, FaultyStore};
pub use ids::SeededIds;
pub use model_test::{Difference, ModelReport, model_test};
pub use scenario::{
    Outcome, Performer, Scenario, ScenarioFailure, ScenarioFile, Step, Told, Transcript,
    run_scenario, scenarios,
};
