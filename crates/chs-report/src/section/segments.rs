//! Whether the score holds in every segment.

use chs_backtest::backtest_json::v1::{Backtest, Metric, Scorecard, Segment};

use crate::chart::{Chart, Drawing, Forest, Mark, Reference, Tone};
use crate::document::Document;
use crate::escape::code;
use crate::figure::Format;
use crate::label::{auc_heading, rate_heading};
use crate::lookup::{EVENT_RATE, WITHIN, overall, primary};
use crate::section::ranking::{area_axis, area_mark};
use crate::wording::{fixed, level, thousands};
use crate::{Column, Table};

pub(crate) fn segments(document: &mut Document, backtest: &Backtest) {
    document.section("Does it hold in every segment?");
    let Some(score) = primary(backtest).filter(|_| !backtest.sufficiency.segments.is_empty())
    else {
        document.paragraph("The history has no segments.");
        return;
    };
    document.chart(areas(backtest, score));
    document.paragraph(&format!("{} in each segment level:", code(&score.name)));
    document.table(&by_segment(backtest, score));
}

fn metric<'a>(score: &'a Scorecard, segment: &Segment, name: &str) -> Option<&'a Metric> {
    score.metrics.iter().find(|metric| metric.name == name && metric.slice == segment.slice)
}

fn joined<'a>(words: impl Iterator<Item = &'a String>) -> String {
    words.map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn areas(backtest: &Backtest, score: &Scorecard) -> Chart {
    let mark = |segment: &Segment| {
        let name = format!("{} {}", joined(segment.slice.keys()), joined(segment.slice.values()));
        area_mark(name, metric(score, segment, WITHIN), Tone::Main)
    };
    let marks: Vec<Mark> = backtest.sufficiency.segments.iter().map(mark).collect();
    let all = overall(&score.metrics, WITHIN).and_then(|found| found.estimate);
    let reference = match all {
        Some(value) => Reference { value, label: format!("all rows: {}", fixed(value, 3)) },
        None => Reference { value: 0.5, label: "chance".to_owned() },
    };
    let forest = Forest { axis: area_axis(&marks, reference), marks };
    Chart {
        name: "segments".to_owned(),
        title: format!(
            "{}: {}, by segment [{}]",
            score.name,
            auc_heading(&backtest.label),
            level(backtest.settings.level)
        ),
        description: forest.description(),
        drawing: Drawing::Forest(forest),
    }
}

fn by_segment(backtest: &Backtest, score: &Scorecard) -> Table {
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("segment"),
        Column::words("level"),
        Column::numbers("accounts"),
        Column::numbers("with outcome"),
        Column::words(format!("{} [{interval}]", rate_heading(&backtest.label))),
        Column::words(format!("{} [{interval}]", auc_heading(&backtest.label))),
    ]);
    for segment in &backtest.sufficiency.segments {
        let rate = table.figure(metric(score, segment, EVENT_RATE), Format::Percent);
        let area = table.figure(metric(score, segment, WITHIN), Format::Thousandths);
        table.push(vec![
            joined(segment.slice.keys()),
            joined(segment.slice.values()),
            thousands(segment.accounts),
            thousands(segment.event_accounts),
            rate,
            area,
        ]);
    }
    table
}
