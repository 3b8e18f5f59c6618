//! The verb std.
//!
//! Decimals are squared and added as whole numbers, one pass, and rounded when the last is in; other
//! doubles are taken in the order of event, record and value, in two passes.

use std::ops::Range;

use crate::replay::Cells;
use crate::replay::grid::Bounds;
use crate::replay::window::{Entries, Observed, each_in_order, millionths, sums};

/// Decimals of fewer millionths than this are squared exactly; 2^27 of them add up in 128 bits.
const MAX_UNITS: i128 = 1 << 50;

/// Squares of millionths in one.
const SCALE: i128 = 1_000_000_000_000;

/// Standard deviation, with n - 1, of the values (NaN where null) in the window; missing below two, `empty`
/// of none.
pub(super) fn std(observed: &Observed<'_>, bounds: &Bounds, values: &[f64], empty: f64) -> Cells {
    let run = observed.runs(bounds);
    let snapshots = observed.grid.len();
    let (mut counts, mut ragged, mut sums, mut cells) = (vec![], vec![], vec![], vec![]);
    let entries = || Entries::<i64>::new(snapshots);
    let (mut counted, mut others) = (entries(), entries());
    let (mut units, mut squares) =
        (Entries::<i128>::new(snapshots), Entries::<i128>::new(snapshots));
    for account in observed.accounts.clone() {
        observed.each_of(account, &run, |row, run| {
            if values[row].is_nan() {
                return;
            }
            counted.add(&run, 1);
            match millionths(values[row]).filter(|value| value.abs() < MAX_UNITS) {
                Some(value) => {
                    units.add(&run, value);
                    squares.add(&run, value * value);
                }
                None => others.add(&run, 1),
            }
        });
        let first = counts.len();
        counted.cumulate(|_, count| counts.push(count));
        others.cumulate(|_, count| ragged.push(count));
        sums.clear();
        units.cumulate(|_, sum| sums.push(sum));
        squares.cumulate(|snapshot, squares| {
            cells.push(exact_std((sums[snapshot], squares), counts[first + snapshot]));
        });
    }
    if ragged.iter().any(|count| *count > 0) {
        let ordered = ordered_std(observed, run, values);
        for ((cell, ordered), ragged) in cells.iter_mut().zip(ordered).zip(ragged) {
            if ragged > 0 {
                *cell = ordered;
            }
        }
    }
    let value = |(cell, count): (f64, i64)| if count == 0 { empty } else { cell };
    cells.into_iter().zip(counts).map(value).collect()
}

/// From sum and sum of squares in millionths; n (sum of squares about the mean) is a whole number.
fn exact_std((sum, squares): (i128, i128), count: i64) -> f64 {
    let n = i128::from(count);
    if n < 2 {
        return f64::NAN;
    }
    // About the whole number below the mean, so that numbers stay small.
    let (about, rest) = (sum.div_euclid(n), sum.rem_euclid(n));
    let about_it = squares - 2 * about * sum + n * about * about;
    let spread = match n.checked_mul(about_it) {
        Some(product) => (product - rest * rest) as f64,
        None => n as f64 * about_it as f64 - (rest * rest) as f64,
    };
    (spread / (n * (n - 1) * SCALE) as f64).sqrt()
}

/// The same from doubles; of a single one it is 0 / 0, missing.
fn ordered_std(
    observed: &Observed<'_>,
    run: impl Fn(usize) -> Range<usize>,
    values: &[f64],
) -> Cells {
    let sums = sums(observed, &run, Some(values));
    let counts = sums.counts.clone();
    let means = sums.means_or(f64::NAN);
    let mut squares = vec![0.0; means.len()];
    each_in_order(observed, run, values, |row, cells| {
        for (square, mean) in squares[cells.clone()].iter_mut().zip(&means[cells]) {
            *square += (values[row] - mean) * (values[row] - mean);
        }
    });
    let std = |(squares, count): (f64, i64)| (squares / (count - 1) as f64).sqrt();
    squares.into_iter().zip(counts).map(std).collect()
}

#[cfg(test)]
mod tests {
    use super::exact_std;

    /// n, then the values in millionths.
    fn std(values: &[i128]) -> f64 {
        let count = i64::try_from(values.len()).unwrap();
        exact_std((values.iter().sum(), values.iter().map(|value| value * value).sum()), count)
    }

    #[test]
    fn the_spread_is_exact_until_it_is_rounded() {
        for (values, expected) in [
            (&[1_000_000, 2_000_000, 3_000_000][..], 1.0_f64),
            (&[-3_000_000, 1_000_000], 8.0_f64.sqrt()),
            (&[700_000, 700_000, 700_000], 0.0),
            // A spread that is lost where squares of doubles are subtracted.
            (&[1_000_000_000_000_000, 1_000_000_000_000_001], 5e-13_f64.sqrt()),
        ] {
            assert_eq!(std(values).to_bits(), expected.to_bits(), "{values:?}");
        }
        assert!(std(&[5]).is_nan() && std(&[]).is_nan());
        // Where n times the sum of squares no longer fits: n (n / 2)^2 4 / (n (n - 1)) = n / (n - 1).
        let n: i64 = 1 << 26;
        let unit = (1_i128 << 50) - 1;
        let spread = exact_std((0, i128::from(n) * unit * unit), n);
        let expected = unit as f64 / 1e6 * (n as f64 / (n - 1) as f64).sqrt();
        assert!((spread / expected - 1.0).abs() < 1e-15, "{spread} {expected}");
    }
}
