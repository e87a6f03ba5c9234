//! casekit.
