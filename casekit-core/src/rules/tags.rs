//! Tags: short names, without blanks around.

use std::collections::BTreeSet;

use super::length;
use crate::error::{Error, Result};

/// The tags without blanks around. A blank one is refused.
pub(crate) fn clean(tags: &BTreeSet<String>) -> Result<BTreeSet<String>> {
    length::list("tags", tags, length::TAG)?;
    tags.iter().map(|tag| clean_one(tag)).collect()
}

/// A tag without blanks around. A blank one is refused.
pub(crate) fn clean_one(tag: &str) -> Result<String> {
    length::at_most("tag", tag, length::TAG)?;
    match tag.trim() {
        "" => Err(Error::invalid("a tag must not be empty")),
        tag => Ok(tag.to_owned()),
    }
}
