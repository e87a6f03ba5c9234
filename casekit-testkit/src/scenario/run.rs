//! Running a scenario on a desk.

use std::sync::Arc;

use casekit_core::model::{Actor, WorkspaceId};
use casekit_core::port::{Clock, Store};
use casekit_core::{Desk, Error, ErrorKind, WireError};
use chrono::TimeDelta;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::normal::Normal;
use super::references::Saved;
use super::{Outcome, Performer, Scenario, ScenarioFailure, Step, Told, Transcript};
use crate::{ManualClock, SeededIds};

/// Runs a scenario, called `name` in messages, in a new workspace of a migrated store.
pub async fn run_scenario(
    name: &str,
    scenario: &Scenario,
    store: Arc<dyn Store>,
) -> Result<Transcript, ScenarioFailure> {
    let clock = ManualClock::at(scenario.start);
    let builder = Desk::builder_on(store).clock(clock.clone());
    let desk = builder.ids(SeededIds::new(1)).build();
    let mut runner = Runner {
        workspace: WorkspaceId(desk.new_id()),
        desk,
        clock,
        saved: Saved::default(),
        normal: Normal::new(scenario.start),
    };
    let mut steps = Vec::new();
    for (at, step) in scenario.steps.iter().enumerate() {
        let told = runner.step(step).await.map_err(|what| ScenarioFailure {
            scenario: name.to_owned(),
            place: format!("step {} (`{}`)", at + 1, step.run),
            what,
        })?;
        steps.push(told);
    }
    Ok(Transcript { steps })
}

struct Runner {
    desk: Desk,
    workspace: WorkspaceId,
    clock: ManualClock,
    saved: Saved,
    normal: Normal,
}

impl Runner {
    async fn step(&mut self, step: &Step) -> Result<Told, String> {
        self.clock.advance(TimeDelta::seconds(step.advance_seconds));
        let input = self.saved.resolve(&step.input, self.clock.now())?;
        let session = self.desk.session(self.workspace, self.actor(&step.actor)?);
        let answer = session.call(&step.run, input.to_string().as_bytes()).await;
        let run = step.run.clone();
        match (answer, step.error) {
            (Ok(answer), None) => {
                let answer: Json =
                    serde_json::from_slice(&answer).map_err(|error| error.to_string())?;
                let told = self.normal.of(&answer);
                if let Some(name) = &step.save {
                    self.saved.save(name, answer);
                }
                let outcome = Outcome::Answer(told);
                Ok(Told { run, outcome })
            }
            (Err(error), Some(kind)) if error.kind() == kind => {
                let outcome = Outcome::Error(self.told_error(&error));
                Ok(Told { run, outcome })
            }
            (Ok(answer), Some(kind)) => Err(format!(
                "it should have failed as {kind:?}, but gave {}",
                String::from_utf8_lossy(&answer)
            )),
            (Err(error), wanted) => Err(failed(&error, wanted)),
        }
    }

    /// All four members, also where there are no details: hosts have a property for each.
    fn told_error(&mut self, error: &Error) -> Json {
        let WireError {
            kind,
            message,
            details,
            retryable,
        } = error.to_wire();
        self.normal.of(&json!({
            "kind": kind,
            "message": message,
            "details": details,
            "retryable": retryable,
        }))
    }

    fn actor(&self, performer: &Performer) -> Result<Actor, String> {
        let id = |reference: &str| {
            let path = reference.strip_prefix('$').unwrap_or(reference);
            let found = self.saved.look_up(path)?;
            let id = found.as_str().and_then(|id| Uuid::parse_str(id).ok());
            id.ok_or_else(|| format!("`{reference}` is not an id"))
        };
        Ok(match performer {
            Performer::System => Actor::System,
            Performer::Agent(reference) => Actor::Agent(id(reference)?.into()),
            Performer::Customer(reference) => Actor::Customer(id(reference)?.into()),
        })
    }
}

fn failed(error: &Error, wanted: Option<ErrorKind>) -> String {
    let kind = error.kind();
    match wanted {
        Some(wanted) => format!("it failed as {kind:?} and not as {wanted:?}: {error}"),
        None => format!("it failed as {kind:?}: {error}"),
    }
}
