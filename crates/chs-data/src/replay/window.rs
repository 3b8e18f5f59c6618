//! What adds up over runs of snapshots: counts, sums, means, distinct values.
//!
//! A row adds to the snapshots of its run by two entries, +v at the first and -v after the last, which
//! are cumulated at the end: O(rows + accounts x snapshots), no sort. Accounts are taken one by one, so
//! that the entries of one lie together in the cache. Decimals are added as whole millionths, so neither
//! the order of the rows nor what else the column holds can be seen in a sum.

use std::ops::{AddAssign, Range, SubAssign};

use crate::load::{Code, SourceRows};
use crate::project::Empty;
use crate::replay::Cells;
use crate::replay::grid::{Bounds, Grid};

/// Decimal places up to which sums are exact.
const MAX_PLACES: u32 = 6;

const MILLION: i64 = 1_000_000;

/// Millionths in a hundredth.
const CENT: i64 = 10_000;

/// Whole numbers below this are doubles of their own.
const EXACT: i64 = 1 << 53;

/// Decimals with fewer digits than this are doubles of their own.
const MAX_UNITS: f64 = 1e15;

/// Added to a double below 2^51, it leaves no bits for a fraction.
const WHOLE: f64 = 6_755_399_441_055_744.0;

/// Rows of a source for some accounts, of which a verb makes the cells.
pub(super) struct Observed<'a> {
    pub(super) rows: &'a SourceRows,
    /// Whether `where` lets the row through.
    pub(super) passes: &'a (dyn Fn(usize) -> bool + Sync),
    pub(super) accounts: Range<usize>,
    pub(super) grid: &'a Grid,
}

impl Observed<'_> {
    /// The snapshots whose window a row is in.
    pub(super) fn runs(&self, bounds: &Bounds) -> impl Fn(usize) -> Range<usize> {
        let Self { rows, grid, .. } = *self;
        move |row| bounds.run(grid, rows.at[row], rows.known(row), rows.superseded(row))
    }

    /// All rows.
    pub(super) fn all_rows(&self) -> Range<usize> {
        let of = |account: usize| self.rows.of_account(account);
        match self.accounts.clone().last() {
            Some(last) => of(self.accounts.start).start..of(last).end,
            None => 0..0,
        }
    }

    /// Number of cells.
    pub(super) fn len(&self) -> usize {
        self.accounts.len() * self.grid.len()
    }

    /// The snapshot of a cell.
    pub(super) fn snapshot(&self, cell: usize) -> usize {
        cell % self.grid.len()
    }

    /// Rows that pass and count somewhere, with their account and their run of snapshots.
    pub(super) fn each(
        &self,
        run: impl Fn(usize) -> Range<usize>,
        mut add: impl FnMut(usize, usize, Range<usize>),
    ) {
        for account in self.accounts.clone() {
            self.each_of(account, &run, |row, run| add(row, account, run));
        }
    }

    /// The same of one account.
    pub(super) fn each_of(
        &self,
        account: usize,
        run: impl Fn(usize) -> Range<usize>,
        mut add: impl FnMut(usize, Range<usize>),
    ) {
        for row in self.rows.of_account(account).filter(|row| (self.passes)(*row)) {
            let run = run(row);
            if !run.is_empty() {
                add(row, run);
            }
        }
    }

    /// The first cell of an account.
    pub(super) fn first_cell(&self, account: usize) -> usize {
        (account - self.accounts.start) * self.grid.len()
    }

    /// The cells of an account.
    pub(super) fn cells(&self, account: usize, run: &Range<usize>) -> Range<usize> {
        let first = self.first_cell(account);
        first + run.start..first + run.end
    }
}

/// Entries of one account at the first snapshot of a run and after its last.
pub(super) struct Entries<T> {
    /// One more than snapshots.
    entries: Vec<T>,
}

impl<T: Copy + Default + AddAssign + SubAssign> Entries<T> {
    pub(super) fn new(snapshots: usize) -> Self {
        Self { entries: vec![T::default(); snapshots + 1] }
    }

    pub(super) fn add(&mut self, run: &Range<usize>, value: T) {
        self.entries[run.start] += value;
        self.entries[run.end] -= value;
    }

    /// Hands out the value of each snapshot and starts anew.
    pub(super) fn cumulate(&mut self, mut put: impl FnMut(usize, T)) {
        let mut total = T::default();
        let last = self.entries.len() - 1;
        for (snapshot, entry) in self.entries[..last].iter_mut().enumerate() {
            total += std::mem::take(entry);
            put(snapshot, total);
        }
        self.entries[last] = T::default();
    }
}

/// What some rows add up to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Amount {
    rows: i64,
    /// Sum in millionths of the values that are decimals.
    units: i128,
    /// Rows whose value is no decimal.
    ragged: i64,
}

impl Amount {
    /// What a row adds: itself, and its value (NaN where null) where values are given; nothing where that is
    /// null.
    pub(super) fn of(row: usize, values: Option<&[f64]>) -> Option<Self> {
        let one = Self { rows: 1, ..Self::default() };
        let Some(values) = values else { return Some(one) };
        let value = values[row];
        (!value.is_nan()).then(|| match millionths(value) {
            Some(units) => Self { units, ..one },
            None => Self { ragged: 1, ..one },
        })
    }
}

impl AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        self.rows += other.rows;
        self.units += other.units;
        self.ragged += other.ragged;
    }
}

impl SubAssign for Amount {
    fn sub_assign(&mut self, other: Self) {
        self.rows -= other.rows;
        self.units -= other.units;
        self.ragged -= other.ragged;
    }
}

/// Sums of observations, and how many there are; a sum of none is 0.
pub(super) struct Sums {
    pub(super) totals: Cells,
    pub(super) counts: Vec<i64>,
    /// Cells that have to be added as doubles.
    ragged: Vec<usize>,
}

impl Sums {
    pub(super) fn with_capacity(cells: usize) -> Self {
        let (totals, counts) = (Vec::with_capacity(cells), Vec::with_capacity(cells));
        Self { totals, counts, ragged: Vec::new() }
    }

    /// The amount of the next cell.
    pub(super) fn push(&mut self, amount: Amount) {
        if amount.ragged > 0 {
            self.ragged.push(self.totals.len());
        }
        self.totals.push(from_millionths(amount.units));
        self.counts.push(amount.rows);
    }

    /// With the sums of values that are no decimals.
    pub(super) fn settled(
        mut self,
        observed: &Observed<'_>,
        run: impl Fn(usize) -> Range<usize>,
        values: Option<&[f64]>,
    ) -> Self {
        let Some(values) = values.filter(|_| !self.ragged.is_empty()) else { return self };
        let mut ordered = vec![0.0; self.totals.len()];
        each_in_order(observed, run, values, |row, cells| {
            ordered[cells].iter_mut().for_each(|sum| *sum += values[row]);
        });
        for cell in &self.ragged {
            self.totals[*cell] = ordered[*cell];
        }
        self
    }

    /// The counts; `empty` where there is no row.
    pub(super) fn counts_or(self, empty: f64) -> Cells {
        let count = |count: i64| if count > 0 { count as f64 } else { empty };
        self.counts.into_iter().map(count).collect()
    }

    /// The sums; `empty` where there is no observation.
    pub(super) fn or(self, empty: f64) -> Cells {
        let sum = |(sum, count): (f64, i64)| if count == 0 { empty } else { sum };
        self.totals.into_iter().zip(self.counts).map(sum).collect()
    }

    /// The means; `empty` where there is no observation.
    pub(super) fn means_or(self, empty: f64) -> Cells {
        let mean = |(sum, count)| if count == 0 { empty } else { sum / count as f64 };
        self.totals.into_iter().zip(self.counts).map(mean).collect()
    }
}

/// Sum of the values (NaN where null) of each run, of every row where no values are given.
pub(super) fn sums(
    observed: &Observed<'_>,
    run: impl Fn(usize) -> Range<usize>,
    values: Option<&[f64]>,
) -> Sums {
    let mut entries = Entries::<Amount>::new(observed.grid.len());
    let mut sums = Sums::with_capacity(observed.len());
    for account in observed.accounts.clone() {
        observed.each_of(account, &run, |row, run| {
            if let Some(amount) = Amount::of(row, values) {
                entries.add(&run, amount);
            }
        });
        entries.cumulate(|_, amount| sums.push(amount));
    }
    sums.settled(observed, run, values)
}

/// The sum of values that stand in the order in which doubles are added: exact where all are decimals.
pub(crate) fn exact_sum(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let decimals: Option<i128> = values.clone().map(millionths).sum();
    decimals.map_or_else(|| values.sum(), from_millionths)
}

/// A value in millionths; `None` where six decimal places or fifteen digits are too few to write it.
pub(super) fn millionths(value: f64) -> Option<i128> {
    // Most values are told at once by the most places; larger ones have fewer.
    [MAX_PLACES].into_iter().chain(0..MAX_PLACES).find_map(|places| {
        let scale = f64::from(10_u32.pow(places));
        let scaled = value * scale;
        // The nearest whole number; between two of them `written` is false.
        let units = (scaled + WHOLE) - WHOLE;
        // Adding 0 makes one zero of the two.
        let written = (units / scale + 0.0).total_cmp(&(value + 0.0)).is_eq();
        #[expect(clippy::cast_possible_truncation, reason = "whole and below 10^15")]
        let whole = || i128::from(units as i64) * i128::from(10_u32.pow(MAX_PLACES - places));
        (written && scaled.abs() < MAX_UNITS).then(whole)
    })
}

/// A sum of millionths, divided once, in units of the smallest decimal that writes it.
fn from_millionths(sum: i128) -> f64 {
    // Nearly all sums fit 64 bits, which divide in a fraction of the time, and are whole or of two places.
    if let Ok(sum) = i64::try_from(sum) {
        if sum % MILLION == 0 {
            return (sum / MILLION) as f64;
        }
        let hundredths = sum / CENT;
        if sum % CENT == 0 && hundredths.abs() < EXACT {
            return hundredths as f64 / 100.0;
        }
        let power = power_in(sum % MILLION);
        return (sum / power) as f64 / (MILLION / power) as f64;
    }
    #[expect(clippy::cast_possible_truncation, reason = "below a million")]
    let power = power_in((sum % i128::from(MILLION)) as i64);
    (sum / i128::from(power)) as f64 / (MILLION / power) as f64
}

/// The greatest power of ten, a million at most, that divides a remainder by a million.
fn power_in(remainder: i64) -> i64 {
    let mut power = 1;
    while power < MILLION && remainder % (10 * power) == 0 {
        power *= 10;
    }
    power
}

/// Rows with a value in the order of event, record and value, each with its cells: what is computed from
/// values that are no such decimals does not show the order of the input.
pub(super) fn each_in_order(
    observed: &Observed<'_>,
    run: impl Fn(usize) -> Range<usize>,
    values: &[f64],
    mut add: impl FnMut(usize, Range<usize>),
) {
    let rows = observed.rows;
    let passes = |row: &usize| !values[*row].is_nan() && (observed.passes)(*row);
    let mut order: Vec<usize> = observed.all_rows().filter(passes).collect();
    let record = |row: usize| rows.record_id.as_ref().and_then(|words| words.get(row));
    order.sort_by(|a, b| {
        let key = |row: usize| (rows.account[row], rows.at[row], record(row));
        key(*a).cmp(&key(*b)).then(values[*a].total_cmp(&values[*b]))
    });
    for row in order {
        add(row, observed.cells(rows.account[row] as usize, &run(row)));
    }
}

/// Distinct values in the window; `codes` number the texts.
pub(super) fn distinct(
    observed: &Observed<'_>,
    run: impl Fn(usize) -> Range<usize>,
    codes: &[Code],
    empty: f64,
) -> Cells {
    let mut entries = Entries::<i64>::new(observed.grid.len());
    let mut runs: Vec<(usize, Range<usize>)> = Vec::new();
    let mut cells = Vec::with_capacity(observed.len());
    for account in observed.accounts.clone() {
        runs.clear();
        observed.each_of(account, &run, |row, run| {
            runs.extend(codes[row].place().map(|place| (place, run)));
        });
        runs.sort_unstable_by_key(|(place, run)| (*place, run.start, run.end));
        runs.chunk_by(|a, b| a.0 == b.0).for_each(|same| add_union(&mut entries, same));
        entries.cumulate(|_, count| cells.push(if count > 0 { count as f64 } else { empty }));
    }
    cells
}

/// Adds one to every snapshot that is in any of the runs of one value, which ascend.
fn add_union(entries: &mut Entries<i64>, same: &[(usize, Range<usize>)]) {
    let mut union = same[0].1.clone();
    for (_, run) in same {
        if run.start > union.end {
            entries.add(&union, 1);
            union = run.clone();
        }
        union.end = union.end.max(run.end);
    }
    entries.add(&union, 1);
}

impl Empty {
    /// The value, NaN where missing.
    pub(super) fn value(self) -> f64 {
        match self {
            Self::Zero => 0.0,
            Self::Null => f64::NAN,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{from_millionths, millionths};

    #[test]
    fn decimals_are_told_from_other_doubles() {
        for (value, expected) in [
            (3.0, Some(3_000_000)),
            (-0.25, Some(-250_000)),
            (0.000_001, Some(1)),
            (-0.0, Some(0)),
            (0.1 + 0.2, None),
            (1.0 / 3.0, None),
            (1e-7, None),
            (12_345_678_901.25, Some(12_345_678_901_250_000)),
            (1e15, None),
        ] {
            assert_eq!(millionths(value), expected, "{value}");
        }
    }

    #[test]
    fn a_sum_is_the_double_nearest_to_its_decimal() {
        for (sum, expected) in [
            (300_000, 0.3_f64),
            (-12_118_460, -12.11846),
            (7_000_000, 7.0),
            (120_000, 0.12),
            (0, 0.0),
        ] {
            assert_eq!(from_millionths(sum).to_bits(), expected.to_bits());
        }
    }
}
