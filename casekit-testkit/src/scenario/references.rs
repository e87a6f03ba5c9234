//! References in inputs: to earlier answers, and to the clock.

use std::collections::BTreeMap;

use casekit_core::model::Time;
use chrono::{SecondsFormat, TimeDelta};
use serde_json::Value as Json;

/// What a text in an input can refer to.
#[derive(Debug, Default)]
pub(super) struct Saved(BTreeMap<String, Json>);

impl Saved {
    pub(super) fn save(&mut self, name: &str, answer: Json) {
        self.0.insert(name.to_owned(), answer);
    }

    /// `input` with what it refers to in place of each reference.
    pub(super) fn resolve(&self, input: &Json, now: Time) -> Result<Json, String> {
        Ok(match input {
            Json::String(text) => self.resolve_text(text, now)?,
            Json::Array(items) => {
                let items = items.iter().map(|item| self.resolve(item, now));
                Json::Array(items.collect::<Result<_, _>>()?)
            }
            Json::Object(members) => {
                let members = members
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), self.resolve(value, now)?)));
                Json::Object(members.collect::<Result<_, String>>()?)
            }
            plain => plain.clone(),
        })
    }

    fn resolve_text(&self, text: &str, now: Time) -> Result<Json, String> {
        if let Some(path) = text.strip_prefix('$') {
            return self.look_up(path);
        }
        if let Some(seconds) = text.strip_prefix("now") {
            let seconds = if seconds.is_empty() { "0" } else { seconds };
            if let Ok(seconds) = seconds.parse::<i64>() {
                let time = now + TimeDelta::seconds(seconds);
                return Ok(time.to_rfc3339_opts(SecondsFormat::Millis, true).into());
            }
        }
        Ok(Json::from(text))
    }

    /// What a path such as `page.cases.0.id` leads to.
    pub(super) fn look_up(&self, path: &str) -> Result<Json, String> {
        let mut steps = path.split('.');
        let first = steps.next().unwrap_or_default();
        let mut at = self
            .0
            .get(first)
            .ok_or_else(|| format!("nothing was saved as `{first}`"))?;
        for step in steps {
            let next = match at {
                Json::Array(items) => step.parse().ok().and_then(|n: usize| items.get(n)),
                other => other.get(step),
            };
            at = next.ok_or_else(|| format!("`{path}` leads nowhere: there is no `{step}`"))?;
        }
        Ok(at.clone())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_lead_to_answers_and_to_the_clock() {
        let mut saved = Saved::default();
        saved.save(
            "page",
            json!({"cases": [{"id": "a"}, {"id": "b"}], "next": null}),
        );
        let now = chrono::DateTime::from_timestamp_millis(60_000).expect("a time");
        let input = json!({
            "case": "$page.cases.1.id",
            "all": ["$page.next", "now", "now-60", "now+1", "nowhere", 5],
        });
        let wanted = json!({
            "case": "b",
            "all": [
                null,
                "1970-01-01T00:01:00.000Z",
                "1970-01-01T00:00:00.000Z",
                "1970-01-01T00:01:01.000Z",
                "nowhere",
                5,
            ],
        });
        assert_eq!(saved.resolve(&input, now), Ok(wanted));
        for wrong in ["$other", "$page.cases.2.id", "$page.cases.x", "$page.none"] {
            assert!(saved.resolve(&json!(wrong), now).is_err(), "{wrong}");
        }
    }
}
