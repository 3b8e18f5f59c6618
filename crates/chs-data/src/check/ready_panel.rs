//! What can be said of a panel that was ready, and what cannot.

use chs_panel::{Finding, Level, Panel};

use crate::check::rows::rejected;
use crate::check::rules::READY_PANEL;
use crate::load::{LoadReport, PANEL_TABLE};
use crate::project::PanelProject;

pub(super) fn findings(project: &PanelProject, report: &LoadReport, panel: &Panel) -> Vec<Finding> {
    let limit = project.table.max_rejected;
    let tables = report.tables.iter().map(|table| rejected(table, limit));
    let sentence = if panel.is_cross_section() {
        "the panel is a cross-section, one row per account and no day: survivorship, rows beyond \
         follow-up, and what was known when cannot be looked at, and everything that needs time is \
         left out"
    } else {
        "the panel was made elsewhere: survivorship, and whether each value was known on its day, \
         cannot be looked at"
    };
    let made_elsewhere = READY_PANEL.finding(Level::Note, PANEL_TABLE, sentence.to_owned());
    tables.chain([made_elsewhere]).collect()
}
