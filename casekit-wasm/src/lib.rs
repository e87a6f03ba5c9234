//! casekit for JavaScript hosts: the native half of the npm package `casekit`.
//!
//! It is thin: operations are called by name with JSON in and out, and what a store in JavaScript needs
//! of the core is here as functions of JSON. Whatever makes that pleasant is JavaScript, in `js/`, generated
//! from the registry of operations where it can be.

// Futures of JavaScript stay on their thread, so this crate is for wasm alone. Elsewhere it is
// empty, and a workspace can be checked as a whole.
#![cfg(target_family = "wasm")]

mod commit_plan;
mod desk;
mod error;
mod json;
mod memory;
mod mirror;
mod plugins;
mod policy;
mod query;
mod store;
#[cfg(feature = "testing")]
mod testing;
