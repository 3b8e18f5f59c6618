//! How well the scores rank, beside the baselines.

use chs_backtest::backtest_json::v1::{Backtest, Metric};

use crate::chart::{Axis, Chart, Drawing, Forest, Mark, Reference, Tone};
use crate::document::Document;
use crate::escape::{code, prose};
use crate::figure::{Figure, Format};
use crate::label::{auc_heading, auc_in_words, has_time, is_favourable};
use crate::lookup::{WITHIN, overall, primary};
use crate::score_table::{ScoreColumn, score_table};
use crate::wording::{level, listed, spaced, thousands};
use crate::{Column, Table};

pub(crate) fn ranking(document: &mut Document, backtest: &Backtest) {
    document.section("Does it rank?");
    let same_day = if has_time(&backtest.label) {
        " The headline compares accounts of the same day only."
    } else {
        ""
    };
    document.paragraph(&format!(
        "The AUC is the share of pairs, one account with the outcome ahead and one without, that a \
         score ranks rightly: 0.5 is chance, 1 is perfect.{same_day}"
    ));
    document.chart(areas(backtest));
    let columns = [ScoreColumn::Within, ScoreColumn::Pooled, ScoreColumn::Difference];
    document.table(&score_table(backtest, &columns));
    let common = common_rows(backtest);
    if !common.is_empty() {
        document.paragraph(&format!("Not all rows have both scores. {}.", common.join("; ")));
    }
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
        document.paragraph(&format!(
            "The other scores against their rivals, by {}:",
            auc_in_words(&backtest.label)
        ));
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
fn areas(backtest: &Backtest) -> Chart {
    let scores = backtest.scorecards.iter().zip(0..).map(|(score, number)| {
        let tone = if number == 0 { Tone::Main } else { Tone::Other };
        area_mark(score.name.clone(), overall(&score.metrics, WITHIN), tone)
    });
    let baselines =
        backtest.baselines.iter().filter(|baseline| baseline.name != "base_rate").map(|baseline| {
            let found = overall(&baseline.metrics, WITHIN);
            area_mark(spaced(&baseline.name), found, Tone::Other)
        });
    let marks: Vec<Mark> = scores.chain(baselines).collect();
    let chance = Reference { value: 0.5, label: "chance".to_owned() };
    let forest = Forest { axis: area_axis(&marks, chance), marks };
    Chart {
        name: "auc".to_owned(),
        title: format!("{} [{}]", auc_heading(&backtest.label), level(backtest.settings.level)),
        description: forest.description(),
        drawing: Drawing::Forest(forest),
    }
}

/// The line of an AUC.
pub(crate) fn area_mark(name: String, found: Option<&Metric>, tone: Tone) -> Mark {
    Mark {
        name,
        estimate: found.and_then(|metric| metric.estimate),
        bounds: found.and_then(|metric| metric.lower.zip(metric.upper)),
        label: found
            .map_or("none".to_owned(), |metric| Figure::from(metric).words(Format::Thousandths).0),
        tone,
    }
}

/// From the tenth below all bounds to the tenth above them; 0.4 to 0.6 at least.
pub(crate) fn area_axis(marks: &[Mark], reference: Reference) -> Axis {
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
        reference: Some(reference),
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
