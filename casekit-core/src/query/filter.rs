//! Filters over the declared fields of one kind.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::{Arity, Holds, Kind, Value};

/// The deepest that filters may nest, and the most parts that one may have: room for a whole list of a
/// record, such as the products of an agent, beside other conditions.
const MAX_DEPTH: usize = 16;
const MAX_PARTS: usize = 2_000;

/// What must hold for a record.
///
/// A field with several values satisfies a comparison when one of its values does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// Every part holds; with no parts, always.
    All(Vec<Filter>),
    /// At least one part holds; with no parts, never.
    Any(Vec<Filter>),
    /// The part does not hold.
    Not(Box<Filter>),
    /// A field compared with a value.
    Field {
        /// The field.
        field: String,
        /// How it is compared.
        is: Comparison,
        /// The value, of the field's type.
        value: Value,
    },
    /// A field is equal to one of several values; with none, never.
    In {
        /// The field.
        field: String,
        /// The values, of the field's type.
        values: Vec<Value>,
    },
}

/// How a field is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// The same.
    Equal,
    /// Less, or before.
    Less,
    /// Less or the same.
    AtMost,
    /// Greater, or after.
    Greater,
    /// Greater or the same.
    AtLeast,
    /// Text that begins with the value, byte by byte.
    StartsWith,
}

impl Filter {
    /// Holds always.
    pub const fn all() -> Self {
        Self::All(Vec::new())
    }

    /// `field` is `value`.
    pub fn equal(field: &str, value: impl Into<Value>) -> Self {
        Self::compare(field, Comparison::Equal, value)
    }

    /// `field` compared with `value`.
    pub fn compare(field: &str, is: Comparison, value: impl Into<Value>) -> Self {
        Self::Field {
            field: field.to_owned(),
            is,
            value: value.into(),
        }
    }

    /// `field` is one of `values`.
    pub fn is_in(field: &str, values: impl IntoIterator<Item = impl Into<Value>>) -> Self {
        Self::In {
            field: field.to_owned(),
            values: values.into_iter().map(Into::into).collect(),
        }
    }

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match self {
            Self::All(mut parts) => {
                parts.push(other);
                Self::All(parts)
            }
            one => Self::All(vec![one, other]),
        }
    }

    /// It does not hold.
    #[must_use]
    pub fn negate(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// Refuses unknown fields, values of another type, and filters without bound.
    pub fn validate(&self, kind: Kind) -> Result<()> {
        self.validate_at(kind, 0, &mut 0)
    }

    fn validate_at(&self, kind: Kind, depth: usize, parts: &mut usize) -> Result<()> {
        *parts += match self {
            Self::In { values, .. } => 1 + values.len(),
            _ => 1,
        };
        if depth > MAX_DEPTH || *parts > MAX_PARTS {
            return Err(Error::new(
                crate::ErrorKind::Limit,
                format!(
                    "a filter nests at most {MAX_DEPTH} deep and has at most {MAX_PARTS} parts"
                ),
            ));
        }
        match self {
            Self::All(all) | Self::Any(all) => all
                .iter()
                .try_for_each(|part| part.validate_at(kind, depth + 1, parts)),
            Self::Not(part) => part.validate_at(kind, depth + 1, parts),
            Self::Field { field, is, value } => {
                if *is == Comparison::StartsWith && value.holds() != Holds::Text {
                    return Err(Error::invalid(format!(
                        "`{field}` can begin only with a text"
                    )));
                }
                check_type(kind, field, value)
            }
            Self::In { field, values } => values
                .iter()
                .try_for_each(|value| check_type(kind, field, value)),
        }
    }
}

fn check_type(kind: Kind, name: &str, value: &Value) -> Result<()> {
    let declaration = kind.declaration();
    let Some(field) = declaration.field(name) else {
        return Err(Error::invalid(format!(
            "a {} has no field `{name}`",
            declaration.noun
        )));
    };
    if field.arity != Arity::Named && field.holds != value.holds() {
        return Err(Error::invalid(format!(
            "`{name}` is compared with a value of another type"
        )));
    }
    if let Value::Real(number) = value
        && !number.is_finite()
    {
        return Err(Error::invalid(format!(
            "`{name}` is compared with no number"
        )));
    }
    Ok(())
}
