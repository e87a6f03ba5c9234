//! JSON, which is how values pass between Rust and JavaScript.

use casekit_core::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use crate::error::to_js;

/// A value as JSON.
pub(crate) fn write(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::bug("a value has no JSON form").with_source(error))
}

/// What JavaScript gave.
pub(crate) fn read<T: DeserializeOwned>(json: &str) -> Result<T> {
    Ok(casekit_core::json::read(json.as_bytes())?)
}

/// Answers a function that JavaScript called.
pub(crate) fn answer<T>(work: impl FnOnce() -> Result<T>) -> Result<T, JsValue> {
    work().map_err(|error| to_js(&error))
}
