//! How things are written for people. Colours are always in the text; the stream takes them out where
//! they are not wanted (see `main`).

use std::borrow::Cow;

use anstyle::{AnsiColor, Style};
use casekit_core::model::{Medium, Priority, Status, Time};

pub(crate) const TITLE: Style = Style::new().bold();
pub(crate) const FAINT: Style = Style::new().dimmed();
pub(crate) const COMMAND: Style = AnsiColor::Cyan.on_default();
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
pub(crate) const INTERNAL: Style = AnsiColor::Yellow.on_default();
pub(crate) const URGENT: Style = AnsiColor::Red.on_default().bold();

/// How wide running text is.
const WIDTH: usize = 90;

/// `text` in `style`.
pub(crate) fn styled(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// A time in UTC, to the minute. Headings say that it is UTC.
pub(crate) fn when(time: Time) -> String {
    time.format("%Y-%m-%d %H:%M").to_string()
}

/// A time in UTC, or a dash.
pub(crate) fn when_or_dash(time: Option<Time>) -> String {
    time.map_or_else(|| "-".to_owned(), when)
}

/// A length of time in its two largest units.
pub(crate) fn duration(milliseconds: u64) -> String {
    let minutes = milliseconds / 60_000;
    let (days, hours) = (minutes / 1_440, minutes / 60 % 24);
    match (days, hours) {
        (0, 0) if minutes == 0 => format!("{} s", milliseconds / 1_000),
        (0, 0) => format!("{minutes} min"),
        (0, hours) => format!("{hours} h {} min", minutes % 60),
        (days, hours) => format!("{days} d {hours} h"),
    }
}

/// `count` of `noun`, with an s unless it is one.
pub(crate) fn count(count: usize, noun: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

/// Text that others wrote, fit for a terminal: what would steer it is shown as a space.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    let steers = |c: char| c.is_control() && c != '\n';
    if text.contains(steers) {
        return Cow::Owned(text.replace(steers, " "));
    }
    Cow::Borrowed(text)
}

/// Text that others wrote, in one line.
pub(crate) fn line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    plain(&words.join(" ")).into_owned()
}

/// Text that others wrote, wrapped and indented, in `style`.
pub(crate) fn paragraph(text: &str, style: Style) -> String {
    let indent = "      ";
    let options = textwrap::Options::new(WIDTH)
        .initial_indent(indent)
        .subsequent_indent(indent);
    textwrap::wrap(plain(text.trim()).as_ref(), options)
        .iter()
        .map(|line| format!("{}\n", styled(style, line)))
        .collect()
}

/// The name of a medium in a sentence.
pub(crate) const fn by(medium: Medium) -> &'static str {
    match medium {
        Medium::Email => "by e-mail",
        Medium::Chat => "in a chat",
        Medium::Phone => "by phone",
        Medium::Video => "by video",
        Medium::Form => "through the form",
        Medium::Visit => "in person",
        Medium::Portal => "through the portal",
        Medium::Import => "imported",
        Medium::Other => "otherwise",
    }
}

pub(crate) const fn priority(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "low",
        Priority::Normal => "normal",
        Priority::High => "high",
        Priority::Urgent => "urgent",
    }
}

pub(crate) fn status(status: Status) -> String {
    match status {
        Status::Active => styled(GOOD, status.name()),
        Status::Closed => styled(FAINT, status.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_its_two_largest_units() {
        let minute = 60_000;
        assert_eq!(duration(59_999), "59 s");
        assert_eq!(duration(59 * minute), "59 min");
        assert_eq!(duration(61 * minute), "1 h 1 min");
        assert_eq!(duration(49 * 60 * minute), "2 d 1 h");
    }

    #[test]
    fn text_of_others_cannot_steer_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb"), "a [2Jb");
        assert_eq!(line("one\r\n two\u{7}"), "one two ");
    }
}
