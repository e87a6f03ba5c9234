//! How operations write down what happened to a case: the record, the event, the line in the thread.

use std::collections::BTreeSet;

use crate::desk::Context;
use crate::error::Result;
use crate::model::{
    Activity, AgentId, Author, Body, Case, CaseName, Edited, Entry, FieldChange, Happening, Medium,
    Stored, Time, Turn, Version, Visibility, What,
};
use crate::rules::attention;
use crate::rules::edit::UNREAD;
use crate::rules::given::New;

/// The fields on which operations decide that are no edit by field.
const DECIDED: &[&str] = &["stage", "assignee", "tags"];

impl Context {
    /// Writes `case`, what happened to it, and the line in its thread.
    pub(crate) fn happened(
        &mut self,
        case: &mut Case,
        what: What,
        happening: Happening,
        changes: Vec<FieldChange>,
    ) -> Entry {
        let entry = self.history(case, happening, self.now());
        self.changed(case, what, changes);
        entry
    }

    /// Writes `case` and what happened to it. Who decides on a field that is among the changes is refused if
    /// they saw an earlier version.
    pub(crate) fn changed(&mut self, case: &mut Case, what: What, changes: Vec<FieldChange>) {
        // What was taken away and is given again is given by hand.
        let Case {
            gained,
            tags,
            operators,
            ..
        } = &mut *case;
        gained.tags.retain(|tag| tags.contains(tag));
        gained
            .operators
            .retain(|operator| operators.contains(operator));
        case.updated_at = case.updated_at.max(self.now());
        self.mark_decided(case, &changes);
        self.put(case);
        self.event(what, Some(case.id), case.key(), changes);
        if matches!(what, What::Opened | What::Closed | What::Reopened) {
            self.tell(case.customer);
        }
    }

    /// Remembers at which version fields were decided on that are among the changes.
    pub(crate) fn mark_decided(&mut self, case: &mut Case, changes: &[FieldChange]) {
        let named = changes.iter().map(|change| change.field.as_str());
        for field in named.filter(|field| DECIDED.contains(field)) {
            self.mark(case, field);
        }
    }

    /// Stages a line of history in the thread of `case`.
    pub(crate) fn history(&mut self, case: &mut Case, happening: Happening, at: Time) -> Entry {
        let author = self.author();
        self.history_by(case, happening, author, at)
    }

    /// Stages a line of history by somebody else than the one who acts.
    pub(crate) fn history_by(
        &mut self,
        case: &mut Case,
        happening: Happening,
        author: Author,
        at: Time,
    ) -> Entry {
        let mut entry = self.new_entry(case, Body::Happening(happening), author, at);
        self.attend(case, &mut entry);
        self.put(&mut entry);
        entry
    }

    /// An entry for the thread of `case`, not staged yet.
    pub(crate) fn new_entry(&self, case: &Case, body: Body, author: Author, at: Time) -> Entry {
        let visibility = match &body {
            Body::Message(_) | Body::Call(_) => Visibility::Public,
            Body::Note(_) | Body::Comment(_) | Body::Redacted { .. } => Visibility::Internal,
            Body::Happening(happening) => happening.visibility(),
        };
        Entry {
            id: self.new_id(),
            workspace: self.workspace_id(),
            version: Version(0),
            case: case.id,
            was_in: Vec::new(),
            activity: None,
            at,
            author,
            visibility,
            body,
            ended_wait: None,
            edited: Edited::default(),
            correction: None,
        }
    }

    /// Stages an entry of `case`, and the case with the attention that follows from it.
    pub(crate) fn add_entry(&mut self, case: &mut Case, entry: &mut Entry) {
        self.attend(case, entry);
        self.put(entry);
        case.updated_at = case.updated_at.max(self.now());
        self.put(case);
        self.event(What::EntryAdded, Some(case.id), entry.key(), entry.given());
        if entry.visibility == Visibility::Public {
            self.tell(case.customer);
        }
    }

    /// Takes up an entry in who waits for whom.
    pub(crate) fn attend(&self, case: &mut Case, entry: &mut Entry) {
        attention::step(&mut case.attention, entry);
        if attention::turn(entry) == Turn::Staff {
            self.mark(case, UNREAD);
        }
    }

    /// Remembers that `field` of `case` is another with the version to come: who saw an earlier one does not
    /// know it.
    pub(crate) fn mark(&self, case: &mut Case, field: &str) {
        let version = self.version_to_come(&case.key());
        // Nobody saw a new case before.
        if version > Version(1) {
            case.edited.0.insert(field.to_owned(), version);
        }
    }

    /// The activity that messages of `medium` in `case` belong to; begins one if there is none. The agent, if
    /// one is given, takes part in it.
    pub(crate) async fn exchange(
        &mut self,
        case: &mut Case,
        medium: Medium,
        agent: Option<AgentId>,
    ) -> Result<Activity> {
        if let Some(id) = case.exchanges.get(&medium)
            && let Some(mut activity) = self.find_one::<Activity>(*id).await?
            && activity.case == case.id
        {
            self.take_part(&mut activity, agent);
            return Ok(activity);
        }
        let mut activity = self.activity(case, medium, self.now());
        activity.agents.extend(agent);
        self.record_activity(&mut activity);
        case.exchanges.insert(medium, activity.id);
        Ok(activity)
    }

    /// Stages a new activity.
    pub(crate) fn record_activity(&mut self, activity: &mut Activity) {
        self.put(activity);
        let (case, about) = (Some(activity.case), activity.key());
        self.event(What::ActivityRecorded, case, about, activity.given());
    }

    /// A new activity of `case`, not staged yet.
    pub(crate) fn activity(&self, case: &Case, medium: Medium, at: Time) -> Activity {
        Activity {
            id: self.new_id(),
            workspace: self.workspace_id(),
            version: Version(0),
            case: case.id,
            customer: case.customer,
            medium,
            subject: case.subject.clone(),
            started_at: at,
            ended_at: None,
            tags: BTreeSet::new(),
            agents: BTreeSet::new(),
            others: BTreeSet::new(),
            external_id: None,
            edited: Edited::default(),
        }
    }

    /// Stages that `agent` takes part in `activity`, if there is one who does not yet.
    fn take_part(&mut self, activity: &mut Activity, agent: Option<AgentId>) {
        let before = activity.agents.clone();
        activity.agents.extend(agent);
        if activity.agents != before {
            let changes = vec![FieldChange::new("agents", before, &activity.agents)];
            activity.edited.mark("agents", activity.version);
            self.put(activity);
            let (case, about) = (Some(activity.case), activity.key());
            self.event(What::Changed, case, about, changes);
        }
    }
}

impl From<&Case> for CaseName {
    fn from(case: &Case) -> Self {
        Self {
            id: case.id,
            number: case.number,
        }
    }
}
