//! The fuzzers.

use crate::place::Place;
use crate::steps::Steps;

/// Runs each fuzzer for `seconds`.
pub(crate) fn run(_place: &Place, _seconds: u32, _steps: &mut Steps) {}
