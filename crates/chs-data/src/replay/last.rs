//! Verbs about the last row: latest value, recency, first row known.

use chs_panel::Span;

use crate::load::SourceRows;
use crate::replay::Cells;
use crate::replay::grid::{Bounds, Grid};
use crate::replay::window::Observed;
use crate::time::{DAY, Micros, NEVER};

/// The row that `latest` takes per account and snapshot; `None` where none counts.
pub(super) type LatestRows = Vec<Option<usize>>;

/// Candidates of `latest`: per row the date that rules, and since when both are known.
pub(super) struct Dated<'a> {
    pub(super) event: &'a dyn Fn(usize) -> Option<Micros>,
    pub(super) known: &'a dyn Fn(usize) -> Micros,
    pub(super) max_age: Option<Span>,
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
    let snapshots = observed.grid.len();
    let bounds = Bounds::new(observed.grid, dated.max_age, Span::days(0));
    let record = |row: usize| rows.record_id.as_ref().and_then(|words| words.get(row));
    let mut order: Vec<(usize, Micros)> = (0..rows.len())
        .filter(|row| is_value(*row) && (observed.passes)(*row))
        .filter_map(|row| (dated.event)(row).map(|event| (row, event)))
        .collect();
    order.sort_by(|(a, event_a), (b, event_b)| {
        let key = |row: usize, event: Micros| {
            (event, rows.known(row), record(row), rows.row_bytes.get(row))
        };
        key(*a, *event_a).cmp(&key(*b, *event_b))
    });
    let mut cells: LatestRows = vec![None; observed.accounts * snapshots];
    for (row, event) in order {
        let first = rows.account[row] as usize * snapshots;
        for snapshot in bounds.run(observed.grid, event, (dated.known)(row), rows.superseded(row)) {
            cells[first + snapshot] = Some(row);
        }
    }
    cells
}

/// Whole civil days since the last row; missing where none is known.
///
/// O(rows + accounts x snapshots), and the run of each superseded row.
pub(super) fn recency(observed: &Observed<'_>) -> Cells {
    let (rows, grid) = (observed.rows, observed.grid);
    let snapshots = grid.len();
    let bounds = Bounds::new(grid, None, Span::days(0));
    let mut last = vec![Micros::MIN; observed.accounts * snapshots];
    let passing = |row: &usize| (observed.passes)(*row);
    for row in (0..rows.len()).filter(passing).filter(|row| rows.superseded(*row) == NEVER) {
        let first = grid.first_seen(rows.at[row], rows.known(row));
        if first < snapshots {
            let cell = &mut last[rows.account[row] as usize * snapshots + first];
            *cell = (*cell).max(rows.at[row]);
        }
    }
    for account in last.chunks_exact_mut(snapshots.max(1)) {
        let mut latest = Micros::MIN;
        for cell in account {
            latest = latest.max(*cell);
            *cell = latest;
        }
    }
    for row in (0..rows.len()).filter(passing).filter(|row| rows.superseded(*row) != NEVER) {
        let first = rows.account[row] as usize * snapshots;
        for snapshot in bounds.run(grid, rows.at[row], rows.known(row), rows.superseded(row)) {
            let cell = &mut last[first + snapshot];
            *cell = (*cell).max(rows.at[row]);
        }
    }
    let days = |(cell, last): (usize, &Micros)| match *last {
        Micros::MIN => f64::NAN,
        last => (grid.instants()[cell % snapshots] - last).div_euclid(DAY) as f64,
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

/// The same per account and snapshot.
pub(super) fn first_known_of_account(
    rows: &SourceRows,
    grid: &Grid,
    accounts: usize,
) -> Vec<Micros> {
    let snapshots = grid.len();
    let mut first = vec![NEVER; accounts * snapshots];
    for row in 0..rows.len() {
        let seen = grid.first_seen(rows.at[row], rows.known(row));
        if seen < snapshots {
            let cell = &mut first[rows.account[row] as usize * snapshots + seen];
            *cell = (*cell).min(rows.at[row]);
        }
    }
    first.chunks_exact_mut(snapshots.max(1)).for_each(running_minimum);
    first
}

fn running_minimum(cells: &mut [Micros]) {
    let mut least = NEVER;
    for cell in cells {
        least = least.min(*cell);
        *cell = least;
    }
}
