//! The answers to the last commits by their ids, so that a commit that is sent again is not done again.

use std::collections::{BTreeMap, VecDeque};

use casekit_core::Committed;
use casekit_core::model::WorkspaceId;
use uuid::Uuid;

/// How many commits are remembered.
const CAPACITY: usize = 65_536;

#[derive(Debug, Default)]
pub(crate) struct Remembered {
    answers: BTreeMap<(WorkspaceId, Uuid), Committed>,
    order: VecDeque<(WorkspaceId, Uuid)>,
}

impl Remembered {
    pub(crate) fn answer(&self, workspace: WorkspaceId, commit: Uuid) -> Option<Committed> {
        self.answers.get(&(workspace, commit)).cloned()
    }

    pub(crate) fn remember(&mut self, workspace: WorkspaceId, commit: Uuid, answer: Committed) {
        if self.order.len() >= CAPACITY
            && let Some(oldest) = self.order.pop_front()
        {
            self.answers.remove(&oldest);
        }
        self.order.push_back((workspace, commit));
        self.answers.insert((workspace, commit), answer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_the_oldest_is_forgotten_first() {
        let mut remembered = Remembered::default();
        let workspace = WorkspaceId(Uuid::nil());
        for n in 0..=CAPACITY as u128 {
            remembered.remember(workspace, Uuid::from_u128(n), Committed::default());
        }
        assert_eq!(remembered.answers.len(), CAPACITY);
        assert_eq!(remembered.order.len(), CAPACITY);
        assert!(remembered.answer(workspace, Uuid::from_u128(0)).is_none());
        assert!(remembered.answer(workspace, Uuid::from_u128(1)).is_some());
    }
}
