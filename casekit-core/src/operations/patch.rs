//! How an edit says "take it away": a field that is absent stays, `null` clears it.

use serde::{Deserialize, Deserializer};

/// Reads a field that is there: `null` becomes `Some(None)`, while an absent one stays `None`.
pub(crate) fn given<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}
