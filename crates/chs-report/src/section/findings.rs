//! Coded conclusions.

use crate::ReportFinding;
use crate::document::Document;
use crate::finding::tally;

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
    document.findings(findings);
}
