//! The text of HTML, for messages that came without one.
//!
//! The parser is that of the sanitiser: what it writes is whole and has few forms, so that reading the text
//! off it is little work, and a second tree of the same HTML is not needed.

use std::collections::HashSet;

use super::html;

/// How many quotes or lists within each other are shown by how far a line is set in.
const MAX_DEPTH: usize = 8;

/// The text of `html`: paragraphs with blank lines between, items of lists with marks, quotes behind `>`, a row
/// of a table in a line, pictures by what is said in their place.
pub(crate) fn to_text(html: &str) -> String {
    let silent = HashSet::from(["script", "style", "title"]);
    let safe = html::allowed()
        .add_tags(["dir", "form", "legend", "optgroup", "option"])
        .clean_content_tags(silent)
        .clean(html)
        .to_string();
    let mut text = Text::default();
    let mut rest = safe.as_str();
    while let Some((said, after)) = rest.split_once('<') {
        text.say(&plain(said));
        // A value of an attribute stands in quotes, and can hold a `>`.
        let mut quoted = false;
        let end = after.find(|c| {
            quoted ^= c == '"';
            c == '>' && !quoted
        });
        let (tag, after) = after.split_at(end.unwrap_or(after.len()));
        text.tag(tag);
        rest = after.strip_prefix('>').unwrap_or_default();
    }
    text.say(&plain(rest));
    text.said.trim_end().to_owned()
}

/// What the sanitiser writes as references: no others.
fn plain(said: &str) -> String {
    said.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&nbsp;", "\u{a0}")
        .replace("&amp;", "&")
}

/// The value of an attribute of `tag`. No value holds a quote, so what looks like an attribute is one.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, value) = tag.split_once(&format!(" {name}=\""))?;
    let (value, _) = value.split_once('"')?;
    Some(plain(value))
}

/// Text as it is written, and where in the HTML it is.
#[derive(Debug, Default)]
struct Text {
    said: String,
    /// How many lines end before what is said next.
    breaks: usize,
    /// Whether there was a blank before what is said next.
    blank: bool,
    quotes: usize,
    preformatted: usize,
    /// The lists around, with the number of the next item of those that count.
    lists: Vec<Option<u32>>,
    /// What stands before an item of which nothing was said yet.
    mark: String,
}

impl Text {
    fn say(&mut self, text: &str) {
        for char in text.chars() {
            match char {
                '\n' if self.preformatted > 0 => self.breaks += 1,
                '\u{a0}' => self.put(' '),
                ' ' | '\t' if self.preformatted > 0 => self.put(char),
                _ if char.is_whitespace() => self.blank = true,
                _ => self.put(char),
            }
        }
    }

    fn put(&mut self, char: char) {
        if self.said.is_empty() || self.breaks > 0 {
            self.begin_line();
        } else if self.blank {
            self.said.push(' ');
        }
        self.blank = false;
        self.said.push(char);
    }

    fn begin_line(&mut self) {
        if !self.said.is_empty() {
            let end = self.said.trim_end_matches(' ').len();
            self.said.truncate(end);
            self.said.extend(std::iter::repeat_n('\n', self.breaks));
        }
        self.breaks = 0;
        let quotes = self.quotes.min(MAX_DEPTH);
        self.said.extend(std::iter::repeat_n("> ", quotes));
        let marked = usize::from(!self.mark.is_empty());
        let depth = self.lists.len().min(MAX_DEPTH).saturating_sub(marked);
        self.said.extend(std::iter::repeat_n("  ", depth));
        self.said.push_str(&std::mem::take(&mut self.mark));
    }

    /// What is said next begins a line, or a paragraph with two `breaks`.
    fn part(&mut self, breaks: usize) {
        self.breaks = self.breaks.max(breaks);
        self.blank = false;
    }

    fn tag(&mut self, tag: &str) {
        let name = tag.split(' ').next().unwrap_or_default();
        let (name, opens) = match name.strip_prefix('/') {
            Some(name) => (name, false),
            None => (name, true),
        };
        match name {
            "br" => self.breaks = (self.breaks + 1).min(2),
            "hr" => {
                self.part(2);
                self.say("---");
                self.part(2);
            }
            "img" => self.say(&attribute(tag, "alt").unwrap_or_default()),
            "td" | "th" => self.blank = true,
            "li" if opens => self.item(),
            "ul" => self.list(opens.then_some(None)),
            "ol" => {
                let first = attribute(tag, "start").and_then(|start| start.parse().ok());
                self.list(opens.then_some(Some(first.unwrap_or(1))));
            }
            "blockquote" => {
                self.part(2);
                self.quotes = stepped(self.quotes, opens);
            }
            "pre" => {
                self.part(2);
                self.preformatted = stepped(self.preformatted, opens);
            }
            // The first paragraph of an item stands behind its mark.
            "p" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "table" | "dl" | "figure" => {
                self.part(if self.mark.is_empty() { 2 } else { 1 });
            }
            "address" | "article" | "aside" | "caption" | "center" | "dd" | "details" | "dir"
            | "div" | "dt" | "fieldset" | "figcaption" | "footer" | "form" | "header"
            | "hgroup" | "legend" | "li" | "main" | "nav" | "optgroup" | "option" | "section"
            | "summary" | "tr" => {
                self.part(1);
            }
            _ => {}
        }
    }

    /// A list begins, which counts its items or not; or it ends.
    fn list(&mut self, begins: Option<Option<u32>>) {
        match begins {
            Some(counts) => {
                self.part(if self.lists.is_empty() { 2 } else { 1 });
                self.lists.push(counts);
            }
            None => {
                self.lists.pop();
                self.part(if self.lists.is_empty() { 2 } else { 1 });
            }
        }
        self.mark.clear();
    }

    fn item(&mut self) {
        self.part(1);
        self.mark = match self.lists.last_mut() {
            Some(Some(next)) => {
                let mark = format!("{next}. ");
                *next = next.saturating_add(1);
                mark
            }
            Some(None) | None => "* ".to_owned(),
        };
    }
}

fn stepped(depth: usize, opens: bool) -> usize {
    if opens {
        depth + 1
    } else {
        depth.saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_and_lines() {
        for (html, text) in [
            ("", ""),
            ("It is  on\n fire", "It is on fire"),
            ("<p>One</p><p>Two<br>three</p>\n", "One\n\nTwo\nthree"),
            ("<h1>Hello</h1>there", "Hello\n\nthere"),
            (
                "<div>One</div><div><br></div><div>two</div><div>three</div>",
                "One\n\ntwo\nthree",
            ),
            ("a<br><br><br><br>b", "a\n\nb"),
            ("<b>bo</b>ld <i>italic</i>", "bold italic"),
            ("one<hr>two", "one\n\n---\n\ntwo"),
            (
                "<section>One</section><section>two</section><form><fieldset>three</fieldset></form>four",
                "One\ntwo\nthree\nfour",
            ),
            ("x <pre>a\n  b\n\n\nc</pre> y", "x\n\na\n  b\n\n\nc\n\ny"),
        ] {
            assert_eq!(to_text(html), text, "{html}");
        }
    }

    #[test]
    fn lists_quotes_and_tables() {
        for (html, text) in [
            (
                "Buy:<ul><li>milk</li><li><p>bread</p></li></ul>Thanks",
                "Buy:\n\n* milk\n* bread\n\nThanks",
            ),
            (
                "<ol start=\"3\"><li>one<ul><li>deep</li></ul></li><li>two</li></ol>",
                "3. one\n  * deep\n4. two",
            ),
            (
                "Yes.<blockquote>Is it?<blockquote>It is.</blockquote></blockquote>So be it.",
                "Yes.\n\n> Is it?\n\n> > It is.\n\nSo be it.",
            ),
            (
                "<table><tr><th>Part</th><th>Price</th></tr><tr><td>Fan</td><td>7 &euro;</td></tr></table>",
                "Part Price\nFan 7 €",
            ),
        ] {
            assert_eq!(to_text(html), text, "{html}");
        }
    }

    #[test]
    fn only_what_is_said() {
        for (html, text) in [
            ("1 &lt; 2 &amp;amp; 3 &nbsp;4", "1 < 2 &amp; 3  4"),
            ("<style>p {}</style><script>x()</script>hi<!-- no -->", "hi"),
            ("<html><head><title>No</title></head><body>yes", "yes"),
            (
                "<a href=\"https://a.example/?a>b\" title='\"'>a link</a>",
                "a link",
            ),
            (
                "<img src=\"cid:x\" alt=\"a &quot;cat&quot; > dog\">",
                "a \"cat\" > dog",
            ),
            (
                "<p>unclosed <b>and <i>crossed</b> over</i>",
                "unclosed and crossed over",
            ),
        ] {
            assert_eq!(to_text(html), text, "{html}");
        }
    }

    #[test]
    fn deep_nesting_does_not_make_a_long_text() {
        let html = "<blockquote>x".repeat(200);
        assert!(to_text(&html).len() < 200 * (2 * MAX_DEPTH + 3));
    }
}
