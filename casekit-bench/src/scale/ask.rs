//! What is asked of a store that is full.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use casekit_core::desk::AgentSession;
use casekit_core::model::{Seq, Status};
use casekit_core::operations::{
    CaseFilter, CaseSort, CustomerStatistics, FindCases, Period, ReadThread,
};
use casekit_core::query::{Cursor, Direction};
use casekit_core::{Desk, port::Store};

use super::filling::Filled;
use super::place::Place;
use crate::ours::Ours;
use crate::task::{Job, Jobs, Task};
use crate::world::World;

/// How many events a consumer that comes back reads at once.
const CATCH_UP: u32 = 500;

/// The page of a list that lies deep.
const DEEP: usize = 100;

/// Something that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    Task(Task),
    Question(Question),
}

/// Something that is only read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    /// The first page of active cases in an order.
    Active(CaseSort),
    /// The first page of one's own closed cases in an order.
    OwnClosed(CaseSort),
    /// Cases that were opened within one week, in the order of their last change.
    OneWeek,
    /// The hundredth page of all cases, the last updated first.
    Deep,
    LongThread,
    Statistics,
    CatchUp,
}

impl Ask {
    /// Everything that is asked.
    pub(crate) fn all() -> Vec<Self> {
        let tasks = Task::ALL.map(Self::Task).into_iter();
        tasks.chain(Question::all().map(Self::Question)).collect()
    }

    pub(crate) fn name(self) -> String {
        match self {
            Self::Task(task) => task.name().to_owned(),
            Self::Question(question) => question.name(),
        }
    }
}

impl Question {
    fn all() -> impl Iterator<Item = Self> {
        let active = CaseSort::LISTED.map(Self::Active).into_iter();
        let own = CaseSort::LISTED.map(Self::OwnClosed).into_iter();
        let others = [
            Self::OneWeek,
            Self::Deep,
            Self::LongThread,
            Self::Statistics,
            Self::CatchUp,
        ];
        active.chain(own).chain(others)
    }

    fn name(self) -> String {
        match self {
            Self::Active(sort) => format!("50 active cases by {}", by(sort)),
            Self::OwnClosed(sort) => format!("50 own closed cases by {}", by(sort)),
            Self::OneWeek => "50 cases opened in one week".to_owned(),
            Self::Deep => "the hundredth page of all cases".to_owned(),
            Self::LongThread => "100 entries of a thread of 1,000".to_owned(),
            Self::Statistics => "statistics of a customer".to_owned(),
            Self::CatchUp => format!("{CATCH_UP} events of the feed"),
        }
    }
}

fn by(sort: CaseSort) -> String {
    let name = serde_json::to_value(sort).unwrap_or_default();
    name.as_str().unwrap_or_default().replace('_', " ")
}

/// Somebody who asks.
pub(crate) struct Asker {
    desk: Desk,
    session: AgentSession,
    ours: Ours,
    world: World,
    jobs: Jobs,
    rng: fastrand::Rng,
    deep: Option<Cursor>,
    last: Seq,
}

impl Asker {
    pub(crate) async fn new(place: &Place, filled: Filled) -> Result<Self> {
        let world = filled.world;
        let desk = Desk::builder_on(place.store()).build();
        let session = desk.agent(world.workspace, world.agent.id);
        let deep = deep(&session).await?;
        let last = last_event(place.store().as_ref(), &world).await?;
        Ok(Self {
            ours: Ours::new(place.store(), &world),
            jobs: Jobs::new(&world),
            rng: fastrand::Rng::with_seed(6),
            desk,
            session,
            world,
            deep,
            last,
        })
    }

    pub(crate) fn world(&self) -> &World {
        &self.world
    }

    /// So many jobs of a task; fewer if there is nothing left to do.
    pub(crate) fn draw(&mut self, task: Task, count: usize) -> Vec<Job> {
        self.jobs.draw(task, count, &mut self.world)
    }

    /// The same desk for somebody else who works at the same time.
    pub(crate) fn ours(&self) -> Ours {
        self.ours.clone()
    }

    /// Asks once; gives how long it took, or nothing when there is nothing left to do.
    pub(crate) async fn ask(&mut self, ask: Ask) -> Result<Option<Duration>> {
        let task = match ask {
            Ask::Task(task) => task,
            Ask::Question(question) => return self.question(question).await.map(Some),
        };
        let Some(job) = self.draw(task, 1).pop() else {
            return Ok(None);
        };
        let start = Instant::now();
        self.ours.run(job).await?;
        Ok(Some(start.elapsed()))
    }

    async fn question(&mut self, question: Question) -> Result<Duration> {
        match question {
            Question::Active(sort) => {
                self.list(CaseFilter::Status(Status::Active), sort, None)
                    .await
            }
            Question::OwnClosed(sort) => {
                let own = CaseFilter::Assignee(Some(self.world.agent.id));
                let closed = CaseFilter::Status(Status::Closed);
                self.list(CaseFilter::All(vec![own, closed]), sort, None)
                    .await
            }
            Question::OneWeek => {
                let week = CaseFilter::Opened(self.week());
                self.list(week, CaseSort::Updated, None).await
            }
            Question::Deep => {
                let everything = FindCases::default();
                self.list(everything.filter, everything.sort, self.deep.clone())
                    .await
            }
            Question::LongThread => {
                let case = *self.world.cases.first().context("there is no case")?;
                self.timed(ReadThread::of(case)).await
            }
            Question::Statistics => {
                let customers = &self.world.customers;
                let customer = *self.rng.choice(customers).context("there is no customer")?;
                self.timed(CustomerStatistics {
                    customer,
                    leave_out: None,
                    after: None,
                    limit: 50,
                })
                .await
            }
            Question::CatchUp => {
                let after = Seq(self
                    .rng
                    .u64(..self.last.0.saturating_sub(CATCH_UP.into()).max(1)));
                let mut feed = self.desk.subscribe(self.world.workspace, after);
                let start = Instant::now();
                for _ in 0..CATCH_UP.min(u32::try_from(self.last.0).unwrap_or(u32::MAX)) {
                    feed.next().await?;
                }
                Ok(start.elapsed())
            }
        }
    }

    async fn list(
        &self,
        filter: CaseFilter,
        sort: CaseSort,
        after: Option<Cursor>,
    ) -> Result<Duration> {
        let limit = 50;
        let direction = Direction::Descending;
        self.timed(FindCases {
            filter,
            sort,
            direction,
            after,
            limit,
        })
        .await
    }

    async fn timed<O>(&self, operation: O) -> Result<Duration>
    where
        O: casekit_core::operations::Operation<For = casekit_core::operations::Staff>,
    {
        let start = Instant::now();
        self.session.run(operation).await?;
        Ok(start.elapsed())
    }

    /// A week in which cases were opened.
    fn week(&mut self) -> Period {
        let from = self
            .world
            .opened_at(self.rng.usize(..self.world.cases.len()));
        let until = from + chrono::TimeDelta::weeks(1);
        Period {
            since: Some(from),
            until: Some(until),
        }
    }
}

/// Where the hundredth page begins, or the last one where there are fewer.
async fn deep(session: &AgentSession) -> Result<Option<Cursor>> {
    let mut list = FindCases::default();
    for _ in 1..DEEP {
        match session.run(list.clone()).await?.next {
            Some(next) => list.after = Some(next),
            None => break,
        }
    }
    Ok(list.after)
}

/// The sequence number of the last event, which is about what two events a case come to.
async fn last_event(store: &dyn Store, world: &World) -> Result<Seq> {
    let about = Seq(world.cases.len() as u64 * 2);
    let last = store
        .feed(world.workspace, Seq(about.0.saturating_sub(1)), 1)
        .await?;
    Ok(last.first().map_or(about, |event| event.seq))
}
