//! Whether the score holds in every segment.

use chs_backtest::backtest_json::v1::{Backtest, Metric, Scorecard};

use super::document::Document;
use super::escape::code;
use crate::figure::Format;
use crate::label::rate_heading;
use crate::lookup::{EVENT_RATE, WITHIN, primary};
use crate::wording::{level, thousands};
use crate::{Column, Table};

pub(crate) fn segments(document: &mut Document, backtest: &Backtest) {
    document.section("Does it hold in every segment?");
    let Some(score) = primary(backtest).filter(|_| !backtest.sufficiency.segments.is_empty())
    else {
        document.paragraph("The history has no segments.");
        return;
    };
    document.paragraph(&format!("{} in each segment level:", code(&score.name)));
    document.table(&by_segment(backtest, score));
}

fn by_segment(backtest: &Backtest, score: &Scorecard) -> Table {
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("segment"),
        Column::words("level"),
        Column::numbers("accounts"),
        Column::numbers("with outcome"),
        Column::words(format!("{} [{interval}]", rate_heading(&backtest.label))),
        Column::words(format!("AUC, same day [{interval}]")),
    ]);
    for segment in &backtest.sufficiency.segments {
        let metric = |name: &str| -> Option<&Metric> {
            score.metrics.iter().find(|metric| metric.name == name && metric.slice == segment.slice)
        };
        let rate = table.figure(metric(EVENT_RATE), Format::Percent);
        let area = table.figure(metric(WITHIN), Format::Thousandths);
        let joined = |words: Vec<&String>| {
            words.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ")
        };
        table.push(vec![
            joined(segment.slice.keys().collect()),
            joined(segment.slice.values().collect()),
            thousands(segment.accounts),
            thousands(segment.event_accounts),
            rate,
            area,
        ]);
    }
    table
}
