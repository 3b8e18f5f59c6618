//! Two scores beside each other, with their paired differences.

use chs_backtest::backtest_json::v1::{Comparison, Metric};

use crate::figure::Format;
use crate::lookup::{POOLED, WITHIN, overall};
use crate::{Column, Table};

/// Figures that are told of both: name, words, format of the figure and of a difference.
const FIGURES: [(&str, &str, Format, Format); 4] = [
    (WITHIN, "AUC, same day", Format::Thousandths, Format::Difference),
    (POOLED, "AUC, pooled", Format::Thousandths, Format::Difference),
    ("brier", "Brier score", Format::Loss, Format::LossDifference),
    ("log_loss", "log loss", Format::Loss, Format::LossDifference),
];

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

#[cfg(test)]
mod tests {
    use super::difference_table;
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
}
