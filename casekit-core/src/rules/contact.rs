//! Addresses and numbers by which customers are known.

use crate::error::{Error, Result};
use crate::model::normal_phone;

use super::length;

/// Refuses what cannot be an e-mail address (RFC 5321, loosely: a local part, `@`, a domain).
pub(crate) fn email(address: &str) -> Result<()> {
    length::short("email", address)?;
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
    length::short("phone", number)?;
    if normal_phone(number).bytes().any(|b| b.is_ascii_digit()) {
        return Ok(());
    }
    Err(Error::invalid(format!("`{number}` is not a phone number")))
}
