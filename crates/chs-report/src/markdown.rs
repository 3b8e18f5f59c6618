//! The report in Markdown: the answer first, then what it rests on.

mod document;
mod escape;

mod measured_on;

mod ranking;

mod bands;

mod calibration;

mod over_time;
mod segments;

mod findings;

mod rows;

mod reading;

mod provenance;

use document::Document;
use escape::prose;

use crate::finding::tally;
use crate::{ReportFinding, ReportInput, Summary, summary};

/// The whole report in Markdown.
///
/// It reads well on a code host and, as it stands, in a terminal of 100 columns: paragraphs are wrapped
/// and tables line up. The same input gives the same bytes.
pub fn markdown(report: &ReportInput) -> String {
    let backtest = &report.backtest;
    let summary = summary(backtest);
    let mut document = Document::default();
    answer(&mut document, report, &summary);
    measured_on::measured_on(&mut document, report);
    ranking::ranking(&mut document, backtest);
    bands::bands(&mut document, backtest);
    calibration::calibration(&mut document, backtest);
    over_time::over_time(&mut document, backtest);
    segments::segments(&mut document, backtest);
    findings::findings(&mut document, &all_findings(report));
    rows::rows(&mut document, &report.loading);
    reading::reading(&mut document, backtest);
    provenance::provenance(&mut document, report);
    document.finish()
}

/// The verdict, and whether there is enough data for it.
fn answer(document: &mut Document, report: &ReportInput, summary: &Summary) {
    document.title(&prose(&summary.heading));
    document.paragraph(&prose(&summary.sentence));
    document.paragraph(&format!("**What it rests on.** {}", prose(&summary.sufficiency)));
    document.paragraph(&format!("**Findings.** {}.", tally(&all_findings(report))));
}

/// Those of the backtest and those of the check of the data.
fn all_findings(report: &ReportInput) -> Vec<ReportFinding> {
    let own = report.backtest.findings.iter().map(ReportFinding::from);
    report.loading.findings.iter().cloned().chain(own).collect()
}

#[cfg(test)]
mod tests;
