//! Whether the score holds in every segment.

use chs_backtest::backtest_json::v1::{Backtest, Metric, Scorecard, Segment};

use crate::chart::{Chart, Drawing, Forest, Mark, Reference, Tone};
use crate::document::Document;
use crate::escape::code;
use crate::figure::{Figure, Format};
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
    if backtest.same_rates.is_empty() {
        return;
    }
    document.subsection("Does the same score mean the same?");
    document.paragraph(&format!(
        "The {} if every row had this level at its own score, and its odds against those of all levels. \
         Levels within 0.8 to 1.25 count as alike.",
        rate_heading(&backtest.label)
    ));
    document.table(&same_rates(backtest));
}

fn same_rates(backtest: &Backtest) -> Table {
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("segment"),
        Column::words("level"),
        Column::words(format!("rate [{interval}]")),
        Column::words(format!("odds [{interval}]")),
        Column::words("alike"),
        Column::numbers("p"),
    ]);
    for found in &backtest.same_rates {
        let alike = match found.alike.as_str() {
            "yes" => "yes",
            "no" => "no",
            _ => "cannot tell",
        };
        if let Some(reason) = &found.reason {
            let none = || Some(Figure::absent(reason));
            let (rate, odds) =
                (table.figure(none(), Format::Percent), table.figure(none(), Format::Ratio));
            table.push(vec![found.segment.clone(), "all".into(), rate, odds, alike.into()]);
            continue;
        }
        let rates = found.metrics.iter().filter(|own| own.name == "rate_at_same_score");
        for (number, rate) in rates.enumerate() {
            let odds = found
                .metrics
                .iter()
                .find(|own| own.name == "odds_ratio_at_same_score" && own.slice == rate.slice);
            let mut cells = vec![
                found.segment.clone(),
                joined(rate.slice.values()),
                table.figure(Some(rate), Format::Percent),
                table.figure(odds, Format::Ratio),
            ];
            // Said once per segment.
            if number == 0 {
                cells.extend([alike.to_owned(), table.p_value(found.p_value)]);
            }
            table.push(cells);
        }
    }
    table
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
