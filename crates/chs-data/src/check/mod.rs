//! What can be said of the data before any score is: contract, coverage, survivorship, follow-up.

mod coverage;
mod labels;
mod rows;
mod rules;
mod survivors;

use chs_panel::{Finding, Panel};

use crate::load::{History, LoadReport};
use crate::project::Project;

pub use coverage::IndicatorCoverage;
pub use rules::{RULES, rule};

/// What was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Conclusions by code, then subject.
    pub findings: Vec<Finding>,
    /// Coverage of each indicator, in declared order.
    pub indicators: Vec<IndicatorCoverage>,
}

/// Look at a loaded history and the panel that was replayed from it; O(rows log rows).
pub fn check(project: &Project, history: &History, report: &LoadReport, panel: &Panel) -> Check {
    let indicators = coverage::indicators(panel);
    let mut findings = survivors::findings(project, history, panel);
    findings.extend(rows::findings(project, history, report));
    findings.extend(coverage::findings(&indicators));
    findings.extend(labels::findings(panel));
    findings.sort_by(|a, b| (a.code, &a.subject).cmp(&(b.code, &b.subject)));
    Check { findings, indicators }
}
