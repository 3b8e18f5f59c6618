//! Whether probabilities hold: slope, intercept, and the two proper scores.
//!
//! `probability` is P(label = 1), in \[0, 1\].

use crate::interval::Estimate;
use crate::logistic::{LogisticFit, LogisticRows, Undefined, logistic};
use crate::sum::exact_sum;

/// Calibration slope: the coefficient b of `logit P(y) = a + b logit p`; 1 is right, below 1 the
/// probabilities are too extreme.
///
/// A p of exactly 0 or 1 has no logit and is left out ([`certain_count`] says how many).
/// Account-clustered error with G / (G - 1), and Student's t at the [`degrees_of_freedom`](crate::degrees_of_freedom) of the accounts'
/// pulls. Source: Van Calster et al. 2016.
///
/// # Errors
/// [`Undefined`], as [`logistic`].
///
/// # Panics
/// When the columns differ in length.
pub fn calibration_slope(
    probability: &[f64],
    label: &[bool],
    cluster: &[u32],
    level: f64,
) -> Result<Estimate, Undefined> {
    let rows = UncertainRows::of(probability, label, cluster);
    let fit = logistic(&LogisticRows {
        columns: &[&rows.logit],
        label: &rows.label,
        cluster: &rows.cluster,
        offset: None,
        weights: None,
    })?;
    Ok(of_coefficient(&fit, 1, level))
}

/// Calibration intercept (calibration in the large): the a of `logit P(y) = a + logit p`, the slope
/// held at 1; 0 is right, above 0 the probabilities are too low.
///
/// Rows and errors as in [`calibration_slope`].
///
/// # Errors
/// [`Undefined`], as [`logistic`].
///
/// # Panics
/// When the columns differ in length.
pub fn calibration_intercept(
    probability: &[f64],
    label: &[bool],
    cluster: &[u32],
    level: f64,
) -> Result<Estimate, Undefined> {
    let rows = UncertainRows::of(probability, label, cluster);
    let fit = logistic(&LogisticRows {
        columns: &[],
        label: &rows.label,
        cluster: &rows.cluster,
        offset: Some(&rows.logit),
        weights: None,
    })?;
    Ok(of_coefficient(&fit, 0, level))
}

fn of_coefficient(fit: &LogisticFit, place: usize, level: f64) -> Estimate {
    let error = fit.covariance[place][place].sqrt();
    Estimate::clustered(fit.coefficients[place], (error, fit.degrees_of_freedom[place]), level)
}

/// Number of probabilities of exactly 0 or 1: the rows that slope and intercept leave out.
pub fn certain_count(probability: &[f64]) -> usize {
    probability.iter().filter(|p| is_certain(**p)).count()
}

/// Brier score: mean of (p - y)^2, 0 is best. `None` without rows.
///
/// Reference: scikit-learn `brier_score_loss`.
///
/// # Panics
/// When the columns differ in length.
pub fn brier(probability: &[f64], label: &[bool]) -> Option<f64> {
    brier_weighted(probability, label, &vec![1; label.len()])
}

/// Brier score with row `i` counted `weights[i]` times. `None` without weight.
///
/// # Panics
/// When the columns differ in length.
pub fn brier_weighted(probability: &[f64], label: &[bool], weights: &[u32]) -> Option<f64> {
    weighted_mean(probability, label, weights, |p, happened| {
        let distance = if happened { 1.0 - p } else { p };
        distance * distance
    })
}

/// Scaled Brier score (index of prediction accuracy): 1 - Brier / (r (1 - r)), with r the rate of
/// label 1 among these rows. 1 is best, 0 is no better than the rate itself, and it may be negative.
/// `None` without rows or with one class.
///
/// # Panics
/// When the columns differ in length.
pub fn brier_scaled(probability: &[f64], label: &[bool]) -> Option<f64> {
    brier_scaled_weighted(probability, label, &vec![1; label.len()])
}

/// Scaled Brier score with row `i` counted `weights[i]` times, the rate included.
///
/// # Panics
/// When the columns differ in length.
pub fn brier_scaled_weighted(probability: &[f64], label: &[bool], weights: &[u32]) -> Option<f64> {
    let score = brier_weighted(probability, label, weights)?;
    let rate = weighted_mean(probability, label, weights, |_, happened| f64::from(happened))?;
    let of_the_rate = rate * (1.0 - rate);
    (of_the_rate > 0.0).then(|| 1.0 - score / of_the_rate)
}

/// Log loss: mean of -ln of the probability given to what happened (natural logarithm), never
/// clipped. `None` without rows, and where it is infinite (a probability of 0 for what happened).
///
/// Reference: scikit-learn `log_loss`.
///
/// # Panics
/// When the columns differ in length.
pub fn log_loss(probability: &[f64], label: &[bool]) -> Option<f64> {
    log_loss_weighted(probability, label, &vec![1; label.len()])
}

/// Log loss with row `i` counted `weights[i]` times. A row without weight cannot make it infinite.
///
/// # Panics
/// When the columns differ in length.
pub fn log_loss_weighted(probability: &[f64], label: &[bool], weights: &[u32]) -> Option<f64> {
    assert_eq!(probability.len(), weights.len(), "one weight per probability");
    let refuted = |row: usize| {
        weights[row] > 0 && is_certain(probability[row]) && (probability[row] > 0.5) != label[row]
    };
    if (0..label.len()).any(refuted) {
        return None;
    }
    weighted_mean(
        probability,
        label,
        weights,
        |p, happened| {
            if happened { -p.ln() } else { -(-p).ln_1p() }
        },
    )
}

/// Rows whose probability has a logit.
struct UncertainRows {
    logit: Vec<f64>,
    label: Vec<bool>,
    cluster: Vec<u32>,
}

impl UncertainRows {
    fn of(probability: &[f64], label: &[bool], cluster: &[u32]) -> Self {
        assert_eq!(probability.len(), label.len(), "one label per probability");
        assert_eq!(probability.len(), cluster.len(), "one cluster per probability");
        let kept: Vec<usize> =
            (0..probability.len()).filter(|&row| !is_certain(probability[row])).collect();
        let logit = |p: f64| p.ln() - (-p).ln_1p();
        Self {
            logit: kept.iter().map(|&row| logit(probability[row])).collect(),
            label: kept.iter().map(|&row| label[row]).collect(),
            cluster: kept.iter().map(|&row| cluster[row]).collect(),
        }
    }
}

/// Exactly 0 or 1 (or outside, which no probability is).
fn is_certain(probability: f64) -> bool {
    probability <= 0.0 || probability >= 1.0
}

fn weighted_mean(
    probability: &[f64],
    label: &[bool],
    weights: &[u32],
    term: impl Fn(f64, bool) -> f64,
) -> Option<f64> {
    assert_eq!(probability.len(), label.len(), "one label per probability");
    assert_eq!(probability.len(), weights.len(), "one weight per probability");
    let total: u64 = weights.iter().map(|&weight| u64::from(weight)).sum();
    let terms = (0..label.len())
        .filter(|&row| weights[row] > 0)
        .map(|row| f64::from(weights[row]) * term(probability[row], label[row]));
    (total > 0).then(|| exact_sum(terms) / total as f64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn scores_by_hand() {
        let (p, y) = ([0.8, 0.4, 0.1], [true, false, false]);
        assert!((brier(&p, &y).unwrap() - (0.04 + 0.16 + 0.01) / 3.0).abs() < 1e-15);
        let of_the_rate = 2.0 / 9.0;
        assert!((brier_scaled(&p, &y).unwrap() - (1.0 - 0.07 / of_the_rate)).abs() < 1e-14);
        let loss = -(0.8_f64.ln() + 0.6_f64.ln() + 0.9_f64.ln()) / 3.0;
        assert!((log_loss(&p, &y).unwrap() - loss).abs() < 1e-15);
    }

    #[test]
    fn an_infinite_loss_is_undefined_and_a_certain_truth_costs_nothing() {
        assert_eq!(log_loss(&[0.0, 0.5], &[true, false]), None);
        assert_eq!(log_loss(&[1.0, 0.5], &[false, false]), None);
        let loss = log_loss(&[1.0, 0.0], &[true, false]).unwrap();
        assert!(loss.abs() < 1e-300);
        assert!(log_loss_weighted(&[0.0, 0.5], &[true, false], &[0, 1]).is_some());
    }

    #[test]
    fn nothing_to_score_is_undefined() {
        assert_eq!((brier(&[], &[]), log_loss(&[], &[])), (None, None));
        assert_eq!(brier_scaled(&[0.4, 0.2], &[false, false]), None);
        assert_eq!(calibration_slope(&[], &[], &[], 0.95), Err(Undefined::NoRows));
        let certain = calibration_intercept(&[0.0, 1.0], &[false, true], &[0, 1], 0.95);
        assert_eq!(certain, Err(Undefined::NoRows));
    }

    #[test]
    fn certain_rows_leave_slope_and_intercept_and_are_counted() {
        let p = [0.2, 0.4, 0.6, 0.8, 0.3, 0.0, 1.0];
        let y = [false, true, false, true, false, true, false];
        let c = [0, 1, 2, 3, 4, 5, 6];
        assert_eq!(certain_count(&p), 2);
        let short = calibration_slope(&p[..5], &y[..5], &c[..5], 0.95).unwrap();
        assert_eq!(calibration_slope(&p, &y, &c, 0.95).unwrap(), short);
        let short = calibration_intercept(&p[..5], &y[..5], &c[..5], 0.95).unwrap();
        assert_eq!(calibration_intercept(&p, &y, &c, 0.95).unwrap(), short);
    }

    #[test]
    fn a_doubled_logit_halves_the_slope_and_a_shift_is_the_intercept() {
        // Rates 0.25 and 0.75 in two groups of four: p = the rates is perfectly calibrated.
        let y = [true, false, false, false, true, true, true, false];
        let c = [0, 1, 2, 3, 4, 5, 6, 7];
        let p = |logit: f64| -> Vec<f64> {
            let of = |x: f64| 1.0 / (1.0 + (-x).exp());
            (0..8).map(|i| of(if i < 4 { -logit } else { logit })).collect()
        };
        let right = p(3.0_f64.ln());
        assert!((calibration_slope(&right, &y, &c, 0.95).unwrap().estimate - 1.0).abs() < 1e-13);
        assert!(calibration_intercept(&right, &y, &c, 0.95).unwrap().estimate.abs() < 1e-13);
        let extreme = p(2.0 * 3.0_f64.ln());
        let slope = calibration_slope(&extreme, &y, &c, 0.95).unwrap();
        assert!((slope.estimate - 0.5).abs() < 1e-13);
        // Eight accounts that pull alike in pairs: between the t of one and of seven degrees.
        let half = slope.interval.upper - slope.estimate;
        assert!((2.364..12.71).contains(&(half / slope.standard_error)));
    }

    proptest! {
        #[test]
        fn a_weight_is_that_many_copies(
            rows in prop::collection::vec((1..99_u32, any::<bool>(), 0..4_u32), 0..40),
        ) {
            let p: Vec<f64> = rows.iter().map(|row| f64::from(row.0) / 100.0).collect();
            let y: Vec<bool> = rows.iter().map(|row| row.1).collect();
            let weights: Vec<u32> = rows.iter().map(|row| row.2).collect();
            let repeat = |i: usize| std::iter::repeat_n(i, weights[i] as usize);
            let copies: Vec<usize> = (0..rows.len()).flat_map(repeat).collect();
            let many_p: Vec<f64> = copies.iter().map(|&i| p[i]).collect();
            let many_y: Vec<bool> = copies.iter().map(|&i| y[i]).collect();
            for (weighted, copied) in [
                (brier_weighted(&p, &y, &weights), brier(&many_p, &many_y)),
                (brier_scaled_weighted(&p, &y, &weights), brier_scaled(&many_p, &many_y)),
                (log_loss_weighted(&p, &y, &weights), log_loss(&many_p, &many_y)),
            ] {
                prop_assert_eq!(weighted.is_some(), copied.is_some());
                if let (Some(weighted), Some(copied)) = (weighted, copied) {
                    prop_assert!((weighted - copied).abs() < 1e-13);
                }
            }
        }
    }
}
