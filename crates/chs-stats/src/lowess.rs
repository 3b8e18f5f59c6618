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
    let runs: Vec<Run> = order.iter().map(|&row| Run { x: x[row], y: y[row], rows: 1 }).collect();
    let mut values = vec![0.0; x.len()];
    for (&row, value) in order.iter().zip(lowess_of_runs(&runs, fraction, delta)) {
        values[row] = value;
    }
    values
}

/// Rows with the same place and value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    pub(crate) x: f64,
    pub(crate) y: f64,
    /// How many, at least one.
    pub(crate) rows: u64,
}

/// As [`lowess`], for runs sorted by `x`, then `y`: one value per run, that of its rows.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of the number of rows"
)]
pub(crate) fn lowess_of_runs(runs: &[Run], fraction: f64, delta: f64) -> Vec<f64> {
    let n = runs.len();
    let ends: Vec<u64> = (runs.iter())
        .scan(0, |end, run| {
            *end += run.rows;
            Some(*end)
        })
        .collect();
    let rows = ends.last().copied().unwrap_or(0);
    if rows < 2 {
        return runs.iter().map(|run| run.y).collect();
    }
    // The small number makes 0.3 x 10 three rows.
    let near = ((fraction * rows as f64 + 1e-7) as u64).clamp(2, rows);
    let mut lines = LocalLines { runs, ends, near, left: (0, 0), right: 0, weights: Vec::new() };
    let mut smooth = vec![0.0; n];
    smooth[0] = lines.at(0);
    let mut last = 0;
    loop {
        // Rows of equal x take the fitted value; the next fit is at the last row within delta.
        let mut next = last + 1;
        while next < n && runs[next].x <= runs[last].x + delta {
            if runs[next].x <= runs[last].x {
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
        let width = runs[fitted].x - runs[last].x;
        for between in last + 1..fitted {
            let share = (runs[between].x - runs[last].x) / width;
            smooth[between] = share * smooth[fitted] + (1.0 - share) * smooth[last];
        }
        last = fitted;
    }
}

/// Straight lines through the neighbourhoods of rising points.
struct LocalLines<'a> {
    runs: &'a [Run],
    /// Rows up to the end of each run.
    ends: Vec<u64>,
    /// Rows in a neighbourhood.
    near: u64,
    /// First row of the current one, and its run.
    left: (u64, usize),
    /// Run of the first row beyond the current one, or of the last row.
    right: usize,
    /// Weights of the runs from the first one of the neighbourhood on.
    weights: Vec<f64>,
}

impl LocalLines<'_> {
    /// Value at run `place` of the line through its neighbours; its own `y` where they have no weight.
    fn at(&mut self, place: usize) -> f64 {
        let runs = self.runs;
        let here = runs[place].x;
        self.move_to(here);
        let (first, start) = self.left;
        let last_row = first + self.near - 1;
        let end = self.ends.partition_point(|&end| end <= last_row);
        let radius = (here - runs[start].x).max(runs[end].x - here);
        let total = self.weigh(here, radius);
        if total <= 0.0 {
            return runs[place].y;
        }
        for weight in &mut self.weights {
            *weight /= total;
        }
        let rows = || self.weights.iter().zip(&runs[start..]);
        let range = runs[runs.len() - 1].x - runs[0].x;
        let centre: f64 = rows().map(|(weight, run)| weight * run.x).sum();
        let spread: f64 =
            rows().map(|(weight, run)| weight * (run.x - centre) * (run.x - centre)).sum();
        // Neighbours that hardly differ in x carry no slope.
        let pull = if radius > 0.0 && spread.sqrt() > 0.001 * range {
            (here - centre) / spread
        } else {
            0.0
        };
        rows().map(|(weight, run)| weight * (pull * (run.x - centre) + 1.0) * run.y).sum()
    }

    /// Moves the neighbourhood up while the first row beyond it is nearer than its own first row, as
    /// many rows at a time as lie in one run on either side.
    fn move_to(&mut self, here: f64) {
        loop {
            let (first, start) = self.left;
            let beyond = first + self.near;
            while self.right + 1 < self.runs.len() && self.ends[self.right] <= beyond {
                self.right += 1;
            }
            let is_end = self.ends[self.right] <= beyond;
            if is_end || here - self.runs[start].x <= self.runs[self.right].x - here {
                return;
            }
            let first = self.ends[start].min(first + self.ends[self.right] - beyond);
            self.left = (first, if first == self.ends[start] { start + 1 } else { start });
        }
    }

    /// Tricube weights of the runs from the neighbourhood's first row on, beyond it where they tie with
    /// its end; returns their sum.
    fn weigh(&mut self, here: f64, radius: f64) -> f64 {
        let (far, close) = (0.999 * radius, 0.001 * radius);
        let (first, start) = self.left;
        self.weights.clear();
        let mut total = 0.0;
        for (run, end) in self.runs[start..].iter().zip(&self.ends[start..]) {
            let distance = (run.x - here).abs();
            if distance > far && run.x > here {
                break;
            }
            // Of the first run only the rows from the first one on.
            let rows = run.rows.min(end - first) as f64;
            let share = distance / radius;
            let rest = 1.0 - share * share * share;
            let weight = match distance {
                distance if distance > far => 0.0,
                distance if distance > close => rows * (rest * rest * rest),
                _ => rows,
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
        fn a_run_is_that_many_rows(
            rows in prop::collection::vec((0..25_i32, any::<bool>(), 1..4_u64), 1..40),
            fraction in 0.1..1.0_f64,
        ) {
            let mut rows = rows;
            rows.sort_unstable();
            let run = |row: &(i32, bool, u64)| {
                Run { x: f64::from(row.0) / 7.0, y: f64::from(row.1), rows: row.2 }
            };
            let runs: Vec<Run> = rows.iter().map(run).collect();
            let copies: Vec<Run> = runs
                .iter()
                .flat_map(|run| std::iter::repeat_n(Run { rows: 1, ..*run }, usize::try_from(run.rows).unwrap()))
                .collect();
            let many = lowess_of_runs(&copies, fraction, 0.3);
            let mut at = 0;
            for (run, value) in runs.iter().zip(lowess_of_runs(&runs, fraction, 0.3)) {
                prop_assert!((value - many[at]).abs() < 1e-9, "{value} {}", many[at]);
                at += usize::try_from(run.rows).unwrap();
            }
        }

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
