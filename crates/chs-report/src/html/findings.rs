//! Findings, each with the page of its rule.

use std::fmt::Write as _;

use super::inline::inline;
use super::joined;
use crate::ReportFinding;
use crate::escape::{code, prose, xml};
use crate::finding::gravest_first;
use crate::wording::{counted, spaced};

/// Findings in a line each.
pub(super) fn brief(findings: &[ReportFinding]) -> String {
    let items = joined(findings.iter().map(|found| {
        let (badge, about) = (badge(found), about(found));
        format!("<li>{badge} {} {}: {about}</li>\n", xml(&found.code), xml(&found.name))
    }));
    if items.is_empty() {
        "<p>None.</p>\n".to_owned()
    } else {
        format!("<ul class=\"brief\">\n{items}</ul>\n")
    }
}

/// Grouped by level and code, the gravest first; what needs nobody's attention is folded.
pub(super) fn findings(findings: &[ReportFinding]) -> String {
    let sorted = gravest_first(findings);
    let mut html = String::new();
    for level in sorted.chunk_by(|a, b| a.level == b.level) {
        let groups = joined(level.chunk_by(|a, b| a.code == b.code).map(group));
        let Some(first) = level.first() else { continue };
        if matches!(first.level.as_str(), "error" | "warning" | "note") {
            html.push_str(&groups);
        } else {
            let count = counted(level.len(), &spaced(&first.level), &spaced(&first.level));
            let _ =
                write!(html, "<details>\n<summary>{}</summary>\n{groups}</details>\n", xml(&count));
        }
    }
    html
}

/// Findings of one level and code.
fn group(findings: &[&ReportFinding]) -> String {
    let Some(first) = findings.first() else { return String::new() };
    let items = joined(findings.iter().map(|found| format!("<li>{}</li>\n", about(found))));
    let next = match first.next_step() {
        next if !next.is_empty() && first.is_grave() => {
            format!("<p><strong>Next:</strong> {}</p>\n", inline(next))
        }
        _ => String::new(),
    };
    format!(
        "<article>\n<h3>{} {} {}</h3>\n<ul>\n{items}</ul>\n{next}{}</article>\n",
        badge(first),
        xml(&first.code),
        xml(&first.name),
        page(&first.page)
    )
}

fn badge(found: &ReportFinding) -> String {
    let class = match found.level.as_str() {
        level @ ("error" | "warning" | "note" | "passed") => level,
        _ => "other",
    };
    format!("<span class=\"badge {class}\">{}</span>", xml(&spaced(&found.level)))
}

/// The subject, unless the sentence names it, and the sentence.
fn about(found: &ReportFinding) -> String {
    let (subject, sentence) = (code(&found.subject), prose(&found.sentence));
    if found.sentence.contains(&subject) {
        inline(&sentence)
    } else {
        inline(&format!("{subject}: {sentence}"))
    }
}

/// The page of a rule below its title: headings and paragraphs.
fn page(markdown: &str) -> String {
    let mut html = String::new();
    for block in markdown.split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
        if let Some(heading) = block.strip_prefix("## ") {
            let _ = writeln!(html, "<h4>{}</h4>", inline(heading));
        } else if !block.starts_with("# ") {
            let _ = writeln!(html, "<p>{}</p>", inline(block));
        }
    }
    if html.is_empty() {
        return html;
    }
    format!("<details class=\"page\">\n<summary>About this finding</summary>\n{html}</details>\n")
}

#[cfg(test)]
mod tests {
    use chs_backtest::RULES;

    use super::page;

    #[test]
    fn pages_hold_headings_and_paragraphs_alone() {
        for rule in RULES {
            let html = page(rule.page);
            assert_eq!(html.matches("<h4>").count(), 3, "{html}");
            assert!(!html.contains(rule.name) || html.matches("# ").count() == 0, "{html}");
            let other = ["- ", "* ", "1.", "```", "> ", "|", "### "];
            for line in rule.page.lines() {
                assert!(!other.iter().any(|mark| line.starts_with(mark)), "{}: {line}", rule.code);
            }
        }
        assert_eq!(page(""), "");
    }
}
