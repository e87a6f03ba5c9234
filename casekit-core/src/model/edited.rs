//! When each field was last edited, so that two people's edits of different fields both survive.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::record::Version;

/// For each field that was edited since the record was created: the version that the edit made. In a case
/// `attention` is the version that came with the last word of its customer, or with a question from another case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Edited(pub BTreeMap<String, Version>);

impl Edited {
    /// Marks `field` of a record that has `version` as edited by the write to come.
    pub fn mark(&mut self, field: &str, version: Version) {
        self.0.insert(field.to_owned(), version.next());
    }

    /// Whether `field` was edited after somebody saw `version`.
    pub fn since(&self, field: &str, version: Version) -> bool {
        self.0.get(field).is_some_and(|edited| *edited > version)
    }
}
