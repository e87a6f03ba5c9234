//! Scenarios: what people do at a help desk, in JSON, so that every host runs the same files.
//!
//! The format is described in the README of this crate. A run gives a transcript, in which ids are
//! numbered and times are relative, and which is compared with the one beside the scenario.

mod normal;
mod references;
mod run;

use std::sync::Arc;

use casekit_core::ErrorKind;
use casekit_core::model::Time;
use casekit_core::port::Store;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

pub use run::run_scenario;

/// What people do, step by step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, for people.
    pub about: String,
    /// What the clock shows at the beginning.
    pub start: Time,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// One operation that somebody runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// How far the clock goes on before.
    #[serde(default)]
    pub advance_seconds: i64,
    /// Who acts.
    #[serde(rename = "as")]
    pub actor: Performer,
    /// The name of the operation.
    pub run: String,
    /// Its input, which may refer to earlier answers and to the clock.
    #[serde(default = "empty")]
    pub input: Json,
    /// The name by which later steps refer to the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub save: Option<String>,
    /// The kind of error that it must end with; without one, it must succeed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorKind>,
}

fn empty() -> Json {
    Json::Object(serde_json::Map::new())
}

/// Who acts in a step: in JSON `"system"`, `{"agent": "$anna.id"}` or `{"customer": "$carla.id"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Performer {
    /// The host's own programs.
    System,
    /// The agent with this id.
    Agent(String),
    /// The customer with this id.
    Customer(String),
}

/// What came of a scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transcript {
    /// The answer to each step.
    pub steps: Vec<Told>,
}

impl Transcript {
    /// The transcript as it is written to a file: the same bytes from every host.
    pub fn text(&self) -> String {
        pretty(self) + "\n"
    }
}

/// What came of a step: in JSON `{"run": …, "answer": …}` or `{"run": …, "error": …}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// The operation.
    pub run: String,
    /// What it gave.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What an operation gave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its answer.
    Answer(Json),
    /// Its error: kind, message, details, and whether trying again can help.
    Error(Json),
}

/// Why a scenario could not be run to its end, or ended in another way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("scenario `{scenario}`, {place}: {what}")]
pub struct ScenarioFailure {
    /// The name of the scenario.
    pub scenario: String,
    /// The step, counted from 1, or the file.
    pub place: String,
    /// What is wrong.
    pub what: String,
}

/// A scenario of this crate, with its transcript.
#[derive(Debug, Clone, Copy)]
pub struct ScenarioFile {
    /// The name of the file, without its ending.
    pub name: &'static str,
    /// The scenario, JSON.
    pub scenario: &'static str,
    /// The transcript that every host must give, JSON.
    pub expected: &'static str,
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(ScenarioFile {
            name: $name,
            scenario: include_str!(concat!("../../scenarios/", $name, ".json")),
            expected: include_str!(concat!("../../scenarios/", $name, ".expected.json")),
        }),*]
    };
}

const FILES: &[ScenarioFile] = files![
    "first_contact_to_closed",
    "two_agents_collide",
    "portal",
    "merge_and_undo",
    "search",
    "errors",
];

/// The scenarios of this crate.
pub fn scenarios() -> &'static [ScenarioFile] {
    FILES
}

impl ScenarioFile {
    /// Runs the scenario on an empty, migrated store and gives its transcript.
    pub async fn transcript(&self, store: Arc<dyn Store>) -> Result<Transcript, ScenarioFailure> {
        let scenario: Scenario = serde_json::from_str(self.scenario)
            .map_err(|error| self.failure("the file", error.to_string()))?;
        run_scenario(self.name, &scenario, store).await
    }

    /// Runs the scenario on an empty, migrated store and compares its transcript with the expected one,
    /// byte for byte.
    pub async fn check(&self, store: Arc<dyn Store>) -> Result<(), ScenarioFailure> {
        let got = self.transcript(store).await?;
        if got.text() == self.expected {
            return Ok(());
        }
        let wanted: Transcript = serde_json::from_str(self.expected)
            .map_err(|error| self.failure("the expected transcript", error.to_string()))?;
        let mut pairs = got.steps.iter().zip(&wanted.steps).enumerate();
        let Some((at, (got, wanted))) = pairs.find(|(_, (got, wanted))| got != wanted) else {
            let (got, wanted) = (got.steps.len(), wanted.steps.len());
            let what = format!("{got} steps instead of {wanted}, or written in another way");
            return Err(self.failure("the end", what));
        };
        let what = format!("got {}\nwanted {}", pretty(got), pretty(wanted));
        Err(self.failure(&format!("step {}", at + 1), what))
    }

    fn failure(&self, place: &str, what: String) -> ScenarioFailure {
        ScenarioFailure {
            scenario: self.name.to_owned(),
            place: place.to_owned(),
            what,
        }
    }
}

fn pretty(json: &impl Serialize) -> String {
    // What is made of values of JSON always has a JSON form.
    serde_json::to_string_pretty(json).unwrap_or_default()
}
