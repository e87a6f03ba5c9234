//! The memory store as JavaScript sees it: a store like one that a host writes.

use std::sync::Arc;

use casekit_core::model::WorkspaceId;
use casekit_core::port::Store;
use casekit_memory::MemoryStore;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::desk::seq;
use crate::error::to_js;
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
        let work = async move { write(&store.commit(read(&set)?).await?) };
        work.await.map_err(|error| to_js(&error))
    }

    /// Looks records up.
    #[wasm_bindgen(unchecked_return_type = "Promise<string>")]
    pub fn load(&self, lookups: String) -> Promise {
        let store = self.store.clone();
        let work = async move {
            let lookups: Vec<_> = read(&lookups)?;
            write(&store.load(&lookups).await?)
        };
        work.await.map_err(|error| to_js(&error))
    }

    /// Finds records.
    #[wasm_bindgen(unchecked_return_type = "Promise<string>")]
    pub fn find(&self, query: String) -> Promise {
        let store = self.store.clone();
        let work = async move { write(&store.find(&read(&query)?).await?) };
        work.await.map_err(|error| to_js(&error))
    }

    /// Counts and sums.
    #[wasm_bindgen(unchecked_return_type = "Promise<string>")]
    pub fn aggregate(&self, aggregate: String) -> Promise {
        let store = self.store.clone();
        let work = async move { write(&store.aggregate(&read(&aggregate)?).await?) };
        work.await.map_err(|error| to_js(&error))
    }

    /// Events after a sequence number.
    #[wasm_bindgen(unchecked_return_type = "Promise<string>")]
    pub fn feed(&self, workspace: String, after: f64, limit: u32) -> Promise {
        let store = self.store.clone();
        promise(async move {
            let workspace: WorkspaceId = workspace.parse()?;
            write(&store.feed(workspace, seq(after)?, limit).await?)
        };
        work.await.map_err(|error| to_js(&error))
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
