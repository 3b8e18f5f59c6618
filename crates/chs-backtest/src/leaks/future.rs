//! The panel beside panels of histories with another future.

use std::collections::BTreeMap;

use chs_panel::{Finding, IndicatorValues, Level, Panel};
use jiff::civil::Date;

use crate::leaks::rules::KNOWS_THE_FUTURE;

/// What the finding is about.
const SUBJECT: &str = "panel";

/// Cells of the panel that were compared with those of histories whose future is another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FutureEvidence {
    /// Snapshots that were compared, ascending.
    pub snapshots: Vec<Date>,
    /// Rows that both sides have.
    pub rows: usize,
    /// Rows that one side lacks.
    pub unmatched: usize,
    /// Cells compared.
    pub cells: usize,
    /// Cells that differ.
    pub differing: usize,
}

impl FutureEvidence {
    /// Compare all that was known at a snapshot: segments, value, indicators and recorded scores, bit by
    /// bit. Labels are of the future and left out.
    pub fn compare(&mut self, day: Date, panel: &Panel, other: &Panel) {
        let twins: BTreeMap<&str, usize> =
            rows_of(other, day).map(|row| (other.account_id(row), row)).collect();
        let rows = rows_of(panel, day);
        let pairs: Vec<(usize, usize)> = rows
            .clone()
            .filter_map(|row| Some((row, *twins.get(panel.account_id(row))?)))
            .collect();
        self.snapshots.push(day);
        self.rows += pairs.len();
        self.unmatched += rows.len() + twins.len() - 2 * pairs.len();
        let same = same_cells(panel, other, &pairs);
        self.cells += same.len();
        self.differing += same.iter().filter(|same| !**same).count();
    }
}

fn rows_of(panel: &Panel, day: Date) -> std::ops::Range<usize> {
    panel.snapshots().binary_search(&day).map_or(0..0, |snapshot| panel.rows_of(snapshot))
}

/// Whether the cells of pairs of rows are the same, column by column.
fn same_cells(panel: &Panel, other: &Panel, pairs: &[(usize, usize)]) -> Vec<bool> {
    let mut same = Vec::new();
    let bits = |number: Option<f64>| number.map(f64::to_bits);
    for (own, others) in panel.segments().iter().zip(other.segments()) {
        same.extend(pairs.iter().map(|(a, b)| own.column.get(*a) == others.column.get(*b)));
    }
    for (own, others) in panel.value().into_iter().zip(other.value()) {
        same.extend(pairs.iter().map(|(a, b)| bits(own.get(*a)) == bits(others.get(*b))));
    }
    for (own, others) in panel.recorded_scores().iter().zip(other.recorded_scores()) {
        let (own, others) = (&own.column, &others.column);
        same.extend(pairs.iter().map(|(a, b)| bits(own.get(*a)) == bits(others.get(*b))));
    }
    for (own, others) in panel.indicators().iter().zip(other.indicators()) {
        same.extend(pairs.iter().map(|(a, b)| cell(&own.column, *a) == cell(&others.column, *b)));
    }
    same
}

/// A cell as text. Whether a column holds numbers or words follows from all of its rows, so that words
/// that are numbers are those numbers.
fn cell(values: &IndicatorValues, row: usize) -> Option<String> {
    let number = |number: f64| format!("{:016x}", number.to_bits());
    match values {
        IndicatorValues::Numbers(numbers) => numbers.get(row).map(number),
        IndicatorValues::Words(words) => {
            let word = words.get(row)?;
            Some(word.parse().map_or_else(|_| word.to_owned(), number))
        }
    }
}

pub(super) fn finding(evidence: Option<&FutureEvidence>) -> Finding {
    let Some(found) = evidence.filter(|found| found.cells > 0) else {
        let sentence = "there is no history to change, so what the panel knew cannot be tried";
        return KNOWS_THE_FUTURE.finding(Level::NotApplicable, SUBJECT, sentence.to_owned());
    };
    let days: Vec<String> = found.snapshots.iter().map(Date::to_string).collect();
    let what = format!("{} cells in {} rows at {}", found.cells, found.rows, days.join(", "));
    let changed = "what was not known before each was changed, deleted or joined by late rows";
    let (level, sentence) = if found.differing + found.unmatched == 0 {
        (Level::Passed, format!("the panel is the same, bit by bit, after {changed}: {what}"))
    } else {
        let sentence = format!(
            "the panel changes when {changed}: {} of {what}, and {} rows stand on one side only",
            found.differing, found.unmatched
        );
        (Level::Error, sentence)
    };
    KNOWS_THE_FUTURE
        .finding(level, SUBJECT, sentence)
        .with_figure("rows", found.rows as f64)
        .with_figure("cells", found.cells as f64)
        .with_figure("differing", found.differing as f64)
        .with_figure("unmatched", found.unmatched as f64)
}
