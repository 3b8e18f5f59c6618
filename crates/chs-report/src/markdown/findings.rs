//! Coded conclusions, the gravest first.

use super::document::Document;
use super::escape::{code, prose};
use crate::ReportFinding;
use crate::finding::{rank, tally};
use crate::wording::spaced;

pub(crate) fn findings(document: &mut Document, findings: &[ReportFinding]) {
    document.section("Findings");
    if findings.is_empty() {
        document.paragraph("None.");
        return;
    }
    document.paragraph(&format!(
        "{}. `chs rule CODE` says how each is found, why it matters and what to do.",
        tally(findings)
    ));
    let mut sorted: Vec<&ReportFinding> = findings.iter().collect();
    sorted.sort_by(|a, b| (rank(&a.level), &a.code).cmp(&(rank(&b.level), &b.code)));
    document.list(&sorted.into_iter().map(item).collect::<Vec<_>>());
}

fn item(finding: &ReportFinding) -> String {
    let sentence = prose(&finding.sentence);
    let head = format!("{} {}", prose(&finding.code), prose(&finding.name));
    let about = code(&finding.subject);
    if !finding.is_grave() {
        return format!("{}: {head}, {about}: {sentence}", prose(&spaced(&finding.level)));
    }
    let next = if finding.next_step.is_empty() {
        String::new()
    } else {
        format!(". *Next:* {}", finding.next_step)
    };
    format!("**{}: {head}**, {about}: {sentence}{next}", prose(&finding.level))
}
