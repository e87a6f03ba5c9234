//! The values by which records are found and sorted, and what stands for an absent one.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::time::Time;

/// An indexed value.
///
/// There is no null: an absent value is stored as a stand-in ([`Value::never`], [`Value::long_ago`], a
/// nil id, an empty text), so that "not" means not, and every database sorts alike.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Yes or no; no sorts first.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number of a custom field; never NaN.
    Real(f64),
    /// Text, compared byte by byte.
    Text(String),
    /// Milliseconds since 1970-01-01 UTC.
    Time(i64),
    /// An id.
    Id(Uuid),
}

/// Which of the [`Value`]s a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// [`Value::Bool`]
    Bool,
    /// [`Value::Int`]
    Int,
    /// [`Value::Real`]
    Real,
    /// [`Value::Text`]
    Text,
    /// [`Value::Time`]
    Time,
    /// [`Value::Id`]
    Id,
}

impl Value {
    /// Stands for a time that has not come; sorts last. 9999-12-31T23:59:59.999Z.
    pub const NEVER: i64 = 253_402_300_799_999;

    /// Stands for a time that has not come; sorts last.
    pub const fn never() -> Self {
        Self::Time(Self::NEVER)
    }

    /// Stands for a last time where there was none yet; sorts first. 1970-01-01T00:00:00Z.
    pub const fn long_ago() -> Self {
        Self::Time(0)
    }

    /// Stands for an absent id; sorts first.
    pub const fn nil() -> Self {
        Self::Id(Uuid::nil())
    }

    /// The type of this value.
    pub const fn holds(&self) -> Holds {
        match self {
            Self::Bool(_) => Holds::Bool,
            Self::Int(_) => Holds::Int,
            Self::Real(_) => Holds::Real,
            Self::Text(_) => Holds::Text,
            Self::Time(_) => Holds::Time,
            Self::Id(_) => Holds::Id,
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Bool(_) => 0,
            Self::Int(_) => 1,
            Self::Real(_) => 2,
            Self::Text(_) => 3,
            Self::Time(_) => 4,
            Self::Id(_) => 5,
        }
    }
}

impl Eq for Value {}

impl Ord for Value {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a.cmp(b),
            (Self::Int(a), Self::Int(b)) | (Self::Time(a), Self::Time(b)) => a.cmp(b),
            // Adding 0 makes -0 a 0: the two are equal, here as in every database.
            (Self::Real(a), Self::Real(b)) => (a + 0.0).total_cmp(&(b + 0.0)),
            (Self::Text(a), Self::Text(b)) => a.as_bytes().cmp(b.as_bytes()),
            (Self::Id(a), Self::Id(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<Time> for Value {
    fn from(time: Time) -> Self {
        Self::Time(time.timestamp_millis())
    }
}

impl From<Option<Time>> for Value {
    fn from(time: Option<Time>) -> Self {
        time.map_or(Self::never(), Self::from)
    }
}

impl From<bool> for Value {
    fn from(yes: bool) -> Self {
        Self::Bool(yes)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<Uuid> for Value {
    fn from(id: Uuid) -> Self {
        Self::Id(id)
    }
}

impl<T: Into<Uuid>> From<Option<T>> for Value
where
    T: IdType,
{
    fn from(id: Option<T>) -> Self {
        id.map_or(Self::nil(), |id| Self::Id(id.into()))
    }
}

/// Marks the id newtypes, so that an optional id has a stand-in.
pub trait IdType {}
