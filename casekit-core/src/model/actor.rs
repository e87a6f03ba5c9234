//! Who acts, and who said something.

use serde::{Deserialize, Serialize};

use super::ids::{AgentId, CustomerId};

/// Who acts. The host authenticates and says who it is; casekit decides what they may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum Actor {
    /// A person on staff.
    Agent(AgentId),
    /// A person served.
    Customer(CustomerId),
    /// The host's own programs: intake, imports, scheduled work.
    System,
}

impl Actor {
    /// The agent, if it is one.
    pub const fn agent(&self) -> Option<AgentId> {
        match self {
            Self::Agent(id) => Some(*id),
            Self::Customer(_) | Self::System => None,
        }
    }

    /// The customer, if it is one.
    pub const fn customer(&self) -> Option<CustomerId> {
        match self {
            Self::Customer(id) => Some(*id),
            Self::Agent(_) | Self::System => None,
        }
    }
}

tagged! {
    /// Who said something in a thread.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(tag = "type", rename_all = "snake_case")]
    pub enum Author as "Author" {
        /// A person on staff.
        Agent {
            /// Who.
            id: AgentId,
            /// The name at that time.
            name: String,
        },
        /// The customer of the case, or of a case merged into it.
        Customer {
            /// Who.
            id: CustomerId,
            /// The name at that time.
            name: String,
        },
        /// Somebody else who wrote to the case.
        Stranger {
            /// The name given.
            name: String,
        },
        /// casekit or the host.
        System,
    }
}

impl Author {
    /// The name to show; empty for the system.
    pub fn name(&self) -> &str {
        match self {
            Self::Agent { name, .. } | Self::Customer { name, .. } | Self::Stranger { name } => {
                name
            }
            Self::System => "",
        }
    }
}
