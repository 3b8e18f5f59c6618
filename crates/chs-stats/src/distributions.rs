//! Tails and quantiles of the distributions behind intervals and tests.

use statrs::function::beta::beta_reg;
use statrs::function::erf::erfc_inv;
use statrs::function::gamma::{gamma_lr, gamma_ur};

/// Quantile of the standard normal distribution, 0 < `probability` < 1.
pub(crate) fn normal_quantile(probability: f64) -> f64 {
    -std::f64::consts::SQRT_2 * erfc_inv(2.0 * probability)
}

/// The z that encloses `level` of a standard normal between -z and z: 1.959964 for 0.95.
pub(crate) fn two_sided_quantile(level: f64) -> f64 {
    normal_quantile(f64::midpoint(1.0, level))
}

/// Probability that a standard normal exceeds `z`.
///
/// The incomplete gamma function is exact to 1e-13 here, `statrs`' `erfc` only to 1e-10.
pub(crate) fn upper_tail(z: f64) -> f64 {
    // Beyond 40 the tail is below the smallest f64; the function wants a finite argument above 0.
    let half_square = (z * z / 2.0).clamp(f64::MIN_POSITIVE, 800.0);
    let beyond = 0.5 * gamma_ur(0.5, half_square);
    if z >= 0.0 { beyond } else { 1.0 - beyond }
}

/// The t that encloses `level` of Student's distribution between -t and t.
pub(crate) fn two_sided_t_quantile(level: f64, degrees_of_freedom: f64) -> f64 {
    // t^2 / (v + t^2) is Beta(1/2, v/2), and small where v is large: nothing cancels.
    let share = beta_quantile(0.5, degrees_of_freedom / 2.0, level);
    (degrees_of_freedom * share / (1.0 - share)).sqrt()
}

/// Probability that Student's t lies farther from 0 than `t`, on either side.
pub(crate) fn two_sided_t_tail(t: f64, degrees_of_freedom: f64) -> f64 {
    f_upper_tail(t * t, 1.0, degrees_of_freedom)
}

/// Probability that an F variable exceeds `f`, which is not negative.
pub(crate) fn f_upper_tail(f: f64, numerator: f64, denominator: f64) -> f64 {
    let below = denominator / (denominator + numerator * f);
    beta_reg(denominator / 2.0, numerator / 2.0, below.clamp(0.0, 1.0))
}

/// Quantile of the chi-square distribution, 0 < `probability` < 1, to the last bits.
pub(crate) fn chi_square_quantile(probability: f64, degrees_of_freedom: f64) -> f64 {
    let half = degrees_of_freedom / 2.0;
    let is_short = |x: f64| x <= 0.0 || gamma_lr(half, x / 2.0) < probability;
    let mut high = degrees_of_freedom;
    while is_short(high) && high < f64::MAX / 4.0 {
        high *= 2.0;
    }
    halve(0.0, high, is_short)
}

/// Quantile of Beta(a, b).
///
/// `statrs`' `inv_beta_reg` is off by 1e-8 relative at large counts.
pub(crate) fn beta_quantile(a: f64, b: f64, probability: f64) -> f64 {
    halve(0.0, 1.0, |x| beta_reg(a, b, x) < probability)
}

/// The place between `low` and `high` where `is_short` ends, by halving down to neighbouring numbers.
fn halve(mut low: f64, mut high: f64, is_short: impl Fn(f64) -> bool) -> f64 {
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return middle;
        }
        if is_short(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Values of R: qnorm(0.975), qnorm(0.9), pnorm(-1.5), pnorm(1.5).
    #[test]
    fn normal_distribution_is_that_of_r() {
        assert!((two_sided_quantile(0.95) - 1.959_963_984_540_053_6).abs() < 1e-14);
        assert!((normal_quantile(0.9) - 1.281_551_565_544_600_6).abs() < 1e-14);
        assert!((upper_tail(1.5) - 0.066_807_201_268_858_07).abs() < 1e-15);
        assert!((upper_tail(-1.5) - 0.933_192_798_731_141_9).abs() < 1e-15);
        assert!((upper_tail(8.0) / 6.220_960_574_271_785e-16 - 1.0).abs() < 1e-12);
        assert!((upper_tail(0.0) - 0.5).abs() < 1e-15);
        assert!(upper_tail(1e300).abs() < 1e-300);
    }

    #[test]
    fn quantiles_invert_tails() {
        for degrees in [1.0, 4.0, 29.0, 1e4] {
            let t = two_sided_t_quantile(0.95, degrees);
            assert!((two_sided_t_tail(t, degrees) - 0.05).abs() < 1e-12, "{degrees}");
            let x = chi_square_quantile(0.95, degrees);
            assert!((gamma_ur(degrees / 2.0, x / 2.0) - 0.05).abs() < 1e-12, "{degrees}");
        }
        // One degree of freedom: the Cauchy distribution; two: the exponential.
        assert!((two_sided_t_quantile(0.5, 1.0) - 1.0).abs() < 1e-12);
        assert!((chi_square_quantile(0.95, 2.0) + 2.0 * 0.05_f64.ln()).abs() < 1e-12);
        assert!((f_upper_tail(3.0, 2.0, 2.0) - 0.25).abs() < 1e-13);
    }
}
