//! The desk as JavaScript sees it.

use std::sync::Arc;

use casekit_core::model::{Actor, Seq, WorkspaceId};
use casekit_core::port::{Clock, Store, SystemClock};
use casekit_core::{BoxFuture, Error, Result, json};
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::future_to_promise;

use crate::error::to_js;
use crate::memory::JsMemoryStore;
use crate::options::DeskOptions;
use crate::store::{HostStore, JsStore};

/// A help desk. Several can live in one page.
#[wasm_bindgen(js_name = Desk)]
#[derive(Debug)]
pub struct JsDesk {
    desk: casekit_core::Desk,
}

// Every method takes `&self` and clones what it needs: nothing is borrowed while a promise is
// pending, so calls can overlap.
#[wasm_bindgen(js_class = Desk)]
impl JsDesk {
    /// A desk on a store in memory.
    #[wasm_bindgen(js_name = inMemory)]
    pub fn in_memory(store: &JsMemoryStore, options: Option<DeskOptions>) -> Result<Self, JsValue> {
        build(store.inner(), options)
    }

    /// A desk on a store written in JavaScript.
    pub fn on(store: HostStore, options: Option<DeskOptions>) -> Result<Self, JsValue> {
        build(Arc::new(JsStore(store)), options)
    }

    /// Creates or upgrades the store's schema.
    #[wasm_bindgen(unchecked_return_type = "Promise<void>")]
    pub fn migrate(&self) -> Promise {
        let desk = self.desk.clone();
        promise(async move { desk.migrate().await.map(|()| JsValue::UNDEFINED) })
    }

    /// Runs an operation by name, with JSON in and out. `actor` is `{"type":"agent","id":…}`,
    /// `{"type":"customer","id":…}` or `{"type":"system"}`, as JSON.
    #[wasm_bindgen(unchecked_return_type = "Promise<string>")]
    pub fn call(&self, workspace: String, actor: String, name: String, input: String) -> Promise {
        let desk = self.desk.clone();
        promise(async move {
            let workspace: WorkspaceId = workspace.parse()?;
            let actor: Actor = json::read(actor.as_bytes())?;
            let session = desk.session(workspace, actor);
            let answer = session.call(&name, input.as_bytes()).await?;
            let answer = String::from_utf8(answer)
                .map_err(|error| Error::bug("an answer is no text").with_source(error))?;
            Ok(JsValue::from_str(&answer))
        })
    }

    /// The next event of a workspace after a sequence number, as JSON; waits until there is one.
    #[wasm_bindgen(js_name = nextEvent, unchecked_return_type = "Promise<string>")]
    pub fn next_event(&self, workspace: String, after: f64) -> Promise {
        let desk = self.desk.clone();
        promise(async move {
            let workspace: WorkspaceId = workspace.parse()?;
            let event = desk.subscribe(workspace, seq(after)?).next().await?;
            Ok(JsValue::from_str(&serde_json::to_string(&event)?))
        })
    }

    /// A new id, such as for a workspace.
    #[wasm_bindgen(js_name = newId)]
    pub fn new_id(&self) -> String {
        self.desk.new_id().to_string()
    }
}

fn build(store: Arc<dyn Store>, options: Option<DeskOptions>) -> Result<JsDesk, JsValue> {
    let mut builder = casekit_core::Desk::builder_on(store);
    if let Some(options) = options {
        let mut now = SystemClock.now();
        if let Some(clock) = options.clock().map_err(|error| to_js(&error))? {
            now = clock.now();
            builder = builder.clock(clock);
        }
        if let Some(ids) = options.ids(now).map_err(|error| to_js(&error))? {
            builder = builder.ids(ids);
        }
    }
    let desk = builder.build();
    Ok(JsDesk { desk })
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
