//! How long texts may be.

use crate::error::{Error, ErrorKind, Result};

/// The most characters of a name, a subject, a tag, an address.
pub(crate) const SHORT: usize = 1_000;
/// The most bytes of a text or of HTML.
pub(crate) const LONG: usize = 512 * 1024;
/// The most items of a list inside a record: tags, addresses, operators.
pub(crate) const ITEMS: usize = 1_000;

/// Refuses a name, subject or address that is too long.
pub(crate) fn short(field: &str, text: &str) -> Result<()> {
    whole(field, text)?;
    // A text of no more bytes has no more characters: most need no counting.
    if text.len() <= SHORT || text.chars().count() <= SHORT {
        return Ok(());
    }
    Err(limit(field, format_args!("at most {SHORT} characters")))
}

/// Refuses a text that is too long.
pub(crate) fn long(field: &str, text: &str) -> Result<()> {
    whole(field, text)?;
    if text.len() <= LONG {
        return Ok(());
    }
    Err(limit(field, format_args!("at most {LONG} bytes")))
}

/// Refuses the character NUL, which some databases cannot store in a text.
fn whole(field: &str, text: &str) -> Result<()> {
    if text.contains('\0') {
        return Err(Error::invalid(format!(
            "`{field}` contains the character NUL"
        )));
    }
    Ok(())
}

/// Refuses a list that is too long, or that holds a text that is.
pub(crate) fn list<'a>(field: &str, items: impl IntoIterator<Item = &'a String>) -> Result<()> {
    for (at, item) in items.into_iter().enumerate() {
        if at >= ITEMS {
            return Err(limit(field, format_args!("at most {ITEMS} items")));
        }
        short(field, item)?;
    }
    Ok(())
}

/// Refuses a name that is blank or too long.
pub(crate) fn name(field: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::invalid(format!("`{field}` must not be empty")));
    }
    short(field, text)
}

/// The name that an edit gives, without blanks around; refuses one that is blank or too long.
pub(crate) fn given_name(field: &str, text: Option<&str>) -> Result<Option<String>> {
    let Some(text) = text else { return Ok(None) };
    name(field, text)?;
    Ok(Some(text.trim().to_owned()))
}

fn limit(field: &str, most: std::fmt::Arguments<'_>) -> Error {
    Error::new(ErrorKind::Limit, format!("`{field}` is too long: {most}"))
        .with_details(serde_json::json!({ "field": field }))
}
