//! Locally weighted straight lines.

/// Smoothed values of `y` over `x`, one per row: the `lowess` of R without robustness iterations.
///
/// At a point, the `fraction` of all rows nearest to it are fitted by a straight line with tricube
/// weights that end at the farthest of them. Points closer than `delta` to the last fitted one are
/// joined by straight lines instead. Rows of equal `x` have one value.
///
/// R takes rows of equal `x` as they come, and where such a group lies on the edge of a
/// neighbourhood its answer depends on that order; here they are ordered by `y`, so that the order of
/// the rows never shows. The values are R's for rows given in that order.
///
/// O(n log n) for the sort, and `fraction` x n for each of at most range / `delta` fits.
///
/// Source: Cleveland 1979, "Robust locally weighted regression and smoothing scatterplots".
/// Reference: R `stats::lowess(x, y, f = fraction, iter = 0, delta = delta)`.
///
/// # Panics
/// When the columns differ in length.
pub fn lowess(x: &[f64], y: &[f64], fraction: f64, delta: f64) -> Vec<f64> {
    assert_eq!(x.len(), y.len(), "one value per place");
    let mut order: Vec<usize> = (0..x.len()).collect();
    order.sort_by(|&a, &b| x[a].total_cmp(&x[b]).then(y[a].total_cmp(&y[b])));
    let sorted = |values: &[f64]| order.iter().map(|&row| values[row]).collect::<Vec<f64>>();
    let smooth = lowess_sorted(&sorted(x), &sorted(y), fraction, delta);
    let mut values = vec![0.0; x.len()];
    for (&row, value) in order.iter().zip(smooth) {
        values[row] = value;
    }
    values
}

/// As [`lowess`], for rows sorted by `x`, then `y`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of the number of rows"
)]
pub(crate) fn lowess_sorted(x: &[f64], y: &[f64], fraction: f64, delta: f64) -> Vec<f64> {
    let n = x.len();
    if n < 2 {
        return y.to_vec();
    }
    // The small number makes 0.3 x 10 three rows.
    let near = ((fraction * n as f64 + 1e-7) as usize).clamp(2, n);
    let mut lines = LocalLines { x, y, near, left: 0, weights: Vec::with_capacity(n) };
    let mut smooth = vec![0.0; n];
    smooth[0] = lines.at(0);
    let mut last = 0;
    loop {
        // Rows of equal x take the fitted value; the next fit is at the last row within delta.
        let mut next = last + 1;
        while next < n && x[next] <= x[last] + delta {
            // Only the first of them is beyond the last fit.
            if x[next] <= x[last] {
                smooth[next] = smooth[last];
                last = next;
            }
            next += 1;
        }
        if last + 1 >= n {
            return smooth;
        }
        let fitted = next.saturating_sub(1).max(last + 1);
        smooth[fitted] = lines.at(fitted);
        let width = x[fitted] - x[last];
        for between in last + 1..fitted {
            let share = (x[between] - x[last]) / width;
            smooth[between] = share * smooth[fitted] + (1.0 - share) * smooth[last];
        }
        last = fitted;
    }
}

/// Straight lines through the neighbourhoods of rising points.
struct LocalLines<'a> {
    x: &'a [f64],
    y: &'a [f64],
    /// Rows in a neighbourhood.
    near: usize,
    /// First row of the current one.
    left: usize,
    /// Weights of the rows from `left` on.
    weights: Vec<f64>,
}

impl LocalLines<'_> {
    /// Value at row `place` of the line through its neighbours; its own `y` where they have no weight.
    fn at(&mut self, place: usize) -> f64 {
        let x = self.x;
        let here = x[place];
        while self.left + self.near < x.len()
            && here - x[self.left] > x[self.left + self.near] - here
        {
            self.left += 1;
        }
        let radius = (here - x[self.left]).max(x[self.left + self.near - 1] - here);
        let total = self.weigh(here, radius);
        if total <= 0.0 {
            return self.y[place];
        }
        for weight in &mut self.weights {
            *weight /= total;
        }
        let rows = || self.weights.iter().zip(&x[self.left..]).zip(&self.y[self.left..]);
        let range = x[x.len() - 1] - x[0];
        let centre: f64 = rows().map(|((weight, x), _)| weight * x).sum();
        let spread: f64 = rows().map(|((weight, x), _)| weight * (x - centre) * (x - centre)).sum();
        // Neighbours that hardly differ in x carry no slope.
        let pull = if radius > 0.0 && spread.sqrt() > 0.001 * range {
            (here - centre) / spread
        } else {
            0.0
        };
        rows().map(|((weight, x), y)| weight * (pull * (x - centre) + 1.0) * y).sum()
    }

    /// Tricube weights of the rows from `left` on, beyond the neighbourhood where they tie with its
    /// end; returns their sum.
    fn weigh(&mut self, here: f64, radius: f64) -> f64 {
        let (far, close) = (0.999 * radius, 0.001 * radius);
        self.weights.clear();
        let mut total = 0.0;
        for &x in &self.x[self.left..] {
            let distance = (x - here).abs();
            if distance > far && x > here {
                break;
            }
            let share = distance / radius;
            let rest = 1.0 - share * share * share;
            let weight = match distance {
                distance if distance > far => 0.0,
                distance if distance > close => rest * rest * rest,
                _ => 1.0,
            };
            total += weight;
            self.weights.push(weight);
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_straight_line_stays() {
        let x: Vec<f64> = (0..40).map(|i| f64::from(i * i) / 40.0).collect();
        let y: Vec<f64> = x.iter().map(|x| 3.0 - 0.25 * x).collect();
        for (smooth, y) in lowess(&x, &y, 0.5, 0.4).iter().zip(&y) {
            assert!((smooth - y).abs() < 1e-12);
        }
    }

    #[test]
    fn small_and_flat_inputs_have_values() {
        assert!(lowess(&[], &[], 0.5, 0.0).is_empty());
        assert_eq!(lowess(&[2.0], &[7.0], 0.5, 0.0), [7.0]);
        let flat = lowess(&[1.0; 4], &[0.0, 1.0, 1.0, 0.0], 0.67, 0.0);
        assert!(flat.windows(2).all(|pair| (pair[0] - pair[1]).abs() < 1e-15));
    }

    proptest! {
        #[test]
        fn order_leaves_no_trace_and_ties_have_one_value(
            rows in prop::collection::vec((0..15_i32, any::<bool>()), 2..60),
            turn in 0..60_usize,
        ) {
            let smooth = |rows: &[(i32, bool)]| {
                let x: Vec<f64> = rows.iter().map(|row| f64::from(row.0) / 7.0).collect();
                let y: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
                lowess(&x, &y, 2.0 / 3.0, 0.02)
            };
            let found = smooth(&rows);
            let mut turned = rows.clone();
            turned.rotate_left(turn % rows.len());
            let again = smooth(&turned);
            for (row, value) in rows.iter().zip(&found) {
                for (other, second) in turned.iter().zip(&again) {
                    if row.0 == other.0 {
                        prop_assert_eq!(value.to_bits(), second.to_bits());
                    }
                }
            }
        }
    }
}
