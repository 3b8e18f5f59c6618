//! Verbs about the last row: latest value, recency, first row known.

use crate::load::SourceRows;
use crate::replay::Cells;
use crate::replay::grid::{Bounds, Grid};
use crate::replay::window::Observed;
use crate::time::{DAY, Micros, NEVER};

/// The row that `latest` takes per account and snapshot; `None` where none counts.
pub(super) type LatestRows = Vec<Option<usize>>;

/// Candidates of `latest`: per row the date that rules, and since when both are known.
pub(super) struct Dated<'a> {
    pub(super) event: &'a (dyn Fn(usize) -> Option<Micros> + Sync),
    pub(super) known: &'a (dyn Fn(usize) -> Micros + Sync),
    pub(super) bounds: &'a Bounds,
}

/// Per cell the last row; ties by knowledge, then record, then the whole row, the greatest wins.
///
/// O(rows log rows + rows x snapshots of their runs).
pub(super) fn latest(
    observed: &Observed<'_>,
    dated: &Dated<'_>,
    is_value: impl Fn(usize) -> bool,
) -> LatestRows {
    let rows = observed.rows;
    let record = |row: usize| rows.record_id.as_ref().and_then(|words| words.get(row));
    let mut order: Vec<(usize, Micros)> = observed
        .all_rows()
        .filter(|row| is_value(*row) && (observed.passes)(*row))
        .filter_map(|row| (dated.event)(row).map(|event| (row, event)))
        .collect();
    order.sort_by(|(a, event_a), (b, event_b)| {
        let key = |row: usize, event: Micros| {
            (event, rows.known(row), record(row), rows.row_bytes.get(row))
        };
        key(*a, *event_a).cmp(&key(*b, *event_b))
    });
    let mut cells: LatestRows = vec![None; observed.len()];
    for (row, event) in order {
        let (known, superseded) = ((dated.known)(row), rows.superseded(row));
        let run = dated.bounds.run(observed.grid, event, known, superseded);
        cells[observed.cells(rows.account[row] as usize, &run)].fill(Some(row));
    }
    cells
}

/// Whole civil days since the last row; missing where none is known.
///
/// O(rows + accounts x snapshots), and the run of each superseded row.
pub(super) fn recency(observed: &Observed<'_>, all: &Bounds) -> Cells {
    let (rows, grid) = (observed.rows, observed.grid);
    let mut last = vec![Micros::MIN; observed.len()];
    for account in observed.accounts.clone() {
        let first = observed.first_cell(account);
        let cells = &mut last[first..first + grid.len()];
        let passing = || rows.of_account(account).filter(|row| (observed.passes)(*row));
        for row in passing().filter(|row| rows.superseded(*row) == NEVER) {
            if let Some(cell) = cells.get_mut(grid.first_seen(rows.at[row], rows.known(row))) {
                *cell = (*cell).max(rows.at[row]);
            }
        }
        let mut latest = Micros::MIN;
        for cell in &mut *cells {
            latest = latest.max(*cell);
            *cell = latest;
        }
        for row in passing().filter(|row| rows.superseded(*row) != NEVER) {
            for cell in &mut cells[observed.runs(all)(row)] {
                *cell = (*cell).max(rows.at[row]);
            }
        }
    }
    let days = |(cell, last): (usize, &Micros)| match *last {
        Micros::MIN => f64::NAN,
        last => (grid.instants()[observed.snapshot(cell)] - last).div_euclid(DAY) as f64,
    };
    last.iter().enumerate().map(days).collect()
}

/// The earliest event among rows that each snapshot knows, superseded ones included, before `where`;
/// [`NEVER`] where there is none. One entry per snapshot.
pub(super) fn first_known(rows: &SourceRows, grid: &Grid) -> Vec<Micros> {
    let mut first = vec![NEVER; grid.len()];
    for (row, at) in rows.at.iter().enumerate() {
        if let Some(cell) = first.get_mut(grid.first_seen(*at, rows.known(row))) {
            *cell = (*cell).min(*at);
        }
    }
    running_minimum(&mut first);
    first
}

/// The same of an account.
pub(super) fn first_known_of_account(
    rows: &SourceRows,
    grid: &Grid,
    account: usize,
) -> Vec<Micros> {
    let mut first = vec![NEVER; grid.len()];
    for row in rows.of_account(account) {
        if let Some(cell) = first.get_mut(grid.first_seen(rows.at[row], rows.known(row))) {
            *cell = (*cell).min(rows.at[row]);
        }
    }
    running_minimum(&mut first);
    first
}

fn running_minimum(cells: &mut [Micros]) {
    let mut least = NEVER;
    for cell in cells {
        least = least.min(*cell);
        *cell = least;
    }
}
