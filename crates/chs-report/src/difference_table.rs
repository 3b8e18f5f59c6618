//! Two scores beside each other, with their paired differences.

use chs_backtest::backtest_json::v1::{Comparison, Label, Metric};

use crate::figure::{Figure, Format};
use crate::label::{auc_heading, has_time};
use crate::lookup::{POOLED, WITHIN, overall};
use crate::{Column, Table};

/// Figures that are told of both: name, words, format of the figure and of a difference.
const FIGURES: [(&str, &str, Format, Format); 4] = [
    (WITHIN, "AUC, same day", Format::Thousandths, Format::Difference),
    (POOLED, "AUC, pooled", Format::Thousandths, Format::Difference),
    ("brier", "Brier score", Format::Loss, Format::LossDifference),
    ("log_loss", "log loss", Format::Loss, Format::LossDifference),
];

const RANKS_NOBODY: &str = "it is the same for all accounts of a day";
const RANKS_NOBODY_WITHOUT_TIME: &str = "it is the same for all accounts";

/// One row per figure: that of the first score, that of the second, and the second minus the first.
///
/// `differences` are those of the second score minus the first.
pub fn difference_table(
    [first, second]: [(&str, &[Metric]); 2],
    differences: &[Comparison],
) -> Table {
    let mut table = Table::new(vec![
        Column::words("figure"),
        Column::words(first.0),
        Column::words(second.0),
        Column::words("difference"),
    ]);
    for (name, words, format, of_difference) in FIGURES {
        let difference = differences.iter().find(|own| own.name == name && own.slice.is_empty());
        let cells = vec![
            words.to_owned(),
            table.figure(overall(first.1, name), format),
            table.figure(overall(second.1, name), format),
            table.figure(difference, of_difference),
        ];
        table.push(cells);
    }
    table
}

/// One row per rival of a score: the difference of the headline AUC and of the log loss.
///
/// `differences` are those of the score minus each rival.
pub fn rival_table(score: &str, differences: &[Comparison], label: &Label) -> Table {
    let mut rivals: Vec<&str> = Vec::new();
    for own in differences.iter().filter(|own| own.a == score && own.slice.is_empty()) {
        if !rivals.contains(&own.b.as_str()) {
            rivals.push(&own.b);
        }
    }
    let mut table = Table::new(vec![
        Column::words(format!("{score} minus")),
        Column::words(auc_heading(label)),
        Column::words("log loss"),
    ]);
    let same = if has_time(label) { RANKS_NOBODY } else { RANKS_NOBODY_WITHOUT_TIME };
    for rival in rivals {
        let find = |name: &str| {
            differences.iter().find(|own| own.a == score && own.b == rival && own.name == name)
        };
        let ranks_nobody = find(WITHIN).is_none();
        let cells = vec![
            crate::wording::spaced(rival),
            if ranks_nobody {
                table.figure(Some(Figure::absent(same)), Format::Difference)
            } else {
                table.figure(find(WITHIN), Format::Difference)
            },
            table.figure(find("log_loss"), Format::LossDifference),
        ];
        table.push(cells);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::{difference_table, rival_table};
    use crate::examples::backtest;

    #[test]
    fn both_sides_and_the_difference_are_figures() {
        let backtest = backtest();
        let score = &backtest.scorecards[0];
        let sides = [("old", score.metrics.as_slice()), ("new", score.metrics.as_slice())];
        let table = difference_table(sides, &backtest.comparisons);
        assert_eq!(table.columns()[2].heading, "new");
        assert_eq!(table.rows().len(), 4);
        let row = &table.rows()[0];
        assert_eq!(row[0], "AUC, same day");
        assert!(row[1].starts_with("0.") && row[1] == row[2], "{row:?}");
        assert!(row[3].starts_with(['+', '-']), "{row:?}");
    }

    #[test]
    fn every_rival_has_a_row() {
        let backtest = backtest();
        let score = &backtest.comparisons[0].a;
        let table = rival_table(score, &backtest.comparisons, &backtest.label);
        assert_eq!(table.columns()[1].heading, "AUC, same day");
        let mut rivals: Vec<&str> = backtest
            .comparisons
            .iter()
            .filter(|own| own.a == *score)
            .map(|own| own.b.as_str())
            .collect();
        rivals.dedup();
        assert_eq!(table.rows().len(), rivals.len());
        assert!(table.rows().iter().all(|row| row.iter().all(|cell| !cell.is_empty())));
    }
}
