//! The lines of a case of a log, which become its activities and its history.

use std::collections::BTreeSet;

use super::names::{Names, customer_name, given};
use super::{HeldCase, ImportLog, Imported, LogAction, LogLine, LoggedCase};
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{
    Activity, Author, Case, ExternalId, FieldTarget, Happening, Medium, Stored, Time, Turn, Unique,
    What, to_millisecond,
};
use crate::query::fold;
use crate::rules::given::New;
use crate::rules::{log, status};

/// The last place that a line can have: it is put behind the id of its case.
const MAX_PLACE: u32 = 99_999;

/// A line with its place among those of its case.
type Placed<'a> = (u32, &'a LogLine);

impl LoggedCase {
    /// Refuses places that are none, or that two lines have.
    pub(super) fn check_places(&self) -> Result<()> {
        let mut places = BTreeSet::new();
        for (place, _) in self.placed() {
            if !(1..=MAX_PLACE).contains(&place) {
                return Err(Error::invalid(format!(
                    "the place of a line is 1 to {MAX_PLACE}, not {place}"
                )));
            }
            if !places.insert(place) {
                let id = &self.id;
                return Err(Error::invalid(format!(
                    "case `{id}` has two lines at place {place}"
                )));
            }
        }
        Ok(())
    }

    fn placed(&self) -> impl Iterator<Item = Placed<'_>> {
        (1..)
            .zip(&self.lines)
            .map(|(nth, line)| (line.place.unwrap_or(nth), line))
    }
}

impl ImportLog {
    /// Imports what is new of a case.
    pub(super) async fn import(
        &self,
        cx: &mut Context,
        logged: &LoggedCase,
        known: Option<Case>,
        names: &Names,
        imported: &mut Imported,
    ) -> Result<HeldCase> {
        let mut lines: Vec<Placed<'_>> = logged.placed().collect();
        lines.sort_by_key(|(_, line)| line.at);
        let missing = match &known {
            None => lines,
            Some(_) => self.missing(cx, logged, lines).await?,
        };
        let before = known.clone();
        let mut case = match (known, missing.first()) {
            (Some(case), None) => return Ok(HeldCase::from(&case)),
            (Some(case), Some(_)) => case,
            (None, Some((_, first))) => {
                imported.cases += 1;
                self.new_imported_case(cx, logged, first.at, names)?
            }
            (None, None) => return Err(Error::bug("a case without lines was not refused")),
        };
        for (place, line) in missing {
            let id = self.line_id(logged, place);
            self.import_line(cx, &mut case, id, line, names)?;
            imported.activities += 1;
        }
        let (what, changes) = match before {
            None => (What::Opened, case.given()),
            Some(before) => {
                let changes = status::changes(&before, &case);
                cx.mark_decided(&mut case, &changes);
                (What::Changed, changes)
            }
        };
        cx.put(&mut case);
        cx.event(what, Some(case.id), case.key(), changes);
        Ok(HeldCase::from(&case))
    }

    /// The lines that were not imported before.
    async fn missing<'a>(
        &self,
        cx: &mut Context,
        logged: &LoggedCase,
        lines: Vec<Placed<'a>>,
    ) -> Result<Vec<Placed<'a>>> {
        let ids = lines.iter().map(|(place, _)| self.line_id(logged, *place));
        let keys = ids.map(|id| Unique::new("activity_external_id", id.joined()));
        let known = cx.by_uniques::<Activity>(keys.collect()).await?;
        let pairs = lines.into_iter().zip(known);
        Ok(pairs
            .filter(|(_, known)| known.is_none())
            .map(|(line, _)| line)
            .collect())
    }

    fn line_id(&self, logged: &LoggedCase, place: u32) -> ExternalId {
        self.external(&format!("{}#{place}", logged.id))
    }

    fn new_imported_case(
        &self,
        cx: &mut Context,
        logged: &LoggedCase,
        at: Time,
        names: &Names,
    ) -> Result<Case> {
        let customer = self.customer(names, customer_name(logged))?;
        let subject = Some(logged.subject.as_str()).filter(|subject| !subject.trim().is_empty());
        let mut case = cx.new_case(customer, subject.unwrap_or(&logged.id), Medium::Import)?;
        let at = to_millisecond(at);
        case.opened_at = at;
        case.updated_at = at;
        case.external_id = Some(self.external(&logged.id));
        case.custom = cx.default_values(FieldTarget::Case)?;
        case.product = names.product(logged).map(|product| product.id);
        // The log does not say what the customer asked, but somebody did.
        let (origin, turn, stage) = (Medium::Import, Turn::Staff, case.stage.clone());
        cx.history_by(
            &mut case,
            Happening::Opened {
                origin,
                turn,
                stage,
            },
            Author::System,
            at,
        );
        Ok(case)
    }

    fn import_line(
        &self,
        cx: &mut Context,
        case: &mut Case,
        id: ExternalId,
        line: &LogLine,
        names: &Names,
    ) -> Result<()> {
        let at = to_millisecond(line.at);
        let agent = self.agent(names, line);
        let author = agent.map_or(Author::System, |agent| Author::Agent {
            id: agent.id,
            name: agent.name.clone(),
        });
        let mut activity = cx.activity(case, Medium::Import, at);
        activity.subject.clone_from(&line.activity);
        if let Some(name) = given(line.customer.as_ref()) {
            activity.customer = self.customer(names, name)?.id;
        }
        activity.ended_at = Some(at);
        activity.agents.extend(agent.map(|agent| agent.id));
        activity.external_id = Some(id);
        cx.put(&mut activity);
        let action = self.meaning(&line.activity);
        let logged = Happening::Logged {
            activity: line.activity.clone(),
            turn: log::turn(action),
        };
        let mut entry = cx.history_by(case, logged, author.clone(), at);
        entry.activity = Some(activity.id);
        cx.put(&mut entry);
        let line = log::Line {
            activity: &line.activity,
            at,
            agent,
        };
        for happening in log::apply(case, cx.workspace()?, action, &line)? {
            cx.history_by(case, happening, author.clone(), at);
        }
        Ok(())
    }

    fn meaning(&self, activity: &str) -> LogAction {
        let name = fold(activity.trim());
        let set = self
            .meanings
            .iter()
            .find(|(key, _)| fold(key.trim()) == name);
        set.map_or_else(|| log::meaning(activity), |(_, action)| *action)
    }
}
