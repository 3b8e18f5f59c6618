//! The verb trend: how sums move over the buckets of a window.

use chs_panel::Span;

use crate::project::{TrendMethod, Window};
use crate::replay::Cells;
use crate::replay::grid::Bounds;
use crate::replay::window::{Observed, Sums, sums};

/// Buckets of a window, counted from the oldest.
#[derive(Clone, Copy)]
pub(super) struct Buckets {
    pub(super) window: Window,
    pub(super) number: u32,
}

impl Buckets {
    /// Sums over the buckets from `first` to the one before `end`, each window one civil subtraction.
    fn sums(self, observed: &Observed<'_>, values: &[f64], first: u32, end: u32) -> Sums {
        let before = |buckets: u32| {
            // That it divides was checked when the file was read.
            self.window.length.part(buckets, self.number).unwrap_or(Span::days(0))
        };
        let edges = [before(self.number - first), before(self.number - end)];
        let bounds = Bounds::part(observed.grid, self.window.shift, edges);
        sums(observed, observed.runs_within(bounds), values)
    }
}

/// Trend of the sums of the values (NaN where null); an empty bucket is 0, a window without an
/// observation is empty.
///
/// O(buckets x rows), each bucket as `sum` adds it.
pub(super) fn trend(
    observed: &Observed<'_>,
    buckets: Buckets,
    values: &[f64],
    method: TrendMethod,
) -> Cells {
    let trends = match method {
        TrendMethod::Ols => slopes(observed, buckets, values),
        TrendMethod::Change => changes(observed, buckets, values),
    };
    let counts = buckets.sums(observed, values, 0, buckets.number).counts;
    let empty = buckets.window.empty.value();
    let value = |(trend, count): (f64, i64)| if count == 0 { empty } else { trend };
    trends.into_iter().zip(counts).map(value).collect()
}

/// Slope per bucket of the least-squares line through the sums `s` of `n` buckets:
///
/// ```text
/// 6 sum(i < n/2) (n - 1 - 2 i) (s[n - 1 - i] - s[i]) / (n (n^2 - 1))
/// ```
///
/// Sums are compared in pairs, so that the slope of equal sums is 0 and not a rounding error.
fn slopes(observed: &Observed<'_>, buckets: Buckets, values: &[f64]) -> Cells {
    let n = buckets.number;
    let mut slopes = vec![0.0; observed.accounts * observed.grid.len()];
    for older in 0..n / 2 {
        let weight = f64::from(n - 1 - 2 * older);
        let [older, newer] =
            [older, n - 1 - older].map(|bucket| buckets.sums(observed, values, bucket, bucket + 1));
        for (slope, (older, newer)) in slopes.iter_mut().zip(older.sums.iter().zip(newer.sums)) {
            *slope += weight * (newer - older);
        }
    }
    let n = f64::from(n);
    slopes.into_iter().map(|slope| 6.0 * slope / (n * (n * n - 1.0))).collect()
}

/// (newer half - older half) / older half, missing where that is 0; an odd number leaves out the middle.
fn changes(observed: &Observed<'_>, buckets: Buckets, values: &[f64]) -> Cells {
    let half = buckets.number / 2;
    let older = buckets.sums(observed, values, 0, half).sums;
    let newer = buckets.sums(observed, values, buckets.number - half, buckets.number).sums;
    let change = |(older, newer): (f64, f64)| {
        let change = (newer - older) / older;
        if change.is_finite() { change } else { f64::NAN }
    };
    older.into_iter().zip(newer).map(change).collect()
}
