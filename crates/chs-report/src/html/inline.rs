//! Markdown inside a line, as HTML. What is no code span, bold or italic stays text.

use std::fmt::Write as _;

use crate::escape::xml;

/// A line of Markdown with code spans, bold, italic and escaped characters.
pub(super) fn inline(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    // A number and its percent sign stay together.
    let text = text.replace(" %", "\u{a0}%");
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        if let Some(escaped) = escaped(rest) {
            html.push_str(&xml(&escaped.to_string()));
            rest = after(rest, 2);
        } else if let Some((inner, after)) = between(rest, "`") {
            let _ = write!(html, "<code>{}</code>", xml(inner));
            rest = after;
        } else if let Some((inner, after)) = between(rest, "**") {
            let _ = write!(html, "<strong>{}</strong>", inline(inner));
            rest = after;
        } else if let Some((inner, after)) = between(rest, "*") {
            let _ = write!(html, "<em>{}</em>", inline(inner));
            rest = after;
        } else {
            html.push_str(&xml(&first.to_string()));
            rest = after(rest, 1);
        }
    }
    html
}

/// The character behind a backslash.
fn escaped(text: &str) -> Option<char> {
    text.strip_prefix('\\')?.chars().next().filter(char::is_ascii_punctuation)
}

/// What stands between two equal marks, and what follows.
fn between<'a>(text: &'a str, mark: &str) -> Option<(&'a str, &'a str)> {
    let (inner, after) = text.strip_prefix(mark)?.split_once(mark)?;
    let is_close = mark == "`" || inner.trim() == inner;
    (is_close && !inner.is_empty()).then_some((inner, after))
}

fn after(text: &str, count: usize) -> &str {
    let mut characters = text.chars();
    characters.by_ref().take(count).for_each(drop);
    characters.as_str()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::inline;
    use crate::escape::{code, prose};

    #[test]
    fn marks_become_elements() {
        assert_eq!(
            inline("**Asked:** `a<b` and *so* on"),
            "<strong>Asked:</strong> <code>a&lt;b</code> and <em>so</em> on"
        );
        assert_eq!(inline("**see `x`**"), "<strong>see <code>x</code></strong>");
        assert_eq!(inline("a ** b * c ` d \\"), "a ** b * c ` d \\");
        assert_eq!(inline("1 \\* 2 \\<i> \\q"), "1 * 2 &lt;i&gt; \\q");
    }

    proptest! {
        #[test]
        fn nothing_from_outside_becomes_an_element(text in "[<>&*`\\\\a\"'\\[\\]()|]{0,24}") {
            for html in [inline(&text), inline(&prose(&text)), inline(&code(&text))] {
                let known = ["code", "strong", "em"].iter().fold(html.clone(), |html, name| {
                    html.replace(&format!("<{name}>"), "").replace(&format!("</{name}>"), "")
                });
                prop_assert!(!known.contains(['<', '>', '"']), "{}", html);
            }
        }

        #[test]
        fn a_sentence_is_shown_as_it_stands(text in "[<>&*\\\\a\"' |]{0,24}") {
            let shown = inline(&prose(&text))
                .replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&quot;", "\"")
                .replace("&#39;", "'")
                .replace("&amp;", "&");
            prop_assert_eq!(shown, text);
        }
    }
}
