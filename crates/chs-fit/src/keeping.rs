//! What it costs to keep an old weight.
//!
//! In each fold that lambda was chosen by, the fit is made again with one indicator's share held at the
//! prior's, the others fitted around it; what it loses on the fold's held-out rows more than the free fit
//! is the price of the old weight.

use chs_stats::Estimate;
use rayon::prelude::*;

use crate::cone::{Cone, Shares};
use crate::folds::inner;
use crate::rows::Rows;
use crate::selection::{AccountLoss, HeldOut, MOST_ORIGINS, Training};
use crate::solve::{Problem, Solution};
use crate::{EstimatorError, FitError};

/// Percent of the score that a weight has to have moved for its keeping to have a price.
const MOVED: f64 = 0.5;

/// The price of the old weight of each indicator, in nats per held-out row; none for one that hardly
/// moved, or whose old share the others' bounds do not allow.
///
/// `continuous` are the weights of the free fit, in percent, `lambda` its pull.
pub(crate) fn prices(
    training: &Training<'_>,
    shares: &Shares,
    continuous: &[f64],
    lambda: f64,
) -> Result<Vec<Option<Estimate>>, FitError> {
    let width = continuous.len();
    let old: Vec<(usize, Cone)> = (0..width)
        .filter(|index| (continuous[*index] - training.prior[*index]).abs() > MOVED)
        .map(|index| (index, shares.with_fixed(index, training.prior[index] / 100.0).cone(width)))
        .filter(|(_, cone)| leaves_weights(training, cone, lambda))
        .collect();
    let solve = |design: &Rows| -> Result<Vec<Solution>, EstimatorError> {
        let free = training.problem(design, lambda).solve(None)?;
        let again = |(_, cone): &(usize, Cone)| {
            Problem { cone, ..training.problem(design, lambda) }.solve_near(&free)
        };
        let kept: Vec<Solution> = old.iter().map(again).collect::<Result<_, _>>()?;
        Ok(std::iter::once(free).chain(kept).collect())
    };
    let (_, folds) = inner(training.history, training.rows, MOST_ORIGINS);
    let losses: Vec<Option<Vec<AccountLoss>>> = folds
        .par_iter()
        .map(|fold| training.held_out(fold, solve))
        .collect::<Result<_, FitError>>()?;
    let losses = HeldOut::of(losses.into_iter().flatten().flatten().collect());
    let level = training.history.settings.level;
    let mut prices = vec![None; width];
    for (place, (index, _)) in old.iter().enumerate() {
        let difference = losses.difference(place + 1, 0);
        prices[*index] = difference.map(|(cost, error)| Estimate::new(cost, error, level));
    }
    Ok(prices)
}

/// Whether some weights keep all conditions and fit the training rows.
fn leaves_weights(training: &Training<'_>, cone: &Cone, lambda: f64) -> bool {
    let solution = Problem { cone, ..training.problem(training.design, lambda) }.solve(None);
    solution.is_ok_and(|own| own.indicators() > 0)
}
