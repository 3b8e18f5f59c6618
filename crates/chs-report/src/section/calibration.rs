//! Whether the probabilities hold.

use chs_backtest::backtest_json::v1::{Backtest, Metric, ReliabilityBin, Scorecard};

use crate::chart::{Chart, Drawing, Point, Reliability};
use crate::document::Document;
use crate::escape::code;
use crate::figure::{Figure, Format};
use crate::label::has_time;
use crate::lookup::{difference, overall, primary};
use crate::wording::{level, percent, spaced, thousands};
use crate::{Column, Table};

pub(crate) fn calibration(document: &mut Document, backtest: &Backtest) {
    document.section("Do its probabilities hold?");
    if backtest.scorecards.iter().all(|score| score.probability_source.is_none()) {
        document.paragraph("No row has a probability.");
    } else if has_time(&backtest.label) {
        document.paragraph(
            "A score carries no probability of its own. At each snapshot a logistic model of the \
             outcomes that were settled by then turned it into one; no row is in the fit that made \
             its own.",
        );
    } else {
        document.paragraph(
            "A score carries no probability of its own. The accounts were split into five groups, and \
             a logistic model of the other groups turned the score into one. That holds for other \
             accounts of the same time; nothing is shown about later times.",
        );
    }
    if let Some(first) = primary(backtest).filter(|first| !first.reliability.is_empty()) {
        document.chart(curve(first));
        document.paragraph(&format!(
            "{} in ten groups of rows by probability; equal probabilities stay together. The grey line is \
             the rising curve that fits all rows best, without a choice of groups.",
            code(&first.name)
        ));
        document.numbers(&groups(backtest, &first.reliability));
    }
    document.table(&slopes(backtest));
    document.paragraph(
        "A slope of 1 and an intercept of 0 are right. A slope below 1: high probabilities are too high \
         and low ones too low. An intercept below 0: they are too high on the whole.",
    );
    document.table(&distances(backtest));
    document.paragraph(
        "Distances in percentage points between the probability and a smooth curve of what came: their mean, \
         what a tenth of them exceeds, and the largest; and the mean over ten groups. A distance is never \
         below 0, and resampling lifts it: the interval says how large it may be.",
    );
    document.table(&losses(backtest));
    document.paragraph(
        "Brier score and log loss are losses: lower is better. The scaled Brier score is the share of \
         the base rate's loss that is saved: 0 is no better than the rate of these rows, 1 is perfect.",
    );
    document.table(&parts(backtest));
    document.paragraph(
        "The Brier score in three parts: miscalibration minus discrimination plus uncertainty. A new \
         calibration could take the first away; the second is what the probabilities tell; the third is \
         the loss of the rate of these rows.",
    );
    if let Some(first) = primary(backtest) {
        document.paragraph(&format!(
            "{} minus the others, on the rows that both have; below 0 it is the better one:",
            code(&first.name)
        ));
        document.table(&differences(backtest, &first.name));
    }
}

/// What a group was given, and what came.
fn came(bin: &ReliabilityBin) -> String {
    let figure = Figure {
        estimate: Some(bin.event_rate),
        bounds: Some((bin.lower, bin.upper)),
        reason: None,
    };
    figure.words(Format::Percent).0
}

fn curve(score: &Scorecard) -> Chart {
    let point = |bin: &ReliabilityBin| Point {
        predicted: bin.mean_probability,
        observed: bin.event_rate,
        bounds: (bin.lower, bin.upper),
        label: format!("{} given, {} came", percent(bin.mean_probability), came(bin)),
    };
    let points: Vec<Point> = score.reliability.iter().map(point).collect();
    let words: Vec<&str> = points.iter().map(|point| point.label.as_str()).collect();
    let levels = score.calibration_curve.iter();
    Chart {
        name: "reliability".to_owned(),
        title: format!("{}: probability against what came", score.name),
        description: format!("{}.", words.join("; ")),
        drawing: Drawing::Reliability(Reliability {
            curve: levels.map(|level| (level.lowest, level.highest, level.rate)).collect(),
            points,
        }),
    }
}

/// How far probabilities lie from what came.
fn distances(backtest: &Backtest) -> Table {
    let interval = level(backtest.settings.level);
    let of = |heading: &str| Column::words(format!("{heading} [{interval}]"));
    let mut table = Table::new(vec![
        Column::words("score"),
        of("mean (ICI)"),
        of("E90"),
        of("largest"),
        of("ECE"),
    ]);
    for score in &backtest.scorecards {
        let mut cells = vec![score.name.clone()];
        for name in ["ici", "e90", "e_max", "ece"] {
            cells.push(table.figure(overall(&score.metrics, name), Format::HundredthPoints));
        }
        table.push(cells);
    }
    table
}

/// The parts of the Brier score.
fn parts(backtest: &Backtest) -> Table {
    let interval = level(backtest.settings.level);
    let of = |heading: &str| Column::words(format!("{heading} [{interval}]"));
    let mut table = Table::new(vec![
        Column::words("score"),
        of("miscalibration"),
        of("discrimination"),
        of("uncertainty"),
    ]);
    for score in &backtest.scorecards {
        let mut cells = vec![score.name.clone()];
        for name in ["miscalibration", "discrimination", "uncertainty"] {
            cells.push(table.figure(overall(&score.metrics, name), Format::Loss));
        }
        table.push(cells);
    }
    table
}

fn groups(backtest: &Backtest, bins: &[ReliabilityBin]) -> Table {
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("probabilities"),
        Column::numbers("mean"),
        Column::words(format!("share that came [{interval}]")),
        Column::numbers("rows"),
        Column::numbers("accounts with outcome"),
    ]);
    for bin in bins {
        table.push(vec![
            format!("{} to {}", percent(bin.lowest), percent(bin.highest)),
            percent(bin.mean_probability),
            came(bin),
            thousands(bin.n),
            thousands(bin.event_accounts),
        ]);
    }
    table
}

fn slopes(backtest: &Backtest) -> Table {
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("score"),
        Column::words(format!("calibration slope [{interval}]")),
        Column::words(format!("calibration intercept [{interval}]")),
    ]);
    for score in &backtest.scorecards {
        let mut cells = vec![score.name.clone()];
        for name in ["calibration_slope", "calibration_intercept"] {
            cells.push(table.figure(overall(&score.metrics, name), Format::Thousandths));
        }
        table.push(cells);
    }
    table
}

fn losses(backtest: &Backtest) -> Table {
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("score"),
        Column::words(format!("Brier [{interval}]")),
        Column::words(format!("scaled [{interval}]")),
        Column::words(format!("log loss [{interval}]")),
    ]);
    for score in &backtest.scorecards {
        let cells = loss_cells(&mut table, &score.metrics);
        table.push([vec![score.name.clone()], cells].concat());
    }
    for baseline in &backtest.baselines {
        let cells = match (&baseline.reason, baseline.name.as_str()) {
            (Some(reason), _) => vec![table.figure(Some(Figure::absent(reason)), Format::Loss); 3],
            // They have a ranking alone.
            (None, "shuffled_labels") => continue,
            (None, _) => loss_cells(&mut table, &baseline.metrics),
        };
        table.push([vec![spaced(&baseline.name)], cells].concat());
    }
    table
}

fn loss_cells(table: &mut Table, metrics: &[Metric]) -> Vec<String> {
    [("brier", Format::Loss), ("brier_scaled", Format::Thousandths), ("log_loss", Format::Loss)]
        .into_iter()
        .map(|(name, format)| table.figure(overall(metrics, name), format))
        .collect()
}

fn differences(backtest: &Backtest, first: &str) -> Table {
    let interval = level(backtest.settings.level);
    let mut table = Table::new(vec![
        Column::words("against"),
        Column::words(format!("Brier [{interval}]")),
        Column::words(format!("log loss [{interval}]")),
    ]);
    let others = backtest.scorecards.iter().skip(1).map(|score| score.name.as_str());
    let baselines = backtest
        .baselines
        .iter()
        .filter(|baseline| baseline.reason.is_none() && baseline.name != "shuffled_labels")
        .map(|baseline| baseline.name.as_str());
    for other in others.chain(baselines) {
        let mut cells = vec![spaced(other)];
        for name in ["brier", "log_loss"] {
            let found = difference(backtest, first, other, name);
            cells.push(table.figure(found, Format::LossDifference));
        }
        table.push(cells);
    }
    table
}
