//! Tags: short names, without blanks around.

use std::collections::BTreeSet;

use super::length;
use crate::error::{Error, Result};

/// The tags without blanks around. A blank one is refused.
pub(crate) fn clean(tags: &BTreeSet<String>) -> Result<BTreeSet<String>> {
    length::list("tags", tags, length::TAG)?;
    let clean: BTreeSet<String> = tags.iter().map(|tag| tag.trim().to_owned()).collect();
    if clean.contains("") {
        return Err(Error::invalid("a tag must not be empty"));
    }
    Ok(clean)
}
