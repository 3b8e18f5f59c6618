//! Verbs over a window: count, sum, mean, distinct.
//!
//! A row adds to the snapshots of its run by two entries, +v at the first and -v after the last, which
//! are cumulated at the end: O(rows + accounts x snapshots), no sort. Sums are whole numbers in units of
//! the smallest decimal that occurs, so they do not depend on the order of the rows.

use crate::load::SourceRows;
use crate::project::{Empty, Window};
use crate::replay::Cells;
use crate::replay::grid::{Bounds, Grid};

/// Decimal places up to which sums are exact.
const MAX_PLACES: i32 = 6;

/// Rows of a source with the values that a verb reads.
pub(super) struct Observed<'a> {
    pub(super) rows: &'a SourceRows,
    /// Whether `where` lets the row through.
    pub(super) passes: &'a dyn Fn(usize) -> bool,
    pub(super) accounts: usize,
    pub(super) grid: &'a Grid,
}

impl Observed<'_> {
    fn bounds(&self, window: Window) -> Bounds {
        Bounds::new(self.grid, Some(window.length), window.shift)
    }

    fn run(&self, bounds: &Bounds, row: usize) -> std::ops::Range<usize> {
        bounds.run(self.grid, self.rows.at[row], self.rows.known[row], self.rows.superseded[row])
    }

    fn each(&self, window: Window, mut add: impl FnMut(usize, usize, std::ops::Range<usize>)) {
        let bounds = self.bounds(window);
        for row in (0..self.rows.len()).filter(|row| (self.passes)(*row)) {
            let run = self.run(&bounds, row);
            if !run.is_empty() {
                add(row, self.rows.account[row] as usize, run);
            }
        }
    }
}

/// Entries at the first snapshot of a run and after its last, one column more than snapshots.
struct Entries<T> {
    entries: Vec<T>,
    width: usize,
}

impl<T: Copy + Default + std::ops::AddAssign + std::ops::SubAssign> Entries<T> {
    fn new(accounts: usize, snapshots: usize) -> Self {
        Self { entries: vec![T::default(); accounts * (snapshots + 1)], width: snapshots + 1 }
    }

    fn add(&mut self, account: usize, run: &std::ops::Range<usize>, value: T) {
        self.entries[account * self.width + run.start] += value;
        self.entries[account * self.width + run.end] -= value;
    }

    /// Values per account and snapshot.
    fn cumulate(self) -> Vec<T> {
        let mut values = Vec::with_capacity(self.entries.len());
        for account in self.entries.chunks_exact(self.width) {
            let mut total = T::default();
            for entry in &account[..self.width - 1] {
                total += *entry;
                values.push(total);
            }
        }
        values
    }
}

/// Rows in the window.
pub(super) fn count(observed: &Observed<'_>, window: Window) -> Cells {
    let counts = row_counts(observed, window, |_| true);
    counts.iter().map(|count| if *count == 0 { empty(window) } else { *count as f64 }).collect()
}

fn row_counts(
    observed: &Observed<'_>,
    window: Window,
    observation: impl Fn(usize) -> bool,
) -> Vec<i64> {
    let mut entries = Entries::<i64>::new(observed.accounts, observed.grid.len());
    observed.each(window, |row, account, run| {
        if observation(row) {
            entries.add(account, &run, 1);
        }
    });
    entries.cumulate()
}

/// Sum of the values (NaN where null) in the window.
pub(super) fn sum(observed: &Observed<'_>, window: Window, values: &[f64]) -> Cells {
    let (sums, counts) = sums(observed, window, values);
    sums.iter()
        .zip(&counts)
        .map(|(sum, count)| if *count == 0 { empty(window) } else { *sum })
        .collect()
}

/// Mean of the values (NaN where null) in the window.
pub(super) fn mean(observed: &Observed<'_>, window: Window, values: &[f64]) -> Cells {
    let (sums, counts) = sums(observed, window, values);
    sums.iter()
        .zip(&counts)
        .map(|(sum, count)| if *count == 0 { empty(window) } else { sum / *count as f64 })
        .collect()
}

fn sums(observed: &Observed<'_>, window: Window, values: &[f64]) -> (Cells, Vec<i64>) {
    let counts = row_counts(observed, window, |row| !values[row].is_nan());
    let Some(places) = decimal_places(values) else {
        return (ordered_sums(observed, window, values), counts);
    };
    let scale = 10_f64.powi(places);
    let mut entries = Entries::<i128>::new(observed.accounts, observed.grid.len());
    observed.each(window, |row, account, run| {
        if !values[row].is_nan() {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "whole and below 2^63, as decimal_places found"
            )]
            entries.add(account, &run, i128::from((values[row] * scale).round() as i64));
        }
    });
    (entries.cumulate().into_iter().map(|units| units as f64 / scale).collect(), counts)
}

/// The fewest decimal places, up to six, with which every value is written exactly; `None` where six
/// are too few or a value is too large to be counted in that unit.
fn decimal_places(values: &[f64]) -> Option<i32> {
    // Below 2^53 units every whole number of units is a double of its own.
    const MAX_UNITS: f64 = 9_007_199_254_740_992.0;
    let mut places = 0;
    for value in values.iter().filter(|value| !value.is_nan()) {
        loop {
            let scale = 10_f64.powi(places);
            let units = (value * scale).round();
            if units.abs() >= MAX_UNITS {
                return None;
            }
            if (units / scale).total_cmp(value).is_eq()
                || (units / scale + 0.0).total_cmp(&(value + 0.0)).is_eq()
            {
                break;
            }
            places += 1;
            if places > MAX_PLACES {
                return None;
            }
        }
    }
    Some(places)
}

/// Values without a common unit are added per cell in the order of event, record and value.
fn ordered_sums(observed: &Observed<'_>, window: Window, values: &[f64]) -> Cells {
    let rows = observed.rows;
    let mut order: Vec<usize> = (0..rows.len()).filter(|row| !values[*row].is_nan()).collect();
    let record = |row: usize| rows.record_id.as_ref().and_then(|words| words.get(row));
    order.sort_by(|a, b| {
        let key = |row: usize| (rows.account[row], rows.at[row], record(row));
        key(*a).cmp(&key(*b)).then(values[*a].total_cmp(&values[*b]))
    });
    let bounds = observed.bounds(window);
    let snapshots = observed.grid.len();
    let mut cells = vec![0.0; observed.accounts * snapshots];
    for row in order.into_iter().filter(|row| (observed.passes)(*row)) {
        let first = rows.account[row] as usize * snapshots;
        for snapshot in observed.run(&bounds, row) {
            cells[first + snapshot] += values[row];
        }
    }
    cells
}

/// Distinct values in the window; `codes` number the texts, `None` where null.
pub(super) fn distinct(observed: &Observed<'_>, window: Window, codes: &[Option<u32>]) -> Cells {
    let mut runs: Vec<(usize, u32, std::ops::Range<usize>)> = Vec::new();
    observed
        .each(window, |row, account, run| runs.extend(codes[row].map(|code| (account, code, run))));
    runs.sort_unstable_by_key(|(account, code, run)| (*account, *code, run.start, run.end));
    let mut entries = Entries::<i64>::new(observed.accounts, observed.grid.len());
    for same in runs.chunk_by(|a, b| a.0 == b.0 && a.1 == b.1) {
        let mut union = same[0].2.clone();
        for (account, _, run) in same {
            if run.start > union.end {
                entries.add(*account, &union, 1);
                union = run.clone();
            }
            union.end = union.end.max(run.end);
        }
        entries.add(same[0].0, &union, 1);
    }
    let counts = entries.cumulate();
    counts.iter().map(|count| if *count == 0 { empty(window) } else { *count as f64 }).collect()
}

fn empty(window: Window) -> f64 {
    match window.empty {
        Empty::Zero => 0.0,
        Empty::Null => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::decimal_places;

    #[test]
    fn the_unit_is_the_smallest_decimal_that_occurs() {
        assert_eq!(decimal_places(&[1.0, 20.0, f64::NAN]), Some(0));
        assert_eq!(decimal_places(&[1.5, 0.25, -3.0]), Some(2));
        assert_eq!(decimal_places(&[0.1, 0.000_001]), Some(6));
        assert_eq!(decimal_places(&[0.1 + 0.2]), None);
        assert_eq!(decimal_places(&[1.0 / 3.0]), None);
        assert_eq!(decimal_places(&[1e15, 0.001]), None);
        assert_eq!(decimal_places(&[-0.0, 2.5]), Some(1));
    }
}
