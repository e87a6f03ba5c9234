//! What the system records in a thread.

use serde::{Deserialize, Serialize};

use super::activity::Medium;
use super::attention::Turn;
use super::entry::Visibility;
use super::ids::{ActivityId, AgentId, CaseId};

tagged! {
    /// What the system recorded in a thread.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(tag = "what", rename_all = "snake_case")]
    pub enum Happening as "Happening" {
        /// The case was opened.
        Opened {
            /// How it came about.
            origin: Medium,
            /// Whose turn it is by that: staff's, if it was opened by the customer's doing without a message.
            turn: Turn,
            /// The stage that it began in.
            stage: String,
        },
        /// The case was closed.
        Closed {
            /// Why, for staff only.
            reason: String,
            /// The stage that it went to.
            stage: String,
        },
        /// The case was made active again.
        Reopened {
            /// The stage that it went to.
            stage: String,
        },
        /// The case went to another stage.
        StageChanged {
            /// The stage before.
            before: String,
            /// The stage since.
            after: String,
        },
        /// An agent took the case.
        Taken,
        /// The case was assigned.
        Assigned {
            /// To whom; none when it was released.
            to: Option<AgentName>,
        },
        /// The case was handed to another agent.
        Transferred {
            /// To whom.
            to: AgentName,
            /// What the one who handed it over said.
            note: String,
        },
        /// An operator joined.
        OperatorJoined {
            /// Who.
            operator: AgentName,
        },
        /// An operator left.
        OperatorLeft {
            /// Who.
            operator: AgentName,
        },
        /// The case was related to another.
        Linked {
            /// The other case.
            other: CaseName,
            /// How.
            relation: String,
        },
        /// The relation to another case was removed.
        Unlinked {
            /// The other case.
            other: CaseName,
        },
        /// Another case was merged into this one.
        MergedFrom {
            /// The other case.
            other: CaseName,
        },
        /// This case was merged into another.
        MergedInto {
            /// The other case.
            other: CaseName,
            /// The stage that this case went to.
            stage: String,
        },
        /// A merge was undone.
        MergeUndone {
            /// The other case.
            other: CaseName,
            /// The stage in which this case is since.
            stage: String,
        },
        /// Part of this case went to a new case.
        SplitInto {
            /// The new case.
            other: CaseName,
        },
        /// This case was split off another.
        SplitFrom {
            /// The other case.
            other: CaseName,
        },
        /// An activity went to another case.
        ActivityMovedTo {
            /// The activity.
            activity: ActivityId,
            /// The other case.
            other: CaseName,
        },
        /// An activity came from another case.
        ActivityMovedFrom {
            /// The activity.
            activity: ActivityId,
            /// The other case.
            other: CaseName,
        },
        /// A line of an imported log.
        Logged {
            /// What the log calls it.
            activity: String,
            /// Whose turn it made it.
            turn: Turn,
        },
    }
}

/// An agent with the name at that time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AgentName {
    /// The agent.
    pub id: AgentId,
    /// The name.
    pub name: String,
}

/// A case with its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CaseName {
    /// The case.
    pub id: CaseId,
    /// The number; 0 where it was not yet known.
    pub number: u64,
}

impl Happening {
    /// The stage in which the case is since then, if it is told: these lines alone give the intervals
    /// that a case spent in each stage.
    pub fn stage(&self) -> Option<&str> {
        match self {
            Self::Opened { stage, .. }
            | Self::Closed { stage, .. }
            | Self::Reopened { stage }
            | Self::StageChanged { after: stage, .. }
            | Self::MergedInto { stage, .. }
            | Self::MergeUndone { stage, .. } => Some(stage),
            Self::Taken
            | Self::Assigned { .. }
            | Self::Transferred { .. }
            | Self::OperatorJoined { .. }
            | Self::OperatorLeft { .. }
            | Self::Linked { .. }
            | Self::Unlinked { .. }
            | Self::MergedFrom { .. }
            | Self::SplitInto { .. }
            | Self::SplitFrom { .. }
            | Self::ActivityMovedTo { .. }
            | Self::ActivityMovedFrom { .. }
            | Self::Logged { .. } => None,
        }
    }

    /// What a person wrote in it, for staff only: the reason of a closing, the note of a transfer.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Closed { reason: text, .. } | Self::Transferred { note: text, .. } => Some(text),
            _ => None,
        }
    }

    /// Takes away what a person wrote in it.
    pub(crate) fn clear_text(&mut self) {
        if let Self::Closed { reason: text, .. } | Self::Transferred { note: text, .. } = self {
            text.clear();
        }
    }

    /// Who may see it. Only what concerns the customer is public.
    pub const fn visibility(&self) -> Visibility {
        match self {
            Self::Opened { .. }
            | Self::Closed { .. }
            | Self::Reopened { .. }
            | Self::Taken
            | Self::OperatorJoined { .. }
            | Self::OperatorLeft { .. } => Visibility::Public,
            Self::StageChanged { .. }
            | Self::Assigned { .. }
            | Self::Transferred { .. }
            | Self::Linked { .. }
            | Self::Unlinked { .. }
            | Self::MergedFrom { .. }
            | Self::MergedInto { .. }
            | Self::MergeUndone { .. }
            | Self::SplitInto { .. }
            | Self::SplitFrom { .. }
            | Self::ActivityMovedTo { .. }
            | Self::ActivityMovedFrom { .. }
            | Self::Logged { .. } => Visibility::Internal,
        }
    }
}
