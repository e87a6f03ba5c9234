//! See `casekit_fuzz::query`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| casekit_fuzz::query(data));
