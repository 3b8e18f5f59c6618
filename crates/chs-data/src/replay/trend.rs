//! The verb trend: how sums move over the buckets of a window.

use chs_panel::Span;

use crate::project::{TrendMethod, Window};
use crate::replay::Cells;
use crate::replay::grid::{Bounds, Grid};
use crate::replay::window::{Observed, sums};

/// A trend over the snapshots of a grid.
pub(super) struct Trend {
    method: TrendMethod,
    /// Number of buckets.
    number: u32,
    whole: Bounds,
    /// Older and newer parts that are compared, with the weight of their difference.
    pairs: Vec<([Bounds; 2], f64)>,
    empty: f64,
}

impl Trend {
    /// A trend over `number` buckets of a window, counted from the oldest.
    pub(super) fn new(grid: &Grid, window: Window, number: u32, method: TrendMethod) -> Self {
        let before = |buckets: u32| {
            // That it divides was checked when the file was read.
            window.length.part(buckets, number).unwrap_or(Span::days(0))
        };
        // From the bucket `first` to the one before `end`, each window one civil subtraction.
        let part = |first: u32, end: u32| {
            Bounds::part(grid, window.shift, [before(number - first), before(number - end)])
        };
        let half = number / 2;
        let pairs = match method {
            TrendMethod::Ols => (0..half)
                .map(|older| {
                    let newer = number - 1 - older;
                    let weight = f64::from(newer - older);
                    ([part(older, older + 1), part(newer, newer + 1)], weight)
                })
                .collect(),
            // An odd number leaves out the bucket in the middle.
            TrendMethod::Change => vec![([part(0, half), part(number - half, number)], 1.0)],
        };
        Self { method, number, whole: part(0, number), pairs, empty: window.empty.value() }
    }

    /// Trend of the sums of the values (NaN where null); an empty bucket is 0, a window without an
    /// observation is empty. The slope per bucket of the least-squares line through the sums `s` of `n`
    /// buckets is
    ///
    /// ```text
    /// 6 sum(i < n/2) (n - 1 - 2 i) (s[n - 1 - i] - s[i]) / (n (n^2 - 1))
    /// ```
    ///
    /// with sums compared in pairs, so that the slope of equal sums is 0 and not a rounding error; the
    /// change is (newer half - older half) / older half, missing where that is 0.
    ///
    /// O(buckets x rows), each bucket as `sum` adds it.
    pub(super) fn cells(&self, observed: &Observed<'_>, values: &[f64]) -> Cells {
        let mut trends = vec![0.0; observed.len()];
        for (bounds, weight) in &self.pairs {
            let [older, newer] =
                [0, 1].map(|part| sums(observed, observed.runs(&bounds[part]), values).sums);
            for (trend, (older, newer)) in trends.iter_mut().zip(older.into_iter().zip(newer)) {
                *trend += match self.method {
                    TrendMethod::Ols => weight * (newer - older),
                    TrendMethod::Change => (newer - older) / older,
                };
            }
        }
        let n = f64::from(self.number);
        let finish = |trend: f64| match self.method {
            TrendMethod::Ols => 6.0 * trend / (n * (n * n - 1.0)),
            TrendMethod::Change if trend.is_finite() => trend,
            TrendMethod::Change => f64::NAN,
        };
        let counts = sums(observed, observed.runs(&self.whole), values).counts;
        let value = |(trend, count)| if count == 0 { self.empty } else { finish(trend) };
        trends.into_iter().zip(counts).map(value).collect()
    }
}
