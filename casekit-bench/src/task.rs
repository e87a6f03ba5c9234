//! What is measured.

use casekit_core::model::{CaseId, CustomerId};

use crate::words::Words;
use crate::world::World;

/// An operation that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Task {
    Open,
    Reply,
    Patch,
    Number,
    Newest,
    Load,
    Rare,
    Common,
    Two,
}

/// One run of a task, with what it is about; made before the clock starts.
#[derive(Debug, Clone)]
pub(crate) enum Job {
    Open {
        customer: CustomerId,
        subject: String,
        text: String,
    },
    Reply {
        case: CaseId,
        text: String,
    },
    Patch {
        case: CaseId,
    },
    Number(u64),
    Newest,
    Load,
    Search(Vec<String>),
}

impl Task {
    pub(crate) const ALL: [Self; 9] = [
        Self::Open,
        Self::Reply,
        Self::Patch,
        Self::Number,
        Self::Newest,
        Self::Load,
        Self::Rare,
        Self::Common,
        Self::Two,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Open => "open a case with its first message",
            Self::Reply => "reply",
            Self::Patch => "patch one field",
            Self::Number => "get by number",
            Self::Newest => "list the 50 last updated",
            Self::Load => "case load, 4 lists of 50",
            Self::Rare => "search a rare word",
            Self::Common => "search a common word",
            Self::Two => "search two words",
        }
    }

    pub(crate) fn writes(self) -> bool {
        matches!(self, Self::Open | Self::Reply | Self::Patch)
    }
}

/// Draws jobs, the same in every run.
pub(crate) struct Jobs {
    rng: fastrand::Rng,
    /// Cases that were not patched yet: each is patched once, so that it always changes something.
    unpatched: Vec<CaseId>,
}

impl Jobs {
    pub(crate) fn new(world: &World) -> Self {
        let mut rng = fastrand::Rng::with_seed(5);
        let mut unpatched = world.cases.clone();
        rng.shuffle(&mut unpatched);
        Self { rng, unpatched }
    }

    /// So many jobs of a task; fewer if there is nothing left to do.
    pub(crate) fn draw(&mut self, task: Task, count: usize, world: &mut World) -> Vec<Job> {
        (0..count).map_while(|_| self.one(task, world)).collect()
    }

    fn one(&mut self, task: Task, world: &mut World) -> Option<Job> {
        Some(match task {
            Task::Open => Job::Open {
                customer: self.rng.choice(&world.customers).copied()?,
                subject: world.words.text(5),
                text: world.words.text(30),
            },
            Task::Reply => Job::Reply {
                case: self.rng.choice(&world.cases).copied()?,
                text: world.words.text(30),
            },
            Task::Patch => Job::Patch {
                case: self.unpatched.pop()?,
            },
            Task::Number => Job::Number(self.rng.u64(1..=world.cases.len() as u64)),
            Task::Newest => Job::Newest,
            Task::Load => Job::Load,
            Task::Rare => Job::Search(vec![Words::RARE.to_owned()]),
            Task::Common => Job::Search(vec![world.words.of_rank(10)]),
            Task::Two => Job::Search(vec![world.words.of_rank(50), world.words.of_rank(100)]),
        })
    }
}
