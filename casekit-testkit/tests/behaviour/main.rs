//! What casekit does, through the public API, on every store. A test for every sentence of the
//! contract that can be broken.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod attention;
mod bulk;
mod case_work;
mod cases;
mod clock;
mod custom_fields;
mod deletion;
mod drafts;
mod events;
mod finding;
mod health;
mod leaks;
mod log;
mod merge;
mod merged_waits;
mod people;
mod policy;
mod portal;
mod real_log;
mod relations;
mod saved_views;
mod seen;
mod split;
mod statistics;
mod status;
mod stores;
mod thread;
mod together;
mod unmerge;
mod world;
