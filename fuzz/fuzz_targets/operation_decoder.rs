//! See `casekit_fuzz::operation`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = casekit_fuzz::operation(data);
});
