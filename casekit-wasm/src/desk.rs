//! The desk as JavaScript sees it.

use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;

use casekit_core::model::{Actor, Seq, WorkspaceId};
use casekit_core::port::Store;
use casekit_core::{BoxFuture, Error, Result};
use futures_util::future::{Either, select};
use js_sys::Promise;
use tokio::sync::Notify;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::future_to_promise;

use crate::error::to_js;
use crate::json::{answer, read, write};
use crate::memory::JsMemoryStore;
use crate::plugins::{Options, Plugins};
use crate::store::{HostStore, JsStore};

/// How many events are fetched at once.
const BATCH: u32 = 100;

/// A help desk. Several can live in one page.
#[wasm_bindgen(js_name = NativeDesk)]
#[derive(Debug)]
pub struct JsDesk {
    store: Arc<dyn Store>,
    plugins: Plugins,
}

// Every method takes `&self` and clones what it needs: nothing is borrowed while a promise is
// pending, so calls can overlap.
#[wasm_bindgen(js_class = NativeDesk)]
impl JsDesk {
    /// A desk on a store in memory.
    #[wasm_bindgen(js_name = inMemory)]
    pub fn in_memory(store: &JsMemoryStore, options: Option<Options>) -> Result<Self, JsValue> {
        build(store.inner(), options.as_ref())
    }

    /// A desk on a store written in JavaScript.
    pub fn on(store: HostStore, options: Option<Options>) -> Result<Self, JsValue> {
        build(Arc::new(JsStore::of_host(store)), options.as_ref())
    }

    /// A desk on the store in the browser's database.
    #[wasm_bindgen(js_name = inBrowser)]
    pub fn in_browser(store: HostStore, options: Option<Options>) -> Result<Self, JsValue> {
        build(Arc::new(JsStore::of_browser(store)), options.as_ref())
    }

    /// Creates or upgrades the store's schema.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn migrate(&self) -> Promise {
        let store = Arc::clone(&self.store);
        promise(async move { store.migrate().await.map(|()| JsValue::UNDEFINED) })
    }

    /// Fails unless the store answers.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn health(&self) -> Promise {
        let (desk, _) = self.plugins.desk(&self.store);
        promise(async move { desk.health().await.map(|()| JsValue::UNDEFINED) })
    }

    /// Runs an operation by name, with JSON in and out. `actor` is `{"type":"agent","id":…}`,
    /// `{"type":"customer","id":…}` or `{"type":"system"}`, as JSON.
    #[wasm_bindgen(unchecked_return_type = "Promise<string>")]
    pub fn call(&self, workspace: String, actor: String, name: String, input: String) -> Promise {
        let (desk, failure) = self.plugins.desk(&self.store);
        promise(async move {
            let workspace: WorkspaceId = workspace.parse()?;
            let actor: Actor = read(&actor)?;
            let session = desk.session(workspace, actor);
            let answer = session.call(&name, input.as_bytes()).await;
            // Not an answer, and not another error either, that what a plugin gave has led to.
            failure.check()?;
            let answer = String::from_utf8(answer?)
                .map_err(|error| Error::bug("an answer is no text").with_source(error))?;
            Ok(JsValue::from_str(&answer))
        })
    }

    /// The next events of a workspace after a sequence number, as a list of JSON; if there are none, waits once
    /// for some. It gives none if `stop` was called, and if the store ended the wait too early: whoever asks again
    /// then must let the page live in between.
    #[wasm_bindgen(js_name = nextEvents, unchecked_return_type = "Promise<string>")]
    pub fn next_events(&self, workspace: String, after: f64, stop: &Stop) -> Promise {
        let store = Arc::clone(&self.store);
        let stopped = Rc::clone(&stop.0);
        promise(async move {
            let workspace: WorkspaceId = workspace.parse()?;
            let after = seq(after)?;
            let more = async {
                let mut events = store.feed(workspace, after, BATCH).await?;
                if events.is_empty() {
                    store.wait(workspace, after).await?;
                    events = store.feed(workspace, after, BATCH).await?;
                }
                write(&events)
            };
            match select(pin!(more), pin!(stopped.notified())).await {
                Either::Left((events, _)) => Ok(JsValue::from_str(&events?)),
                Either::Right(_) => Ok(JsValue::from_str("[]")),
            }
        })
    }

    /// A new id, such as for a workspace.
    #[wasm_bindgen(js_name = newId)]
    pub fn new_id(&self) -> Result<String, JsValue> {
        answer(|| {
            let (desk, failure) = self.plugins.desk(&self.store);
            let id = desk.new_id();
            failure.check()?;
            Ok(id.to_string())
        })
    }
}

/// Ends waiting.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Stop(Rc<Notify>);

#[wasm_bindgen]
impl Stop {
    /// For one that waits.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the wait, or the next one if there is none now.
    pub fn stop(&self) {
        self.0.notify_one();
    }
}

fn build(store: Arc<dyn Store>, options: Option<&Options>) -> Result<JsDesk, JsValue> {
    answer(|| {
        let plugins = Plugins::of(options)?;
        Ok(JsDesk { store, plugins })
    })
}

/// A promise of what `work` gives.
pub(crate) fn promise(work: impl Future<Output = Result<JsValue>> + 'static) -> Promise {
    promise_of(Box::pin(work))
}

// Not generic, so that what a promise takes is compiled once and not for every method.
fn promise_of(work: BoxFuture<'static, Result<JsValue>>) -> Promise {
    future_to_promise(async move { work.await.map_err(|error| to_js(&error)) })
}

/// A sequence number, which JavaScript holds as a number: exact up to 2^53.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked before"
)]
pub(crate) fn seq(after: f64) -> Result<Seq> {
    if after.fract() != 0.0 || !(0.0..9e15).contains(&after) {
        return Err(Error::invalid(format!(
            "`{after}` is not a sequence number"
        )));
    }
    Ok(Seq(after as u64))
}
