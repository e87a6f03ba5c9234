//! How much work HTML is to read, told by a parser that keeps nothing of it.
//!
//! A parser looks through all open elements for most that begin, and opens anew in each paragraph what was not closed in the
//! one before, as the standard wants it. So half a megabyte can be written that takes the better part of a minute to
//! read (100,000 `<div>` within each other: half a minute), and a few kilobytes that take hundreds of megabytes.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::{Attribute, ExpandedName, QualName, local_name, ns, parse_fragment};

use crate::error::{Error, ErrorKind, Result};

/// How many elements there can be: as many as a message of half a megabyte has that is all short cells of a table, and as
/// many again.
const MOST_ELEMENTS: usize = 100_000;

/// How often an open element can be looked at. A table of 54,000 elements, half a megabyte of it, takes half a million looks.
const MOST_LOOKS: u64 = 20_000_000;

/// After how many bytes is looked whether it is too much.
const PIECE: usize = 256;

/// Refuses HTML that takes too much work to read.
pub(crate) fn check(html: &str) -> Result<()> {
    let name = QualName::new(None, ns!(html), local_name!("div"));
    let effort = Effort::default();
    let mut parser = parse_fragment(effort, Default::default(), name, Vec::new(), false);
    let mut rest = html;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.ceil_char_boundary(PIECE));
        parser.process(StrTendril::from(piece));
        if parser.tokenizer.sink.sink.is_too_much() {
            return Err(too_much());
        }
        rest = after;
    }
    Ok(())
}

fn too_much() -> Error {
    let message = format!(
        "`html` takes too much work to read: at most {MOST_ELEMENTS} elements, and not thousands within each other"
    );
    Error::new(ErrorKind::Limit, message).with_details(serde_json::json!({ "field": "html" }))
}

/// An element, of which the parser asks nothing but this.
struct Element {
    name: QualName,
    /// Whether HTML begins again in it, inside of a formula.
    holds_html: bool,
}

/// Counts the elements that the parser makes, and how often it looks at one.
struct Effort {
    /// Stands for all that is no element, and for elements beyond the bound.
    nothing: Rc<Element>,
    elements: Cell<usize>,
    looks: Cell<u64>,
    /// Elements such as `<b>`, each with other attributes: a new one is compared with those that were not closed.
    formatting: RefCell<HashSet<u64>>,
    /// Attributes that were given to elements which were there: new ones are compared with each.
    given: Cell<u64>,
}

impl Default for Effort {
    fn default() -> Self {
        let nothing = Element {
            name: QualName::new(None, ns!(), local_name!("")),
            holds_html: false,
        };
        Self {
            nothing: Rc::new(nothing),
            elements: Cell::new(0),
            looks: Cell::new(0),
            formatting: RefCell::default(),
            given: Cell::new(0),
        }
    }
}

impl Effort {
    fn look(&self, times: u64) {
        self.looks.set(self.looks.get().saturating_add(times));
    }

    /// One such as `<b>` is compared with others.
    fn compare(&self, name: &QualName, attributes: &[Attribute]) {
        let mut hasher = DefaultHasher::new();
        name.local.hash(&mut hasher);
        for attribute in attributes {
            attribute.name.local.hash(&mut hasher);
            attribute.value.hash(&mut hasher);
        }
        let mut others = self.formatting.borrow_mut();
        others.insert(hasher.finish());
        self.look(others.len() as u64);
    }

    /// The place of something is looked for among what is there.
    fn look_for_place(&self) {
        self.look(self.elements.get() as u64);
    }

    fn is_too_much(&self) -> bool {
        self.elements.get() > MOST_ELEMENTS || self.looks.get() > MOST_LOOKS
    }
}

/// Whether it is one of those that are opened anew in the next paragraph (HTML standard, 13.2.4.3). A link ends where the
/// next begins, so there is never more than one.
fn is_formatting(name: &QualName) -> bool {
    matches!(
        &*name.local,
        "b" | "big"
            | "code"
            | "em"
            | "font"
            | "i"
            | "nobr"
            | "s"
            | "small"
            | "strike"
            | "strong"
            | "tt"
            | "u"
    )
}

impl TreeSink for Effort {
    type Handle = Rc<Element>;
    type Output = ();
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) {}

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<Attribute>,
        flags: ElementFlags,
    ) -> Rc<Element> {
        self.elements.set(self.elements.get() + 1);
        // Each attribute was compared with those before it. That is told late, but not paid for again.
        self.look((attributes.len() as u64).pow(2) / 2);
        if self.is_too_much() {
            return Rc::clone(&self.nothing);
        }
        if is_formatting(&name) {
            self.compare(&name, &attributes);
        }
        Rc::new(Element {
            name,
            holds_html: flags.mathml_annotation_xml_integration_point,
        })
    }

    fn elem_name<'a>(&'a self, element: &'a Rc<Element>) -> ExpandedName<'a> {
        self.look(1);
        element.name.expanded()
    }

    fn add_attrs_if_missing(&self, _: &Rc<Element>, attributes: Vec<Attribute>) {
        self.given.set(self.given.get() + attributes.len() as u64);
        self.look(self.given.get());
    }

    fn append_before_sibling(&self, _: &Rc<Element>, _: NodeOrText<Rc<Element>>) {
        self.look_for_place();
    }

    fn append_based_on_parent_node(
        &self,
        _: &Rc<Element>,
        _: &Rc<Element>,
        _: NodeOrText<Rc<Element>>,
    ) {
        self.look_for_place();
    }

    fn same_node(&self, one: &Rc<Element>, other: &Rc<Element>) -> bool {
        self.look(1);
        Rc::ptr_eq(one, other)
    }

    fn is_mathml_annotation_xml_integration_point(&self, element: &Rc<Element>) -> bool {
        element.holds_html
    }

    fn get_template_contents(&self, template: &Rc<Element>) -> Rc<Element> {
        Rc::clone(template)
    }

    fn get_document(&self) -> Rc<Element> {
        Rc::clone(&self.nothing)
    }

    fn create_comment(&self, _: StrTendril) -> Rc<Element> {
        Rc::clone(&self.nothing)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Rc<Element> {
        Rc::clone(&self.nothing)
    }

    // Where things are is not kept.
    fn parse_error(&self, _: Cow<'static, str>) {}
    fn append(&self, _: &Rc<Element>, _: NodeOrText<Rc<Element>>) {}
    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}
    fn set_quirks_mode(&self, _: QuirksMode) {}
    fn remove_from_parent(&self, _: &Rc<Element>) {}
    fn reparent_children(&self, _: &Rc<Element>, _: &Rc<Element>) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_not_too_much() {
        let word = format!(
            "<!--[if gte mso 9]><xml>{}</xml><![endif]-->",
            "<w:LsdException Locked=\"false\" Name=\"heading 1\"/>".repeat(371)
        );
        for html in [
            "<p>".repeat(5_000),
            "<p>One<br>two<img src=x>".repeat(5_000),
            "<ul><li>One<li>Two</ul>".repeat(5_000),
            "<table><tr><td>1<td>2</table>".repeat(5_000),
            format!(
                "<table>{}</table>",
                "<tr><td>1</td><td>2</td></tr>".repeat(18_000)
            ),
            "<DIV><span>a</span></div>".repeat(20_000),
            "<b>a</b> <i>b</i>".repeat(20_000),
            (0..7_000)
                .map(|n| format!("<a href=https://a.example/{n}><font color=red>x</font></a>"))
                .collect(),
            format!("<table>{}</table>", "<font>misplaced</font>".repeat(1_000)),
            "<p><font size=2>x</p>".repeat(1_100),
            "<h1>x</h2>".repeat(1_100),
            format!("<svg>{}</svg>", "<path d=\"M0 0\"/>".repeat(1_100)),
            "<blockquote>".repeat(500),
            "<b/><I\nclass=x><font color=red>".repeat(1_000),
            word.repeat(3),
        ] {
            let wanted = html.get(..40);
            check(&html).unwrap_or_else(|error| panic!("{wanted:?}: {error}"));
        }
    }

    #[test]
    fn what_takes_too_much_work_is_refused() {
        let bold: String = (0..900).map(|n| format!("<b title={n}>")).collect();
        let size = 512 * 1024;
        for html in [
            "<div>",
            "<div></x>",
            "<li><dd>",
            "<ul><li>",
            "<rt>",
            "<div><!--</div>-->",
            "<div title=\"</div>\">",
            "<div><title></div></title>",
            "<div><object></div></object>",
            "<span><div></span></div>",
            "<svg><x-y>",
            "<table><td>",
            "<html a>",
        ] {
            let error = check(&html.repeat(size / html.len())).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Limit, "{html}");
        }
        let distinct: String = (0..30_000).map(|n| format!("<b a={n}>")).collect();
        assert_eq!(check(&distinct).unwrap_err().kind(), ErrorKind::Limit);
        let attributes: String = (0..10_000).map(|n| format!(" a{n}")).collect();
        let crowded = format!("<p{attributes}>");
        assert_eq!(check(&crowded).unwrap_err().kind(), ErrorKind::Limit);
        let misplaced = format!("<table>{}", "<br>".repeat(99_000));
        assert_eq!(check(&misplaced).unwrap_err().kind(), ErrorKind::Limit);
        let opened_anew = format!("<p>{bold}</p>{}", "<p>x".repeat(1_000));
        assert_eq!(check(&opened_anew).unwrap_err().kind(), ErrorKind::Limit);
    }
}
