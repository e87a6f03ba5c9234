//! casekit.
fn main() {}
