//! casekit for Python hosts.

use pyo3::prelude::*;

/// The native half of the package `casekit`.
#[pymodule(name = "_native")]
mod native {
    use pyo3::prelude::*;

    /// A new id.
    #[pyfunction]
    fn new_id() -> String {
        use casekit_core::port::{Clock, Ids, SystemClock, SystemIds};
        SystemIds.next(SystemClock.now()).to_string()
    }
}
