//! Languages and time zones are known by their standard names.

use oxilangtag::LanguageTag;

use super::length;
use crate::error::{Error, Result};

/// The usual form of a BCP 47 language tag, so that `NL-be` and `nl-BE` are one (RFC 5646, 2.1.1). What
/// cannot be a tag is refused; whether there is such a language is not asked.
pub(crate) fn language(field: &str, tag: &str) -> Result<String> {
    length::at_most(field, tag, length::LANGUAGE)?;
    let usual = LanguageTag::parse_and_normalize(tag).map(LanguageTag::into_inner);
    usual.map_err(|_| {
        Error::invalid(format!(
            "`{tag}` is not a language tag such as `nl` or `nl-BE`"
        ))
    })
}

/// The usual form of a tag that need not be given.
pub(crate) fn given_language(field: &str, tag: Option<&String>) -> Result<Option<String>> {
    tag.map(|tag| language(field, tag)).transpose()
}

/// The usual form of a tag in an edit, which can take it away.
pub(crate) fn patched_language(
    field: &str,
    tag: Option<&Option<String>>,
) -> Result<Option<Option<String>>> {
    tag.map(|tag| given_language(field, tag.as_ref()))
        .transpose()
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
            assert_eq!(language("language", good).unwrap(), good);
            let shouted = good.to_ascii_uppercase();
            assert_eq!(language("language", &shouted).unwrap(), good);
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
