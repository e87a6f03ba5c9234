//! casekit for Python hosts: the native half of the package `casekit`.
//!
//! Operations are called by name with JSON in and out; whatever makes that pleasant is Python,
//! generated from the registry of operations.

mod asyncio;
mod desk;
mod error;
mod inbox;
mod kit;
mod open;
mod plugins;
mod runtime;
mod session;

/// The native half of the package `casekit`.
#[pyo3::pymodule(name = "_native")]
mod native {
    use pyo3::prelude::*;
    use pyo3::types::PyModule;

    #[pymodule_export]
    use crate::desk::Desk;
    #[pymodule_export]
    use crate::kit::{Records, conformance_names, facts, run_conformance, validate};
    #[pymodule_export]
    use crate::session::Session;

    /// Ends the threads with the interpreter. Registered with `atexit`.
    #[pyfunction]
    fn _shut_down(py: Python<'_>) {
        crate::runtime::shut_down(py);
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let atexit = module.py().import("atexit")?;
        atexit.call_method1("register", (module.getattr("_shut_down")?,))?;
        Ok(())
    }
}
