//! A customer's journey: their activities across cases; activities recorded, shown, edited.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::finding::fifty;
use super::patch::given;
use super::{CaseRef, Operation, ReadThread, RemoteImages, Staff, ThreadPage};
use crate::desk::Context;
use crate::error::{Error, Result};
use crate::model::{
    Activity, ActivityId, Agent, AgentId, Case, CaseName, CustomerId, Kind, Medium, Stored, Time,
    Version, What, to_millisecond,
};
use crate::port::Access;
use crate::query::{Cursor, Direction, Filter, Query};
use crate::rules::edit::Edit;
use crate::rules::{length, tags, times};

/// Lists the activities of a customer across cases, newest first; of a customer who was merged, those
/// of the one they went into. Those of cases that the policy keeps away are left out, so a page can be
/// shorter than its limit.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Journey {
    /// The customer.
    pub customer: CustomerId,
    /// Only those that took place by this medium.
    #[serde(default)]
    pub medium: Option<Medium>,
    /// Only those with this tag.
    #[serde(default)]
    pub tag: Option<String>,
    /// Where the page begins: `next` of the one before.
    #[serde(default)]
    pub after: Option<Cursor>,
    /// At most so many, up to 1,000.
    #[serde(default = "fifty")]
    pub limit: u32,
}

impl Journey {
    /// The first page of the whole journey of a customer.
    pub fn of(customer: CustomerId) -> Self {
        Self {
            customer,
            medium: None,
            tag: None,
            after: None,
            limit: fifty(),
        }
    }
}

/// An activity with the case that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JourneyStep {
    /// The activity.
    pub activity: Activity,
    /// The case.
    pub case: CaseName,
}

/// A page of a journey.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JourneyPage {
    /// The activities.
    pub steps: Vec<JourneyStep>,
    /// Where the next page begins; null when this was the last.
    pub next: Option<Cursor>,
}

impl Operation for Journey {
    const NAME: &'static str = "journey";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = JourneyPage;

    async fn run(&self, cx: &mut Context) -> Result<JourneyPage> {
        let customer = cx.known_customer(self.customer).await?.id;
        let mut filter = Filter::equal("customer", customer);
        if let Some(medium) = self.medium {
            filter = filter.and(Filter::equal("medium", medium.name()));
        }
        if let Some(tag) = &self.tag {
            filter = filter.and(Filter::equal("tags", tag.trim()));
        }
        let query = Query::all(cx.workspace_id(), Kind::Activity)
            .filter(filter)
            .sort("started_at", Direction::Descending);
        let found = cx
            .page::<Activity>(query, self.after.as_ref(), self.limit)
            .await?;
        let cases = found.records.iter().map(|activity| activity.case);
        let cases = cx.allowed_cases(cases).await?;
        let steps = found.records.into_iter().zip(cases);
        Ok(JourneyPage {
            steps: steps
                .filter_map(|(activity, case)| {
                    let case = CaseName::from(&*case?);
                    Some(JourneyStep { activity, case })
                })
                .collect(),
            next: found.next,
        })
    }
}

/// Shows an activity with its entries, oldest first: what was said, and the comments on it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GetActivity {
    /// The activity.
    pub activity: ActivityId,
    /// Whether images in HTML that come from elsewhere are shown.
    #[serde(default)]
    pub remote_images: RemoteImages,
    /// Where the page of entries begins: `next` of the one before.
    #[serde(default)]
    pub after: Option<Cursor>,
    /// At most so many entries, up to 1,000.
    #[serde(default = "fifty")]
    pub limit: u32,
}

impl GetActivity {
    /// An activity with the first page of its entries.
    pub fn of(activity: ActivityId) -> Self {
        Self {
            activity,
            remote_images: RemoteImages::Blocked,
            after: None,
            limit: fifty(),
        }
    }
}

/// An activity in detail.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ActivityDetails {
    /// The activity.
    pub activity: Activity,
    /// The case that it belongs to.
    pub case: CaseName,
    /// What was said, and the comments on it among staff, oldest first.
    pub thread: ThreadPage,
}

impl Operation for GetActivity {
    const NAME: &'static str = "get_activity";
    const ACCESS: Access = Access::Read;
    type For = Staff;
    type Output = ActivityDetails;

    async fn run(&self, cx: &mut Context) -> Result<ActivityDetails> {
        let activity = cx.known_activity(self.activity).await?;
        let case: Case = cx.get(activity.case).await?;
        let entries = ReadThread {
            case: case.id.into(),
            activity: Some(activity.id),
            start: None,
            direction: Direction::Ascending,
            remote_images: self.remote_images,
            after: self.after.clone(),
            limit: self.limit,
        };
        Ok(ActivityDetails {
            activity,
            case: CaseName::from(&case),
            thread: entries.run(cx).await?,
        })
    }
}

/// Records an activity by hand: a visit, a call on another line, a chat elsewhere. It counts as an
/// update of its case, and asks for no attention.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct RecordActivity {
    /// The case.
    pub case: CaseRef,
    /// How it took place.
    pub medium: Medium,
    /// What it was about; none for the subject of the case.
    #[serde(default)]
    pub subject: Option<String>,
    /// When it began; none for now.
    #[serde(default)]
    pub started_at: Option<Time>,
    /// When it ended; none while it goes on.
    #[serde(default)]
    pub ended_at: Option<Time>,
    /// The agents who took part; none for the one who records it.
    #[serde(default)]
    pub agents: Option<BTreeSet<AgentId>>,
    /// Others who took part, by name.
    #[serde(default)]
    pub others: BTreeSet<String>,
    /// Tags, for staff only.
    #[serde(default)]
    pub tags: BTreeSet<String>,
}

impl RecordActivity {
    /// An activity that begins now.
    pub fn new(case: impl Into<CaseRef>, medium: Medium) -> Self {
        Self {
            case: case.into(),
            medium,
            subject: None,
            started_at: None,
            ended_at: None,
            agents: None,
            others: BTreeSet::new(),
            tags: BTreeSet::new(),
        }
    }
}

impl Operation for RecordActivity {
    const NAME: &'static str = "record_activity";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Activity;

    async fn run(&self, cx: &mut Context) -> Result<Activity> {
        let started_at = self.started_at.map_or(cx.now(), to_millisecond);
        let ended_at = self.ended_at.map(to_millisecond);
        times::check(started_at, ended_at, cx.now())?;
        length::list("others", &self.others, length::NAME)?;
        if let Some(subject) = &self.subject {
            length::short("subject", subject)?;
        }
        let agents = match &self.agents {
            Some(agents) => cx.known_agents(agents).await?,
            None => cx.actor().agent().into_iter().collect(),
        };
        let mut case = cx.case(self.case).await?;
        let mut activity = cx.activity(&case, self.medium, started_at);
        if let Some(subject) = &self.subject {
            subject.trim().clone_into(&mut activity.subject);
        }
        activity.ended_at = ended_at;
        activity.agents = agents;
        activity.others.clone_from(&self.others);
        activity.tags = tags::clean(&self.tags)?;
        cx.record_activity(&mut activity);
        cx.touch(&mut case);
        Ok(activity)
    }
}

/// Edits an activity. What it does not name stays; a field that somebody else changed since `seen` is
/// refused as a conflict, with its current value. It counts as an update of its case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PatchActivity {
    /// The activity.
    pub activity: ActivityId,
    /// The version of the activity that the editor saw.
    pub seen: Version,
    /// What it was about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// All tags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<BTreeSet<String>>,
    /// When it ended; null if it goes on.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "given"
    )]
    pub ended_at: Option<Option<Time>>,
    /// All agents who took part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agents: Option<BTreeSet<AgentId>>,
    /// All others who took part, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub others: Option<BTreeSet<String>>,
}

impl PatchActivity {
    /// An edit of `activity`, as it was loaded, that names no field yet.
    pub fn of(activity: &Activity) -> Self {
        Self {
            activity: activity.id,
            seen: activity.version,
            subject: None,
            tags: None,
            ended_at: None,
            agents: None,
            others: None,
        }
    }
}

impl Operation for PatchActivity {
    const NAME: &'static str = "patch_activity";
    const ACCESS: Access = Access::Work;
    type For = Staff;
    type Output = Activity;

    async fn run(&self, cx: &mut Context) -> Result<Activity> {
        let mut activity = cx.known_activity(self.activity).await?;
        let subject = self.subject.as_deref().map(str::trim).map(str::to_owned);
        if let Some(subject) = &subject {
            length::short("subject", subject)?;
        }
        if let Some(others) = &self.others {
            length::list("others", others, length::NAME)?;
        }
        let tags = self.tags.as_ref().map(tags::clean).transpose()?;
        let ended_at = self.ended_at.map(|at| at.map(to_millisecond));
        if let Some(ended_at) = ended_at {
            times::check(activity.started_at, ended_at, cx.now())?;
        }
        if let Some(agents) = &self.agents {
            cx.known_agents(agents).await?;
        }
        let mut edit = Edit::new(self.seen, activity.version, &mut activity.edited)?;
        edit.set("subject", &mut activity.subject, subject.as_ref())?;
        edit.set("tags", &mut activity.tags, tags.as_ref())?;
        edit.set("ended_at", &mut activity.ended_at, ended_at.as_ref())?;
        edit.set("agents", &mut activity.agents, self.agents.as_ref())?;
        edit.set("others", &mut activity.others, self.others.as_ref())?;
        let changes = edit.finish();
        if !changes.is_empty() {
            cx.put(&mut activity);
            let about = activity.key();
            cx.event(What::Changed, Some(activity.case), about, changes);
            let mut case: Case = cx.get(activity.case).await?;
            cx.touch(&mut case);
        }
        Ok(activity)
    }
}

impl Context {
    /// Stages that something of `case` was updated, and guards that the case was not moved on by
    /// somebody else at the same moment.
    pub(crate) fn touch(&mut self, case: &mut Case) {
        case.updated_at = case.updated_at.max(self.now());
        self.put(case);
    }

    /// The agents, each of whom must exist; those who no longer work here took part all the same.
    async fn known_agents(&mut self, agents: &BTreeSet<AgentId>) -> Result<BTreeSet<AgentId>> {
        if agents.len() > length::ITEMS {
            return Err(Error::invalid(format!(
                "at most {} agents take part",
                length::ITEMS
            )));
        }
        let keys: Vec<_> = agents
            .iter()
            .map(|id| self.key(Kind::Agent, id.0))
            .collect();
        // In one round trip; the loop below finds them loaded.
        self.load(&keys).await?;
        for id in agents {
            self.get::<Agent>(*id).await?;
        }
        Ok(agents.clone())
    }
}
