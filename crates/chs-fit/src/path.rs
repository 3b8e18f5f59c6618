//! The regularisation path: the optima from a strong pull to none, with what they lose on held-out rows.

use chs_stats::exact_sum;
use rayon::prelude::*;

use crate::EstimatorError;
use crate::rows::log_one_plus_exp;
use crate::solve::{Problem, Solution};

/// The optima of a constrained logistic regression at some lambdas.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RegularisationPath {
    /// In the order given.
    pub lambdas: Vec<f64>,
    /// On all rows, per lambda.
    pub solutions: Vec<Solution>,
    /// Without each fold in turn; empty where nothing is held out.
    pub folds: Vec<FoldPath>,
}

/// The optima on the rows outside a fold.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FoldPath {
    /// Rows of the fold.
    pub held_out: usize,
    /// Per lambda.
    pub solutions: Vec<Solution>,
    /// Mean log loss of the fold's rows per lambda, every row alike, in nats.
    pub losses: Vec<f64>,
}

impl RegularisationPath {
    pub(crate) fn of(
        problem: &Problem<'_>,
        lambdas: &[f64],
        fold: &[usize],
    ) -> Result<Self, EstimatorError> {
        let wrong = |name, expected| Err(EstimatorError::Parameter { name, expected });
        if !lambdas.iter().all(|lambda| *lambda >= 0.0 && lambda.is_finite()) {
            return wrong("lambdas", "finite numbers, 0 or more");
        }
        let count = fold.iter().max().map_or(0, |last| last + 1);
        let mut seen = vec![false; count.min(fold.len())];
        for own in fold {
            if let Some(seen) = seen.get_mut(*own) {
                *seen = true;
            }
        }
        if seen.len() < count || seen.contains(&false) || count == 1 {
            return wrong("fold", "one number per row, from 0 to the last of at least two folds");
        }
        let (solutions, folds) = rayon::join(
            || problem.path(lambdas),
            || {
                (0..count)
                    .into_par_iter()
                    .map(|own| without(problem, lambdas, (fold, own)))
                    .collect()
            },
        );
        let folds: Result<Vec<FoldPath>, EstimatorError> = folds;
        Ok(Self { lambdas: lambdas.to_vec(), solutions: solutions?, folds: folds? })
    }
}

fn without(
    problem: &Problem<'_>,
    lambdas: &[f64],
    (fold, held_out): (&[usize], usize),
) -> Result<FoldPath, EstimatorError> {
    let rows = problem.rows;
    let solutions = {
        let training = rows.part(|source| fold.get(source) != Some(&held_out)).normalised()?;
        Problem { rows: &training, ..*problem }.path(lambdas)?
    };
    let test = rows.part(|source| fold.get(source) == Some(&held_out));
    let loss = |own: &Solution| {
        let towards = |(value, label): (f64, &bool)| {
            let linear = own.intercept + value;
            log_one_plus_exp(if *label { -linear } else { linear })
        };
        let losses = test.sums(&own.coefficients).into_iter().zip(test.labels()).map(towards);
        exact_sum(losses) / test.len() as f64
    };
    let losses = solutions.iter().map(loss).collect();
    Ok(FoldPath { held_out: test.len(), solutions, losses })
}
