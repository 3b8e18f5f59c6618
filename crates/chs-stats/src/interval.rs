//! Intervals, estimates and differences.

use crate::distributions::{two_sided_quantile, two_sided_t_quantile, two_sided_t_tail};
use crate::sum::exact_sum;

/// Limits of a confidence interval, in the unit of what they enclose; `lower <= upper`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower limit.
    pub lower: f64,
    /// Upper limit.
    pub upper: f64,
}

impl Interval {
    /// Estimate plus and minus the normal quantile times the standard error.
    pub(crate) fn wald(estimate: f64, standard_error: f64, level: f64) -> Self {
        let half = two_sided_quantile(level) * standard_error;
        Self { lower: estimate - half, upper: estimate + half }
    }
}

/// Degrees of freedom of a standard error that comes from the accounts' pulls on an estimate: what Student's t
/// has to know of a sum of squares that few accounts carry.
///
/// With S the sum of squares of the G pulls that are not 0 and Q that of their fourth powers, the variance of
/// S is estimated by `Q - S^2 / G`, and a sum with that variance has `2 S^2 / (Q - S^2 / G)` degrees of freedom,
/// at least 1 and at most G - 1: about G - 1 for pulls with a normal distribution, fewer where it has long
/// tails. Source: Satterthwaite 1946, "An approximate distribution of estimates of variance components", with
/// the variance of S from the pulls themselves.
pub fn degrees_of_freedom(pulls: &[f64]) -> f64 {
    let powers = |power: i32| exact_sum(pulls.iter().map(|pull| pull.powi(power)));
    let accounts = pulls.iter().filter(|pull| pull.abs() > 0.0).count() as f64;
    let (squares, fourths) = (powers(2), powers(4));
    let most = (accounts - 1.0).max(1.0);
    let variance = fourths - squares * squares / accounts;
    if variance > 0.0 { (2.0 * squares * squares / variance).clamp(1.0, most) } else { most }
}

/// A figure with its standard error and its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The figure itself.
    pub estimate: f64,
    /// Its account-clustered standard error.
    pub standard_error: f64,
    /// Estimate plus and minus the quantile times the standard error.
    pub interval: Interval,
}

impl Estimate {
    /// A figure with the t interval of its standard error, at the degrees of freedom of its pulls.
    pub(crate) fn clustered(estimate: f64, (error, degrees): (f64, f64), level: f64) -> Self {
        let half = two_sided_t_quantile(level, degrees) * error;
        let interval = Interval { lower: estimate - half, upper: estimate + half };
        Self { estimate, standard_error: error, interval }
    }

    /// A figure with the normal interval of its standard error, 0 < `level` < 1.
    pub fn new(estimate: f64, standard_error: f64, level: f64) -> Self {
        let interval = Interval::wald(estimate, standard_error, level);
        Self { estimate, standard_error, interval }
    }
}

/// A difference of two figures over the same accounts, with its t test against zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The difference.
    pub estimate: f64,
    /// Its account-clustered standard error, above 0.
    pub standard_error: f64,
    /// Those of the standard error ([`degrees_of_freedom`]).
    pub degrees_of_freedom: f64,
    /// Estimate plus and minus the t quantile times the standard error.
    pub interval: Interval,
    /// Two-sided p-value of "there is no difference".
    pub p_value: f64,
}

impl Difference {
    /// From the accounts' pulls, whose squares times `factor` sum to the variance. `None` where that is 0:
    /// nothing varies, there is no test.
    pub(crate) fn new(estimate: f64, pulls: &[f64], factor: f64, level: f64) -> Option<Self> {
        let error = (factor * exact_sum(pulls.iter().map(|pull| pull * pull))).sqrt();
        let degrees = degrees_of_freedom(pulls);
        (error > 0.0).then(|| Self {
            estimate,
            standard_error: error,
            degrees_of_freedom: degrees,
            interval: Estimate::clustered(estimate, (error, degrees), level).interval,
            p_value: two_sided_t_tail(estimate / error, degrees),
        })
    }

    /// Probability of a larger t on one side.
    fn tail_above(&self, t: f64) -> f64 {
        let beyond = 0.5 * two_sided_t_tail(t, self.degrees_of_freedom);
        if t >= 0.0 { beyond } else { 1.0 - beyond }
    }

    /// One-sided p-value of "it is not above zero": small when the difference is clearly positive.
    pub fn p_value_above_zero(&self) -> f64 {
        self.tail_above(self.estimate / self.standard_error)
    }

    /// One-sided p-value of "it is not below zero": small when the difference is clearly negative.
    pub fn p_value_below_zero(&self) -> f64 {
        self.tail_above(-self.estimate / self.standard_error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sided_values_say_the_direction() {
        // Ten accounts that pull alike: nine degrees of freedom.
        let pulls: Vec<f64> = (0..10).map(|i| if i % 2 == 0 { 0.1 } else { -0.1 }).collect();
        let of = |estimate: f64| Difference::new(estimate, &pulls, 0.1, 0.95).unwrap();
        let up = of(0.3);
        assert!((up.standard_error - 0.1).abs() < 1e-15);
        assert!((up.degrees_of_freedom - 9.0).abs() < 1e-12);
        assert!((up.p_value - 2.0 * up.p_value_above_zero()).abs() < 1e-15);
        assert!((up.p_value_above_zero() + up.p_value_below_zero() - 1.0).abs() < 1e-15);
        assert!(up.p_value_above_zero() < 0.03 && up.interval.lower > 0.0);
        let down = of(-0.3);
        assert!((down.p_value - up.p_value).abs() < 1e-15);
        assert!(down.p_value_below_zero() < 0.03);
        assert_eq!(Difference::new(0.2, &[0.0; 4], 1.0, 0.95), None);
    }

    #[test]
    fn few_accounts_that_carry_the_sum_leave_few_degrees() {
        // S = 4 + 96 / 100, Q = 16 + 96 / 10,000: 2 S^2 / (Q - S^2 / 97).
        let mut pulls = vec![2.0];
        pulls.extend([0.1; 96]);
        let (squares, fourths) = (4.96_f64, 16.0096);
        let expected = 2.0 * squares * squares / (fourths - squares * squares / 97.0);
        assert!((degrees_of_freedom(&pulls) - expected).abs() < 1e-9);
        assert!((degrees_of_freedom(&[1.0; 5]) - 4.0).abs() < 1e-12);
        assert!((degrees_of_freedom(&[1.0, 0.0, 0.0]) - 1.0).abs() < 1e-12);
        assert!((degrees_of_freedom(&[]) - 1.0).abs() < 1e-12);
    }
}
