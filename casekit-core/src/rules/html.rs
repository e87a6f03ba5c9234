//! HTML from outside is reduced to an allow-list before it is stored.

use std::borrow::Cow;

/// Blocks that are as harmless as those that are allowed anyway: without them two would run together.
const BLOCKS: [&str; 4] = ["address", "fieldset", "main", "section"];

/// What is allowed: the usual list, and images inside of the message (`cid:`, RFC 2392).
pub(super) fn allowed() -> ammonia::Builder<'static> {
    let mut allowed = ammonia::Builder::default();
    allowed.add_url_schemes(["cid"]).add_tags(BLOCKS);
    allowed
}

/// `html` reduced to what is safe: no scripts, no styles that reach outside, no forms.
pub(crate) fn sanitise(html: &str) -> String {
    allowed().clean(html).to_string()
}

/// `html` without images that would be fetched from elsewhere, which tells the sender that the
/// message was read. Images inside the message (`cid:`) stay.
pub(crate) fn without_remote_images(html: &str) -> String {
    allowed()
        .attribute_filter(|element, attribute, value| {
            let remote = element == "img" && attribute == "src" && !value.starts_with("cid:");
            (!remote).then_some(Cow::Borrowed(value))
        })
        .clean(html)
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_and_handlers_are_removed() {
        let safe = sanitise(
            "<p onclick=\"x()\">hi<script>alert(1)</script></p><a href=\"javascript:x\">a</a>",
        );
        assert_eq!(safe, "<p>hi</p><a rel=\"noopener noreferrer\">a</a>");
    }

    #[test]
    fn blocks_stay_apart() {
        let html = "<section>One</section><main><address>Two</address></main>";
        assert_eq!(sanitise(html), html);
    }

    #[test]
    fn remote_images_are_blocked_and_enclosed_ones_stay() {
        let html = "<img src=\"https://spy.example/1.png\" alt=\"x\"><img src=\"cid:logo\">";
        assert_eq!(sanitise(html), html);
        assert_eq!(
            without_remote_images(html),
            "<img alt=\"x\"><img src=\"cid:logo\">"
        );
    }
}
