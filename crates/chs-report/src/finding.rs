//! Findings as a report shows them.

use chs_backtest::backtest_json::v1;
use chs_backtest::rule;

use crate::ReportInput;
use crate::wording::{counted, spaced};

/// A coded conclusion with its next step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportFinding {
    /// Code, such as `CHS204`.
    pub code: String,
    /// Name of the code.
    pub name: String,
    /// `error`, `warning`, `note`, `passed`, `not_applicable` or `ignored`.
    pub level: String,
    /// What it is about: a score, a source, an indicator.
    pub subject: String,
    /// One sentence with the figures.
    pub sentence: String,
    /// Page of its rule in Markdown: how it is found, why it matters, what to do; empty where it is not
    /// known.
    pub page: String,
}

impl ReportFinding {
    /// Whether somebody should look before the result is used.
    pub fn is_grave(&self) -> bool {
        matches!(self.level.as_str(), "error" | "warning")
    }

    /// What to do about it, in Markdown: that section of its page; empty where there is nothing to say.
    pub fn next_step(&self) -> &str {
        let section = self.page.split_once("## What to do").map_or("", |(_, section)| section);
        section.split_once("\n## ").map_or(section, |(section, _)| section).trim()
    }
}

impl From<&v1::Finding> for ReportFinding {
    fn from(finding: &v1::Finding) -> Self {
        Self {
            code: finding.code.clone(),
            name: finding.name.clone(),
            level: finding.level.clone(),
            subject: finding.subject.clone(),
            sentence: finding.sentence.clone(),
            page: rule(&finding.code).map_or_else(String::new, |rule| rule.page.to_owned()),
        }
    }
}

/// Levels from the gravest on, with the plural of their findings.
const LEVELS: [(&str, &str); 6] = [
    ("error", "errors"),
    ("warning", "warnings"),
    ("note", "notes"),
    ("passed", "passed"),
    ("not_applicable", "not applicable"),
    ("ignored", "ignored"),
];

/// Place of a level among all; one that is not known here comes last.
pub(crate) fn rank(level: &str) -> usize {
    LEVELS.iter().position(|(known, _)| *known == level).unwrap_or(LEVELS.len())
}

/// The gravest first, then by code.
pub(crate) fn gravest_first(findings: &[ReportFinding]) -> Vec<&ReportFinding> {
    let mut sorted: Vec<&ReportFinding> = findings.iter().collect();
    sorted.sort_by(|a, b| (rank(&a.level), &a.code).cmp(&(rank(&b.level), &b.code)));
    sorted
}

/// Those of the check of the data and those of the backtest.
pub(crate) fn all_findings(report: &ReportInput) -> Vec<ReportFinding> {
    let own = report.backtest.findings.iter().map(ReportFinding::from);
    report.loading.findings.iter().cloned().chain(own).collect()
}

/// `1 error, 2 warnings, 9 passed`; `none` where there is none.
pub fn tally(findings: &[ReportFinding]) -> String {
    let words: Vec<String> = LEVELS
        .iter()
        .filter_map(|(level, plural)| {
            let count = findings.iter().filter(|finding| finding.level == *level).count();
            (count > 0).then(|| counted(count, &spaced(level), plural))
        })
        .collect();
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::{ReportFinding, rank, tally};

    fn finding(level: &str) -> ReportFinding {
        ReportFinding {
            code: "CHS204".into(),
            name: "bands not monotone".into(),
            level: level.into(),
            subject: "acme".into(),
            sentence: "a step goes the wrong way".into(),
            page: String::new(),
        }
    }

    #[test]
    fn findings_are_counted_from_the_gravest_on() {
        let findings = ["passed", "warning", "error", "warning", "not_applicable"].map(finding);
        assert_eq!(tally(&findings), "1 error, 2 warnings, 1 passed, 1 not applicable");
        assert_eq!(tally(&[]), "none");
        assert!(rank("error") < rank("warning") && rank("ignored") < rank("unheard of"));
        assert!(finding("warning").is_grave() && !finding("note").is_grave());
    }

    #[test]
    fn the_next_step_is_cut_from_the_page() {
        let next_step = |page: &str| {
            let found = ReportFinding { page: page.to_owned(), ..finding("error") };
            found.next_step().to_owned()
        };
        let page = "# CHS1 x\n\n## Why\n\nBecause.\n\n## What to do\n\nAct.\n\n## More\n\nNo.\n";
        assert_eq!(next_step(page), "Act.");
        assert_eq!(next_step("# CHS1 x\n\n## What to do\n\nAct.\n"), "Act.");
        assert_eq!(next_step("# CHS1 x\n"), "");
    }
}
