//! Findings: for people the grave ones in full and the others counted, for programs in their formats.

mod github;
mod junit;
mod sarif;

use std::path::{Component, Path};

use chs::backtest_json::v1::Finding;
use chs::{Inputs, ReportFinding, Rule};

use crate::answer::Answer;
use crate::style::{Style, wrapped};

/// A format of which findings alone are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FindingsFormat {
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// `JUnit` XML, for test reports: one case per rule.
    Junit,
    /// Workflow commands of GitHub Actions.
    Github,
}

/// What a run concludes, and where people would look.
pub(crate) struct Concluded<'a> {
    /// The project file, as seen from the current folder, with slashes.
    file: String,
    /// Its text.
    text: &'a str,
    /// What was looked at.
    rules: Vec<&'static Rule>,
    findings: Vec<&'a Finding>,
}

impl<'a> Concluded<'a> {
    /// Of the findings of a run that looked at these rules.
    pub(crate) fn new(
        inputs: &'a Inputs,
        rules: Vec<&'static Rule>,
        findings: impl IntoIterator<Item = &'a Finding>,
    ) -> Self {
        Self {
            file: shown_path(&inputs.project_file),
            text: inputs.project.text(),
            rules,
            findings: findings.into_iter().collect(),
        }
    }

    /// The document for programs.
    pub(crate) fn document(&self, format: FindingsFormat) -> Answer {
        match format {
            FindingsFormat::Sarif => Answer::json(&sarif::log(self)),
            FindingsFormat::Junit => Answer::text(junit::report(self)),
            FindingsFormat::Github => Answer::text(github::commands(self)),
        }
    }

    /// The line of the project file, from 1, that declares what a finding is about; else the first.
    fn line(&self, finding: &Finding) -> usize {
        let declares = |line: &str| {
            // A remark may follow; `#` stands in no key that a finding is about.
            let line = line.split('#').next().unwrap_or_default().trim();
            let key = line.split('=').next().unwrap_or_default().trim().trim_matches('"');
            let table = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
            let last = table.and_then(|table| table.rsplit('.').next());
            !finding.subject.is_empty()
                && (key == finding.subject || last == Some(&finding.subject))
        };
        self.text.lines().position(declares).map_or(1, |place| place + 1)
    }
}

/// A path as seen from the current folder, with slashes; its file name where it lies elsewhere.
fn shown_path(path: &Path) -> String {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let here = std::env::current_dir().unwrap_or_default();
    let is_above = |path: &Path| path.components().any(|part| part == Component::ParentDir);
    let below = absolute.strip_prefix(&here).ok().filter(|path| !is_above(path));
    let shown = below.or_else(|| path.file_name().map(Path::new)).unwrap_or(path);
    let parts = shown.components().map(|part| part.as_os_str().to_string_lossy().into_owned());
    parts.collect::<Vec<_>>().join("/")
}

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
    if findings.iter().any(|finding| finding.level == "note") {
        text.push_str("The notes in full: --format csv\n");
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

    /// Findings of one of two rules, about a source on the third line.
    pub(super) fn concluded(levels: &[&str]) -> Concluded<'static> {
        let finding = |level: &&str| {
            let (code, name, section) = ("CHS101".into(), "survivorship".into(), "sources".into());
            let (subject, sentence) = ("usage".into(), "50 % of <acme>".into());
            Finding { code, name, section, subject, sentence, ..finding(level) }
        };
        Concluded {
            file: "chs.toml".to_owned(),
            text: "spec_version = 1\n\n[sources.usage]\n",
            rules: vec![chs::rule("CHS101").unwrap(), chs::rule("CHS102").unwrap()],
            findings: levels.iter().map(|level| &*Box::leak(Box::new(finding(level)))).collect(),
        }
    }

    #[test]
    fn a_finding_points_to_what_it_is_about() {
        let mut concluded = concluded(&["error"]);
        concluded.text =
            "[sources.logins]\n[indicators]\nacme_30d = 1\n acme = { tenure = \"days\" }\n";
        assert_eq!(concluded.line(&finding("error")), 4);
        assert_eq!(concluded.line(concluded.findings[0]), 1);
        concluded.text = "spec_version = 1\n[sources.usage]   # what was done\n";
        assert_eq!(concluded.line(concluded.findings[0]), 2);
        assert_eq!(shown_path(Path::new("sub/chs.toml")), "sub/chs.toml");
        assert_eq!(shown_path(Path::new("../chs.toml")), "chs.toml");
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
        let note = [finding("note")];
        assert!(rendered(&note, Style::Plain).ends_with("The notes in full: --format csv\n"));
        let named = Finding { sentence: "bands of `acme`".into(), ..finding("error") };
        assert!(rendered(&[named], Style::Plain).contains("CHS204: bands of `acme`\n"));
    }
}
