//! Verbs over the rows of a source, made ready once and then computed for some accounts at a time.

use std::borrow::Cow;
use std::ops::Range;

use chs_panel::Span;

use crate::load::{Code, Column, SourceRows};
use crate::project::{Coverage, Measure, Name, Reading, RowsVerb, Statistic, Window};
use crate::replay::expressions::{self, Filter};
use crate::replay::grid::{Bounds, Grid};
use crate::replay::last::{self, Dated, LatestRows};
use crate::replay::reading::ReadColumn;
use crate::replay::totals::{Total, Totals};
use crate::replay::trend::Trend;
use crate::replay::window::{self, Observed, Sums};
use crate::replay::windows::Windows;
use crate::replay::{Cells, Replay, deviation, extreme, open};
use crate::time::{Micros, NEVER, minus};

/// A value per account and snapshot of a range of accounts, account by account.
pub(super) type OfAccounts<'a, T> = Box<dyn Fn(Range<usize>) -> Vec<T> + Send + Sync + 'a>;

/// Several columns of such values, computed together.
pub(super) struct Measured<'a, T> {
    /// Number of columns.
    pub(super) columns: usize,
    /// The columns of a range of accounts.
    pub(super) cells: Box<dyn Fn(Range<usize>) -> Vec<Vec<T>> + Send + Sync + 'a>,
}

impl<'a, T: 'a> Measured<'a, T> {
    /// A column alone.
    pub(super) fn one(of: OfAccounts<'a, T>) -> Self {
        Self { columns: 1, cells: Box::new(move |accounts| vec![of(accounts)]) }
    }
}

/// Sets cells of a range of accounts to missing.
type Mute<'a, T> = Box<dyn Fn(Range<usize>, &mut [T]) + Send + Sync + 'a>;

/// A statistic of values (NaN where null) within bounds, `empty` of none.
type Statistics = fn(&Observed<'_>, &Bounds, &[f64], f64) -> Cells;

/// A verb that is ready.
pub(super) enum Ready<'a> {
    /// Numbers, NaN where missing.
    Numbers(OfAccounts<'a, f64>),
    /// Rows of a column whose texts are meant.
    Words(&'a Column, OfAccounts<'a, Option<usize>>),
    /// What is computed together with others that add up the same rows.
    Total(Totals<'a>),
}

/// Rows of a source and which of them count.
struct Seen<'a> {
    rows: &'a SourceRows,
    passes: Filter<'a>,
    grid: &'a Grid,
}

impl Seen<'_> {
    fn of(&self, accounts: Range<usize>) -> Observed<'_> {
        Observed { rows: self.rows, passes: &self.passes, accounts, grid: self.grid }
    }
}

impl<'a> Replay<'a> {
    /// Make a verb ready.
    pub(super) fn ready(&self, verb: &'a RowsVerb) -> Ready<'a> {
        let rows = &self.history.sources[verb.source];
        let passes = expressions::passes(rows, verb.filter.as_ref());
        let seen = Seen { rows, passes, grid: self.grid };
        let all = Bounds::new(self.grid, None, Span::days(0));
        let numbers: OfAccounts<'a, f64> = match &verb.measure {
            Measure::Count { window } => {
                return Ready::Total(Totals::new(verb, None, (Total::Count, *window)));
            }
            Measure::Statistic { statistic, value, window } => {
                let total = |total| Ready::Total(Totals::new(verb, Some(value), (total, *window)));
                let of: Statistics = match statistic {
                    Statistic::Sum => return total(Total::Sum),
                    Statistic::Mean => return total(Total::Mean),
                    Statistic::Min => extreme::smallest,
                    Statistic::Max => extreme::largest,
                    Statistic::Std => deviation::std,
                };
                let values = expressions::values(rows, &value.expression);
                let (bounds, empty) = (self.bounds(*window), window.empty.value());
                Box::new(move |accounts| of(&seen.of(accounts), &bounds, &values, empty))
            }
            Measure::Trend { value, window, buckets, method } => {
                let values = expressions::values(rows, &value.expression);
                let trend = Trend::new(self.grid, *window, *buckets, *method);
                Box::new(move |accounts| trend.cells(&seen.of(accounts), &values))
            }
            Measure::Distinct { column, window } => {
                let codes = codes(rows, &column.value);
                let (bounds, empty) = (self.bounds(*window), window.empty.value());
                Box::new(move |accounts| {
                    let observed = seen.of(accounts);
                    window::distinct(&observed, observed.runs(&bounds), &codes, empty)
                })
            }
            Measure::Recency => Box::new(move |accounts| last::recency(&seen.of(accounts), &all)),
            Measure::Open { amount, empty } => {
                let (source, empty) = (&self.project.sources[verb.source], empty.value());
                Box::new(move |accounts| {
                    open::open(&seen.of(accounts), (source, &all), amount.as_ref(), empty)
                })
            }
            Measure::Until { column } => match rows.times.get(&column.value) {
                Some(dates) => {
                    Box::new(move |accounts| extreme::until(&seen.of(accounts), &all, dates))
                }
                None => missing(self.grid),
            },
            Measure::Latest { column, reading, at, max_age } => {
                let bounds = Bounds::new(self.grid, *max_age, Span::days(0));
                return self.latest(verb, seen, (column, reading), (at.as_ref(), bounds));
            }
        };
        Ready::Numbers(self.connected(verb, f64::NAN, numbers))
    }

    fn bounds(&self, window: Window) -> Bounds {
        Bounds::new(self.grid, Some(window.length), window.shift)
    }

    fn latest(
        &self,
        verb: &'a RowsVerb,
        seen: Seen<'a>,
        (column, reading): (&Name, &Reading),
        (own, bounds): (Option<&Name>, Bounds),
    ) -> Ready<'a> {
        let rows = seen.rows;
        let own = own.and_then(|name| rows.times.get(&name.value));
        let Some(column) = rows.columns.get(&column.value) else {
            return Ready::Numbers(missing(self.grid));
        };
        match ReadColumn::new(column, reading) {
            ReadColumn::Numbers(numbers) => {
                let cells: OfAccounts<'a, f64> = Box::new(move |accounts| {
                    latest_numbers(&seen.of(accounts), own, &bounds, &numbers)
                });
                Ready::Numbers(self.connected(verb, f64::NAN, cells))
            }
            ReadColumn::Words(column) => {
                let rows: OfAccounts<'a, Option<usize>> = Box::new(move |accounts| {
                    let is_value = |row: usize| column.word(row).is_some();
                    latest_rows(&seen.of(accounts), own, &bounds, is_value)
                });
                Ready::Words(column, self.connected(verb, None, rows))
            }
        }
    }

    /// The cells with those missing at which the source has not spoken for `connected_for`.
    fn connected<T: Copy + Send + Sync + 'a>(
        &self,
        verb: &'a RowsVerb,
        missing: T,
        cells: OfAccounts<'a, T>,
    ) -> OfAccounts<'a, T> {
        let mute = self.mute(verb, missing);
        Box::new(move |accounts| {
            let mut cells = cells(accounts.clone());
            mute(accounts, &mut cells);
            cells
        })
    }

    /// What makes cells missing at which the source has not spoken for `connected_for`.
    fn mute<T: Copy + Send + Sync + 'a>(&self, verb: &'a RowsVerb, missing: T) -> Mute<'a, T> {
        let Some(length) = verb.connected_for else { return Box::new(|_, _| {}) };
        let (history, grid) = (self.history, self.grid);
        let rows = &history.sources[verb.source];
        let latest: Vec<Micros> =
            grid.instants().iter().map(|instant| minus(*instant, length)).collect();
        let per_account = self.project.sources[verb.source].coverage == Coverage::Account;
        let of_source = last::first_known(rows, grid);
        let since = move |account: usize| {
            if per_account {
                return last::first_known_of_account(rows, grid, account);
            }
            let start = history.accounts.starts[account].first().copied().unwrap_or(NEVER);
            of_source.iter().map(|first| start.max(*first)).collect::<Vec<Micros>>()
        };
        Box::new(move |accounts, cells| {
            for (account, cells) in accounts.zip(cells.chunks_exact_mut(grid.len())) {
                mute(cells, missing, &since(account), &latest);
            }
        })
    }

    /// Make what adds up the same rows ready.
    pub(super) fn together(&self, totals: Totals<'a>) -> Measured<'a, f64> {
        let Totals { verb, value, windows } = totals;
        let rows = &self.history.sources[verb.source];
        let passes = expressions::passes(rows, verb.filter.as_ref());
        let seen = Seen { rows, passes, grid: self.grid };
        let values = value.map(|value| expressions::values(rows, &value.expression));
        let bounds = windows.iter().map(|(_, window)| self.bounds(*window)).collect();
        let (sums, mute) = (Windows::new(bounds), self.mute(verb, f64::NAN));
        let columns = windows.len();
        let cells = move |accounts: Range<usize>| {
            let sums = sums.sums(&seen.of(accounts.clone()), values.as_deref());
            let column = |(sums, (total, window)): (Sums, &(Total, Window))| {
                let mut cells = total.of(sums, window.empty.value());
                mute(accounts.clone(), &mut cells);
                cells
            };
            sums.into_iter().zip(&windows).map(column).collect()
        };
        Measured { columns, cells: Box::new(cells) }
    }
}

/// Cells that are connected later than `latest` are missing.
fn mute<T: Copy>(cells: &mut [T], missing: T, since: &[Micros], latest: &[Micros]) {
    for (cell, (since, latest)) in cells.iter_mut().zip(since.iter().zip(latest)) {
        if since > latest {
            *cell = missing;
        }
    }
}

/// Nothing in any cell.
fn missing(grid: &Grid) -> OfAccounts<'_, f64> {
    Box::new(|accounts| vec![f64::NAN; accounts.len() * grid.len()])
}

/// The last of the numbers (NaN where null) per account and snapshot; `own` are dates that rule in place of
/// the events'.
pub(super) fn latest_numbers(
    observed: &Observed<'_>,
    own: Option<&Vec<Option<Micros>>>,
    bounds: &Bounds,
    numbers: &[f64],
) -> Cells {
    let latest = latest_rows(observed, own, bounds, |row| !numbers[row].is_nan());
    latest.into_iter().map(|row| row.map_or(f64::NAN, |row| numbers[row])).collect()
}

fn latest_rows(
    observed: &Observed<'_>,
    own: Option<&Vec<Option<Micros>>>,
    bounds: &Bounds,
    is_value: impl Fn(usize) -> bool,
) -> LatestRows {
    let rows = observed.rows;
    let event = |row: usize| own.map_or(Some(rows.at[row]), |times| times[row]);
    // Both dates have to be known: the row itself, and its own date.
    let known = |row: usize| match own.and_then(|times| times[row]) {
        Some(date) if rows.known_by_event(row) => {
            rows.known(row).max(date + (rows.known(row) - rows.at[row]))
        }
        _ => rows.known(row),
    };
    last::latest(observed, &Dated { event: &event, known: &known, bounds }, is_value)
}

/// Numbers for the distinct texts of a column.
fn codes<'a>(rows: &'a SourceRows, column: &str) -> Cow<'a, [Code]> {
    match rows.columns.get(column) {
        Some(Column::Words(words)) => Cow::Borrowed(&words.codes),
        Some(Column::Numbers(numbers)) => {
            let mut known: Vec<u64> = numbers
                .iter()
                .filter(|number| !number.is_nan())
                .map(|number| number.to_bits())
                .collect();
            known.sort_unstable();
            known.dedup();
            let place = |number: &f64| known.binary_search(&number.to_bits()).ok();
            let code =
                |number| Code::new(place(number).and_then(|place| u32::try_from(place).ok()));
            numbers.iter().map(code).collect()
        }
        None => Cow::Owned(vec![Code::default(); rows.len()]),
    }
}
