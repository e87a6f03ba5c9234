//! Addresses and numbers by which customers are known.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::error::{Error, Result};
use crate::model::{normal_email, normal_phone};

use super::length;

/// Refuses what cannot be an e-mail address (RFC 5321, loosely: a local part, `@`, a domain).
pub(crate) fn email(address: &str) -> Result<()> {
    length::at_most("email", address, length::EMAIL)?;
    let parts = address.trim().rsplit_once('@');
    let fits = parts.is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !address.trim().contains(char::is_whitespace)
    });
    if fits {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "`{address}` is not an e-mail address"
    )))
}

/// Refuses what cannot be a phone number: it needs a digit.
pub(crate) fn phone(number: &str) -> Result<()> {
    length::at_most("phone", number, length::PHONE)?;
    if normal_phone(number).bytes().any(|b| b.is_ascii_digit()) {
        return Ok(());
    }
    Err(Error::invalid(format!("`{number}` is not a phone number")))
}

/// The addresses as they are kept: without blanks around, each once, in the order given.
pub(crate) fn emails(given: &[String]) -> Result<Vec<String>> {
    length::list("emails", given, length::EMAIL)?;
    given.iter().try_for_each(|address| email(address))?;
    Ok(each_once(given, normal_email))
}

/// The numbers as they are kept: without blanks around, each once, in the order given.
pub(crate) fn phones(given: &[String]) -> Result<Vec<String>> {
    length::list("phones", given, length::PHONE)?;
    given.iter().try_for_each(|number| phone(number))?;
    Ok(each_once(given, normal_phone))
}

/// Those of `given` that differ in their normal form.
pub(crate) fn each_once<'a>(
    given: impl IntoIterator<Item = &'a String>,
    normal: impl Fn(&str) -> String,
) -> Vec<String> {
    let mut seen = BTreeSet::new();
    given
        .into_iter()
        .filter(|one| seen.insert(normal(one)))
        .map(|one| one.trim().to_owned())
        .collect()
}

/// What to search for: a phone number in the form in which it is dialled, anything else as it is.
pub(crate) fn searched(text: &str) -> Cow<'_, str> {
    let number = |c: char| c.is_ascii_digit() || " +-/.()".contains(c);
    if text.chars().all(number) && text.bytes().any(|b| b.is_ascii_digit()) {
        return Cow::Owned(normal_phone(text));
    }
    Cow::Borrowed(text)
}
