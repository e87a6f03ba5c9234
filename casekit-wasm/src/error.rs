//! Errors on their way to JavaScript and back.

use std::fmt;

use casekit_core::model::Key;
use casekit_core::{Error, ErrorKind, WireError, json};
use js_sys::Reflect;
use send_wrapper::SendWrapper;
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

/// The name by which an error of casekit is known in JavaScript.
const NAME: &str = "CasekitError";

/// What JavaScript threw, kept as the source of an error of ours.
#[derive(Debug)]
struct Thrown {
    value: SendWrapper<JsValue>,
    /// Whether the call can succeed later, where what was thrown says so.
    retryable: Option<bool>,
}

impl fmt::Display for Thrown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&message(&self.value))
    }
}

impl std::error::Error for Thrown {}

/// An `Error` of JavaScript with `kind`, `details`, `retryable` and, where there are any, `stale` (the keys
/// that a commit came too late for) and `cause` (what a plugin threw).
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
    let retryable = said_retryable(error).unwrap_or(retryable);
    set(&js, "retryable", &JsValue::from_bool(retryable));
    if !error.stale_keys().is_empty() {
        set(&js, "stale", &value_to_js(&error.stale_keys()));
    }
    if let Some(thrown) = thrown(error) {
        set(&js, "cause", thrown);
    }
    js.into()
}

/// What a plugin threw, if that is at the bottom of the error.
fn thrown(error: &Error) -> Option<&JsValue> {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if let Some(Thrown { value, .. }) = error.downcast_ref() {
            return Some(value);
        }
        source = error.source();
    }
    None
}

/// Whether a plugin said of the error itself, not of what is below it, that the call can succeed later.
fn said_retryable(error: &Error) -> Option<bool> {
    let source = std::error::Error::source(error)?;
    source.downcast_ref::<Thrown>()?.retryable
}

/// What a host's plugin threw; `failed` says whose it is. An error in the shape of ours keeps its kind, so
/// that a store can say that a commit came too late and a policy that it refuses; anything else is a
/// failure of the plugin.
pub(crate) fn from_plugin(thrown: &JsValue, failed: &str) -> Error {
    let message = message(thrown);
    let kind = value_from_js::<ErrorKind>(&get(thrown, "kind"));
    let stale: Vec<Key> = value_from_js(&get(thrown, "stale")).unwrap_or_default();
    let error = match kind {
        None => Error::bug(format!("{failed}: {message}")),
        Some(_) if !stale.is_empty() => Error::stale(stale),
        Some(kind) => Error::new(kind, message),
    };
    let details = value_from_js::<Option<serde_json::Value>>(&get(thrown, "details")).flatten();
    let error = match details {
        Some(details) => error.with_details(details),
        None => error,
    };
    let retryable = kind.and_then(|_| get(thrown, "retryable").as_bool());
    error.with_source(Thrown {
        value: SendWrapper::new(thrown.clone()),
        retryable,
    })
}

/// What was thrown, for people: anything can be.
fn message(thrown: &JsValue) -> String {
    let message = thrown.as_string();
    let message = message.or_else(|| get(thrown, "message").as_string());
    message.unwrap_or_else(|| format!("{thrown:?}"))
}

fn get(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or_default()
}

fn set(object: &JsValue, name: &str, value: &JsValue) {
    // A new error of our own takes any property.
    let _ = Reflect::set(object, &JsValue::from_str(name), value);
}

/// A value of JSON as JavaScript has it.
pub(crate) fn value_to_js(value: &impl Serialize) -> JsValue {
    let json = serde_json::to_string(value).unwrap_or_default();
    js_sys::JSON::parse(&json).unwrap_or_default()
}

fn value_from_js<T: DeserializeOwned>(value: &JsValue) -> Option<T> {
    let text = js_sys::JSON::stringify(value).ok()?;
    json::read(text.as_string()?.as_bytes()).ok()
}
