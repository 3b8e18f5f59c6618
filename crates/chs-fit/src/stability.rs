//! How sure the weights are: their range over account resamples, and intervals where nothing pulls them.

use chs_stats::{Bootstrap, Estimate, Interval, cluster_bootstrap};

use crate::cone::Cone;
use crate::dense::{Split, add_scaled, dot, largest, solve_definite, times};
use crate::history::History;
use crate::learn::{Stop, Weighing, percent};
use crate::rows::{Rows, sigmoid};
use crate::solve::{Problem, Solution};
use crate::{EstimatorError, FitError};

/// How much a weight moves when other accounts had been there.
///
/// A penalised weight has no confidence interval: its bias is not in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Stability {
    /// Resamples in which the fit had no optimum or no weight.
    pub(crate) undefined: usize,
    /// Percentile range per indicator, percent of the score.
    pub(crate) ranges: Vec<Option<Interval>>,
}

/// The fit without a pull to the prior, shares still kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Unpenalised {
    /// Weight per indicator, percent, unrounded.
    pub(crate) weights: Vec<f64>,
    /// Its interval, errors clustered by account, cut at 0 and 100; none for a weight on a bound.
    pub(crate) intervals: Vec<Option<Interval>>,
}

/// What the fit on all rows is asked about.
pub(crate) struct Question<'a> {
    pub(crate) history: &'a History<'a>,
    pub(crate) rows: &'a [usize],
    pub(crate) design: &'a Rows,
    pub(crate) weighing: &'a Weighing,
    pub(crate) prior: &'a [f64],
}

impl Question<'_> {
    /// The whole constrained fit, at the lambda that was chosen, over accounts drawn with replacement.
    pub(crate) fn stability(&self) -> Stability {
        let settings = self.history.settings;
        let plan = Bootstrap {
            replicates: settings.resamples,
            seed: settings.seed,
            level: settings.level,
        };
        let cluster = self.history.accounts(self.rows);
        let width = self.prior.len();
        let found = cluster_bootstrap(&cluster, plan, |draws| {
            self.history.progress.add(1);
            let counts: Vec<f64> = draws.iter().map(|draws| f64::from(*draws)).collect();
            self.resampled(&counts).map_or_else(
                || vec![None; width],
                |own| percent(&own.coefficients).into_iter().map(Some).collect(),
            )
        });
        Stability {
            undefined: found.first().map_or(0, |found| found.undefined),
            ranges: found.into_iter().map(|found| found.interval).collect(),
        }
    }

    /// The fit with each row counting so many times; none where it has no optimum or no weight.
    pub(crate) fn resampled(&self, counts: &[f64]) -> Option<Solution> {
        let rows = self.design.times(counts).ok()?;
        let problem = self.problem(&rows, self.weighing.selection.chosen);
        let solution = problem.solve(Some(&self.weighing.solution)).ok()?;
        (solution.indicators() > 0).then_some(solution)
    }

    /// The fit at lambda 0 with its intervals; none where the outcomes are then separated.
    pub(crate) fn unpenalised(&self) -> Result<Option<Unpenalised>, FitError> {
        let solution = match self.problem(self.design, 0.0).solve(None).map_err(Stop::from) {
            Ok(solution) => solution,
            // Without a penalty a fit can lack an optimum that the penalised one has.
            Err(
                Stop::Refused(_)
                | Stop::Failed(FitError::Estimator(EstimatorError::NotConverged { .. })),
            ) => return Ok(None),
            Err(Stop::Failed(error)) => return Err(error),
        };
        if solution.coefficients.iter().sum::<f64>() <= 0.0 {
            return Ok(None);
        }
        let weights = percent(&solution.coefficients);
        let errors = self.standard_errors(&solution);
        let level = self.history.settings.level;
        let intervals = weights
            .iter()
            .zip(errors)
            .map(|(weight, error)| {
                let Interval { lower, upper } = Estimate::new(*weight, error?, level).interval;
                Some(Interval { lower: lower.max(0.0), upper: upper.min(100.0) })
            })
            .collect();
        Ok(Some(Unpenalised { weights, intervals }))
    }

    fn problem<'a>(&'a self, rows: &'a Rows, lambda: f64) -> Problem<'a> {
        Problem { rows, cone: &self.weighing.cone, prior: self.prior, lambda }
    }

    /// Standard errors of the weights at an unpenalised optimum: account-clustered sandwich with
    /// G / (G - 1) in the directions that no binding condition forbids, carried over to shares of the
    /// sum by their derivative; none for a weight that cannot move.
    fn standard_errors(&self, solution: &Solution) -> Vec<Option<f64>> {
        let width = solution.coefficients.len();
        let mut point = vec![solution.intercept];
        point.extend_from_slice(&solution.coefficients);
        let hessian = self.design.expand(&point).hessian;
        let free = free_directions(&self.weighing.cone, &solution.coefficients);
        let curved: Vec<Vec<f64>> = free.iter().map(|own| times(&hessian, own)).collect();
        let reduced: Vec<Vec<f64>> =
            free.iter().map(|own| curved.iter().map(|curved| dot(own, curved)).collect()).collect();
        let sum: f64 = solution.coefficients.iter().sum();
        let mut squares = vec![0.0; width];
        let scores = self.account_scores(&point);
        for score in &scores {
            let right: Vec<f64> = free.iter().map(|own| dot(own, score)).collect();
            let Some(along) = solve_definite(&reduced, &right) else { return vec![None; width] };
            let mut pull = vec![0.0; width + 1];
            for (direction, along) in free.iter().zip(along) {
                add_scaled(&mut pull, along, direction);
            }
            let of_sum: f64 = pull[1..].iter().sum();
            for (index, square) in squares.iter_mut().enumerate() {
                let share = solution.coefficients[index] / sum;
                let moved = 100.0 * (pull[index + 1] - share * of_sum) / sum;
                *square += moved * moved;
            }
        }
        let count = scores.len() as f64;
        let factor = if count > 1.0 { count / (count - 1.0) } else { return vec![None; width] };
        let error = |square: &f64| (factor * square).sqrt();
        squares.iter().map(error).map(|error| (error > 1e-9).then_some(error)).collect()
    }

    /// Each account's summed gradient of the mean log loss.
    fn account_scores(&self, point: &[f64]) -> Vec<Vec<f64>> {
        let accounts = self.history.accounts(self.rows);
        let size = point.len();
        let mut scores: std::collections::BTreeMap<u32, Vec<f64>> =
            std::collections::BTreeMap::new();
        self.design.each(|row| {
            let linear = point[0] + dot(&point[1..], row.values);
            let wrong = if row.label { -sigmoid(-linear) } else { sigmoid(linear) };
            let residual = row.weight * wrong;
            let score = scores.entry(accounts[row.source]).or_insert_with(|| vec![0.0; size]);
            score[0] += residual;
            add_scaled(&mut score[1..], residual, row.values);
        });
        scores.into_values().collect()
    }
}

/// An orthonormal basis of the directions along which every binding condition stays as it is, the
/// intercept among them.
fn free_directions(cone: &Cone, coefficients: &[f64]) -> Vec<Vec<f64>> {
    let slack = 1e-9 * largest(coefficients);
    let binding: Vec<Vec<f64>> = (cone.conditions.iter())
        .filter(|own| own.is_equality || dot(&own.normal, coefficients) <= slack)
        .map(|own| std::iter::once(0.0).chain(own.normal.iter().copied()).collect())
        .collect();
    Split::of(binding.iter().map(Vec::as_slice), coefficients.len() + 1).rest
}

#[cfg(test)]
mod tests {
    use super::free_directions;
    use crate::cone::Cone;

    #[test]
    fn a_coefficient_on_its_bound_does_not_move() {
        let free = free_directions(&Cone::new(2, &[]), &[1.5, 0.0]);
        assert_eq!(free.len(), 2);
        assert!(free.iter().all(|direction| direction[2].abs() < 1e-15));
    }
}
