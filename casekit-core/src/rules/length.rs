//! How long texts may be.

use std::collections::BTreeSet;

use crate::error::{Error, ErrorKind, Result};
use crate::query::{MAX_WORDS, fold, words};

/// The most characters of a name of anything: one that is unique must fit the index of every database.
pub(crate) const NAME: usize = 200;
/// The most characters of an e-mail address (RFC 5321, by its errata).
pub(crate) const EMAIL: usize = 254;
/// The most characters of a phone number as it is written; dialled it has at most 15 digits (ITU-T E.164).
pub(crate) const PHONE: usize = 32;
/// The most characters of a tag.
pub(crate) const TAG: usize = 100;
/// The most characters of a language tag (BCP 47, RFC 5646 section 4.4).
pub(crate) const LANGUAGE: usize = 35;
/// The most characters of the name of another system.
pub(crate) const SYSTEM: usize = 64;
/// The most characters of an id in another system.
pub(crate) const EXTERNAL_ID: usize = 255;
/// The most characters of a subject, a reason, an address as it stands in a message.
pub(crate) const SHORT: usize = 1_000;
/// The most bytes of a text or of HTML.
pub(crate) const LONG: usize = 512 * 1024;
/// The most items of a list inside a record: tags, addresses, operators.
pub(crate) const ITEMS: usize = 1_000;

/// Refuses a subject or a reason that is too long.
pub(crate) fn short(field: &str, text: &str) -> Result<()> {
    at_most(field, text, SHORT)
}

/// Refuses a text of more than `most` characters.
pub(crate) fn at_most(field: &str, text: &str, most: usize) -> Result<()> {
    whole(field, text)?;
    // A text of no more bytes has no more characters: most need no counting.
    if text.len() <= most || text.chars().count() <= most {
        return Ok(());
    }
    Err(limit(field, format_args!("at most {most} characters")))
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

/// Refuses a list that is too long, or that holds a text of more than `most` characters.
pub(crate) fn list<'a>(
    field: &str,
    items: impl IntoIterator<Item = &'a String>,
    most: usize,
) -> Result<()> {
    for (at, item) in items.into_iter().enumerate() {
        if at >= ITEMS {
            return Err(limit(field, format_args!("at most {ITEMS} items")));
        }
        at_most(field, item, most)?;
    }
    Ok(())
}

/// Refuses more different words to search for than count.
pub(crate) fn search(field: &str, text: &str) -> Result<()> {
    let words: BTreeSet<String> = words(text).into_iter().collect();
    if words.len() > MAX_WORDS {
        return Err(limit(field, format_args!("at most {MAX_WORDS} words")));
    }
    Ok(())
}

/// Refuses a name that is blank or too long, also without case and accents, as it is compared.
pub(crate) fn name(field: &str, text: &str) -> Result<()> {
    given(field, text)?;
    at_most(field, text, NAME)?;
    at_most(field, &fold(text), NAME)
}

/// Refuses a subject that is blank or too long.
pub(crate) fn title(field: &str, text: &str) -> Result<()> {
    given(field, text)?;
    short(field, text)
}

/// Refuses a blank text.
fn given(field: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::invalid(format!("`{field}` must not be empty")));
    }
    Ok(())
}

/// Refuses an id in another system that is not given or too long.
pub(crate) fn external_id(system: &str, id: &str) -> Result<()> {
    given("system", system)?;
    at_most("system", system, SYSTEM)?;
    given("id", id)?;
    at_most("id", id, EXTERNAL_ID)
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
