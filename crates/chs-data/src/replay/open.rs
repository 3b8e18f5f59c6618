//! The verb open: rows that have begun and not ended.

use crate::load::last_moment;
use crate::project::{Name, Reading, Source};
use crate::replay::Cells;
use crate::replay::grid::Bounds;
use crate::replay::reading::ReadColumn;
use crate::replay::window::{Observed, sums};
use crate::time::NEVER;

/// Number of open rows, or the sum of a column over them.
///
/// A row is open where its event lies before the snapshot and its end does not, both as known then: an
/// end is known as late after it as the event is, unless the row says when it was known. `all` are the
/// bounds of all of the past.
pub(super) fn open(
    observed: &Observed<'_>,
    (source, all): (&Source, &Bounds),
    amount: Option<&Name>,
    empty: f64,
) -> Cells {
    let rows = observed.rows;
    let ends = source.ended.as_ref().and_then(|name| rows.times.get(&name.value));
    let end = |row: usize| {
        let Some(end) = ends.and_then(|ends| ends[row]) else { return NEVER };
        let delay = if rows.known_by_event(row) { rows.known(row) - rows.at[row] } else { 0 };
        last_moment(end, source).saturating_add(delay)
    };
    let run = |row: usize| {
        let last = end(row).min(rows.superseded(row));
        all.run(observed.grid, rows.at[row], rows.known(row), last)
    };
    let Some(amount) = amount else { return sums(observed, run, None).counts_or(empty) };
    let Some(column) = rows.columns.get(&amount.value) else {
        return vec![f64::NAN; observed.len()];
    };
    match ReadColumn::new(column, &Reading::Numbers) {
        ReadColumn::Numbers(numbers) => sums(observed, run, Some(&numbers)).or(empty),
        ReadColumn::Words(_) => vec![f64::NAN; observed.len()],
    }
}
