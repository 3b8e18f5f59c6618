//! The parts of a report, below the answer.

mod bands;
mod calibration;
mod decision;
mod distribution;
mod findings;
mod fitted;
mod further;
mod indicators;
mod measured_on;
mod misses;
mod movement;
mod over_time;
mod provenance;
mod questions;
mod ranking;
mod reading;
mod rows;
mod segments;
mod sensitivity;
mod signals;
mod warning;

use crate::ReportInput;
use crate::document::Document;
use crate::finding::all_findings;

pub(crate) use bands::BAND_CHART;
pub(crate) use fitted::{gate_tally, is_refused};
pub(crate) use measured_on::data_window;

/// All parts in the order in which they are read.
pub(crate) fn sections(report: &ReportInput) -> Document {
    let backtest = &report.backtest;
    let mut document = Document::default();
    questions::questions(&mut document, backtest);
    measured_on::measured_on(&mut document, report);
    ranking::ranking(&mut document, backtest);
    bands::bands(&mut document, backtest);
    warning::warning(&mut document, backtest);
    misses::misses(&mut document, backtest);
    movement::movement(&mut document, backtest);
    distribution::distribution(&mut document, backtest);
    calibration::calibration(&mut document, backtest);
    decision::decision(&mut document, backtest);
    signals::signals(&mut document, backtest);
    over_time::over_time(&mut document, backtest);
    indicators::indicators(&mut document, &report.loading);
    segments::segments(&mut document, backtest);
    sensitivity::sensitivity(&mut document, backtest);
    fitted::fitted(&mut document, report.fit.as_ref());
    findings::findings(&mut document, &all_findings(report));
    rows::rows(&mut document, &report.loading);
    reading::reading(&mut document, backtest);
    provenance::provenance(&mut document, report);
    document
}
