//! Errors on their way to JavaScript and back.

use casekit_core::model::Key;
use casekit_core::{Error, ErrorKind, WireError, json};
use js_sys::Reflect;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};

/// The name by which an error of casekit is known in JavaScript.
const NAME: &str = "CasekitError";

/// An `Error` of JavaScript with `kind`, `details`, `retryable` and, where a commit came too late, `stale`.
pub(crate) fn to_js(error: &Error) -> JsValue {
    let WireError {
        kind,
        message,
        details,
        retryable,
    } = error.to_wire();
    let js = js_sys::Error::new(&message);
    js.set_name(NAME);
    set(&js, "kind", &value_to_js(&kind));
    set(&js, "details", &value_to_js(&details));
    set(&js, "retryable", &JsValue::from_bool(retryable));
    if !error.stale_keys().is_empty() {
        set(&js, "stale", &value_to_js(&error.stale_keys()));
    }
    js.into()
}

/// What a host's store threw in `method`. An error in the shape of ours keeps its kind, so that a
/// store can say that a commit came too late; anything else is a failure of the store.
pub(crate) fn from_js(thrown: &JsValue, method: &str) -> Error {
    let message = message(thrown);
    let Some(kind) = value_from_js::<ErrorKind>(&get(thrown, "kind")) else {
        return Error::bug(format!("the host's store failed in `{method}`: {message}"));
    };
    let stale: Vec<Key> = value_from_js(&get(thrown, "stale")).unwrap_or_default();
    if !stale.is_empty() {
        return Error::stale(stale);
    }
    let error = Error::new(kind, message);
    match value_from_js::<Option<serde_json::Value>>(&get(thrown, "details")).flatten() {
        Some(details) => error.with_details(details),
        None => error,
    }
}

fn message(thrown: &JsValue) -> String {
    match thrown.dyn_ref::<js_sys::Error>() {
        Some(error) => error.message().into(),
        None => format!("{thrown:?}"),
    }
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default()
}

fn set(object: &JsValue, name: &str, value: &JsValue) {
    // A new error of our own takes any property.
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}

fn value_to_js(value: &impl Serialize) -> JsValue {
    let json = serde_json::to_string(value).unwrap_or_default();
    js_sys::JSON::parse(&json).unwrap_or_default()
}

fn value_from_js<T: DeserializeOwned>(value: &JsValue) -> Option<T> {
    let text = js_sys::JSON::stringify(value).ok()?;
    json::read(text.as_string()?.as_bytes()).ok()
}
