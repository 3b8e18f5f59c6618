//! Intervals, estimates and differences.

use crate::distributions::{two_sided_quantile, upper_tail};

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

/// A figure with its standard error and its normal interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The figure itself.
    pub estimate: f64,
    /// Its account-clustered standard error.
    pub standard_error: f64,
    /// Estimate plus and minus the normal quantile times the standard error.
    pub interval: Interval,
}

impl Estimate {
    /// A figure with the normal interval of its standard error, 0 < `level` < 1.
    pub fn new(estimate: f64, standard_error: f64, level: f64) -> Self {
        let interval = Interval::wald(estimate, standard_error, level);
        Self { estimate, standard_error, interval }
    }
}

/// A difference of two figures over the same accounts, with its normal test against zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Difference {
    /// The difference.
    pub estimate: f64,
    /// Its account-clustered standard error, above 0.
    pub standard_error: f64,
    /// Estimate plus and minus the normal quantile times the standard error.
    pub interval: Interval,
    /// Two-sided p-value of "there is no difference".
    pub p_value: f64,
}

impl Difference {
    /// `None` where the standard error is 0: nothing varies, there is no test.
    pub(crate) fn new(estimate: f64, standard_error: f64, level: f64) -> Option<Self> {
        (standard_error > 0.0).then(|| Self {
            estimate,
            standard_error,
            interval: Interval::wald(estimate, standard_error, level),
            p_value: (2.0 * upper_tail((estimate / standard_error).abs())).min(1.0),
        })
    }

    /// One-sided p-value of "it is not above zero": small when the difference is clearly positive.
    pub fn p_value_above_zero(&self) -> f64 {
        upper_tail(self.estimate / self.standard_error)
    }

    /// One-sided p-value of "it is not below zero": small when the difference is clearly negative.
    pub fn p_value_below_zero(&self) -> f64 {
        upper_tail(-self.estimate / self.standard_error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sided_values_say_the_direction() {
        let up = Difference::new(0.2, 0.1, 0.95).unwrap();
        assert!((up.p_value - 2.0 * up.p_value_above_zero()).abs() < 1e-15);
        assert!((up.p_value_above_zero() + up.p_value_below_zero() - 1.0).abs() < 1e-15);
        assert!(up.p_value_above_zero() < 0.03 && up.interval.lower > 0.0);
        let down = Difference::new(-0.2, 0.1, 0.95).unwrap();
        assert!((down.p_value - up.p_value).abs() < 1e-15);
        assert!(down.p_value_below_zero() < 0.03);
        assert_eq!(Difference::new(0.2, 0.0, 0.95), None);
    }
}
