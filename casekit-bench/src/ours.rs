//! The desk of casekit, as a host uses it.

use std::sync::Arc;

use anyhow::Result;
use casekit_core::Desk;
use casekit_core::desk::AgentSession;
use casekit_core::model::{Medium, Priority, Version};
use casekit_core::operations::{
    FindCases, GetCase, GetCaseLoad, OpenCase, PatchCase, Reply, SearchCases,
};
use casekit_core::port::Store;

use crate::task::Job;
use crate::world::World;

/// A session of an agent.
#[derive(Clone)]
pub(crate) struct Ours {
    session: AgentSession,
}

impl Ours {
    pub(crate) fn new(store: Arc<dyn Store>, world: &World) -> Self {
        let desk = Desk::builder_on(store).build();
        let session = desk.agent(world.workspace, world.agent.id);
        Self { session }
    }

    /// Does a job; gives how many cases it was answered.
    pub(crate) async fn run(&self, job: Job) -> Result<usize> {
        let session = &self.session;
        Ok(match job {
            Job::Open {
                customer,
                subject,
                text,
            } => {
                let mut open = OpenCase::new(customer, &subject).customer_says(&text);
                open.origin = Medium::Email;
                session.run(open).await?;
                1
            }
            Job::Reply { case, text } => {
                session.run(Reply::new(case, &text)).await?;
                1
            }
            Job::Patch { case } => {
                session.run(patch(case)).await?;
                1
            }
            Job::Number(number) => {
                let case = number.into();
                session.run(GetCase { case }).await?;
                1
            }
            Job::Newest => session.run(FindCases::default()).await?.cases.len(),
            Job::Load => {
                let load = session.run(GetCaseLoad::default()).await?;
                let lists = [
                    load.needs_attention,
                    load.own,
                    load.operating,
                    load.unclaimed,
                ];
                lists.iter().map(|list| list.cases.len()).sum()
            }
            Job::Search(words) => {
                let search = SearchCases::new(&words.join(" "));
                session.run(search).await?.found.len()
            }
        })
    }
}

/// Makes a case urgent. What else changed since the first version does not matter: edits of
/// different fields do not collide.
fn patch(case: casekit_core::model::CaseId) -> PatchCase {
    PatchCase {
        case: case.into(),
        seen: Version(1),
        subject: None,
        description: None,
        product: None,
        priority: Some(Priority::Urgent),
        tags: None,
        language: None,
        flagged: None,
        notes: None,
        custom: std::collections::BTreeMap::new(),
    }
}
