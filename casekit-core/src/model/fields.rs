//! Custom fields: what a workspace adds to its cases and customers.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value as Json;

use super::value::Value;
use crate::error::unreadable::shown;

/// A custom field of a workspace.
///
/// Its key never changes and names its values; the label can be changed at will, and a retired
/// field keeps the values it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FieldDefinition {
    /// The permanent name: a-z, 0-9 and _.
    pub key: String,
    /// What people call it.
    pub label: String,
    /// Which records have it.
    pub target: FieldTarget,
    /// What it holds.
    pub holds: FieldType,
    /// Whether a new record must have it.
    pub required: bool,
    /// The value of a new record that is given none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<FieldValue>,
    /// Whether the customer may see it.
    pub shown_to_customer: bool,
    /// A retired field takes no new values.
    pub retired: bool,
    /// The choices that it once had: values that hold one stay, and are found by it.
    #[serde(default)]
    pub retired_choices: Vec<String>,
}

/// Which records have a custom field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldTarget {
    /// Cases.
    Case,
    /// Customers.
    Customer,
}

tagged! {
    /// What a custom field holds.
    #[derive(Debug, Clone, PartialEq, Eq, Serialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[serde(tag = "type", rename_all = "snake_case", expecting = "an object with `type`")]
    pub enum FieldType as "FieldType" {
        /// Text of up to 10,000 characters.
        Text,
        /// A number.
        Number,
        /// Yes or no.
        YesNo,
        /// A date without time.
        Date,
        /// One of the choices.
        Choice {
            /// The choices.
            choices: Vec<String>,
        },
        /// Any of the choices.
        Choices {
            /// The choices.
            choices: Vec<String>,
        },
    }
}

impl FieldType {
    /// The choices, of a field that has any.
    pub fn choices(&self) -> &[String] {
        match self {
            Self::Choice { choices } | Self::Choices { choices } => choices,
            Self::Text | Self::Number | Self::YesNo | Self::Date => &[],
        }
    }
}

/// The value of a custom field: in JSON a plain text, number, true or false, or a list of texts.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(untagged)]
pub enum FieldValue {
    /// Yes or no.
    YesNo(bool),
    /// A number.
    Number(f64),
    /// A text, a date (`2026-11-21`) or a choice.
    Text(String),
    /// Several choices.
    Choices(Vec<String>),
}

impl<'de> Deserialize<'de> for FieldValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wrong = |given: &Json| {
            let given = shown(given);
            de::Error::custom(format!(
                "the value of a custom field is a text, a number, true, false or a list of texts, not {given}"
            ))
        };
        match Json::deserialize(deserializer)? {
            Json::Bool(yes) => Ok(Self::YesNo(yes)),
            Json::Number(number) => match number.as_f64() {
                Some(number) => Ok(Self::Number(number)),
                None => Err(wrong(&Json::Number(number))),
            },
            Json::String(text) => Ok(Self::Text(text)),
            Json::Array(choices) => {
                let texts = choices.into_iter().map(|choice| match choice {
                    Json::String(text) => Ok(text),
                    other => Err(de::Error::custom(format!(
                        "a list in a custom field holds texts, not {}",
                        shown(&other)
                    ))),
                });
                texts.collect::<Result<_, _>>().map(Self::Choices)
            }
            other @ (Json::Null | Json::Object(_)) => Err(wrong(&other)),
        }
    }
}

// A number in a field is never NaN: rules refuse it.
impl Eq for FieldValue {}

/// The values of custom fields by key.
pub type CustomValues = BTreeMap<String, FieldValue>;

/// The values as a store indexes them.
pub(crate) fn indexed_values(values: &CustomValues) -> Vec<(String, Value)> {
    let mut indexed = Vec::new();
    for (key, value) in values {
        match value {
            FieldValue::YesNo(yes) => indexed.push((key.clone(), Value::Bool(*yes))),
            FieldValue::Number(number) => indexed.push((key.clone(), Value::Real(*number))),
            FieldValue::Text(text) => indexed.push((key.clone(), short(text))),
            FieldValue::Choices(all) => {
                indexed.extend(all.iter().map(|choice| (key.clone(), short(choice))));
            }
        }
    }
    indexed
}

/// The most characters of a text by which it can be filtered: more would not fit every database's index.
pub const INDEXED_CHARACTERS: usize = 200;

fn short(text: &str) -> Value {
    Value::Text(text.chars().take(INDEXED_CHARACTERS).collect())
}
