//! Tests of the program as its users meet it: what it prints, and how it ends.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod demo;
mod export;
mod harness;
mod helpdesk;
mod import;
mod interruption;
mod looking;
