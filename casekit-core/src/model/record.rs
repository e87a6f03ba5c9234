//! What a record declares about itself, once, for every store: its table, the fields by which it is
//! found and sorted, its unique keys, and the text by which it is searched.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use super::ids::WorkspaceId;
use super::value::{Holds, Value};
use super::{Entity, Kind};

/// How often a record was written: 1 when created, one more with every change.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Version(pub u64);

impl Version {
    /// The version that the next write makes.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a record is. Keys lead with the workspace, so that a store can shard on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Key {
    /// The workspace that owns the record.
    pub workspace: WorkspaceId,
    /// The kind of record.
    pub kind: Kind,
    /// The record's id, unique in its kind.
    pub id: Uuid,
}

/// A value that at most one record of a workspace holds under this name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Unique {
    /// What is unique, such as `customer_email`.
    pub name: String,
    /// The value, in the normal form that is compared.
    pub value: String,
}

impl Unique {
    /// The value `value` of `name`.
    pub fn new(name: &str, value: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            value: value.into(),
        }
    }
}

/// The words by which a record is found.
///
/// Several records can serve one owner: the entries of a thread are found as their case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchText {
    /// The record that a search returns when these words match.
    pub owner: Key,
    /// Words that the customer may find.
    pub public: String,
    /// Words that only staff may find.
    pub internal: String,
}

/// A record of the model: what can be stored.
pub trait Stored:
    Clone + fmt::Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
    /// The typed id.
    type Id: Copy + Into<Uuid> + From<Uuid> + fmt::Display + Send + Sync;
    /// The kind.
    const KIND: Kind;
    /// What people call it, for messages: "case", "customer".
    const NOUN: &'static str;
    /// The fields by which it can be found and sorted.
    const FIELDS: &'static [Field<Self>];
    /// The orders in which it is listed: each a list of single-valued fields, which a store indexes
    /// after the workspace and before the id.
    const INDEXES: &'static [&'static [&'static str]];
    /// What is said when one of its unique values is held already.
    const TAKEN: &'static [Taken] = &[];

    /// The workspace.
    fn workspace(&self) -> WorkspaceId;
    /// The id.
    fn id(&self) -> Self::Id;
    /// The version as loaded; the store sets it when it writes.
    fn version(&self) -> Version;
    /// Sets the version.
    fn set_version(&mut self, version: Version);

    /// Values that no other record of the workspace may hold.
    fn unique(&self) -> Vec<Unique> {
        Vec::new()
    }

    /// The words by which it is found.
    fn search_text(&self) -> Option<SearchText> {
        None
    }

    /// The per-workspace number, for kinds that are numbered: 0 until the store assigns it in `commit`.
    fn number(&self) -> Option<u64> {
        None
    }

    /// Sets the number, for kinds that are numbered.
    fn set_number(&mut self, _number: u64) {}

    /// The key.
    fn key(&self) -> Key {
        Key {
            workspace: self.workspace(),
            kind: Self::KIND,
            id: self.id().into(),
        }
    }
}

/// A field by which records are found and sorted.
pub struct Field<T: 'static> {
    /// The name, the same in SQL, Rust and JSON.
    pub name: &'static str,
    /// The type of its values.
    pub holds: Holds,
    /// How to read it.
    pub get: Get<T>,
}

/// How to read a field's values from a record.
pub enum Get<T: 'static> {
    /// Exactly one value.
    One(fn(&T) -> Value),
    /// Any number of values; found when one of them matches; cannot be sorted by.
    Many(fn(&T) -> Vec<Value>),
    /// Any number of named values, found as `field.name`, each of its own type; cannot be sorted by.
    Named(fn(&T) -> Vec<(String, Value)>),
}

impl<T> Field<T> {
    /// A field with exactly one value.
    pub const fn one(name: &'static str, holds: Holds, get: fn(&T) -> Value) -> Self {
        let get = Get::One(get);
        Self { name, holds, get }
    }

    /// A field with any number of values.
    pub const fn many(name: &'static str, holds: Holds, get: fn(&T) -> Vec<Value>) -> Self {
        let get = Get::Many(get);
        Self { name, holds, get }
    }

    /// A field with any number of named values.
    pub const fn named(name: &'static str, get: fn(&T) -> Vec<(String, Value)>) -> Self {
        let get = Get::Named(get);
        // The type differs by name; `Text` is what a column that can hold any of them falls back to.
        let holds = Holds::Text;
        Self { name, holds, get }
    }
}

/// Whether a field has one value, several, or several by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arity {
    /// Exactly one: a column.
    One,
    /// Any number: rows in a table beside.
    Many,
    /// Any number by name, found as `field.name`: rows in a table beside.
    Named,
}

/// A field as a store sees it, without its Rust type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldInfo {
    /// The name.
    pub name: &'static str,
    /// The type of its values.
    pub holds: Holds,
    /// How many values.
    pub arity: Arity,
}

/// All that a store needs to know about a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// The kind.
    pub kind: Kind,
    /// What people call it.
    pub noun: &'static str,
    /// The fields, in the order in which [`Entity::row`] gives their values.
    pub fields: Vec<FieldInfo>,
    /// The orders in which it is listed.
    pub indexes: &'static [&'static [&'static str]],
    /// What is said of unique values that are held already.
    pub taken: &'static [Taken],
}

/// What people are told when a unique value is held by another record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// The name of the unique value.
    pub name: &'static str,
    /// What is said; `{}` stands for the value.
    pub told: &'static str,
}

impl Declaration {
    /// The declaration of `T`.
    pub fn of<T: Stored>() -> Self {
        let fields = T::FIELDS.iter().map(|field| FieldInfo {
            name: field.name,
            holds: field.holds,
            arity: match field.get {
                Get::One(_) => Arity::One,
                Get::Many(_) => Arity::Many,
                Get::Named(_) => Arity::Named,
            },
        });
        Self {
            kind: T::KIND,
            noun: T::NOUN,
            fields: fields.collect(),
            indexes: T::INDEXES,
            taken: T::TAKEN,
        }
    }

    /// The field called `name`; for a [`Arity::Named`] field, `name` is `field.anything`.
    pub fn field(&self, name: &str) -> Option<&FieldInfo> {
        let head = name.split_once('.').map_or(name, |(head, _)| head);
        self.fields.iter().find(|field| match field.arity {
            Arity::Named => field.name == head && name.len() > head.len() + 1,
            Arity::One | Arity::Many => field.name == name,
        })
    }
}

/// The values of a record's fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The single values, in the order of the declaration's [`Arity::One`] fields.
    pub one: Vec<Value>,
    /// The values of all other fields with their names (`tags`, `custom.colour`), sorted, each once.
    pub many: Vec<(String, Value)>,
}

impl Row {
    /// The values of `record`.
    pub fn of<T: Stored>(record: &T) -> Self {
        let mut row = Self::default();
        for field in T::FIELDS {
            match field.get {
                Get::One(get) => row.one.push(get(record)),
                Get::Many(get) => row
                    .many
                    .extend(get(record).into_iter().map(|v| (field.name.to_owned(), v))),
                Get::Named(get) => row.many.extend(
                    get(record)
                        .into_iter()
                        .map(|(name, v)| (format!("{}.{name}", field.name), v)),
                ),
            }
        }
        row.many.sort();
        row.many.dedup();
        row
    }

    /// All values of the field called `name`.
    pub fn values<'a>(&'a self, kind: Kind, name: &'a str) -> impl Iterator<Item = &'a Value> {
        let position = kind
            .declaration()
            .fields
            .iter()
            .filter(|field| field.arity == Arity::One)
            .position(|field| field.name == name);
        let one = position.and_then(|at| self.one.get(at));
        let many = self.many.iter().filter(move |(n, _)| n == name);
        one.into_iter().chain(many.map(|(_, value)| value))
    }
}

/// Reads an [`Entity`] back as the record that it holds.
pub trait FromEntity: Stored {
    /// The record; none if the entity is of another kind.
    fn from_entity(entity: Entity) -> Option<Self>;
    /// The record without a copy, to look at; none if the entity is of another kind.
    fn shared(entity: Entity) -> Option<Arc<Self>>;
    /// Wraps the record.
    fn into_entity(self) -> Entity;
}
