//! What the result hangs on.

use chs_backtest::backtest_json::v1::{Backtest, Metric, Variant};

use crate::document::Document;
use crate::escape::{code, prose};
use crate::figure::{Figure, Format};
use crate::label::{auc_heading, rate_heading};
use crate::lookup::{EVENT_RATE, WITHIN, overall, primary};
use crate::wording::{level, listed, thousands};
use crate::{Column, Table};

/// Outcome rate of the band that is acted on.
const ALERT: &str = "alert_band_event_rate";

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
        document.list(&touched(&done));
        document.table(&rankings(backtest, &done));
        document.table(&alert_bands(backtest, &done));
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
             deviation since the snapshot before moves the {} by {} points.",
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

fn rankings(backtest: &Backtest, variants: &[&Variant]) -> Table {
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("changed"),
        Column::words(format!("rows scored [{interval}]")),
        Column::words(format!("AUC [{interval}]")),
        Column::words(format!("difference [{interval}]")),
    ]);
    for variant in variants {
        let difference = variant.differences.iter().find(|found| found.name == WITHIN);
        let cells = vec![
            variant.name.clone(),
            table.figure(overall(&variant.metrics, "scored"), Format::Percent),
            table.figure(overall(&variant.metrics, WITHIN), Format::Thousandths),
            table.figure(difference, Format::Difference),
        ];
        table.push(cells);
    }
    table
}

fn alert_bands(backtest: &Backtest, variants: &[&Variant]) -> Table {
    let interval = level(backtest.settings.level);
    let rate = rate_heading(&backtest.label);
    let mut table = Table::new(vec![
        Column::words("changed"),
        Column::words(format!("{rate}, alert band [{interval}]")),
        Column::words(format!("difference [{interval}]")),
    ]);
    for variant in variants {
        let difference = variant.differences.iter().find(|found| found.name == ALERT);
        let cells = vec![
            variant.name.clone(),
            table.figure(overall(&variant.metrics, ALERT), Format::Percent),
            table.figure(difference, Format::Points),
        ];
        table.push(cells);
    }
    table
}

/// The indicators that each change touches, where it is not all of them.
fn touched(variants: &[&Variant]) -> Vec<String> {
    let told = |variant: &&&Variant| variant.kind != "missing_policy";
    let words = |variant: &&Variant| {
        let names: Vec<String> = variant.indicators.iter().map(|name| code(name)).collect();
        format!("{}: {}", prose(&variant.name), listed(&names))
    };
    variants.iter().filter(told).map(words).collect()
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
            table.figure(other(ALERT), Format::Percent),
        ];
        table.push(cells);
    }
    table
}
