//! Findings as workflow commands of GitHub Actions: annotations of `chs.toml`.
//!
//! Source: GitHub, "Workflow commands for GitHub Actions".

use crate::findings::Concluded;

/// A line per error, warning and note; nothing of what passed.
pub(super) fn commands(concluded: &Concluded<'_>) -> String {
    let mut text = String::new();
    for finding in &concluded.findings {
        let command = match finding.level.as_str() {
            "error" => "error",
            "warning" => "warning",
            "note" => "notice",
            _ => continue,
        };
        let title = format!("{} {}", finding.code, finding.name);
        text.push_str(&format!(
            "::{command} file={},line={},title={}::{}\n",
            property(&concluded.file),
            concluded.line(finding),
            property(&title),
            data(&finding.sentence)
        ));
    }
    text
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{commands, property};
    use crate::findings::tests::concluded;

    #[test]
    fn what_passed_is_no_annotation() {
        let text = commands(&concluded(&["passed", "warning", "error", "note", "not_applicable"]));
        let expected = |command: &str| {
            format!(
                "::{command} file=chs.toml,line=3,title=CHS101 survivorship::50 %25 of <acme>\n"
            )
        };
        assert_eq!(text, ["warning", "error", "notice"].map(expected).concat());
        assert_eq!(property("a:b,c%"), "a%3Ab%2Cc%25");
    }
}
