//! The scores under test beside the baselines.

use chs_backtest::backtest_json::v1::{Backtest, Baseline, Metric};

use crate::figure::{Figure, Format};
use crate::label::{auc_heading, has_time};
use crate::lookup::{POOLED, WITHIN, difference, overall, primary};
use crate::wording::{level, spaced};
use crate::{Column, Table};

/// What is said of a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScoreColumn {
    /// AUC among accounts of the same day.
    Within,
    /// AUC over all rows at once.
    Pooled,
    /// Same-day AUC of the primary score minus that of this one, on the rows that both have.
    Difference,
}

/// Without time all rows stand side by side, and there is one AUC.
const SAME_WITHOUT_TIME: &str = "the base rate is the same for all accounts: it ranks nobody";
const SAME_FOR_ALL: &str = "the base rate is the same for all accounts of a day: it ranks nobody, and \
                            is held against the probabilities instead";
const NO_RIVAL: &str = "shuffled labels are no rival: their AUC must come out as chance, 0.5";

/// One row per score, then one per baseline. A cross-section has one kind of AUC.
pub(crate) fn score_table(backtest: &Backtest, columns: &[ScoreColumn]) -> Table {
    let is_timed = has_time(&backtest.label);
    let columns: Vec<ScoreColumn> = columns
        .iter()
        .copied()
        .filter(|column| is_timed || *column != ScoreColumn::Pooled)
        .collect();
    let interval = level(backtest.settings.level);
    let first = primary(backtest).map_or("the score", |score| score.name.as_str());
    let mut heads = vec![Column::words("score")];
    heads.extend(columns.iter().map(|column| {
        Column::words(match column {
            ScoreColumn::Within => format!("{} [{interval}]", auc_heading(&backtest.label)),
            ScoreColumn::Pooled => format!("AUC, pooled [{interval}]"),
            ScoreColumn::Difference => format!("{first} minus it [{interval}]"),
        })
    }));
    let mut table = Table::new(heads);
    for (number, score) in backtest.scorecards.iter().enumerate() {
        let mut cells = vec![score.name.clone()];
        for column in &columns {
            cells.push(match column {
                ScoreColumn::Within => area(&mut table, &score.metrics, WITHIN),
                ScoreColumn::Pooled => area(&mut table, &score.metrics, POOLED),
                ScoreColumn::Difference if number == 0 => "the score under test".to_owned(),
                ScoreColumn::Difference => minus(&mut table, backtest, &score.name),
            });
        }
        table.push(cells);
    }
    for baseline in &backtest.baselines {
        let mut cells = vec![spaced(&baseline.name)];
        cells.extend(
            columns.iter().map(|column| baseline_cell(&mut table, backtest, baseline, *column)),
        );
        table.push(cells);
    }
    table
}

fn baseline_cell(
    table: &mut Table,
    backtest: &Backtest,
    baseline: &Baseline,
    column: ScoreColumn,
) -> String {
    if let Some(reason) = &baseline.reason {
        return table.figure(Some(Figure::absent(reason)), Format::Thousandths);
    }
    match (baseline.name.as_str(), column) {
        ("base_rate", _) => {
            let is_timed = has_time(&backtest.label);
            let reason = if is_timed { SAME_FOR_ALL } else { SAME_WITHOUT_TIME };
            table.figure(Some(Figure::absent(reason)), Format::Thousandths)
        }
        (_, ScoreColumn::Within) => area(table, &baseline.metrics, WITHIN),
        (_, ScoreColumn::Pooled) => area(table, &baseline.metrics, POOLED),
        ("shuffled_labels", ScoreColumn::Difference) => {
            table.figure(Some(Figure::absent(NO_RIVAL)), Format::Difference)
        }
        (name, ScoreColumn::Difference) => minus(table, backtest, name),
    }
}

fn area(table: &mut Table, metrics: &[Metric], name: &str) -> String {
    table.figure(overall(metrics, name), Format::Thousandths)
}

/// The primary score minus another.
fn minus(table: &mut Table, backtest: &Backtest, other: &str) -> String {
    let first = primary(backtest).map_or("", |score| score.name.as_str());
    table.figure(difference(backtest, first, other, WITHIN), Format::Difference)
}
