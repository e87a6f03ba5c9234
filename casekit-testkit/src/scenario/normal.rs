//! Answers without what differs from run to run: ids are numbered, times are relative to the start.

use std::collections::BTreeMap;

use casekit_core::model::Time;
use chrono::DateTime;
use serde_json::Value as Json;
use uuid::Uuid;

/// The length of an id in its usual form.
const ID: usize = 36;

/// Numbers ids in the order in which they are met.
#[derive(Debug)]
pub(super) struct Normal {
    start: Time,
    ids: BTreeMap<Uuid, usize>,
}

impl Normal {
    pub(super) fn new(start: Time) -> Self {
        Self {
            start,
            ids: BTreeMap::new(),
        }
    }

    /// Goes through lists in their order and through objects in the order of their names.
    pub(super) fn of(&mut self, json: &Json) -> Json {
        match json {
            Json::String(text) => Json::String(self.text(text)),
            Json::Array(items) => Json::Array(items.iter().map(|item| self.of(item)).collect()),
            Json::Object(members) => {
                let sorted: BTreeMap<&String, &Json> = members.iter().collect();
                let normal = sorted.into_iter().map(|(name, value)| {
                    // A cursor is opaque, and holds ids.
                    let value = match (name.as_str(), value) {
                        ("next", Json::String(_)) => Json::from("cursor"),
                        ("message", Json::String(text)) => Json::from(self.text(unplaced(text))),
                        (_, value) => self.of(value),
                    };
                    (name.clone(), value)
                });
                Json::Object(normal.collect())
            }
            plain => plain.clone(),
        }
    }

    fn text(&mut self, text: &str) -> String {
        if let Some(milliseconds) = self.time(text) {
            return format!("time:{milliseconds:+}");
        }
        let mut normal = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if let Some(id) = leading_id(rest) {
                let next = self.ids.len() + 1;
                let number = *self.ids.entry(id).or_insert(next);
                normal.push_str(&format!("id:{number}"));
                rest = rest.get(ID..).unwrap_or_default();
            } else {
                normal.push(first);
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
            }
        }
        normal
    }

    /// The milliseconds since the start, if the whole text is a time.
    fn time(&self, text: &str) -> Option<i64> {
        let looks_so = text.len() >= 20 && text.ends_with('Z') && text.get(10..11) == Some("T");
        let time = looks_so.then(|| DateTime::parse_from_rfc3339(text).ok())??;
        Some((time.to_utc() - self.start).num_milliseconds())
    }
}

/// A message without the place in the input: it depends on how the host writes JSON.
fn unplaced(text: &str) -> &str {
    text.split_once(" at line ").map_or(text, |(text, _)| text)
}

fn leading_id(text: &str) -> Option<Uuid> {
    let candidate = text.get(..ID)?;
    // Only the form with hyphens: other forms could be part of something else.
    let hyphens = [8, 13, 18, 23];
    let at_hyphens = candidate
        .bytes()
        .enumerate()
        .all(|(at, byte)| (byte == b'-') == hyphens.contains(&at));
    at_hyphens.then(|| Uuid::parse_str(candidate).ok())?
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_numbered_and_times_relative() {
        let start = DateTime::from_timestamp_millis(0).expect("a time");
        let mut normal = Normal::new(start);
        let (a, b) = (Uuid::from_u128(7), Uuid::from_u128(5));
        let json = json!({
            "z": a.to_string(),
            "a": [b.to_string(), format!("case `{a}` and `{b}`"), "2026-01-05", "Ærø: x-y"],
            "m": ["1970-01-01T00:01:00Z", "1969-12-31T23:59:59.999Z"],
            "next": "abc",
            "last": {"next": null},
            "message": "missing field `x` at line 1 column 2",
        });
        let wanted = json!({
            "a": ["id:1", "case `id:2` and `id:1`", "2026-01-05", "Ærø: x-y"],
            "last": {"next": null},
            "m": ["time:+60000", "time:-1"],
            "message": "missing field `x`",
            "next": "cursor",
            "z": "id:2",
        });
        assert_eq!(normal.of(&json), wanted);
    }
}
