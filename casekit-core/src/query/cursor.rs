//! Keyset cursors: where the next page begins.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::Uuid;

use super::Query;
use crate::json;
use crate::model::Value;

/// Where the next page begins: after the record with this sort value and id.
///
/// In JSON it is one opaque string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The fingerprint of the query that it belongs to.
    pub fingerprint: u64,
    /// The last record's value of what the query sorts by; its id when sorted by id.
    pub value: Value,
    /// The last record's id.
    pub id: Uuid,
}

impl Query {
    /// A number that differs for queries with another meaning: all but cursor and limit count.
    pub fn fingerprint(&self) -> u64 {
        let meaning = (
            &self.workspace,
            self.kind,
            &self.filter,
            &self.text,
            &self.sort,
        );
        let json = serde_json::to_vec(&meaning).unwrap_or_default();
        // FNV-1a: stable across versions and platforms, which the standard hasher does not promise.
        json.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parts = (self.fingerprint, &self.value, &self.id);
        let json = serde_json::to_vec(&parts).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(json))
    }
}

impl<'de> Deserialize<'de> for Cursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let parts = URL_SAFE_NO_PAD
            .decode(&text)
            .ok()
            .and_then(|parts| json::read(&parts).ok());
        let Some((fingerprint, value, id)) = parts else {
            return Err(de::Error::custom(format!("`{text}` is not a cursor")));
        };
        Ok(Self {
            fingerprint,
            value,
            id,
        })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Cursor {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Cursor".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "Where the next page begins. Opaque: pass it back as it came."
        })
    }
}
