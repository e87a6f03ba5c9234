//! casekit for JavaScript hosts.

use wasm_bindgen::prelude::wasm_bindgen;

/// The version of this package.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// A new id.
#[wasm_bindgen(js_name = newId)]
pub fn new_id() -> String {
    use casekit_core::port::{Clock, Ids, SystemClock, SystemIds};
    SystemIds.next(SystemClock.now()).to_string()
}
