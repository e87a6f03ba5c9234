//! A store written in JavaScript.

use std::fmt;

use async_trait::async_trait;
use casekit_core::model::{Entity, Event, Seq, WorkspaceId};
use casekit_core::port::{Lookup, Store};
use casekit_core::query::{Aggregate, AggregateRow, Page, Query};
use casekit_core::{ChangeSet, Committed, Error, Result, json};
use js_sys::Promise;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;

use crate::error::from_plugin;
use crate::json::write;

#[wasm_bindgen]
extern "C" {
    /// `HostStore` of the package's types.
    pub type HostStore;

    #[wasm_bindgen(method, structural, catch)]
    fn migrate(this: &HostStore) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch)]
    fn commit(this: &HostStore, set: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch)]
    fn load(this: &HostStore, lookups: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch)]
    fn find(this: &HostStore, query: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch)]
    fn aggregate(this: &HostStore, aggregate: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch)]
    fn feed(this: &HostStore, workspace: &str, after: f64, limit: u32) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch)]
    fn wait(this: &HostStore, workspace: &str, after: f64) -> Result<JsValue, JsValue>;
}

/// Makes the port of a store written in JavaScript.
pub(crate) struct JsStore(pub(crate) HostStore);

impl fmt::Debug for JsStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JsStore")
    }
}

#[async_trait(?Send)]
impl Store for JsStore {
    async fn migrate(&self) -> Result<()> {
        finished("migrate", self.0.migrate()).await.map(drop)
    }

    async fn commit(&self, set: ChangeSet) -> Result<Committed> {
        answered("commit", self.0.commit(&write(&set)?)).await
    }

    async fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Entity>>> {
        let found: Vec<Option<Entity>> = answered("load", self.0.load(&write(&lookups)?)).await?;
        if found.len() != lookups.len() {
            return Err(Error::bug(format!(
                "the host's store answered {} lookups of {}",
                found.len(),
                lookups.len()
            )));
        }
        Ok(found)
    }

    async fn find(&self, query: &Query) -> Result<Page> {
        answered("find", self.0.find(&write(query)?)).await
    }

    async fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<AggregateRow>> {
        answered("aggregate", self.0.aggregate(&write(aggregate)?)).await
    }

    async fn feed(&self, workspace: WorkspaceId, after: Seq, limit: u32) -> Result<Vec<Event>> {
        let feed = self.0.feed(&workspace.to_string(), number(after), limit);
        answered("feed", feed).await
    }

    async fn wait(&self, workspace: WorkspaceId, after: Seq) -> Result<()> {
        let wait = self.0.wait(&workspace.to_string(), number(after));
        finished("wait", wait).await.map(drop)
    }
}

/// What a method gave in the end, whether at once or by a promise.
async fn finished(method: &str, given: Result<JsValue, JsValue>) -> Result<JsValue> {
    let outcome = match given {
        Ok(value) => JsFuture::from(Promise::resolve(&value)).await,
        Err(thrown) => Err(thrown),
    };
    outcome
        .map_err(|thrown| from_plugin(&thrown, &format!("the host's store failed in `{method}`")))
}

async fn answered<T: DeserializeOwned>(method: &str, given: Result<JsValue, JsValue>) -> Result<T> {
    let answer = finished(method, given).await?;
    let Some(answer) = answer.as_string() else {
        return Err(Error::bug(format!(
            "the host's store gave no JSON text from `{method}`"
        )));
    };
    json::read(answer.as_bytes()).map_err(|error| {
        Error::bug(format!(
            "the host's store gave from `{method}` what cannot be read: {error}"
        ))
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a workspace has far fewer than 2^53 events"
)]
fn number(seq: Seq) -> f64 {
    seq.0 as f64
}
