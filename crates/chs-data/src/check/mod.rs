//! What can be said of the data before any score is: contract, coverage, survivorship, follow-up, lateness.

mod beyond;
mod coverage;
mod labels;
mod lateness;
mod ready_panel;
mod rows;
mod rules;
mod survivors;

use chs_panel::{Finding, Panel};

use crate::load::{History, LoadReport, Refused};
use crate::project::{PanelProject, Project};

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
    let mut findings = survivors::findings(project, history, panel);
    findings.extend(lateness::findings(project, history));
    findings.extend(rows::findings(project, history, report));
    findings.extend(beyond::findings(project, history));
    concluded(findings, panel)
}

/// Look at a panel that was ready; what a history alone could tell is named as not looked at.
pub fn check_panel(project: &PanelProject, report: &LoadReport, panel: &Panel) -> Check {
    concluded(ready_panel::findings(project, report, panel), panel)
}

/// What can be said of data of which too many rows are rejected to make a panel.
pub fn check_refused(refused: &Refused) -> Check {
    Check { findings: rows::refused(refused), indicators: Vec::new() }
}

/// With what can be said of any panel.
fn concluded(mut findings: Vec<Finding>, panel: &Panel) -> Check {
    let indicators = coverage::indicators(panel);
    findings.extend(coverage::findings(&indicators));
    findings.extend(labels::findings(panel));
    findings.sort_by(|a, b| (a.code, &a.subject).cmp(&(b.code, &b.subject)));
    Check { findings, indicators }
}
