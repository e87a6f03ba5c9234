//! What the fuzzers run: plain functions on bytes, which panic when a promise is broken.
//!
//! `fuzz/fuzz_targets` gives them to libFuzzer. The tests here run them over seeds and over changes
//! to the seeds, which needs no special compiler.
#![expect(
    clippy::expect_used,
    reason = "a fuzzer notices a broken promise by a panic"
)]

mod mutate;
mod operation;
mod query;
pub mod seeds;
mod world;

pub use mutate::mutate;
pub use operation::operation;
pub use query::query;
