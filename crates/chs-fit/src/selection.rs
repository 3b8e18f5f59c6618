//! How strongly weights are drawn to the prior: chosen out of time.

use chs_backtest::Scheme;
use chs_stats::exact_sum;
use rayon::prelude::*;

use crate::cone::Cone;
use crate::folds::{Fold, inner};
use crate::history::{History, Table};
use crate::learn::{Stop, percent};
use crate::rows::{Rows, log_one_plus_exp};
use crate::solve::{Problem, Solution};
use crate::{EstimatorError, FitError};

/// Origins to choose by, at most.
pub(crate) const MOST_ORIGINS: usize = 5;

/// Strengths on the path, from the prior to almost free.
pub(crate) const STRENGTHS: i32 = 15;

/// One strength of the pull to the prior.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PathPoint {
    /// The strength.
    pub lambda: f64,
    /// Mean log loss of held-out rows, in nats; none where lambda was given.
    pub loss: Option<f64>,
    /// Standard error of that loss minus the smallest one, clustered by account.
    pub standard_error: Option<f64>,
    /// Weights of the fit on all training rows, percent, unrounded.
    pub weights: Vec<f64>,
}

/// How lambda was chosen: the largest one whose held-out loss is within one standard error, paired and
/// clustered by account, of the smallest.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Selection {
    /// How rows were held out; none where lambda was given or nothing could be held out.
    pub scheme: Option<Scheme>,
    /// Folds that were used.
    pub folds: usize,
    /// The lambda with the smallest held-out loss.
    pub best: f64,
    /// The lambda that was taken.
    pub chosen: f64,
    /// From the largest lambda to the smallest.
    pub path: Vec<PathPoint>,
}

/// A training set with everything that a fit of it needs.
pub(crate) struct Training<'a> {
    pub(crate) history: &'a History<'a>,
    pub(crate) table: &'a Table,
    pub(crate) rows: &'a [usize],
    pub(crate) design: &'a Rows,
    pub(crate) cone: &'a Cone,
    /// The prior's weights.
    pub(crate) prior: &'a [f64],
}

impl Training<'_> {
    pub(crate) fn problem<'a>(&'a self, design: &'a Rows, lambda: f64) -> Problem<'a> {
        Problem { rows: design, cone: self.cone, prior: self.prior, lambda }
    }

    /// Choose lambda and solve for it.
    pub(crate) fn select(&self) -> Result<(Selection, Solution), Stop> {
        if let Some(lambda) = self.history.settings.lambda {
            let solution = self.problem(self.design, lambda).solve(None)?;
            let weights = percent(&solution.coefficients);
            let point = PathPoint { lambda, loss: None, standard_error: None, weights };
            let selection = Selection {
                scheme: None,
                folds: 0,
                best: lambda,
                chosen: lambda,
                path: vec![point],
            };
            return Ok((selection, solution));
        }
        let strengths = strengths(self.design);
        let (scheme, folds) = inner(self.history, self.rows, MOST_ORIGINS);
        let of_folds = || -> Result<Vec<Option<Vec<AccountLoss>>>, FitError> {
            let path = |design: &Rows| self.problem(design, 0.0).path(&strengths);
            folds.par_iter().map(|fold| self.held_out(fold, path)).collect()
        };
        let (solutions, losses) =
            rayon::join(|| self.problem(self.design, 0.0).path(&strengths), of_folds);
        let (solutions, losses) = (solutions?, losses?);
        let used = losses.iter().flatten().count();
        let held_out = HeldOut::of(losses.into_iter().flatten().flatten().collect());
        let path: Vec<PathPoint> = (strengths.iter().zip(&solutions).enumerate())
            .map(|(index, (lambda, solution))| PathPoint {
                lambda: *lambda,
                loss: held_out.loss(index),
                standard_error: held_out.standard_error(index),
                weights: percent(&solution.coefficients),
            })
            .collect();
        let (best, chosen) = held_out.choose(strengths.len());
        let selection = Selection {
            scheme: (used > 0).then_some(scheme),
            folds: used,
            best: strengths[best],
            chosen: strengths[chosen],
            path,
        };
        Ok((selection, solutions[chosen].clone()))
    }

    /// The losses of a fold's test rows under each solution of its training rows; none where these have
    /// no optimum.
    pub(crate) fn held_out(
        &self,
        fold: &Fold,
        solve: impl FnOnce(&Rows) -> Result<Vec<Solution>, EstimatorError>,
    ) -> Result<Option<Vec<AccountLoss>>, FitError> {
        let Some(solutions) = self.fitted_without(fold, solve)? else { return Ok(None) };
        Ok(Some(self.losses(fold, |_, values, label| {
            let towards = if label { -1.0 } else { 1.0 };
            let loss = |own: &Solution| log_one_plus_exp(towards * own.log_odds(values));
            solutions.iter().map(loss).collect()
        })))
    }

    /// What is fitted on a fold's training rows; none where these have no optimum.
    pub(crate) fn fitted_without<F>(
        &self,
        fold: &Fold,
        fit: impl FnOnce(&Rows) -> Result<F, EstimatorError>,
    ) -> Result<Option<F>, FitError> {
        match self.without_test(fold).and_then(|design| fit(&design)).map_err(Stop::from) {
            Ok(fitted) => Ok(Some(fitted)),
            Err(Stop::Refused(_)) => Ok(None),
            Err(Stop::Failed(error)) => Err(error),
        }
    }

    /// Some losses of each test row, from its place in the panel, its values and its label.
    pub(crate) fn losses(
        &self,
        fold: &Fold,
        losses: impl Fn(usize, &[f64], bool) -> Vec<f64>,
    ) -> Vec<AccountLoss> {
        let sign = self.history.sign();
        let accounts = self.history.accounts(&fold.test);
        let rows = fold.test.iter().zip(accounts).map(|(row, account)| {
            let values: Vec<f64> = self.table.filled(*row).map(|value| sign * value).collect();
            let label = self.history.label.value(*row) == Some(true);
            AccountLoss { account, losses: losses(*row, &values, label) }
        });
        rows.collect()
    }

    /// The rows that a fold learns from: those of the design, which need no second sort.
    fn without_test(&self, fold: &Fold) -> Result<Rows, EstimatorError> {
        let mut training = fold.training.iter().peekable();
        let is_in: Vec<bool> =
            self.rows.iter().map(|row| training.next_if_eq(&row).is_some()).collect();
        self.design.part(|source| is_in.get(source) == Some(&true)).normalised()
    }
}

/// Lambdas from a thousand times the curvature of the loss down to a ten-thousandth of it.
pub(crate) fn strengths(design: &Rows) -> Vec<f64> {
    let rate = design.event_rate();
    let width = design.width();
    let (count, mut spread) = (design.len() as f64, 0.0);
    for column in 0..width {
        let values = || design.column(column);
        let mean = values().sum::<f64>() / count;
        spread += values().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
    }
    let curvature = (rate * (1.0 - rate) * spread / width as f64).max(1e-12);
    (0..STRENGTHS).map(|step| curvature * 10_f64.powf(3.0 - f64::from(step) / 2.0)).collect()
}

/// The losses of a row, or of all rows of an account, one per solution.
#[derive(Clone)]
pub(crate) struct AccountLoss {
    account: u32,
    losses: Vec<f64>,
}

impl AccountLoss {
    /// The same, with one of the losses once more at the end.
    pub(crate) fn with(&self, chosen: usize) -> Self {
        let own = self.losses.get(chosen).copied();
        let losses = self.losses.iter().copied().chain(own).collect();
        Self { account: self.account, losses }
    }
}

/// Held-out losses, summed by account.
pub(crate) struct HeldOut {
    rows: usize,
    /// Rows and summed losses of each account.
    accounts: Vec<(f64, Vec<f64>)>,
}

impl HeldOut {
    pub(crate) fn of(mut losses: Vec<AccountLoss>) -> Self {
        losses.sort_by_key(|loss| loss.account);
        let accounts = losses
            .chunk_by(|left, right| left.account == right.account)
            .map(|rows| {
                let lambdas = rows.first().map_or(0, |row| row.losses.len());
                let sum = |index: usize| exact_sum(rows.iter().map(|row| row.losses[index]));
                (rows.len() as f64, (0..lambdas).map(sum).collect())
            })
            .collect();
        Self { rows: losses.len(), accounts }
    }

    fn loss(&self, index: usize) -> Option<f64> {
        let sum = exact_sum(self.accounts.iter().map(|(_, losses)| losses[index]));
        (self.rows > 0).then(|| sum / self.rows as f64)
    }

    /// Of the loss minus the smallest one.
    fn standard_error(&self, index: usize) -> Option<f64> {
        let best = self.best(self.accounts.first()?.1.len());
        Some(self.difference(index, best)?.1)
    }

    /// One loss minus another, per row, and its standard error, clustered by account.
    pub(crate) fn difference(&self, index: usize, other: usize) -> Option<(f64, f64)> {
        let mean = self.loss(index)? - self.loss(other)?;
        let squares = self.accounts.iter().map(|(rows, losses)| {
            let pull = losses[index] - losses[other] - rows * mean;
            pull * pull
        });
        let (rows, count) = (self.rows as f64, self.accounts.len() as f64);
        (count > 1.0).then(|| (mean, (count / (count - 1.0) * exact_sum(squares)).sqrt() / rows))
    }

    /// Index of the smallest loss, the larger lambda of equals.
    fn best(&self, strengths: usize) -> usize {
        let loss = |index: &usize| self.loss(*index).unwrap_or(0.0);
        (0..strengths).min_by(|a, b| loss(a).total_cmp(&loss(b))).unwrap_or(0)
    }

    /// The best index, and the first one within a standard error of it; the prior where nothing was
    /// held out.
    pub(crate) fn choose(&self, strengths: usize) -> (usize, usize) {
        if self.rows == 0 {
            return (0, 0);
        }
        let best = self.best(strengths);
        let least = self.loss(best).unwrap_or(f64::INFINITY);
        let is_near = |index: &usize| {
            let bound = least + self.standard_error(*index).unwrap_or(0.0);
            self.loss(*index).is_some_and(|loss| loss <= bound)
        };
        (best, (0..best).find(is_near).unwrap_or(best))
    }
}

#[cfg(test)]
mod tests {
    use super::{AccountLoss, HeldOut};

    fn held_out(losses: &[(u32, [f64; 3])]) -> HeldOut {
        let loss = |(account, losses): &(u32, [f64; 3])| AccountLoss {
            account: *account,
            losses: losses.to_vec(),
        };
        HeldOut::of(losses.iter().map(loss).collect())
    }

    #[test]
    fn the_largest_lambda_within_a_standard_error_is_taken() {
        // The middle is best by 0.25 and 0.05 a row; accounts disagree much on the first, not at all
        // on the last.
        let losses = [(0, [2.0, 1.0, 1.05]), (1, [0.5, 1.0, 1.05]), (2, [1.2, 1.0, 1.05])];
        let found = held_out(&losses);
        assert_eq!(found.choose(3), (1, 0));
        let agreed = [(0, [1.2, 1.0, 1.05]), (1, [1.2, 1.0, 1.05]), (2, [1.21, 1.0, 1.05])];
        assert_eq!(held_out(&agreed).choose(3), (1, 1));
        assert_eq!(held_out(&[]).choose(3), (0, 0));
    }

    #[test]
    fn the_standard_error_is_clustered_by_account() {
        // Differences of 1 and -1 in two rows of each account: 2 and -2 by account.
        let losses = [(0, [1.0, 0.0, 9.0]), (0, [1.0, 0.0, 9.0]), (1, [0.0, 1.0, 9.0])];
        let found = held_out(&[&losses[..], &losses[2..]].concat());
        assert_eq!(found.best(3), 0);
        assert!((found.loss(1).unwrap() - 0.5).abs() < 1e-15);
        let expected = (2.0_f64 * (4.0 + 4.0)).sqrt() / 4.0;
        assert!((found.standard_error(1).unwrap() - expected).abs() < 1e-15);
    }
}
