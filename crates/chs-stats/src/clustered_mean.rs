//! A mean over rows whose accounts occur many times, and the difference of two losses.

use crate::distributions::{two_sided_t_quantile, two_sided_t_tail};
use crate::interval::Interval;
use crate::sum::{ExactSum, exact_sum};

/// A mean with its account-clustered t interval and test against zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClusteredMean {
    /// Mean over the rows.
    pub estimate: f64,
    /// Its account-clustered standard error, above 0.
    pub standard_error: f64,
    /// Number of accounts less one.
    pub degrees_of_freedom: u64,
    /// Estimate plus and minus the t quantile times the standard error.
    pub interval: Interval,
    /// Two-sided p-value of "the mean is zero".
    pub p_value: f64,
}

/// Mean of finite values, clustered by account. O(n).
///
/// An account pulls with `sum(value - mean) / n` over its rows; the variance is `G/(G-1)` times the
/// sum of squares over the G accounts, the test Student's t with G - 1 degrees of freedom. `None`
/// with fewer than two accounts, and where no account pulls.
///
/// Reference: R `sandwich::vcovCL(lm(value ~ 1), type = "HC0", cadjust = TRUE)` with `pt`.
///
/// # Panics
/// When the columns differ in length.
pub fn clustered_mean(values: &[f64], cluster: &[u32], level: f64) -> Option<ClusteredMean> {
    assert_eq!(values.len(), cluster.len(), "one cluster per value");
    let clusters = cluster.iter().max().map_or(0, |&last| last as usize + 1);
    let mut sums = vec![(ExactSum::default(), 0_u64); clusters];
    for (&value, &account) in values.iter().zip(cluster) {
        let (sum, rows) = &mut sums[account as usize];
        sum.add(value);
        *rows += 1;
    }
    let rows = values.len() as f64;
    let estimate = exact_sum(values.iter().copied()) / rows;
    let present = sums.iter().filter(|(_, rows)| *rows > 0).count() as u64;
    if present < 2 {
        return None;
    }
    let squares = sums.iter().map(|(sum, own)| {
        let pull = (sum.value() - *own as f64 * estimate) / rows;
        pull * pull
    });
    let degrees = (present - 1) as f64;
    let standard_error = (present as f64 / degrees * exact_sum(squares)).sqrt();
    let half = two_sided_t_quantile(level, degrees) * standard_error;
    (standard_error > 0.0).then(|| ClusteredMean {
        estimate,
        standard_error,
        degrees_of_freedom: present - 1,
        interval: Interval { lower: estimate - half, upper: estimate + half },
        p_value: two_sided_t_tail(estimate / standard_error, degrees),
    })
}

/// Log loss of `first` minus that of `second` on the same rows, in nats per row, below 0 where the
/// first is the better one; as [`clustered_mean`] of the rows' differences.
///
/// `None` also where a loss is infinite (a probability of 0 for what happened).
///
/// # Panics
/// When the columns differ in length.
pub fn log_loss_difference(
    first: &[f64],
    second: &[f64],
    label: &[bool],
    cluster: &[u32],
    level: f64,
) -> Option<ClusteredMean> {
    assert_eq!(first.len(), label.len(), "one label per probability");
    assert_eq!(first.len(), second.len(), "both on the same rows");
    let loss = |p: f64, happened: bool| if happened { -p.ln() } else { -(-p).ln_1p() };
    let rows = first.iter().zip(second).zip(label);
    let differences: Option<Vec<f64>> = rows
        .map(|((&first, &second), &label)| {
            let (first, second) = (loss(first, label), loss(second, label));
            (first.is_finite() && second.is_finite()).then_some(first - second)
        })
        .collect();
    clustered_mean(&differences?, cluster, level)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::log_loss;

    #[test]
    fn one_row_per_account_is_the_one_sample_t_test() {
        let values = [1.0, 2.0, 4.0, 5.0];
        let found = clustered_mean(&values, &[3, 0, 1, 2], 0.95).unwrap();
        assert!((found.estimate - 3.0).abs() < 1e-15);
        // Standard deviation sqrt(10/3), over sqrt(4).
        assert!((found.standard_error - (10.0 / 12.0_f64).sqrt()).abs() < 1e-15);
        assert_eq!(found.degrees_of_freedom, 3);
        // t of 3 degrees: 3.182446.
        let half = 3.182_446_305_284_263 * found.standard_error;
        assert!((found.interval.upper - 3.0 - half).abs() < 1e-11);
        // R: 2 * pt(-3 / sqrt(10 / 12), 3)
        assert!((found.p_value - 0.046_205_091_353_363_3).abs() < 1e-13);
    }

    #[test]
    fn nothing_to_test_is_none() {
        assert_eq!(clustered_mean(&[], &[], 0.95), None);
        assert_eq!(clustered_mean(&[1.0, 2.0], &[4, 4], 0.95), None);
        assert_eq!(clustered_mean(&[1.0, 1.0], &[0, 1], 0.95), None);
        let infinite = log_loss_difference(&[0.0, 0.5], &[0.5; 2], &[true, false], &[0, 1], 0.95);
        assert_eq!(infinite, None);
    }

    proptest! {
        #[test]
        fn the_difference_is_that_of_the_losses_and_order_leaves_no_trace(
            rows in prop::collection::vec((1..99_u32, 1..99_u32, any::<bool>(), 0..6_u32), 2..50),
        ) {
            let p = |pick: fn(&(u32, u32, bool, u32)) -> u32, rows: &[(u32, u32, bool, u32)]| {
                rows.iter().map(|row| f64::from(pick(row)) / 100.0).collect::<Vec<f64>>()
            };
            let find = |rows: &[(u32, u32, bool, u32)]| {
                let label: Vec<bool> = rows.iter().map(|row| row.2).collect();
                let cluster: Vec<u32> = rows.iter().map(|row| row.3).collect();
                log_loss_difference(&p(|r| r.0, rows), &p(|r| r.1, rows), &label, &cluster, 0.9)
            };
            let found = find(&rows);
            let mut backward = rows.clone();
            backward.reverse();
            prop_assert_eq!(found, find(&backward));
            // Every account doubled: the same mean, and an error that knows G alone.
            let doubled: Vec<_> = rows.iter().chain(&rows).copied().collect();
            if let (Some(once), Some(twice)) = (found, find(&doubled)) {
                prop_assert!((once.estimate - twice.estimate).abs() < 1e-14);
                prop_assert!((once.standard_error - twice.standard_error).abs() < 1e-14);
                let label: Vec<bool> = rows.iter().map(|row| row.2).collect();
                let loss = |p: Vec<f64>| log_loss(&p, &label).unwrap();
                let expected = loss(p(|r| r.0, &rows)) - loss(p(|r| r.1, &rows));
                prop_assert!((once.estimate - expected).abs() < 1e-13);
            }
        }
    }
}
