//! A store written in JavaScript.

use std::fmt;

use async_trait::async_trait;
use casekit_core::model::{Entity, Event, Seq, WorkspaceId};
use casekit_core::port::{Lookup, Store};
use casekit_core::query::{Aggregate, AggregateRow, Page, Query};
use casekit_core::{ChangeSet, Committed, Error, ErrorKind, Result, json};
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
pub(crate) struct JsStore {
    store: HostStore,
    whose: Whose,
}

/// Who answers for what a store gives.
enum Whose {
    /// The host, who wrote the store.
    Host,
    /// Nobody here: the store of this package gives what is stored as it is.
    Browser,
}

impl JsStore {
    /// Of a store that a host wrote.
    pub(crate) fn of_host(store: HostStore) -> Self {
        Self {
            store,
            whose: Whose::Host,
        }
    }

    /// Of the one of this package, in the browser's database.
    pub(crate) fn of_browser(store: HostStore) -> Self {
        Self {
            store,
            whose: Whose::Browser,
        }
    }

    /// What a method gave of what is stored.
    async fn stored<T: DeserializeOwned>(
        &self,
        method: &str,
        what: &str,
        given: Result<JsValue, JsValue>,
    ) -> Result<T> {
        let answer = text(method, given).await?;
        json::read(answer.as_bytes()).map_err(|error| match self.whose {
            Whose::Host => unreadable(method, &error),
            Whose::Browser => {
                let message = format!("a stored {what} cannot be read");
                Error::new(ErrorKind::Storage, message).with_source(error)
            }
        })
    }
}

impl fmt::Debug for JsStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JsStore")
    }
}

#[async_trait(?Send)]
impl Store for JsStore {
    async fn migrate(&self) -> Result<()> {
        finished("migrate", self.store.migrate()).await.map(drop)
    }

    async fn commit(&self, set: ChangeSet) -> Result<Committed> {
        answered("commit", self.store.commit(&write(&set)?)).await
    }

    async fn load(&self, lookups: &[Lookup]) -> Result<Vec<Option<Entity>>> {
        let given = self.store.load(&write(&lookups)?);
        let found: Vec<Option<Entity>> = self.stored("load", "record", given).await?;
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
        answered("find", self.store.find(&write(query)?)).await
    }

    async fn aggregate(&self, aggregate: &Aggregate) -> Result<Vec<AggregateRow>> {
        answered("aggregate", self.store.aggregate(&write(aggregate)?)).await
    }

    async fn feed(&self, workspace: WorkspaceId, after: Seq, limit: u32) -> Result<Vec<Event>> {
        let given = self
            .store
            .feed(&workspace.to_string(), number(after), limit);
        self.stored("feed", "event", given).await
    }

    async fn wait(&self, workspace: WorkspaceId, after: Seq) -> Result<()> {
        let wait = self.store.wait(&workspace.to_string(), number(after));
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
    let answer = text(method, given).await?;
    json::read(answer.as_bytes()).map_err(|error| unreadable(method, &error))
}

async fn text(method: &str, given: Result<JsValue, JsValue>) -> Result<String> {
    let answer = finished(method, given).await?;
    answer.as_string().ok_or_else(|| {
        Error::bug(format!(
            "the host's store gave no JSON text from `{method}`"
        ))
    })
}

fn unreadable(method: &str, error: &serde_json::Error) -> Error {
    Error::bug(format!(
        "the host's store gave from `{method}` what cannot be read: {error}"
    ))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a workspace has far fewer than 2^53 events"
)]
fn number(seq: Seq) -> f64 {
    seq.0 as f64
}
