//! Many callers at once, on a server: how many operations a second all of them get done.

use std::time::Instant;

use anyhow::Result;
use futures_util::future::try_join_all;

use super::ask::Asker;
use super::on_postgres::OnPostgres;
use super::place::{Kind, Place};
use crate::ours::Ours;
use crate::task::{Job, Task};

/// How many callers.
pub(crate) const CALLERS: usize = 8;

/// How often each calls: first for connections to be opened and statements to be prepared, then to be
/// measured.
pub(crate) const CALLS: [usize; 2] = [15, 150];

/// Operations a second, by many callers.
#[derive(Debug)]
pub(crate) struct Rates {
    pub(crate) task: Task,
    pub(crate) ours: f64,
    pub(crate) by_hand: f64,
}

impl Rates {
    /// Measures a task; nothing where nobody wrote SQL that can be called at once.
    pub(crate) async fn of(
        place: &Place,
        asker: &mut Asker,
        task: Task,
        calls: [usize; 2],
    ) -> Result<Option<Self>> {
        let Kind::Postgres(url) = place.kind() else {
            return Ok(None);
        };
        let ours = (0..CALLERS).map(|_| Caller::Ours(asker.ours())).collect();
        let opened = (0..CALLERS).map(|_| OnPostgres::open(url, asker.world()));
        let opened = try_join_all(opened).await?.into_iter();
        let by_hand = opened.map(|theirs| Caller::ByHand(Box::new(theirs)));
        let by_hand = by_hand.collect();
        Ok(Some(Self {
            task,
            ours: rate(asker, task, ours, calls).await?,
            by_hand: rate(asker, task, by_hand, calls).await?,
        }))
    }
}

enum Caller {
    Ours(Ours),
    ByHand(Box<OnPostgres>),
}

impl Caller {
    async fn all(mut self, jobs: Vec<Job>) -> Result<Self> {
        for job in jobs {
            match &mut self {
                Self::Ours(ours) => {
                    ours.run(job).await?;
                }
                Self::ByHand(theirs) => theirs.run(job).await?,
            }
        }
        Ok(self)
    }
}

/// How many operations a second `callers` do together.
async fn rate(
    asker: &mut Asker,
    task: Task,
    mut callers: Vec<Caller>,
    calls: [usize; 2],
) -> Result<f64> {
    let mut rate = f64::NAN;
    for calls in calls {
        let lists = callers.iter().map(|_| asker.draw(task, calls));
        let lists: Vec<Vec<Job>> = lists.collect();
        let done: usize = lists.iter().map(Vec::len).sum();
        let start = Instant::now();
        let tasks = callers.into_iter().zip(lists);
        let tasks = tasks.map(|(caller, jobs)| tokio::spawn(caller.all(jobs)));
        let back = try_join_all(tasks).await?;
        #[expect(clippy::cast_precision_loss, reason = "a rate that is shown")]
        let done = done as f64;
        rate = done / start.elapsed().as_secs_f64();
        callers = back.into_iter().collect::<Result<_>>()?;
    }
    Ok(rate)
}
