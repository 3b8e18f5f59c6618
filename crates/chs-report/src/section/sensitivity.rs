//! What the result hangs on.

use chs_backtest::backtest_json::v1::{Backtest, Metric, Variant};

use crate::document::Document;
use crate::escape::{code, prose};
use crate::figure::{Figure, Format};
use crate::label::{auc_heading, rate_heading};
use crate::lookup::{EVENT_RATE, WITHIN, overall, primary};
use crate::wording::{level, listed, thousands};
use crate::{Column, Table};

pub(crate) fn sensitivity(document: &mut Document, backtest: &Backtest) {
    document.section("What does the result hang on?");
    let Some(score) = primary(backtest) else {
        document.paragraph("There is no score.");
        return;
    };
    let found = &backtest.sensitivity;
    let (done, left_out): (Vec<&Variant>, Vec<&Variant>) =
        found.variants.iter().partition(|variant| variant.reason.is_none());
    if done.is_empty() {
        document.paragraph("No other way to compute the score could be tried.");
    } else {
        document.paragraph(&format!(
            "{} computed another way, one change at a time. The differences are the score as it is minus \
             the other way, on rows that both score.",
            code(&score.name)
        ));
        document.table(&variants(backtest, &done));
    }
    let reasons: Vec<String> = left_out
        .iter()
        .map(|variant| {
            format!("{}: {}", prose(&variant.name), prose(variant.reason.as_deref().unwrap_or("")))
        })
        .collect();
    document.list(&reasons);
    if let Some(change) = &found.score_change {
        document.paragraph(&format!(
            "Does the change of the score say more than the score? At the same score, a rise by one standard \
             deviation since the snapshot before moves the {} by {}.",
            rate_heading(&backtest.label),
            prose(&worded(change, Format::PointsMoved))
        ));
    }
    if !found.by_weight_observed.is_empty() {
        document.paragraph("Rows by how much of the weight was observed:");
        document.table(&by_weight(backtest));
    }
}

/// The figure with its interval, or why there is none.
fn worded(metric: &Metric, format: Format) -> String {
    match Figure::from(metric).words(format) {
        (cell, None) => cell,
        (cell, Some(note)) => format!("{cell} ({note})"),
    }
}

fn variants(backtest: &Backtest, variants: &[&Variant]) -> Table {
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("changed"),
        Column::words("indicators"),
        Column::words(format!("rows scored [{interval}]")),
        Column::words(format!("{} [{interval}]", auc_heading(&backtest.label))),
        Column::words(format!("difference [{interval}]")),
        Column::words(format!("alert band [{interval}]")),
        Column::words(format!("difference [{interval}]")),
    ]);
    for variant in variants {
        let metric = |name: &str| overall(&variant.metrics, name);
        let difference = |name: &str| variant.differences.iter().find(|found| found.name == name);
        let alert = "alert_band_event_rate";
        let cells = vec![
            variant.name.clone(),
            listed(&variant.indicators),
            table.figure(metric("scored"), Format::Percent),
            table.figure(metric(WITHIN), Format::Thousandths),
            table.figure(difference(WITHIN), Format::Difference),
            table.figure(metric(alert), Format::Percent),
            table.figure(difference(alert), Format::Points),
        ];
        table.push(cells);
    }
    table
}

fn by_weight(backtest: &Backtest) -> Table {
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("weight observed"),
        Column::numbers("rows"),
        Column::words(format!("{} [{interval}]", rate_heading(&backtest.label))),
        Column::words(format!("{} [{interval}]", auc_heading(&backtest.label))),
        Column::words(format!("alert band [{interval}]")),
    ]);
    let found = &backtest.sensitivity.by_weight_observed;
    for rate in found.iter().filter(|metric| metric.name == EVENT_RATE) {
        let other =
            |name: &str| found.iter().find(|own| own.name == name && own.slice == rate.slice);
        let class = rate.slice.get("weight_observed").cloned().unwrap_or_default();
        let cells = vec![
            class,
            thousands(rate.n),
            table.figure(Some(rate), Format::Percent),
            table.figure(other(WITHIN), Format::Thousandths),
            table.figure(other("alert_band_event_rate"), Format::Percent),
        ];
        table.push(cells);
    }
    table
}
