//! Who waits for whom in a case.

use serde::{Deserialize, Serialize};

use super::time::Time;

/// The state of waiting in a case, derived from its thread.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attention {
    /// Since when the customer waits for a public reply; none while nobody waits.
    pub awaiting_since: Option<Time>,
    /// When a person on staff first replied publicly.
    pub first_reply_at: Option<Time>,
    /// When the customer last wrote or called.
    pub customer_last_at: Option<Time>,
    /// When a person on staff last replied publicly.
    pub staff_last_at: Option<Time>,
    /// Public messages and calls in the thread.
    pub messages: u32,
}

/// Whose turn something that was said makes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Turn {
    /// The customer asked: it is for staff to answer.
    Staff,
    /// Staff answered: it is for the customer to go on.
    Customer,
    /// It changes nothing: notes, what the system records, automatic messages, strangers.
    Unchanged,
}
