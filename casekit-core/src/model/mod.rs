//! The nouns: what is recorded, one file each, with the invariants that hold for one record alone.

mod activity;
mod actor;
mod agent;
mod attention;
mod case;
mod customer;
mod draft;
mod edited;
mod entry;
mod event;
mod fields;
mod happening;
mod ids;
mod merge;
mod organisation;
mod product;
mod record;
mod relation;
mod saved_view;
mod time;
mod tombstone;
mod value;
mod workspace;

use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::json::{self, Node};

pub use activity::*;
pub use actor::*;
pub use agent::*;
pub use attention::*;
pub use case::*;
pub use customer::*;
pub use draft::*;
pub use edited::*;
pub use entry::*;
pub use event::*;
pub use fields::*;
pub use happening::*;
pub use ids::*;
pub use merge::*;
pub use organisation::*;
pub use product::*;
pub use record::*;
pub use relation::*;
pub use saved_view::*;
pub use time::*;
pub use tombstone::*;
pub use value::*;
pub use workspace::*;

/// The closed set of record kinds. To add one: write its file, name it here.
macro_rules! records {
    ($($record:ident => $table:literal),* $(,)?) => {
        /// The kinds of record.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[serde(rename_all = "snake_case")]
        pub enum Kind {
            $(#[doc = concat!("[`struct@", stringify!($record), "`]")] $record,)*
        }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$record),*];

            /// The name, the same in SQL and JSON.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$record => $table,)* }
            }

            /// What the kind declares about itself.
            pub fn declaration(self) -> &'static Declaration {
                match self {
                    $(Self::$record => {
                        static DECLARATION: LazyLock<Declaration> =
                            LazyLock::new(Declaration::of::<$record>);
                        &DECLARATION
                    })*
                }
            }

            /// Reads a record of this kind from its JSON.
            pub fn from_json(self, json: &[u8]) -> serde_json::Result<Entity> {
                match self { $(Self::$record => Ok(Entity::$record(Arc::new(json::read(json)?))),)* }
            }
        }

        /// A record of any kind. Shared, so that it is cheap to clone; changed, it is a copy of its own.
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(tag = "kind", rename_all = "snake_case")]
        pub enum Entity {
            $(#[doc = concat!("[`struct@", stringify!($record), "`]")] $record(Arc<$record>),)*
        }

        impl Entity {
            // By hand: what serde derives reads every kind of record in a way of its own.
            fn from_node(node: &Node) -> serde_json::Result<Self> {
                let kind = node.get("kind").ok_or_else(|| serde_json::Error::missing_field("kind"))?;
                match Kind::deserialize(kind)? {
                    $(Kind::$record => Ok(Self::$record(Arc::new($record::deserialize(node)?))),)*
                }
            }

            /// The kind.
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$record(_) => Kind::$record,)* }
            }

            /// The key.
            pub fn key(&self) -> Key {
                match self { $(Self::$record(record) => record.key(),)* }
            }

            /// The version.
            pub fn version(&self) -> Version {
                match self { $(Self::$record(record) => record.version(),)* }
            }

            /// Sets the version, as the store does when it writes.
            pub fn set_version(&mut self, version: Version) {
                match self {
                    $(Self::$record(record) => if record.version() != version {
                        Arc::make_mut(record).set_version(version);
                    },)*
                }
            }

            /// The values of the fields by which it is found.
            pub fn row(&self) -> Row {
                match self { $(Self::$record(record) => Row::of(&**record),)* }
            }

            /// Values that no other record of the workspace may hold.
            pub fn unique(&self) -> Vec<Unique> {
                match self { $(Self::$record(record) => record.unique(),)* }
            }

            /// The words by which it is found.
            pub fn search_text(&self) -> Option<SearchText> {
                match self { $(Self::$record(record) => record.search_text(),)* }
            }

            /// The per-workspace number, for kinds that are numbered: 0 until assigned.
            pub fn number(&self) -> Option<u64> {
                match self { $(Self::$record(record) => record.number(),)* }
            }

            /// Sets the number, as the store does when it assigns it.
            pub fn set_number(&mut self, number: u64) {
                match self { $(Self::$record(record) => Arc::make_mut(record).set_number(number),)* }
            }

            /// The record as JSON, without its kind: read it back with [`Kind::from_json`].
            pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
                match self { $(Self::$record(record) => serde_json::to_vec(&**record),)* }
            }
        }

        impl<'de> Deserialize<'de> for Entity {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::from_node(&Node::deserialize(deserializer)?).map_err(D::Error::custom)
            }
        }

        $(
            impl FromEntity for $record {
                fn from_entity(entity: Entity) -> Option<Self> {
                    match entity {
                        Entity::$record(record) => Some(Arc::unwrap_or_clone(record)),
                        _ => None,
                    }
                }

                fn shared(entity: Entity) -> Option<Arc<Self>> {
                    match entity {
                        Entity::$record(record) => Some(record),
                        _ => None,
                    }
                }

                fn into_entity(self) -> Entity {
                    Entity::$record(Arc::new(self))
                }
            }

            impl From<$record> for Entity {
                fn from(record: $record) -> Self {
                    record.into_entity()
                }
            }
        )*
    };
}

records! {
    Workspace => "workspace",
    Agent => "agent",
    Organisation => "organisation",
    Product => "product",
    Customer => "customer",
    Case => "case",
    Activity => "activity",
    Entry => "entry",
    Draft => "draft",
    Relation => "relation",
    Merge => "merge",
    Tombstone => "tombstone",
    SavedView => "saved_view",
    Event => "event",
}
