//! Findings for people: the grave ones in full, the others counted.

use chs::ReportFinding;
use chs::backtest_json::v1::Finding;

use crate::style::{Style, wrapped};

/// How many there are of each level, then every error and warning with its sentence.
pub(crate) fn rendered<'a>(
    findings: impl IntoIterator<Item = &'a Finding>,
    style: Style,
) -> String {
    let findings: Vec<ReportFinding> = findings.into_iter().map(chs::report_finding).collect();
    let mut text = wrapped(&format!("Findings: {}", chs::tally(&findings)), "  ");
    let mut codes: Vec<&str> = Vec::new();
    for level in ["error", "warning"] {
        for finding in findings.iter().filter(|finding| finding.level == level) {
            let head = style.level(level, level);
            let line = format!("- {head} {}{}: {}", finding.code, about(finding), finding.sentence);
            text.push_str(&wrapped(&line, "  "));
            codes.push(&finding.code);
        }
    }
    match codes.first() {
        Some(code) => text + &format!("What to do about one: chs rule {code}\n"),
        None => text,
    }
}

/// What a finding is about, where its sentence does not say so.
fn about(finding: &ReportFinding) -> String {
    let ReportFinding { subject, sentence, .. } = finding;
    let says_so = subject.is_empty() || sentence.contains(&format!("`{subject}`"));
    if says_so { String::new() } else { format!(", `{subject}`") }
}

/// Findings as rows of CSV.
pub(crate) fn rows<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<Vec<String>> {
    let row = |finding: &Finding| {
        let cells =
            [&finding.code, &finding.level, &finding.section, &finding.subject, &finding.sentence];
        cells.map(String::clone).to_vec()
    };
    findings.into_iter().map(row).collect()
}

/// Header of [`rows`].
pub(crate) const HEADER: [&str; 5] = ["code", "level", "section", "subject", "sentence"];

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(level: &str) -> Finding {
        Finding {
            code: "CHS204".into(),
            name: "bands not monotone".into(),
            section: "bands".into(),
            level: level.into(),
            subject: "acme".into(),
            sentence: "the bands do not follow".into(),
            figures: std::collections::BTreeMap::new(),
        }
    }

    #[test]
    fn grave_findings_stand_in_full() {
        let findings = ["passed", "warning", "error", "passed"].map(finding);
        assert_eq!(
            rendered(&findings, Style::Plain),
            "Findings: 1 error, 1 warning, 2 passed\n\
             - error CHS204, `acme`: the bands do not follow\n\
             - warning CHS204, `acme`: the bands do not follow\n\
             What to do about one: chs rule CHS204\n"
        );
        assert_eq!(rendered(&[], Style::Plain), "Findings: none\n");
        let named = Finding { sentence: "bands of `acme`".into(), ..finding("error") };
        assert!(rendered(&[named], Style::Plain).contains("CHS204: bands of `acme`\n"));
    }
}
