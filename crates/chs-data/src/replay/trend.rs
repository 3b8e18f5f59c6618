//! The verb trend: how sums move over the buckets of a window.

use chs_panel::Span;

use crate::project::{TrendMethod, Window};
use crate::replay::Cells;
use crate::replay::grid::{Bounds, Grid};
use crate::replay::window::Observed;
use crate::replay::windows::Windows;

/// A trend over the snapshots of a grid.
pub(super) struct Trend {
    method: TrendMethod,
    /// Number of buckets.
    number: u32,
    /// The whole, then the older and the newer part of each pair that is compared.
    windows: Windows,
    /// Weight of the difference of each pair.
    weights: Vec<f64>,
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
        let (pairs, weights): (Vec<[Bounds; 2]>, Vec<f64>) = match method {
            TrendMethod::Ols => (0..half)
                .map(|older| {
                    let newer = number - 1 - older;
                    let weight = f64::from(newer - older);
                    ([part(older, older + 1), part(newer, newer + 1)], weight)
                })
                .unzip(),
            // An odd number leaves out the bucket in the middle.
            TrendMethod::Change => (vec![[part(0, half), part(number - half, number)]], vec![1.0]),
        };
        let windows = std::iter::once(part(0, number)).chain(pairs.into_iter().flatten());
        let windows = Windows::new(windows.collect());
        Self { method, number, windows, weights, empty: window.empty.value() }
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
    /// O(rows + accounts x snapshots x buckets), each bucket as `sum` adds it.
    pub(super) fn cells(&self, observed: &Observed<'_>, values: &[f64]) -> Cells {
        let mut sums = self.windows.sums(observed, Some(values)).into_iter();
        let counts = sums.next().map(|whole| whole.counts).unwrap_or_default();
        let mut trends = vec![0.0; observed.len()];
        for weight in &self.weights {
            let (Some(older), Some(newer)) = (sums.next(), sums.next()) else { break };
            for (trend, (older, newer)) in
                trends.iter_mut().zip(older.totals.into_iter().zip(newer.totals))
            {
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
        let value = |(trend, count)| if count == 0 { self.empty } else { finish(trend) };
        trends.into_iter().zip(counts).map(value).collect()
    }
}
