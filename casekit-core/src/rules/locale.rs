//! Languages and time zones are known by their standard names.

use super::length;
use crate::error::{Error, Result};

/// Refuses what cannot be a BCP 47 language tag: subtags of 1 to 8 letters and digits, joined by
/// hyphens, of which the first is the language's letters. Whether there is such a language is not asked.
pub(crate) fn language(field: &str, tag: &str) -> Result<()> {
    length::at_most(field, tag, length::LANGUAGE)?;
    let mut subtags = tag.split('-');
    let letters =
        |s: &str| (2..=8).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphabetic());
    let plain =
        |s: &str| (1..=8).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphanumeric());
    if subtags.next().is_some_and(letters) && subtags.all(plain) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "`{tag}` is not a language tag such as `nl` or `nl-BE`"
    )))
}

/// Refuses what cannot be an IANA time zone name: up to three parts joined by `/`, each of which
/// begins with a letter. Whether there is such a zone is not asked: that takes the zones' data.
pub(crate) fn time_zone(name: &str) -> Result<()> {
    let parts: Vec<&str> = name.split('/').collect();
    let fits = |part: &&str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'+');
        part.len() <= 32
            && part.starts_with(|c: char| c.is_ascii_alphabetic())
            && part.bytes().all(plain)
    };
    if parts.len() <= 3 && parts.iter().all(fits) {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "`{name}` is not a time zone such as `Europe/Brussels`"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_tags_have_the_form_of_bcp_47() {
        for good in [
            "nl",
            "nl-BE",
            "zh-Hant-TW",
            "de-CH-1901",
            "sl-rozaj-biske",
            "en-x-desk",
        ] {
            assert!(language("language", good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "n",
            "nl_BE",
            "nl-",
            "-BE",
            "dutch please",
            "123",
            "nl-abcdefghi",
        ] {
            assert!(language("language", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn time_zones_have_the_form_of_iana_names() {
        for good in [
            "UTC",
            "Europe/Brussels",
            "America/Argentina/Buenos_Aires",
            "America/Port-au-Prince",
            "Etc/GMT+1",
            "EST5EDT",
        ] {
            assert!(time_zone(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "+02:00",
            "Europe/",
            "/Brussels",
            "Europe/Brussels/",
            "a/b/c/d",
            "in Brussels",
        ] {
            assert!(time_zone(bad).is_err(), "{bad}");
        }
    }
}
