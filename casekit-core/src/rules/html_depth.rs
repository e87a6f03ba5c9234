//! How deep the elements of HTML are within each other, told without parsing it.
//!
//! A parser of HTML looks through all open elements for most that begin, as the standard wants it. So it takes a quarter of
//! a minute for what is nested a hundred thousand deep, which half a megabyte has room for.

use std::collections::HashMap;

use crate::error::{Error, ErrorKind, Result};

/// How many elements can be open at once. Mail that people write has some dozens, with many answers a few hundred.
pub(crate) const MOST_OPEN: usize = 1_000;

/// Elements without contents, and those that end where the next of them begins: however many there are, they do not
/// make it deeper. In a drawing or a formula they end it.
const FLAT: [&str; 9] = ["br", "dd", "dt", "embed", "hr", "img", "li", "meta", "p"];

/// The same outside of drawings and formulas, in which any name can be an element with contents.
const FLAT_IN_HTML: [&str; 16] = [
    "area", "base", "col", "input", "link", "option", "param", "source", "tbody", "td", "tfoot",
    "th", "thead", "tr", "track", "wbr",
];

/// Refuses HTML that could be too deep. Elements that are never closed count until the end, though a parser may
/// close some of them.
pub(crate) fn check(html: &str) -> Result<()> {
    let mut open: HashMap<String, usize> = HashMap::new();
    let mut depth = 0_usize;
    let mut only_html = true;
    for (name, closes) in tags(html) {
        only_html &= name != "svg" && name != "math";
        if FLAT.contains(&name.as_str()) || only_html && FLAT_IN_HTML.contains(&name.as_str()) {
            continue;
        }
        let of_name = open.entry(name).or_default();
        if !closes {
            *of_name += 1;
            depth += 1;
        } else if *of_name > 0 {
            *of_name -= 1;
            depth -= 1;
        }
        if depth > MOST_OPEN {
            return Err(too_deep());
        }
    }
    Ok(())
}

/// The names of all that looks like a tag, and whether it closes.
fn tags(html: &str) -> impl Iterator<Item = (String, bool)> {
    html.split('<').skip(1).filter_map(|tag| {
        let (tag, closes) = match tag.strip_prefix('/') {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let begins = tag.starts_with(|c: char| c.is_ascii_alphabetic());
        let ends = |c: char| c.is_ascii_whitespace() || c == '/' || c == '>';
        let name = tag.split(ends).next()?.to_ascii_lowercase();
        begins.then_some((name, closes))
    })
}

fn too_deep() -> Error {
    let message =
        format!("`html` is nested too deep: at most {MOST_OPEN} elements within each other");
    Error::new(ErrorKind::Limit, message).with_details(serde_json::json!({ "field": "html" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_not_too_deep() {
        for html in [
            "<p>".repeat(5_000),
            "<p>One<br>two<img src=x>".repeat(5_000),
            "<ul><li>One<li>Two</ul>".repeat(5_000),
            "<table><tr><td>1<td>2</table>".repeat(5_000),
            "<DIV><span>a</span></div>".repeat(5_000),
            "1 < 2 <3 </> <!-- x --> </nothing>".repeat(5_000),
            "<blockquote>".repeat(MOST_OPEN),
        ] {
            check(&html).unwrap();
        }
    }

    #[test]
    fn what_would_hold_up_a_parser_is_refused() {
        for html in [
            "<div>".repeat(MOST_OPEN + 1),
            "<div></x>".repeat(MOST_OPEN + 1),
            "<b/><I\nclass=x><font color=red>".repeat(MOST_OPEN),
            "<ul><li>".repeat(MOST_OPEN + 1),
            "<SVG><x-y>".repeat(MOST_OPEN),
            format!("<svg>{}", "<link>".repeat(MOST_OPEN)),
            "<rt>".repeat(MOST_OPEN + 1),
        ] {
            let error = check(&html).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Limit);
        }
    }
}
