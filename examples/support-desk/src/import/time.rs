//! Timestamps as logs write them.

use casekit_core::model::Time;
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime};

/// With a zone: `Z`, `+01`, `+0100` or `+01:00`.
const WITH_ZONE: &[&str] = &[
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f %#z",
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y/%m/%d %H:%M:%S%.f%#z",
];

/// Without one, which means UTC.
const WITHOUT_ZONE: &[&str] = &[
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y/%m/%d %H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y/%m/%d %H:%M",
];

const DATES: &[&str] = &["%Y-%m-%d", "%Y/%m/%d"];

/// Years in which help desks work. Others are slips, such as 0001 for "none".
const YEARS: std::ops::RangeInclusive<i32> = 1970..=9998;

/// The time that `text` names.
pub(super) fn parse(text: &str) -> Result<Time, String> {
    let time = with_zone(text)
        .or_else(|| without_zone(text))
        .or_else(|| date(text));
    match time {
        Some(time) if YEARS.contains(&time.year()) => Ok(time),
        Some(_) => Err(format!("the time `{text}` is not of our time")),
        None => Err(format!("`{text}` is not a time: see `import-log --help`")),
    }
}

fn with_zone(text: &str) -> Option<Time> {
    let rfc3339 = DateTime::parse_from_rfc3339(text).ok();
    let others = || {
        let mut forms = WITH_ZONE.iter();
        forms.find_map(|form| DateTime::parse_from_str(text, form).ok())
    };
    rfc3339.or_else(others).map(|time| time.to_utc())
}

fn without_zone(text: &str) -> Option<Time> {
    let mut forms = WITHOUT_ZONE.iter();
    let time = forms.find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())?;
    Some(time.and_utc())
}

fn date(text: &str) -> Option<Time> {
    let mut forms = DATES.iter();
    let date = forms.find_map(|form| NaiveDate::parse_from_str(text, form).ok())?;
    Some(date.and_time(chrono::NaiveTime::MIN).and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_logs_write_them() {
        for (text, expected) in [
            ("2012-10-09T14:50:17+00:00", "2012-10-09T14:50:17+00:00"),
            (
                "2012-10-09T14:50:17.25+02:00",
                "2012-10-09T12:50:17.250+00:00",
            ),
            ("2012-10-09T14:50:17Z", "2012-10-09T14:50:17+00:00"),
            ("2012-10-09T14:50:17", "2012-10-09T14:50:17+00:00"),
            ("2012-10-09 14:50:17", "2012-10-09T14:50:17+00:00"),
            ("2012-10-09 14:50:17.5", "2012-10-09T14:50:17.500+00:00"),
            ("2012-10-09 14:50:17+01", "2012-10-09T13:50:17+00:00"),
            (
                "2012-10-09 14:50:17.123-0530",
                "2012-10-09T20:20:17.123+00:00",
            ),
            ("2012-10-09 14:50:17 +01:00", "2012-10-09T13:50:17+00:00"),
            ("2012/10/09 14:50:17.125", "2012-10-09T14:50:17.125+00:00"),
            ("2012/10/09 14:50", "2012-10-09T14:50:00+00:00"),
            ("2012-10-09", "2012-10-09T00:00:00+00:00"),
            ("2012/10/09", "2012-10-09T00:00:00+00:00"),
        ] {
            let time = parse(text).map(|time| time.to_rfc3339());
            assert_eq!(time.as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "yesterday",
            "09/10/2012",
            "2012-13-01",
            "2012-10-09 25:00:00",
            "0001-01-01",
            "1349794217",
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(text), "{error}");
        }
    }
}
