//! The conformance kit for stores written in JavaScript. It is in a module of its own, `pkg/testing`, so
//! that applications do not fetch it.

#![expect(unreachable_pub, reason = "what wasm-bindgen exports must be public")]

use std::sync::Arc;
use std::time::Duration;

use casekit_core::port::Store;
use casekit_core::{Error, ErrorKind, Result};
use casekit_testkit::conformance::tests;
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::desk::promise;
use crate::store::{HostStore, JsStore};

/// There are no threads to watch from: who runs a test bounds its time.
const PATIENCE: Duration = Duration::from_secs(60);

/// The names of the behaviours that every store must have.
#[wasm_bindgen(js_name = conformanceTests)]
pub fn conformance_tests() -> Vec<String> {
    tests().iter().map(|test| test.name.to_owned()).collect()
}

/// Tests one behaviour of a store; fails with what shows that it does not have it.
#[wasm_bindgen(js_name = runConformanceTest, unchecked_return_type = "Promise<void>")]
pub fn run_conformance_test(name: String, store: HostStore) -> Promise {
    promise(async move {
        let test = tests().iter().find(|test| test.name == name);
        let test = test.ok_or_else(|| Error::invalid(format!("there is no behaviour `{name}`")))?;
        let store: Arc<dyn Store> = Arc::new(JsStore::of_host(store));
        let factory = move || {
            let store: Result<Arc<dyn Store>> = Ok(Arc::clone(&store));
            std::future::ready(store)
        };
        match test.run(&factory, PATIENCE).await {
            Ok(()) => Ok(JsValue::UNDEFINED),
            Err(failure) => Err(Error::new(ErrorKind::Bug, failure.0)),
        }
    })
}
