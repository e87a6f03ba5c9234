//! A policy written in JavaScript.

use std::fmt;

use casekit_core::model::{Actor, Agent, Case, Customer};
use casekit_core::port::{Access, Policy, Request};
use casekit_core::query::Filter;
use casekit_core::{Error, Result};
use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::{from_plugin, value_to_js};
use crate::json;
use crate::plugins::Failure;

#[wasm_bindgen]
extern "C" {
    /// `Policy` of the package's types.
    #[derive(Debug, Clone)]
    pub type HostPolicy;

    #[wasm_bindgen(method, structural, catch)]
    fn decide(this: &HostPolicy, request: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch)]
    fn cases(this: &HostPolicy, request: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(method, structural, catch)]
    fn customers(this: &HostPolicy, request: &JsValue) -> Result<JsValue, JsValue>;
}

/// How what a policy throws is told.
const FAILED: &str = "the host's policy failed";

/// Makes the port of a policy written in JavaScript.
pub(crate) struct JsPolicy {
    policy: HostPolicy,
    failure: Failure,
}

/// A request as JavaScript sees it.
#[derive(Serialize)]
struct Asked<'a> {
    actor: Actor,
    agent: Option<&'a Agent>,
    operation: &'a str,
    access: &'static str,
    case: Option<&'a Case>,
    customer: Option<&'a Customer>,
}

impl JsPolicy {
    pub(crate) fn new(policy: HostPolicy, failure: Failure) -> Self {
        Self { policy, failure }
    }

    /// The filter that the host gives as JSON. What cannot be read lets nothing through.
    fn filter(&self, ask: impl FnOnce() -> Result<JsValue, JsValue>) -> Filter {
        let read = || {
            let filter = ask().map_err(|thrown| from_plugin(&thrown, FAILED))?;
            match filter.as_string() {
                Some(filter) => json::read(&filter),
                None => Err(Error::bug("the host's policy gave no filter as JSON")),
            }
        };
        let nothing = || Filter::Any(Vec::new());
        self.failure.unless_failed(read, nothing)
    }
}

impl fmt::Debug for JsPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JsPolicy")
    }
}

impl Policy for JsPolicy {
    fn decide(&self, request: &Request<'_>) -> Result<()> {
        self.failure.refuse()?;
        let decided = self.policy.decide(&asked(request));
        let decided = decided.map_err(|thrown| from_plugin(&thrown, FAILED))?;
        // A promise that is not awaited, or a `false`, would allow what was meant to be refused.
        match decided.is_undefined() {
            true => Ok(()),
            false => Err(Error::bug(
                "the host's policy gave a value: it must decide at once, and allows by returning nothing, \
                 refuses by throwing",
            )),
        }
    }

    fn cases(&self, request: &Request<'_>) -> Filter {
        self.filter(|| self.policy.cases(&asked(request)))
    }

    fn customers(&self, request: &Request<'_>) -> Filter {
        self.filter(|| self.policy.customers(&asked(request)))
    }
}

fn asked(request: &Request<'_>) -> JsValue {
    let Request {
        actor,
        agent,
        operation,
        access,
        case,
        customer,
    } = *request;
    value_to_js(&Asked {
        actor,
        agent,
        operation,
        access: match access {
            Access::Read => "read",
            Access::Work => "work",
            Access::Supervise => "supervise",
            Access::Administer => "administer",
        },
        case,
        customer,
    })
}
