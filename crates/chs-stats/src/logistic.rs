//! Logistic regression on few columns, with account-clustered errors.

use thiserror::Error;

use crate::cholesky::Cholesky;
use crate::design_points::{DesignPoint, DesignPoints};
use crate::interval::degrees_of_freedom;
use crate::sum::{OrderedSum, ordered_sum};

/// Newton steps before a fit is given up; a regular one takes fewer than ten.
const MAX_ITERATIONS: usize = 100;

/// A fit has converged when the next step would move it by less than this many standard errors
/// (squared); that step is still taken, and squares what is left.
const CONVERGED_DECREMENT: f64 = 1e-20;

/// Below this fraction of a Newton step, halving is given up.
const SMALLEST_FRACTION: f64 = 1e-20;

/// How far a row may lie on the wrong side of a separating direction, relative to the farthest row.
const SEPARATION_TOLERANCE: f64 = 1e-9;

/// Rows of a logistic regression; all slices are of equal length.
#[derive(Debug, Clone, Copy)]
pub struct LogisticRows<'a> {
    /// Finite predictors, without the intercept, which is always fitted; none fits it alone.
    pub columns: &'a [&'a [f64]],
    /// What happened.
    pub label: &'a [bool],
    /// Dense index of the row's account.
    pub cluster: &'a [u32],
    /// Added to the linear predictor with a coefficient of 1.
    pub offset: Option<&'a [f64]>,
    /// How often a row counts: a weight of k equals k copies.
    pub weights: Option<&'a [u32]>,
}

/// A logistic regression that has converged.
#[derive(Debug, Clone, PartialEq)]
pub struct LogisticFit {
    /// Log odds: the intercept first, then one per column.
    pub coefficients: Vec<f64>,
    /// Covariance of the coefficients, clustered by account, with the factor G / (G - 1).
    pub covariance: Vec<Vec<f64>>,
    /// Those of each coefficient's standard error ([`degrees_of_freedom`]).
    pub degrees_of_freedom: Vec<f64>,
    /// Log likelihood at the coefficients.
    pub log_likelihood: f64,
    /// Newton steps taken.
    pub iterations: usize,
    /// Accounts with weight, G.
    pub accounts: usize,
}

impl LogisticFit {
    /// Square roots of the covariance's diagonal.
    pub fn standard_errors(&self) -> Vec<f64> {
        self.covariance.iter().enumerate().map(|(j, row)| row[j].sqrt()).collect()
    }

    /// P(label = 1) for one row of predictors, one per column, without offset.
    ///
    /// # Panics
    /// When the number of predictors is not that of the fit.
    pub fn probability(&self, predictors: &[f64]) -> f64 {
        assert_eq!(predictors.len() + 1, self.coefficients.len(), "one predictor per column");
        let slopes = &self.coefficients[1..];
        let sum: f64 = slopes.iter().zip(predictors).map(|(slope, x)| slope * x).sum();
        Odds::of(self.coefficients[0] + sum).in_favour
    }
}

/// Why a model-based figure has no value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Undefined {
    /// No row is left to compute from.
    #[error("no row to compute from: every row lacks a label, a score or a usable probability")]
    NoRows,
    /// All rows have the same label.
    #[error(
        "all {rows} rows have the label {label}: both outcomes are needed; use a longer history"
    )]
    OneClass {
        /// Rows used, by weight.
        rows: u64,
        /// The label they all have.
        label: u8,
    },
    /// All rows belong to one account.
    #[error("all rows belong to one account: an error clustered by account needs two or more")]
    OneCluster,
    /// A test of more coefficients than the accounts can tell apart.
    #[error(
        "{accounts} accounts cannot test {terms} coefficients at once: more accounts are needed"
    )]
    FewAccounts {
        /// Accounts with rows.
        accounts: usize,
        /// Coefficients tested.
        terms: usize,
    },
    /// A predictor or an offset is not finite.
    #[error("row {row} holds a value that is not finite: leave it out before the fit")]
    NotFinite {
        /// Its position among the rows, from 0.
        row: usize,
    },
    /// A column is constant or explained by the others.
    #[error("column {column} is constant or a combination of the others: leave it out")]
    Collinear {
        /// Its position among the coefficients: 0 is the intercept.
        column: usize,
    },
    /// The labels are split without error, so that the likelihood has no maximum.
    #[error(
        "the predictors separate the outcomes without error: the coefficients have no finite value"
    )]
    Separated,
    /// The likelihood's maximum was not reached.
    #[error("no convergence within {iterations} steps: centre and rescale the predictors")]
    NotConverged {
        /// Steps taken.
        iterations: usize,
    },
}

/// Maximum likelihood logistic regression of the label on an intercept and the columns.
///
/// Newton's method with step halving. `covariance = G/(G-1) A^-1 (sum over accounts of s_c s_c') A^-1`
/// with the information A and the account's summed score `s_c`, G the accounts with weight. O(n log n)
/// for one sort, then one pass over the distinct rows of the design per step.
///
/// Reference: R `glm(family = binomial)` with `sandwich::vcovCL(type = "HC0", cadjust = TRUE)`.
///
/// # Errors
/// [`Undefined`] without rows, with one class or one account, with values that are not finite, with
/// collinear columns, with separated classes (also quasi-complete), or without convergence.
///
/// # Panics
/// When the slices differ in length.
pub fn logistic(rows: &LogisticRows) -> Result<LogisticFit, Undefined> {
    rows.assert_equal_lengths();
    rows.check()?;
    let points = DesignPoints::of(rows);
    let mut coefficients = start(&points);
    let mut here = Expansion::of(&points, &coefficients);
    for iterations in 1..=MAX_ITERATIONS {
        let step = Cholesky::of(&here.information)?.solve(&here.gradient);
        if separated_along(&points, &step) {
            return Err(Undefined::Separated);
        }
        let decrement: f64 = step.iter().zip(&here.gradient).map(|(s, g)| s * g).sum();
        (coefficients, here) = climb(&points, &coefficients, &step, here.log_likelihood);
        if decrement < CONVERGED_DECREMENT {
            let pulls = account_pulls(rows, &points, &coefficients, &here.information)?;
            return Ok(LogisticFit {
                covariance: clustered_covariance(&pulls),
                degrees_of_freedom: pulls.iter().map(|pulls| degrees_of_freedom(pulls)).collect(),
                accounts: pulls[0].len(),
                log_likelihood: here.log_likelihood,
                coefficients,
                iterations,
            });
        }
    }
    Err(Undefined::NotConverged { iterations: MAX_ITERATIONS })
}

impl LogisticRows<'_> {
    fn assert_equal_lengths(&self) {
        let n = self.label.len();
        assert!(self.columns.iter().all(|column| column.len() == n), "one value per row");
        assert_eq!(self.cluster.len(), n, "one cluster per row");
        assert!(self.offset.is_none_or(|offset| offset.len() == n), "one offset per row");
        assert!(self.weights.is_none_or(|weights| weights.len() == n), "one weight per row");
    }

    fn check(&self) -> Result<(), Undefined> {
        let (mut rows, mut events) = (0, 0);
        let mut clusters = None;
        for row in self.used() {
            let weight = u64::from(self.weight(row));
            rows += weight;
            events += if self.label[row] { weight } else { 0 };
            let cluster = self.cluster[row];
            let (low, high) = clusters.unwrap_or((cluster, cluster));
            clusters = Some((cluster.min(low), cluster.max(high)));
            let offset = self.offset.map_or(0.0, |offset| offset[row]);
            if !(offset.is_finite() && self.columns.iter().all(|column| column[row].is_finite())) {
                return Err(Undefined::NotFinite { row });
            }
        }
        let Some((low, high)) = clusters else { return Err(Undefined::NoRows) };
        if events == 0 || events == rows {
            return Err(Undefined::OneClass { rows, label: u8::from(events > 0) });
        }
        if low == high { Err(Undefined::OneCluster) } else { Ok(()) }
    }

    /// Rows with weight.
    pub(crate) fn used(&self) -> impl Iterator<Item = usize> {
        (0..self.label.len()).filter(|&row| self.weight(row) > 0)
    }

    pub(crate) fn weight(&self, row: usize) -> u32 {
        self.weights.map_or(1, |weights| weights[row])
    }
}

/// The log likelihood around a point: value, gradient and information (minus the Hessian).
struct Expansion {
    log_likelihood: f64,
    gradient: Vec<f64>,
    information: Vec<Vec<f64>>,
}

impl Expansion {
    fn of(points: &DesignPoints, coefficients: &[f64]) -> Self {
        let width = coefficients.len();
        let mut log_likelihood = OrderedSum::default();
        let mut gradient = vec![OrderedSum::default(); width];
        // The lower triangle, row by row; the rest mirrors it.
        let mut information = vec![OrderedSum::default(); width * (width + 1) / 2];
        for point in points.iter() {
            let linear = point.linear_predictor(coefficients);
            let odds = Odds::of(linear);
            let (events, others) = (point.events as f64, point.others as f64);
            // ln(1 + exp(x)), without overflow or cancellation.
            let soft = odds.smaller.ln_1p();
            let away = events * ((-linear).max(0.0) + soft) + others * (linear.max(0.0) + soft);
            log_likelihood.add(-away);
            let spread = (events + others) * odds.in_favour * odds.against;
            let mut cells = information.iter_mut();
            for (j, sum) in gradient.iter_mut().enumerate() {
                // Label minus probability, without cancellation on either side.
                let x = point.design(j);
                sum.add(events * odds.against * x);
                sum.add(-(others * odds.in_favour * x));
                let row = (0..=j).zip(cells.by_ref());
                row.for_each(|(k, cell)| cell.add(spread * x * point.design(k)));
            }
        }
        let lower = |j: usize, k: usize| {
            let (long, short) = (j.max(k), j.min(k));
            information[long * (long + 1) / 2 + short].value()
        };
        Self {
            log_likelihood: log_likelihood.value(),
            gradient: gradient.iter().map(OrderedSum::value).collect(),
            information: (0..width).map(|j| (0..width).map(|k| lower(j, k)).collect()).collect(),
        }
    }
}

/// Takes the step, halved until it does not lead downhill.
fn climb(points: &DesignPoints, from: &[f64], step: &[f64], height: f64) -> (Vec<f64>, Expansion) {
    let slack = 1e-12 * (1.0 + height.abs());
    let mut fraction = 1.0;
    loop {
        let to: Vec<f64> = from.iter().zip(step).map(|(b, s)| b + fraction * s).collect();
        let there = Expansion::of(points, &to);
        if there.log_likelihood >= height - slack || fraction < SMALLEST_FRACTION {
            return (to, there);
        }
        fraction /= 2.0;
    }
}

/// The intercept that would be right if all rows had the mean offset, and no slope.
fn start(points: &DesignPoints) -> Vec<f64> {
    let sum = |value: fn(&DesignPoint) -> f64| ordered_sum(points.iter().map(|own| value(&own)));
    let (events, others) = (sum(|own| own.events as f64), sum(|own| own.others as f64));
    let offset = sum(|own| (own.events + own.others) as f64 * own.offset) / (events + others);
    let mut coefficients = vec![0.0; points.width()];
    coefficients[0] = (events / others).ln() - offset;
    coefficients
}

/// True when no row lies on the wrong side along the direction: the likelihood then grows
/// without end that way. A diverging fit's steps turn towards such a direction.
fn separated_along(points: &DesignPoints, direction: &[f64]) -> bool {
    let is_wrong_by = |own: &DesignPoint, tolerance: f64| {
        let along = own.along(direction);
        (own.events > 0 && along < -tolerance) || (own.others > 0 && along > tolerance)
    };
    let any_wrong_by = |tolerance: f64| points.iter().any(|own| is_wrong_by(&own, tolerance));
    // Nearly always one of the first rows is wrong by more than the farthest one could allow.
    if any_wrong_by(SEPARATION_TOLERANCE * points.reach(direction)) {
        return false;
    }
    let farthest = points.iter().map(|own| own.along(direction).abs()).fold(0.0, f64::max);
    farthest > 0.0 && !any_wrong_by(SEPARATION_TOLERANCE * farthest)
}

/// Per coefficient the pull of each account that has rows.
fn account_pulls(
    rows: &LogisticRows,
    points: &DesignPoints,
    coefficients: &[f64],
    information: &[Vec<f64>],
) -> Result<Vec<Vec<f64>>, Undefined> {
    let width = coefficients.len();
    let last = rows.cluster.iter().max().map_or(0, |&last| last as usize);
    // Number of rows, then the summed score of each account.
    let mut accounts = vec![0_u32; last + 1];
    let mut scores = vec![OrderedSum::default(); (last + 1) * width];
    for point in points.iter() {
        let odds = Odds::of(point.linear_predictor(coefficients));
        for &row in points.rows(&point) {
            let distance = if rows.label[row] { odds.against } else { -odds.in_favour };
            let residual = f64::from(rows.weight(row)) * distance;
            let account = rows.cluster[row] as usize;
            accounts[account] += 1;
            let own = &mut scores[account * width..(account + 1) * width];
            own.iter_mut().enumerate().for_each(|(j, sum)| sum.add(residual * point.design(j)));
        }
    }
    let cholesky = Cholesky::of(information)?;
    let mut pulls = vec![Vec::new(); width];
    let present = accounts.iter().zip(scores.chunks_exact(width)).filter(|(rows, _)| **rows > 0);
    for (_, own) in present {
        let score: Vec<f64> = own.iter().map(OrderedSum::value).collect();
        pulls.iter_mut().zip(cholesky.solve(&score)).for_each(|(pulls, own)| pulls.push(own));
    }
    Ok(pulls)
}

/// The sum of the outer products of the accounts' pulls, with the factor G / (G - 1).
fn clustered_covariance(pulls: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let accounts = pulls[0].len() as f64;
    let product = |a: &[f64], b: &[f64]| ordered_sum(a.iter().zip(b).map(|(a, b)| a * b));
    let entry = |a: &[f64], b: &[f64]| accounts / (accounts - 1.0) * product(a, b);
    pulls.iter().map(|a| pulls.iter().map(|b| entry(a, b)).collect()).collect()
}

/// A logit, as probabilities of either outcome, without overflow or cancellation on either side.
struct Odds {
    /// exp(-|logit|)
    smaller: f64,
    /// P(label = 1)
    in_favour: f64,
    /// P(label = 0)
    against: f64,
}

impl Odds {
    fn of(logit: f64) -> Self {
        let smaller = (-logit.abs()).exp();
        let (likely, unlikely) = (1.0 / (1.0 + smaller), smaller / (1.0 + smaller));
        let (in_favour, against) =
            if logit >= 0.0 { (likely, unlikely) } else { (unlikely, likely) };
        Self { smaller, in_favour, against }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows<'a>(
        columns: &'a [&'a [f64]],
        label: &'a [bool],
        cluster: &'a [u32],
    ) -> LogisticRows<'a> {
        LogisticRows { columns, label, cluster, offset: None, weights: None }
    }

    const LABEL: [bool; 6] = [false, true, false, true, false, true];
    const X: [f64; 6] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
    const CLUSTER: [u32; 6] = [0, 1, 2, 3, 4, 5];

    #[test]
    fn an_intercept_alone_is_the_logit_of_the_rate() {
        let label = [true, false, false, false, true];
        let fit = logistic(&rows(&[], &label, &[0, 1, 2, 3, 4])).unwrap();
        assert!((fit.coefficients[0] - (0.4_f64 / 0.6).ln()).abs() < 1e-14);
        // Sandwich of the mean: sum of squared residuals / (n p q)^2 x G/(G-1).
        let expected = (5.0 * 0.4 * 0.6) / (5.0 * 0.4 * 0.6_f64).powi(2) * 5.0 / 4.0;
        assert!((fit.covariance[0][0] - expected).abs() < 1e-12);
        assert!((fit.probability(&[]) - 0.4).abs() < 1e-15);
        let log_likelihood = 2.0 * 0.4_f64.ln() + 3.0 * 0.6_f64.ln();
        assert!((fit.log_likelihood - log_likelihood).abs() < 1e-13);
        assert!((fit.standard_errors()[0] - expected.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn two_groups_recover_their_odds() {
        // x = 0: 1 of 4 events, x = 1: 3 of 4.
        let label = [true, false, false, false, true, true, true, false];
        let x = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0];
        let fit = logistic(&rows(&[&x], &label, &[0, 1, 2, 3, 4, 5, 6, 7])).unwrap();
        assert!((fit.coefficients[0] + 3.0_f64.ln()).abs() < 1e-13);
        assert!((fit.coefficients[1] - 2.0 * 3.0_f64.ln()).abs() < 1e-13);
        assert!((fit.probability(&[1.0]) - 0.75).abs() < 1e-14);
    }

    #[test]
    fn each_undefined_case_says_why() {
        let refuse = |r: LogisticRows| logistic(&r).unwrap_err();
        assert_eq!(refuse(rows(&[], &[], &[])), Undefined::NoRows);
        assert_eq!(
            refuse(rows(&[], &[true; 3], &[0, 1, 2])),
            Undefined::OneClass { rows: 3, label: 1 }
        );
        assert_eq!(
            refuse(rows(&[], &[false; 3], &[0, 1, 2])),
            Undefined::OneClass { rows: 3, label: 0 }
        );
        assert_eq!(refuse(rows(&[&X], &LABEL, &[4; 6])), Undefined::OneCluster);
        let broken = [0.0, 1.0, f64::INFINITY, 3.0, 4.0, 5.0];
        assert_eq!(refuse(rows(&[&broken], &LABEL, &CLUSTER)), Undefined::NotFinite { row: 2 });
        let offset = LogisticRows { offset: Some(&broken), ..rows(&[], &LABEL, &CLUSTER) };
        assert_eq!(refuse(offset), Undefined::NotFinite { row: 2 });
        let constant = [2.0; 6];
        assert_eq!(
            refuse(rows(&[&constant], &LABEL, &CLUSTER)),
            Undefined::Collinear { column: 1 }
        );
        // Far from zero for its spread: rounding of the linear predictor hides the maximum.
        let far = X.map(|x| 2.9e6 + x);
        assert_eq!(
            refuse(rows(&[&far], &LABEL, &CLUSTER)),
            Undefined::NotConverged { iterations: MAX_ITERATIONS }
        );
        let double = X.map(|x| 2.0 * x + 1.0);
        assert_eq!(
            refuse(rows(&[&X, &double], &LABEL, &CLUSTER)),
            Undefined::Collinear { column: 2 }
        );
    }

    #[test]
    fn separation_is_found_complete_and_quasi_complete() {
        let split = [false, false, false, true, true, true];
        assert_eq!(logistic(&rows(&[&X], &split, &CLUSTER)), Err(Undefined::Separated));
        // Both labels at x = 2, else split.
        let x = [0.0, 1.0, 2.0, 2.0, 3.0, 4.0];
        assert_eq!(logistic(&rows(&[&x], &split, &CLUSTER)), Err(Undefined::Separated));
        // No event where x = 1; x2 overlaps.
        let x1 = [0.0, 0.0, 0.0, 0.0, 1.0, 1.0];
        let x2 = [0.3, 0.1, 0.4, 0.1, 0.5, 0.9];
        let label = [true, false, false, true, false, false];
        assert_eq!(logistic(&rows(&[&x1, &x2], &label, &CLUSTER)), Err(Undefined::Separated));
        assert!(logistic(&rows(&[&X], &LABEL, &CLUSTER)).is_ok());
    }

    #[test]
    fn a_large_scale_and_a_far_offset_still_converge() {
        let scaled = X.map(|x| 1e6 + 1e3 * x);
        let plain = logistic(&rows(&[&X], &LABEL, &CLUSTER)).unwrap();
        let fit = logistic(&rows(&[&scaled], &LABEL, &CLUSTER)).unwrap();
        assert!((fit.coefficients[1] * 1e3 - plain.coefficients[1]).abs() < 1e-8);
        let offset = [40.0; 6];
        let shifted = LogisticRows { offset: Some(&offset), ..rows(&[], &LABEL, &CLUSTER) };
        assert!((logistic(&shifted).unwrap().coefficients[0] + 40.0).abs() < 1e-12);
        // Half the events lie 60 below the start: the first step overshoots and has to be halved.
        let spread = [-60.0, -60.0, 0.0, 0.0, 60.0, 60.0];
        let wide = LogisticRows { offset: Some(&spread), ..rows(&[], &LABEL, &CLUSTER) };
        assert!(logistic(&wide).unwrap().coefficients[0].abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn a_weight_is_that_many_copies_and_order_leaves_no_trace(
            data in prop::collection::vec(
                (-20..20_i32, -20..20_i32, any::<bool>(), 0..6_u32, 0..4_u32), 12..40),
        ) {
            let columns = |pick: &[usize]| -> (Vec<f64>, Vec<f64>, Vec<bool>, Vec<u32>) {
                (
                    pick.iter().map(|&i| f64::from(data[i].0) / 8.0).collect(),
                    pick.iter().map(|&i| f64::from(data[i].1) / 8.0).collect(),
                    pick.iter().map(|&i| data[i].2).collect(),
                    pick.iter().map(|&i| data[i].3).collect(),
                )
            };
            let all: Vec<usize> = (0..data.len()).collect();
            let backward: Vec<usize> = all.iter().rev().copied().collect();
            let copies: Vec<usize> = all
                .iter()
                .flat_map(|&i| std::iter::repeat_n(i, data[i].4 as usize))
                .collect();
            let weights = |pick: &[usize]| pick.iter().map(|&i| data[i].4).collect::<Vec<_>>();
            let fit = |pick: &[usize], weights: Option<&[u32]>| {
                let (first, second, label, cluster) = columns(pick);
                let columns: [&[f64]; 2] = [&first, &second];
                logistic(&LogisticRows { weights, ..rows(&columns, &label, &cluster) })
            };
            let weighted = fit(&all, Some(&weights(&all)));
            prop_assert_eq!(&weighted, &fit(&backward, Some(&weights(&backward))));
            match (weighted, fit(&copies, None)) {
                (Ok(weighted), Ok(copied)) => {
                    for (j, coefficient) in weighted.coefficients.iter().enumerate() {
                        let scale = 1.0 + coefficient.abs();
                        prop_assert!((coefficient - copied.coefficients[j]).abs() < 1e-9 * scale);
                        let variance = weighted.covariance[j][j];
                        let other = copied.covariance[j][j];
                        prop_assert!((variance - other).abs() < 1e-8 * (1.0 + variance));
                    }
                }
                (weighted, copied) => prop_assert_eq!(weighted.err(), copied.err()),
            }
        }
    }
}
