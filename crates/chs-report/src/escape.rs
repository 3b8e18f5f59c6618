//! Names and sentences from outside as text that Markdown, HTML and SVG show as it stands.

/// A name in a code span.
pub(crate) fn code(name: &str) -> String {
    let name: String = name
        .chars()
        .map(|character| match character {
            '`' => '\'',
            control if control.is_control() => ' ',
            other => other,
        })
        .collect();
    format!("`{name}`")
}

/// A sentence, in which names may stand in backticks.
pub(crate) fn prose(text: &str) -> String {
    let has_spans = text.matches('`').count().is_multiple_of(2);
    let mut escaped = String::with_capacity(text.len());
    let mut in_code = false;
    for character in text.chars() {
        match character {
            control if control.is_control() => escaped.push(' '),
            '`' if has_spans => {
                in_code = !in_code;
                escaped.push('`');
            }
            special @ ('`' | '<' | '*' | '[' | ']' | '\\' | '&') if !in_code => {
                // A bracket alone is plain text; only a link needs it next to another one.
                if !matches!(special, '[' | ']') || text.contains("](") {
                    escaped.push('\\');
                }
                escaped.push(special);
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// A sentence in a cell of a table.
pub(crate) fn cell(text: &str) -> String {
    prose(text).replace('|', "\\|")
}

/// Text inside an element or an attribute of HTML and SVG.
pub(crate) fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push(' '),
            control if control.is_control() => escaped.push(' '),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{cell, code, prose, xml};

    #[test]
    fn names_stay_names() {
        assert_eq!(code("a`b\nc"), "`a'b c`");
        assert_eq!(prose("`a*b` is *not* <b>"), "`a*b` is \\*not\\* \\<b>");
        assert_eq!(prose("one ` alone\r\n"), "one \\` alone  ");
        assert_eq!(prose("0.7 [0.6, 0.8]"), "0.7 [0.6, 0.8]");
        assert_eq!(prose("[a](b)"), "\\[a\\](b)");
        assert_eq!(cell("a|b"), "a\\|b");
        assert_eq!(xml("<b a='1'>\u{1}&\""), "&lt;b a=&#39;1&#39;&gt; &amp;&quot;");
    }
}
