//! What queries mean, for stores in JavaScript that can do no better than to look at everything.

#![expect(unreachable_pub, reason = "what wasm-bindgen exports must be public")]

use casekit_core::model::Entity;
use casekit_core::query::{Query, eval, eval_aggregate};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::json::{answer, read, write};

/// The page that a query finds among `records`: all of the workspace, of every kind. All are JSON.
#[wasm_bindgen(js_name = evalQuery)]
pub fn eval_query(query: &str, records: &str) -> Result<String, JsValue> {
    answer(|| {
        let query: Query = read(query)?;
        let records: Vec<Entity> = read(records)?;
        write(&eval(&query, records.iter())?)
    })
}

/// The rows that an aggregate gives of `records`. All are JSON.
#[wasm_bindgen(js_name = evalAggregate)]
pub fn eval_aggregate_of(aggregate: &str, records: &str) -> Result<String, JsValue> {
    answer(|| {
        let aggregate = read(aggregate)?;
        let records: Vec<Entity> = read(records)?;
        write(&eval_aggregate(&aggregate, records.iter())?)
    })
}
