//! Verbs that take one value of many: min, max, until.
//!
//! Each row lowers or raises the cells of its run: O(rows x snapshots of their runs), no sort.

use std::cmp::Ordering;

use crate::replay::Cells;
use crate::replay::grid::Bounds;
use crate::replay::window::Observed;
use crate::time::{DAY, Micros, NEVER};

/// Smallest of the values (NaN where null) in the window; `empty` of none.
pub(super) fn smallest(
    observed: &Observed<'_>,
    bounds: &Bounds,
    values: &[f64],
    empty: f64,
) -> Cells {
    extreme(observed, bounds, (values, Ordering::Less), empty)
}

/// Largest of them.
pub(super) fn largest(
    observed: &Observed<'_>,
    bounds: &Bounds,
    values: &[f64],
    empty: f64,
) -> Cells {
    extreme(observed, bounds, (values, Ordering::Greater), empty)
}

fn extreme(
    observed: &Observed<'_>,
    bounds: &Bounds,
    (values, wanted): (&[f64], Ordering),
    empty: f64,
) -> Cells {
    let mut cells = vec![f64::NAN; observed.len()];
    observed.each(observed.runs(bounds), |row, account, run| {
        // Adding 0 makes one zero of the two.
        let value = values[row] + 0.0;
        if value.is_nan() {
            return;
        }
        for cell in &mut cells[observed.cells(account, &run)] {
            if cell.is_nan() || value.total_cmp(cell) == wanted {
                *cell = value;
            }
        }
    });
    cells.into_iter().map(|cell| if cell.is_nan() { empty } else { cell }).collect()
}

/// Whole civil days to the next of the dates that are known; missing where none lies ahead.
///
/// A row has to be known, its event need not have come. A date without a time is the end of its day: one
/// on the day after the snapshot is a day away. `all` are the bounds of all of the past.
pub(super) fn until(observed: &Observed<'_>, all: &Bounds, dates: &[Option<Micros>]) -> Cells {
    let (rows, grid) = (observed.rows, observed.grid);
    let ahead = |row: usize| {
        let last = dates[row].unwrap_or(Micros::MIN).min(rows.superseded(row));
        all.run(grid, Micros::MIN, rows.known(row), last)
    };
    let mut next = vec![NEVER; observed.len()];
    observed.each(ahead, |row, account, run| {
        let date = dates[row].unwrap_or(NEVER);
        for cell in &mut next[observed.cells(account, &run)] {
            *cell = date.min(*cell);
        }
    });
    let days = |(cell, next): (usize, Micros)| match next {
        NEVER => f64::NAN,
        next => (next + 1 - grid.instants()[observed.snapshot(cell)]).div_euclid(DAY) as f64,
    };
    next.into_iter().enumerate().map(days).collect()
}
