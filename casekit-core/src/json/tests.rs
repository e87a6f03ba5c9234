//! A tree of nodes reads as the text does.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::read_by_nodes;
use crate::model::{Body, CustomerId, FieldValue, Happening, Key, Time};
use crate::operations::{BulkCases, FindCases, OpenCase, PatchCase, ReceiveMessage};
use crate::query::Query;

/// What is read by nodes, or what is said of the mistake, and the same of the text.
fn both<T: DeserializeOwned + Debug>(json: &str) -> [Result<String, String>; 2] {
    let nodes = read_by_nodes::<T>(json.as_bytes());
    let text = serde_json::from_str::<T>(json);
    [nodes, text].map(|read| {
        read.map(|value| format!("{value:?}")).map_err(|error| {
            let told = error.to_string();
            let told = told
                .split_once(" at line ")
                .map_or(&*told, |(told, _)| told);
            told.to_owned()
        })
    })
}

fn same<T: DeserializeOwned + Debug>(jsons: &[&str]) {
    for json in jsons {
        let [nodes, text] = both::<T>(json);
        assert_eq!(nodes, text, "{json}");
    }
}

const ID: &str = "01900000-0000-7000-8000-000000000001";

#[test]
fn values() {
    same::<bool>(&["true", "null", "1", "\"true\""]);
    same::<u32>(&[
        "0",
        "7",
        "4294967296",
        "-1",
        "1.5",
        "1e3",
        "\"7\"",
        "null",
        "[]",
        "{}",
    ]);
    same::<i64>(&[
        "-9223372036854775808",
        "9223372036854775808",
        "1",
        "0.5",
        "true",
    ]);
    same::<f64>(&[
        "0.1",
        "-0.0",
        "-0",
        "1",
        "-7",
        "1e300",
        "18446744073709551615",
        "\"1\"",
    ]);
    same::<String>(&["\"\"", "\"\\u00e9\\n\"", "7", "null", "[\"a\"]"]);
    same::<Option<u64>>(&["null", "1", "\"1\""]);
    same::<()>(&["null", "1"]);
    same::<(u64, String)>(&["[1, \"a\"]", "[1]", "[1, \"a\", 2]", "{}", "[\"a\", 1]"]);
    same::<Time>(&["\"2026-11-21T10:00:00Z\"", "\"yesterday\"", "7"]);
    same::<BTreeMap<CustomerId, FieldValue>>(&[
        &format!(r#"{{"{ID}": [1]}}"#),
        &format!(r#"{{"{ID}": ["a"]}}"#),
        r#"{"nobody": "a"}"#,
        "[]",
    ]);
    same::<Json>(&[r#"{"b": [1, -2, 0.5, null, true, "x", {}], "a": {"a": 1, "a": 2}}"#]);
}

#[test]
fn what_is_no_json() {
    same::<Json>(&["", "{", "[1,]", "{\"a\":1}x", "nul", "\"\\q\"", "01"]);
    let deep = "[".repeat(200);
    same::<Json>(&[&deep]);
}

#[test]
fn operations() {
    same::<OpenCase>(&[
        r#"{"customer": {"email": "carla@example.com"}, "subject": "My printer", "tags": ["a", "b"]}"#,
        &format!(r#"{{"customer": "{ID}", "subject": "x", "custom": {{"age": 7, "vip": true}}}}"#),
        "{}",
        "7",
        "null",
        r#"{"customer": "Carla", "subject": "x"}"#,
        r#"{"customer": {"emial": "x"}, "subject": "x"}"#,
        r#"{"subject": 7, "customer": 7}"#,
        r#"{"subject": "x", "subject": "y"}"#,
        r#"{"subject": "x", "priority": "wild"}"#,
        r#"{"subject": "x", "priority": {"high": null}}"#,
        r#"{"subject": "x", "priority": {}}"#,
        r#"{"subject": "x", "priority": 7}"#,
    ]);
    same::<FindCases>(&[
        r#"{"filter": {"all": [{"status": ["active"]}, {"exclude": {"tag": "a"}}]}, "limit": 5}"#,
        r#"{"filter": "status"}"#,
        r#"{"filter": {"tag": "a", "status": []}}"#,
        r#"{"filter": {"tag": 7}}"#,
        r#"{"filter": {"colour": "red"}}"#,
        r#"{"limit": "many"}"#,
        r#"{"after": "garbage"}"#,
    ]);
    same::<PatchCase>(&[
        r#"{"case": 1, "product": null}"#,
        r#"{"case": 1, "subject": "x"}"#,
        r#"{"case": 1, "version": -1}"#,
    ]);
    same::<BulkCases>(&[
        r#"{"cases": [1, 2], "action": {"type": "close", "reason": "done"}}"#,
        r#"{"cases": [], "action": "close"}"#,
        r#"{"cases": [], "action": {"type": "close", "reasons": "done"}}"#,
        r#"{"cases": [], "action": {"type": "dance"}}"#,
        r#"{"cases": [], "action": {}}"#,
    ]);
    same::<ReceiveMessage>(&[
        r#"{"case": 1, "message": {"text": "hi"}, "by": {"type": "customer"}}"#,
        r#"{"case": 1, "message": {"text": 1}}"#,
        r#"{"case": 1, "message": {"text": "hi"}, "by": "customer"}"#,
    ]);
}

#[test]
fn what_is_stored() {
    same::<Body>(&[
        r#"{"type": "note", "text": "x"}"#,
        r#"{"type": "message", "text": "x"}"#,
        r#"{"text": "x"}"#,
    ]);
    same::<Happening>(&[
        r#"{"what": "taken"}"#,
        r#"{"what": "reopened", "stage": "open"}"#,
        r#"{"what": "reopened"}"#,
    ]);
    same::<Key>(&[&format!(
        r#"{{"workspace": "{ID}", "kind": "case", "id": "{ID}", "more": 1}}"#
    )]);
    same::<Query>(&[&format!(
        r#"{{"workspace": "{ID}", "kind": "case", "filter": {{"all": []}}, "text": null,
            "sort": {{"by": "id", "direction": "ascending"}}, "after": null, "limit": 5}}"#
    )]);
}

#[test]
fn a_list_is_no_object() {
    let error = read_by_nodes::<FindCases>(b"[]").unwrap_err();
    assert!(error.to_string().starts_with("invalid type: sequence"));
}
