//! How an edit says "take it away": a field that is absent stays, `null` clears it. Where null is the decision,
//! it has to be there.

use serde::{Deserialize, Deserializer};

/// Reads a field that is there: `null` becomes `Some(None)`, while an absent one stays `None`.
pub(crate) fn given<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// Reads a field that must be there, with `null` for none: one that was left out by mistake decides nothing.
pub(crate) fn decided<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer)
}

/// The schema of such a field.
#[cfg(feature = "schema")]
pub(crate) fn decided_schema<T: schemars::JsonSchema>(
    generator: &mut schemars::SchemaGenerator,
) -> schemars::Schema {
    generator.subschema_for::<Option<T>>()
}
