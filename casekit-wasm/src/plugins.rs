//! What a host can set: the clock, the ids and the policy.
//!
//! Clock and ids cannot fail by their ports. When a function of the host does, the call goes on with the machine's
//! own and asks the host no more; its commits are refused, and so is its answer, with what the function threw.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use casekit_core::model::Time;
use casekit_core::port::{Clock, Guarded, Ids, Store, SystemClock, SystemIds};
use casekit_core::{Desk, Error, Result};
use chrono::DateTime;
use js_sys::Function;
use uuid::Uuid;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::from_plugin;
use crate::policy::{HostPolicy, JsPolicy};

#[wasm_bindgen]
extern "C" {
    /// What a desk can be given: `DeskOptions` of the package's types.
    #[derive(Debug, Clone)]
    pub type Options;

    #[wasm_bindgen(method, getter, structural)]
    fn now(this: &Options) -> Option<Function>;

    #[wasm_bindgen(method, getter, structural, js_name = newId)]
    fn new_id(this: &Options) -> Option<Function>;

    #[wasm_bindgen(method, getter, structural)]
    fn policy(this: &Options) -> Option<HostPolicy>;
}

/// The plugins of a desk.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plugins {
    now: Option<Function>,
    new_id: Option<Function>,
    policy: Option<HostPolicy>,
}

/// What a plugin threw during one call, if any did.
#[derive(Debug, Clone, Default)]
pub(crate) struct Failure(Rc<RefCell<Option<Error>>>);

impl Failure {
    /// What a function of the host gives, or what stands in for it once one has failed.
    pub(crate) fn unless_failed<T>(
        &self,
        ask: impl FnOnce() -> Result<T>,
        stand_in: impl FnOnce() -> T,
    ) -> T {
        let given = self.refuse().and_then(|()| ask());
        given.unwrap_or_else(|error| {
            // The first failure: the others may follow from it.
            self.0.borrow_mut().get_or_insert(error);
            stand_in()
        })
    }

    /// Refuses to go on after a failure, with an error that nobody tries again, whatever the plugin's own is.
    pub(crate) fn refuse(&self) -> Result<()> {
        match *self.0.borrow() {
            Some(_) => Err(Error::bug("a plugin of the host has failed")),
            None => Ok(()),
        }
    }

    /// Ends the call: with the plugin's own error, if there is one.
    pub(crate) fn check(&self) -> Result<()> {
        self.0.borrow_mut().take().map_or(Ok(()), Err)
    }
}

impl Plugins {
    /// Those of the options. Each is tried once: what does not work is told when it is given.
    pub(crate) fn of(options: Option<&Options>) -> Result<Self> {
        let Some(options) = options else {
            return Ok(Self::default());
        };
        let plugins = Self {
            now: options.now(),
            new_id: options.new_id(),
            policy: options.policy(),
        };
        let mut now = SystemClock.now();
        if let Some(function) = &plugins.now {
            let read = read_time(function);
            now = read.map_err(|error| wrong("`now` must give milliseconds since 1970", error))?;
        }
        if let Some(function) = &plugins.new_id {
            // At the time of the desk's clock: after a later one the ids would go on from there.
            let read = read_id(function, now);
            read.map_err(|error| wrong("`newId` must give a UUID as text", error))?;
        }
        Ok(plugins)
    }

    /// A desk for one call, and where its plugins say that they failed.
    pub(crate) fn desk(&self, store: &Arc<dyn Store>) -> (Desk, Failure) {
        let failure = Failure::default();
        if self.now.is_none() && self.new_id.is_none() && self.policy.is_none() {
            return (Desk::builder_on(Arc::clone(store)).build(), failure);
        }
        let guard = failure.clone();
        let guarded = Guarded::new(Arc::clone(store), move || guard.refuse());
        let mut builder = Desk::builder(guarded);
        if let Some(function) = self.now.clone() {
            builder = builder.clock(HostClock(function, failure.clone()));
        }
        if let Some(function) = self.new_id.clone() {
            builder = builder.ids(HostIds(function, failure.clone()));
        }
        if let Some(policy) = self.policy.clone() {
            builder = builder.policy(JsPolicy::new(policy, failure.clone()));
        }
        (builder.build(), failure)
    }
}

fn wrong(message: &'static str, error: Error) -> Error {
    Error::invalid(message).with_source(error)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "milliseconds are whole, and a time out of range is refused by the next step"
)]
fn read_time(now: &Function) -> Result<Time> {
    let given = now.call0(&JsValue::UNDEFINED);
    let given = given.map_err(|thrown| from_plugin(&thrown, "the host's clock failed"))?;
    let time = given.as_f64().filter(|number| number.is_finite());
    time.and_then(|milliseconds| DateTime::from_timestamp_millis(milliseconds as i64))
        .ok_or_else(|| Error::bug("the host's clock gave no milliseconds since 1970"))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds of any year to come are exact in a number of JavaScript"
)]
fn read_id(new_id: &Function, now: Time) -> Result<Uuid> {
    let now = JsValue::from_f64(now.timestamp_millis() as f64);
    let given = new_id.call1(&JsValue::UNDEFINED, &now);
    let given = given.map_err(|thrown| from_plugin(&thrown, "the host's ids failed"))?;
    let id = given.as_string().and_then(|id| Uuid::parse_str(&id).ok());
    id.ok_or_else(|| Error::bug("the host's ids gave no UUID as text"))
}

/// A clock of the host.
#[derive(Debug)]
struct HostClock(Function, Failure);

impl Clock for HostClock {
    fn now(&self) -> Time {
        let Self(function, failure) = self;
        failure.unless_failed(|| read_time(function), || SystemClock.now())
    }
}

/// Ids from the host.
#[derive(Debug)]
struct HostIds(Function, Failure);

impl Ids for HostIds {
    fn next(&self, now: Time) -> Uuid {
        let Self(function, failure) = self;
        failure.unless_failed(|| read_id(function, now), || SystemIds.next(now))
    }
}
