//! How well the scores rank, beside the baselines.

use chs_backtest::backtest_json::v1::{Backtest, Metric};

use super::document::Document;
use super::escape::{code, prose};
use crate::chart::{Axis, Mark, chart};
use crate::figure::Format;
use crate::label::{has_time, is_favourable};
use crate::lookup::{WITHIN, overall, primary};
use crate::score_table::{ScoreColumn, score_table};
use crate::wording::{level, listed, spaced, thousands};
use crate::{Column, Table};

pub(crate) fn ranking(document: &mut Document, backtest: &Backtest) {
    document.section("Does it rank?");
    let same_day = match has_time(&backtest.label) {
        true => " The headline compares accounts of the same day only.",
        false => "",
    };
    document.paragraph(&format!(
        "The AUC is the share of pairs, one account with the outcome ahead and one without, that a \
         score ranks rightly: 0.5 is chance, 1 is perfect.{same_day}"
    ));
    let columns = [ScoreColumn::Within, ScoreColumn::Pooled, ScoreColumn::Difference];
    document.table(&score_table(backtest, &columns));
    let common = common_rows(backtest);
    if !common.is_empty() {
        document.paragraph(&format!("Not all rows have both scores. {}.", common.join("; ")));
    }
    document.verbatim(&areas(backtest));
    let indicators: Vec<String> = backtest
        .baselines
        .iter()
        .filter_map(|baseline| {
            let indicator = baseline.indicator.as_ref()?;
            Some(format!("{} is {}", spaced(&baseline.name), code(indicator)))
        })
        .collect();
    if !indicators.is_empty() {
        document.paragraph(&format!("Of the baselines, {}.", listed(&indicators)));
    }
    let others = other_differences(backtest);
    if !others.rows().is_empty() {
        document.paragraph("The other scores against their rivals, by same-day AUC:");
        document.table(&others);
    }
    top(document, backtest);
}

/// The differences of the main table that rest on fewer rows than the AUC of the primary score.
fn common_rows(backtest: &Backtest) -> Vec<String> {
    let Some(first) = primary(backtest) else { return Vec::new() };
    let all = overall(&first.metrics, WITHIN).map_or(0, |metric| metric.n);
    backtest
        .comparisons
        .iter()
        .filter(|found| found.a == first.name && found.name == WITHIN && found.slice.is_empty())
        .filter(|found| found.n < all)
        .map(|found| {
            format!(
                "{} minus {}: {} common rows of {}",
                code(&found.a),
                code(&found.b),
                thousands(found.n),
                thousands(all)
            )
        })
        .collect()
}

/// Same-day AUCs as marks on one axis.
fn areas(backtest: &Backtest) -> String {
    let mark = |name: String, metrics: &[Metric]| {
        let found = overall(metrics, WITHIN);
        Mark {
            name,
            estimate: found.and_then(|metric| metric.estimate),
            bounds: found.and_then(|metric| metric.lower.zip(metric.upper)),
        }
    };
    let scores = backtest.scorecards.iter().map(|score| mark(score.name.clone(), &score.metrics));
    let baselines = backtest
        .baselines
        .iter()
        .filter(|baseline| baseline.name != "base_rate")
        .map(|baseline| mark(spaced(&baseline.name), &baseline.metrics));
    let marks: Vec<Mark> = scores.chain(baselines).collect();
    chart(&marks, &area_axis(&marks))
}

/// From the tenth below all bounds to the tenth above them; 0.4 to 0.6 at least.
fn area_axis(marks: &[Mark]) -> Axis {
    let ends = || {
        marks.iter().flat_map(|mark| {
            let estimate = mark.estimate;
            let (lower, upper) = mark.bounds.unzip();
            [estimate, lower, upper].into_iter().flatten()
        })
    };
    Axis {
        from: (ends().fold(0.4, f64::min) * 10.0).floor() / 10.0,
        to: (ends().fold(0.6, f64::max) * 10.0).ceil() / 10.0,
        reference: Some(0.5),
        write: |value| format!("{value:.1}"),
    }
}

/// Differences that the main table does not show.
fn other_differences(backtest: &Backtest) -> Table {
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("score"),
        Column::words("against"),
        Column::words(format!("difference [{interval}]")),
        Column::numbers("p"),
    ]);
    let first = primary(backtest).map(|score| &score.name);
    for found in &backtest.comparisons {
        if found.name == WITHIN && found.slice.is_empty() && Some(&found.a) != first {
            let cell = table.figure(Some(found), Format::Difference);
            let p = table.p_value(found.p_value);
            table.push(vec![found.a.clone(), spaced(&found.b), cell, p]);
        }
    }
    table
}

/// Lift and capture at the end of the score that is acted on.
fn top(document: &mut Document, backtest: &Backtest) {
    let end = if is_favourable(&backtest.label) { "highest" } else { "lowest" };
    document.subsection(&format!("Among the {end} scores"));
    document.paragraph(&format!(
        "Lift is the outcome rate among the rows with the {end} scores over that of all rows; \
         captured is the share of all outcome rows that are among them."
    ));
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("score"),
        Column::numbers("rows taken"),
        Column::words(format!("lift [{interval}]")),
        Column::words(format!("captured [{interval}]")),
    ]);
    for score in &backtest.scorecards {
        for share in ["5", "10", "20"] {
            let mut cell = |kind: &str, format| {
                let name = format!("{kind}_at_{share}_percent");
                table.figure(overall(&score.metrics, &name), format)
            };
            let (lift, capture) = (cell("lift", Format::Ratio), cell("capture", Format::Percent));
            table.push(vec![score.name.clone(), format!("{share} %"), lift, capture]);
        }
    }
    document.table(&table);
    let mut table = Table::new(vec![
        Column::words("score"),
        Column::words(format!("average precision [{interval}]")),
        Column::words(format!("outcome rate of its rows [{interval}]")),
    ]);
    for score in &backtest.scorecards {
        let precision = overall(&score.metrics, "average_precision");
        let precision = table.figure(precision, Format::Thousandths);
        let rate = table.figure(overall(&score.metrics, "event_rate"), Format::Percent);
        table.push(vec![score.name.clone(), precision, rate]);
    }
    document.paragraph(&prose(
        "Average precision is the mean precision over the outcome rows; a score without meaning comes \
         out at the outcome rate.",
    ));
    document.table(&table);
}
