//! Identifiers. Every record has a UUID (version 7, so that ids sort by time); each kind has a type
//! of its own, so that a customer's id cannot be passed where a case's is meant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::value::{IdType, Value};
use crate::error::{Error, Result};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self> {
                Uuid::parse_str(text)
                    .map(Self)
                    .map_err(|_| Error::invalid(format!("`{text}` is not an id: a UUID is expected")))
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl IdType for $name {}

        impl From<$name> for Value {
            fn from(id: $name) -> Self {
                Self::Id(id.0)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

id!(
    /// A workspace: one tenant.
    WorkspaceId
);
id!(
    /// An agent: a person on staff.
    AgentId
);
id!(
    /// A customer: a person served.
    CustomerId
);
id!(
    /// An organisation that customers belong to.
    OrganisationId
);
id!(
    /// A product or service.
    ProductId
);
id!(
    /// A case.
    CaseId
);
id!(
    /// An activity: one recorded interaction.
    ActivityId
);
id!(
    /// An entry of a case's thread.
    EntryId
);
id!(
    /// A relation between two cases.
    RelationId
);
id!(
    /// The record of a merge of two cases.
    MergeId
);
id!(
    /// A draft.
    DraftId
);
id!(
    /// A saved view.
    SavedViewId
);
id!(
    /// An event.
    EventId
);
