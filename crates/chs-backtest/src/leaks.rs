//! The leak audit: signs that an indicator or a source knows what nobody could have known.
//!
//! It asks of the panel's first label. A leak makes a score look good that will be worth nothing, so that
//! each suspect has to be looked at by somebody who knows where its data come from: the figures alone
//! cannot tell a leak from an honest signal of the same shape.

mod event_time;
mod future;
mod jump;
mod one_class;
mod rules;
mod source_end;
#[cfg(test)]
mod tests;
mod written_over;

use chs_panel::{Finding, Level, Panel};
use chs_scorecard::Scorecard;

use crate::sample::Frame;
use crate::{BacktestError, Settings};

pub use event_time::EventTimeImpact;
pub use future::FutureEvidence;
pub use rules::LEAK_RULES;

/// Level of the intervals by which the audit decides. It asks many questions of many indicators: at that
/// of the other intervals sound data would hold suspects.
pub const AUDIT_LEVEL: f64 = 0.999;

/// What the audit looks at.
#[derive(Clone, Debug)]
pub struct LeakEvidence<'a> {
    /// The panel as it was known.
    pub panel: &'a Panel,
    /// The panel of the same history if each row had been known when it happened.
    pub by_event_time: Option<&'a Panel>,
    /// The scorecards that are tested on it.
    pub scorecards: &'a [Scorecard],
    /// The panel beside panels of histories with another future; `None` where there is no history.
    pub future: Option<FutureEvidence>,
    /// Days per row of the panel until the outcome came or was known; `None` where it has no date.
    pub days_to_outcome: Option<Vec<Option<f64>>>,
    /// The sources.
    pub sources: Vec<SourceTraces>,
    /// Columns of numbers of the sources.
    pub columns: Vec<BlankCells>,
}

/// What a source shows.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceTraces {
    /// Its name.
    pub name: String,
    /// Whether it says when its rows became known.
    pub tells_when_known: bool,
    /// Accounts that ended, of those that it holds.
    pub ended: usize,
    /// Those of them whose first row comes when the end was known, or after it.
    pub begun_at_end: usize,
    /// Per row of the panel whether the account has a row in the days before.
    pub spoke: Vec<bool>,
    /// How many days.
    pub spoke_days: i64,
}

/// A column of which accounts hold nothing but blanks: missing values and zeros.
#[derive(Clone, Debug, PartialEq)]
pub struct BlankCells {
    /// What it is about.
    pub subject: String,
    /// The column in words.
    pub column: String,
    /// Accounts that ended.
    pub ended: usize,
    /// Those of them with blanks alone.
    pub ended_blank: usize,
    /// Accounts that did not end.
    pub others: usize,
    /// Those of them with blanks alone.
    pub others_blank: usize,
}

/// What the audit concludes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeakAudit {
    /// Conclusions by code, then subject.
    pub findings: Vec<Finding>,
    /// What event time alone would have faked, per indicator and scorecard.
    pub impacts: Vec<EventTimeImpact>,
}

/// Look for leaks; O(rows log rows) per indicator.
///
/// # Errors
///
/// [`BacktestError`] where a scorecard does not fit the panel.
pub fn audit_leaks(evidence: &LeakEvidence<'_>) -> Result<LeakAudit, BacktestError> {
    let panel = evidence.panel;
    let mut findings = vec![future::finding(evidence.future.as_ref())];
    let mut impacts = Vec::new();
    findings.extend(evidence.sources.iter().filter_map(source_end::begun_at_end));
    findings.extend(evidence.columns.iter().map(written_over::finding));
    if let Some(label) = panel.labels().first() {
        let settings = Settings { level: AUDIT_LEVEL, ..Settings::default() };
        let frame = Frame::new(panel, label, &settings);
        impacts = event_time::impacts(&frame, evidence)?;
        findings.extend(event_time::findings(evidence, &impacts));
        findings.extend(jump::findings(&frame, evidence.days_to_outcome.as_deref()));
        findings.extend(one_class::findings(&frame));
        findings.extend(
            evidence.sources.iter().filter_map(|source| source_end::ended_early(&frame, source)),
        );
        findings.extend(written_over::of_the_panel(&frame).iter().map(written_over::finding));
    }
    findings.sort_by(|a, b| (a.code, &a.subject).cmp(&(b.code, &b.subject)));
    Ok(LeakAudit { findings, impacts })
}

/// Names of the panel's indicators that the panel alone makes suspect: they know the class by being there,
/// or rank well only in the last days before the outcome. `days` are those of [`LeakEvidence`].
pub(crate) fn suspects(frame: &Frame<'_>, days: Option<&[Option<f64>]>) -> Vec<String> {
    let mut findings = one_class::findings(frame);
    findings.extend(jump::findings(frame, days));
    let mut names: Vec<String> = findings
        .into_iter()
        .filter(|finding| finding.level == Level::Warning)
        .map(|finding| finding.subject)
        .collect();
    names.sort();
    names.dedup();
    names
}

/// A warning where something is suspect, else passed.
fn suspected(is_suspect: bool) -> Level {
    if is_suspect { Level::Warning } else { Level::Passed }
}
