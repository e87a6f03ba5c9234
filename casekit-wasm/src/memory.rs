//! The memory store as JavaScript sees it: a store like one that a host writes.

use std::sync::Arc;

use casekit_core::Result;
use casekit_core::model::WorkspaceId;
use casekit_core::port::Store;
use casekit_memory::MemoryStore;
use js_sys::Promise;
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::desk::{promise, seq};
use crate::json::{read, write};

/// A store in memory, with the methods of a store written in JavaScript.
#[wasm_bindgen(js_name = MemoryStore)]
#[derive(Debug, Default)]
pub struct JsMemoryStore {
    store: Arc<MemoryStore>,
}

#[wasm_bindgen(js_class = MemoryStore)]
impl JsMemoryStore {
    /// An empty store.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing to do, but a store has it.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn migrate(&self) -> Promise {
        let store = self.store.clone();
        promise(async move { store.migrate().await.map(|()| JsValue::UNDEFINED) })
    }

    /// Applies a change set.
    #[wasm_bindgen(unchecked_return_type = "Promise<string>")]
    pub fn commit(&self, set: String) -> Promise {
        let store = self.store.clone();
        promise(async move { written(&store.commit(read(&set)?).await?) })
    }

    /// Looks records up.
    #[wasm_bindgen(unchecked_return_type = "Promise<string>")]
    pub fn load(&self, lookups: String) -> Promise {
        let store = self.store.clone();
        promise(async move {
            let lookups: Vec<_> = read(&lookups)?;
            written(&store.load(&lookups).await?)
        })
    }

    /// Finds records.
    #[wasm_bindgen(unchecked_return_type = "Promise<string>")]
    pub fn find(&self, query: String) -> Promise {
        let store = self.store.clone();
        promise(async move { written(&store.find(&read(&query)?).await?) })
    }

    /// Counts and sums.
    #[wasm_bindgen(unchecked_return_type = "Promise<string>")]
    pub fn aggregate(&self, aggregate: String) -> Promise {
        let store = self.store.clone();
        promise(async move { written(&store.aggregate(&read(&aggregate)?).await?) })
    }

    /// Events after a sequence number.
    #[wasm_bindgen(unchecked_return_type = "Promise<string>")]
    pub fn feed(&self, workspace: String, after: f64, limit: u32) -> Promise {
        let store = self.store.clone();
        promise(async move {
            let workspace: WorkspaceId = workspace.parse()?;
            written(&store.feed(workspace, seq(after)?, limit).await?)
        })
    }

    /// Waits until there may be an event after a sequence number.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn wait(&self, workspace: String, after: f64) -> Promise {
        let store = self.store.clone();
        promise(async move {
            let workspace: WorkspaceId = workspace.parse()?;
            store.wait(workspace, seq(after)?).await?;
            Ok(JsValue::UNDEFINED)
        })
    }
}

impl JsMemoryStore {
    /// The store itself, without JavaScript in between.
    pub(crate) fn inner(&self) -> Arc<dyn Store> {
        self.store.clone()
    }
}

fn written(value: &impl Serialize) -> Result<JsValue> {
    write(value).map(|json| JsValue::from_str(&json))
}
