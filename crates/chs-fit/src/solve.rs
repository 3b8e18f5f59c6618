//! Proximal Newton on the constrained problem, with a certificate.
//!
//! Minimise over an intercept a and coefficients b within a [`Cone`], and a strength k >= 0:
//! `sum(omega * logloss(a + X b)) + lambda / 2 * sum((b - k * w0)^2)`, the omega summing to 1. The best
//! k for given b is `b . w0 / w0 . w0`, which is never negative here, so that the penalty is the squared
//! distance of b from the line along w0: direction is shrunk, strength is not. With w0 = 0 it is the ridge,
//! which shrinks both.

use crate::EstimatorError;
use crate::cone::Cone;
use crate::dense::{add_scaled, dot, largest};
use crate::quadratic::{NotSolved, Quadratic};
use crate::rows::{Expansion, Rows};

/// Newton steps before a fit is given up; a regular one takes fewer than fifteen.
const MOST_STEPS: usize = 200;

/// A step that promises less than this, in nats, is the last one; it is still taken.
const LAST_PROMISE: f64 = 1e-17;

/// The residual that a solution must not exceed.
const MOST_RESIDUAL: f64 = 1e-8;

/// Added to the curvature, relative to its largest entry: keeps a step short where the data say nothing.
const DAMPING: f64 = 1e-12;

/// A mean log loss below this is a separation of the outcomes.
const LEAST_LOSS: f64 = 1e-9;

/// The curvature of a point before is kept where a step with it left less than this of the promise.
const KEPT_CURVATURE: f64 = 1e-3;

/// The first step after which a direction without end is looked for: a regular fit has nearly arrived.
const FIRST_DOUBT: usize = 6;

/// Of the promised descent, what a step has to keep.
const KEPT: f64 = 1e-4;

/// A constrained problem.
#[derive(Clone, Copy)]
pub(crate) struct Problem<'a> {
    pub(crate) rows: &'a Rows,
    pub(crate) cone: &'a Cone,
    /// Direction that the coefficients are drawn to, 0 or more each; all 0 for a ridge.
    pub(crate) prior: &'a [f64],
    /// 0 or more.
    pub(crate) lambda: f64,
}

/// How near a solution is to the optimum.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Certificate {
    /// Largest entry of `z - P(z - gradient)`, P the projection on what is allowed: 0 exactly at the
    /// optimum of the convex problem; at most 1e-8.
    pub residual: f64,
    /// Descent that the last step promised, in nats.
    pub promised: f64,
    /// Newton steps taken.
    pub steps: usize,
}

/// The optimum of a constrained problem.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Solution {
    /// Log odds where all columns are 0.
    pub intercept: f64,
    /// One per column, 0 or more.
    pub coefficients: Vec<f64>,
    /// The k of the penalty.
    pub strength: f64,
    /// Loss plus penalty, in nats.
    pub objective: f64,
    /// Mean log loss, in nats.
    pub loss: f64,
    /// How near this is to the optimum.
    pub certificate: Certificate,
}

impl Solution {
    /// Log odds of label 1.
    pub fn log_odds(&self, row: &[f64]) -> f64 {
        self.intercept + dot(&self.coefficients, row)
    }

    /// Indicators with a weight.
    pub(crate) fn indicators(&self) -> usize {
        self.coefficients.iter().filter(|own| **own > 0.0).count()
    }

    pub(crate) fn point(&self) -> Vec<f64> {
        std::iter::once(self.intercept).chain(self.coefficients.iter().copied()).collect()
    }
}

/// Where a solver stands: the loss of the rows around a point, the curvature perhaps that of a point
/// before it.
pub(crate) struct Standing {
    point: Vec<f64>,
    rows: Expansion,
    /// Whether the last step with this curvature came near its target.
    is_curved_well: bool,
}

impl Standing {
    fn at(rows: &Rows, point: Vec<f64>) -> Self {
        Self { rows: rows.expand(&point), point, is_curved_well: false }
    }
}

impl Problem<'_> {
    /// The optimum, from `start` or from the event rate alone.
    pub(crate) fn solve(&self, start: Option<&Solution>) -> Result<Solution, EstimatorError> {
        self.check_prior()?;
        let point = start.map_or_else(|| self.event_rate_alone(), Solution::point);
        self.advance(&mut Standing::at(self.rows, point))
    }

    /// The optimum, from the solution of a problem with other conditions: the point that they allow where
    /// the expansion around it is smallest.
    pub(crate) fn solve_near(&self, other: &Solution) -> Result<Solution, EstimatorError> {
        self.check_prior()?;
        let point = other.point();
        let start = self.newton_target(&point, &self.expand(&point))?;
        self.advance(&mut Standing::at(self.rows, start))
    }

    /// The optima at some lambdas in the order given, best from the largest to the smallest: each starts
    /// where the last one ended, with its gradient and curvature, so that its first step needs no pass
    /// over the rows.
    pub(crate) fn path(&self, lambdas: &[f64]) -> Result<Vec<Solution>, EstimatorError> {
        if lambdas.iter().any(|lambda| *lambda > 0.0) {
            self.check_prior()?;
        }
        let mut standing = Standing::at(self.rows, self.event_rate_alone());
        let at = |lambda: &f64| Self { lambda: *lambda, ..*self }.advance(&mut standing);
        lambdas.iter().map(at).collect()
    }

    fn check_prior(&self) -> Result<(), EstimatorError> {
        let is_bounded = self.lambda <= 0.0 || !self.prior_separates();
        if is_bounded { Ok(()) } else { Err(EstimatorError::Separated) }
    }

    fn event_rate_alone(&self) -> Vec<f64> {
        let rate = self.rows.event_rate();
        let mut point = vec![0.0; self.rows.width() + 1];
        point[0] = (rate / (1.0 - rate)).ln();
        point
    }

    /// Steps until one promises nothing more, and the optimum there.
    ///
    /// A step with a curvature of before costs a pass of O(n p) instead of O(n p^2), and shortens the way
    /// by a fixed factor instead of squaring it: the curvature is taken anew where that factor is poor.
    fn advance(&self, standing: &mut Standing) -> Result<Solution, EstimatorError> {
        let mut last = None;
        for steps in 1..=MOST_STEPS {
            let here = self.whole(standing);
            let target = self.newton_target(&standing.point, &here)?;
            let step: Vec<f64> =
                target.iter().zip(&standing.point).map(|(to, from)| to - from).collect();
            let promised = -dot(&here.gradient, &step);
            if let Some(last) = last {
                standing.is_curved_well = promised <= KEPT_CURVATURE * last;
            }
            last = Some(promised);
            let objective = self.descend(standing, &here, &target);
            let loss = objective - self.penalty(&standing.point[1..]);
            let may_diverge = self.lambda <= 0.0 && steps >= FIRST_DOUBT;
            if loss < LEAST_LOSS || (may_diverge && self.separates(&step)) {
                return Err(EstimatorError::Separated);
            }
            if promised < LAST_PROMISE {
                let here = self.whole(standing);
                let residual = self.residual(&standing.point, &here)?;
                let certificate = Certificate { residual, promised: promised.max(0.0), steps };
                return self.certified(&standing.point, &here, certificate);
            }
        }
        let residual = self.residual(&standing.point, &self.whole(standing))?;
        Err(EstimatorError::NotConverged { residual, steps: MOST_STEPS })
    }

    fn certified(
        &self,
        point: &[f64],
        here: &Expansion,
        certificate: Certificate,
    ) -> Result<Solution, EstimatorError> {
        let Certificate { residual, steps, .. } = certificate;
        if residual > MOST_RESIDUAL || residual.is_nan() {
            return Err(EstimatorError::NotConverged { residual, steps });
        }
        let coefficients = point[1..].to_vec();
        Ok(Solution {
            intercept: point[0],
            strength: self.strength(&coefficients).max(0.0),
            objective: here.loss,
            loss: here.loss - self.penalty(&coefficients),
            coefficients,
            certificate,
        })
    }

    /// Half lambda times the squared distance from the line along the prior.
    pub(crate) fn penalty(&self, coefficients: &[f64]) -> f64 {
        let off = self.off_prior(coefficients);
        self.lambda / 2.0 * dot(&off, &off)
    }

    /// What of the coefficients is not along the prior.
    fn off_prior(&self, coefficients: &[f64]) -> Vec<f64> {
        let mut off = coefficients.to_vec();
        add_scaled(&mut off, -self.strength(coefficients), self.prior);
        off
    }

    /// How far the coefficients go along the prior; 0 where that is zero.
    fn strength(&self, coefficients: &[f64]) -> f64 {
        let length = dot(self.prior, self.prior);
        if length > 0.0 { dot(coefficients, self.prior) / length } else { 0.0 }
    }

    /// The whole objective around a point.
    pub(crate) fn expand(&self, point: &[f64]) -> Expansion {
        self.with_penalty(point, self.rows.expand(point))
    }

    fn whole(&self, standing: &Standing) -> Expansion {
        self.with_penalty(&standing.point, standing.rows.clone())
    }

    fn with_penalty(&self, point: &[f64], mut here: Expansion) -> Expansion {
        here.loss += self.penalty(&point[1..]);
        let off = self.off_prior(&point[1..]);
        add_scaled(&mut here.gradient[1..], self.lambda, &off);
        let length = dot(self.prior, self.prior);
        for (row, line) in here.hessian.iter_mut().skip(1).enumerate() {
            if length > 0.0 {
                let factor = -self.lambda * self.prior[row] / length;
                add_scaled(&mut line[1..], factor, self.prior);
            }
            line[row + 1] += self.lambda;
        }
        here
    }

    fn newton_target(&self, point: &[f64], here: &Expansion) -> Result<Vec<f64>, EstimatorError> {
        let mut hessian = here.hessian.clone();
        let diagonal: Vec<f64> = (0..hessian.len()).map(|index| hessian[index][index]).collect();
        for (index, line) in hessian.iter_mut().enumerate() {
            line[index] += DAMPING * largest(&diagonal);
        }
        self.minimise(point, &here.gradient, &hessian)
    }

    fn minimise(
        &self,
        point: &[f64],
        gradient: &[f64],
        hessian: &[Vec<f64>],
    ) -> Result<Vec<f64>, EstimatorError> {
        let quadratic = Quadratic { cone: self.cone, point, gradient, hessian };
        quadratic.minimum().map_err(|NotSolved(reason)| EstimatorError::Subproblem { reason })
    }

    /// Steps to the target, or a half, a quarter ... of the way until the objective falls; the objective
    /// there.
    fn descend(&self, standing: &mut Standing, here: &Expansion, target: &[f64]) -> f64 {
        let from = standing.point.clone();
        let slack = 1e-14 * (1.0 + here.loss.abs());
        let slope: f64 =
            here.gradient.iter().zip(target.iter().zip(&from)).map(|(g, (t, f))| g * (t - f)).sum();
        let (mut to, mut fraction) = (target.to_vec(), 1.0);
        loop {
            if standing.is_curved_well {
                (standing.rows.loss, standing.rows.gradient) = self.rows.slope(&to);
            } else {
                standing.rows = self.rows.expand(&to);
            }
            let objective = standing.rows.loss + self.penalty(&to[1..]);
            if objective <= here.loss + KEPT * fraction * slope + slack || fraction < 1e-12 {
                standing.point = to;
                return objective;
            }
            standing.is_curved_well = false;
            fraction /= 2.0;
            to = from.iter().zip(target).map(|(f, t)| f + fraction * (t - f)).collect();
        }
    }

    fn residual(&self, point: &[f64], here: &Expansion) -> Result<f64, EstimatorError> {
        let size = point.len();
        let identity: Vec<Vec<f64>> = (0..size)
            .map(|row| (0..size).map(|column| f64::from(u8::from(row == column))).collect())
            .collect();
        let projected = self.minimise(point, &here.gradient, &identity)?;
        let away: Vec<f64> = projected.iter().zip(point).map(|(to, from)| to - from).collect();
        Ok(largest(&away))
    }

    /// Whether the objective falls without end along a direction: it is allowed, and no row lies on the
    /// wrong side of it.
    fn separates(&self, direction: &[f64]) -> bool {
        let slopes = &direction[1..];
        if !self.cone.contains(slopes, 1e-9 * largest(slopes)) {
            return false;
        }
        let values = self.rows.sums(slopes).into_iter().map(|value| direction[0] + value);
        let signed =
            values.zip(self.rows.labels()).map(|(own, label)| if *label { own } else { -own });
        let (least, most) = signed
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), own| {
                (least.min(own), most.max(own))
            });
        let farthest = most.abs().max(least.abs());
        farthest > 1e-6 && least >= -1e-9 * farthest
    }

    /// Whether the prior's direction alone tells the outcomes apart without error.
    fn prior_separates(&self) -> bool {
        let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
        let (mut lowest, mut highest) = (f64::INFINITY, f64::NEG_INFINITY);
        for (value, label) in self.rows.sums(self.prior).into_iter().zip(self.rows.labels()) {
            (lowest, highest) = (lowest.min(value), highest.max(value));
            if *label {
                least = least.min(value);
            } else {
                most = most.max(value);
            }
        }
        let tolerance = 1e-12 * (highest - lowest);
        highest > lowest
            && most <= least + tolerance
            && self.cone.contains(self.prior, 1e-12 * largest(self.prior))
    }
}
