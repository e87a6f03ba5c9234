//! casekit for JavaScript hosts: a desk on a store in memory or on one written in JavaScript.
//!
//! This is the thin native half. Operations are called by name with JSON in and out; whatever makes
//! that pleasant is JavaScript, generated from the registry of operations.

// Futures of JavaScript stay on their thread, so this crate is for wasm alone. Elsewhere it is
// empty, and a workspace can be checked as a whole.
#![cfg(target_family = "wasm")]

mod desk;
mod error;
mod memory;
mod options;
mod store;
