//! The constrained logistic regression behind the traits of `linfa`.

use linfa::ParamGuard;
use linfa::dataset::{AsSingleTargets, DatasetBase};
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, ArrayBase, Data, Ix2};
use thiserror::Error;

use crate::cone::{Cone, ShareBound, ShareOrder, Shares};
use crate::path::RegularisationPath;
use crate::rows::{Rows, sigmoid};
use crate::solve::{Problem, Solution};

/// Why a logistic regression has no solution.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EstimatorError {
    /// A parameter is out of range.
    #[error("parameter `{name}` is out of range; expected {expected}")]
    Parameter {
        /// Its name.
        name: &'static str,
        /// What is expected.
        expected: &'static str,
    },
    /// Columns, rows and labels do not fit together.
    #[error(
        "{values} values in {columns} columns and {labels} labels do not fit together; expected one label and one value per column and row"
    )]
    Shape {
        /// Values given.
        values: usize,
        /// Columns given.
        columns: usize,
        /// Labels given.
        labels: usize,
    },
    /// A value or a weight is not finite, or a weight is negative.
    #[error("row {row} holds a value or a weight that is not finite; leave it out before the fit")]
    NotFinite {
        /// The row, from 0.
        row: usize,
    },
    /// Only one outcome occurs.
    #[error("all {rows} rows have the same label; both outcomes are needed; use a longer history")]
    OneClass {
        /// Rows with weight.
        rows: usize,
    },
    /// The labels are told apart without error, so that there is no optimum.
    #[error(
        "the columns tell the outcomes apart without error, so that coefficients grow without end; look for an indicator that is a consequence of the outcome"
    )]
    Separated,
    /// The optimum was not reached.
    #[error(
        "no convergence: after {steps} steps the optimality residual is {residual:e}; expected at most 1e-8"
    )]
    NotConverged {
        /// Residual reached.
        residual: f64,
        /// Steps taken.
        steps: usize,
    },
    /// The quadratic problem inside a step was not solved.
    #[error("the quadratic problem inside a step was not solved: {reason}")]
    Subproblem {
        /// Why not.
        reason: &'static str,
    },
    /// What `linfa` refuses.
    #[error(transparent)]
    Linfa(#[from] linfa::Error),
    /// What `linfa-logistic` refuses.
    #[error("the reference estimator failed: {0}")]
    Reference(#[from] linfa_logistic::error::Error),
}

/// Parameters of a constrained logistic regression, unchecked; `fit` checks them.
///
/// The model is `logit P(label) = intercept + sum(b_j x_j)` with every `b_j` at least 0: a column is
/// signed so that more of it makes the label likelier. The penalty draws the direction of b to the prior's
/// with strength `lambda`, on the scale of the mean log loss.
///
/// ```
/// use chs_fit::ConstrainedLogistic;
/// use linfa::Dataset;
/// use linfa::traits::{Fit, Predict};
/// use ndarray::array;
///
/// let x = array![[0.1, 0.3], [0.9, 0.6], [0.4, 0.2], [0.8, 0.1], [0.3, 0.9], [0.6, 0.4]];
/// let y = array![false, true, true, true, false, false];
/// let fitted = ConstrainedLogistic::new().lambda(0.01).fit(&Dataset::new(x.clone(), y))?;
/// assert!(fitted.solution().coefficients.iter().all(|b| *b >= 0.0));
/// assert!(fitted.solution().certificate.residual < 1e-8);
/// let risk = fitted.predict(&x);
/// assert!(risk[1] > risk[0]);
/// # Ok::<(), chs_fit::EstimatorError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConstrainedLogistic(ValidConstrainedLogistic);

/// Parameters that have been checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValidConstrainedLogistic {
    lambda: f64,
    prior: Option<Vec<f64>>,
    shares: Shares,
}

/// A constrained logistic regression at its optimum.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedConstrainedLogistic {
    solution: Solution,
}

impl ConstrainedLogistic {
    /// No penalty, equal prior weights, no bounds of shares.
    pub fn new() -> Self {
        Self::default()
    }

    /// Strength of the penalty, 0 or more.
    #[must_use]
    pub fn lambda(mut self, lambda: f64) -> Self {
        self.0.lambda = lambda;
        self
    }

    /// Weights whose direction the coefficients are drawn to, one per column, 0 or more. All 0 draw to
    /// zero: the ridge.
    #[must_use]
    pub fn prior(mut self, weights: Vec<f64>) -> Self {
        self.0.prior = Some(weights);
        self
    }

    /// Bounds of shares.
    #[must_use]
    pub fn shares(mut self, shares: Vec<ShareBound>) -> Self {
        self.0.shares.bounds = shares;
        self
    }

    /// Sums of coefficients that are at least others.
    #[must_use]
    pub fn orders(mut self, orders: Vec<ShareOrder>) -> Self {
        self.0.shares.orders = orders;
        self
    }
}

impl ParamGuard for ConstrainedLogistic {
    type Checked = ValidConstrainedLogistic;
    type Error = EstimatorError;

    fn check_ref(&self) -> Result<&Self::Checked, Self::Error> {
        let wrong = |name, expected| Err(EstimatorError::Parameter { name, expected });
        if !(self.0.lambda >= 0.0 && self.0.lambda.is_finite()) {
            return wrong("lambda", "a finite number, 0 or more");
        }
        let is_weight = |weight: &f64| *weight >= 0.0 && weight.is_finite();
        if !self.0.prior.iter().flatten().all(is_weight) {
            return wrong("prior", "finite weights, 0 or more");
        }
        let is_sound = |share: &ShareBound| {
            0.0 <= share.at_least && share.at_least <= share.at_most && share.at_most <= 1.0
        };
        if !self.0.shares.bounds.iter().all(is_sound) {
            return wrong("shares", "bounds between 0 and 1, the smaller one first");
        }
        Ok(&self.0)
    }

    fn check(self) -> Result<Self::Checked, Self::Error> {
        self.check_ref()?;
        Ok(self.0)
    }
}

impl<D: Data<Elem = f64>, T: AsSingleTargets<Elem = bool>> Fit<ArrayBase<D, Ix2>, T, EstimatorError>
    for ValidConstrainedLogistic
{
    type Object = FittedConstrainedLogistic;

    fn fit(
        &self,
        dataset: &DatasetBase<ArrayBase<D, Ix2>, T>,
    ) -> Result<Self::Object, EstimatorError> {
        let rows = rows_of(dataset)?;
        let (cone, prior) = self.conditions(rows.width())?;
        let problem = Problem { rows: &rows, cone: &cone, prior: &prior, lambda: self.lambda };
        Ok(FittedConstrainedLogistic { solution: problem.solve(None)? })
    }
}

/// Rows, labels and weights of a dataset.
fn rows_of<D: Data<Elem = f64>, T: AsSingleTargets<Elem = bool>>(
    dataset: &DatasetBase<ArrayBase<D, Ix2>, T>,
) -> Result<Rows, EstimatorError> {
    let records = dataset.records().as_standard_layout();
    let label: Vec<bool> = dataset.as_single_targets().iter().copied().collect();
    let weight = dataset
        .weights()
        .map_or_else(|| vec![1.0; label.len()], |own| own.iter().map(|w| f64::from(*w)).collect());
    Rows::new(records.ncols(), records.as_slice().unwrap_or_default(), &label, &weight)
}

impl ValidConstrainedLogistic {
    /// The optima at some lambdas, on all rows and, where `fold` gives each row the number
    /// of its fold, from 0, on the rows outside each fold; an empty `fold` holds nothing out. The lambda of the parameters is not used.
    ///
    /// Each fit starts where the one before it ended, best from the largest lambda to the smallest; the
    /// paths run in parallel. Time: per lambda some four passes of O(n p), a few of O(n p^2) in all.
    /// Memory: the rows once more per path that runs.
    ///
    /// # Errors
    ///
    /// [`EstimatorError`] where rows, parameters, lambdas or folds are unsound, or a fit has no optimum.
    pub fn path<D: Data<Elem = f64>, T: AsSingleTargets<Elem = bool>>(
        &self,
        dataset: &DatasetBase<ArrayBase<D, Ix2>, T>,
        lambdas: &[f64],
        fold: &[usize],
    ) -> Result<RegularisationPath, EstimatorError> {
        if !(fold.is_empty() || fold.len() == dataset.records().nrows()) {
            let expected = "one number per row, or none at all";
            return Err(EstimatorError::Parameter { name: "fold", expected });
        }
        let rows = rows_of(dataset)?;
        let (cone, prior) = self.conditions(rows.width())?;
        let problem = Problem { rows: &rows, cone: &cone, prior: &prior, lambda: 0.0 };
        RegularisationPath::of(&problem, lambdas, fold)
    }

    fn conditions(&self, width: usize) -> Result<(Cone, Vec<f64>), EstimatorError> {
        let prior = self.prior.clone().unwrap_or_else(|| vec![1.0; width]);
        if prior.len() != width {
            let expected = "one weight per column";
            return Err(EstimatorError::Parameter { name: "prior", expected });
        }
        let members = self.shares.bounds.iter().flat_map(|own| &own.members);
        let ordered =
            self.shares.orders.iter().flat_map(|own| own.larger.iter().chain(&own.smaller));
        let expected = "indices of columns";
        for (name, largest) in [("shares", members.max()), ("orders", ordered.max())] {
            if largest.is_some_and(|index| *index >= width) {
                return Err(EstimatorError::Parameter { name, expected });
            }
        }
        Ok((self.shares.cone(width), prior))
    }
}

impl FittedConstrainedLogistic {
    /// Intercept, coefficients, objective and certificate.
    pub fn solution(&self) -> &Solution {
        &self.solution
    }
}

/// P(label = true) per row.
impl<D: Data<Elem = f64>> PredictInplace<ArrayBase<D, Ix2>, Array1<f64>>
    for FittedConstrainedLogistic
{
    fn predict_inplace(&self, x: &ArrayBase<D, Ix2>, y: &mut Array1<f64>) {
        for (row, probability) in x.rows().into_iter().zip(y.iter_mut()) {
            let values: Vec<f64> = row.iter().copied().collect();
            *probability = sigmoid(self.solution.log_odds(&values));
        }
    }

    fn default_target(&self, x: &ArrayBase<D, Ix2>) -> Array1<f64> {
        Array1::zeros(x.nrows())
    }
}

#[cfg(test)]
mod tests {
    use linfa::traits::Fit as _;
    use linfa::{Dataset, ParamGuard as _};
    use ndarray::{Array1, Array2, array};

    use super::{ConstrainedLogistic, EstimatorError};
    use crate::ShareBound;

    /// Two columns of a regular pattern and labels that follow the first, and less the second.
    fn dataset(rows: usize) -> Dataset<f64, bool, ndarray::Ix1> {
        let x = Array2::from_shape_fn((rows, 2), |(row, column)| {
            ((row * (7 + 4 * column) + 3 * column) % 31) as f64 / 30.0
        });
        let noise = |row: usize| ((row * 17) % 29) as f64 / 28.0;
        let label = |row: usize| 2.0 * x[[row, 0]] + 0.7 * x[[row, 1]] + noise(row) > 2.0;
        let y: Array1<bool> = (0..rows).map(label).collect();
        Dataset::new(x, y)
    }

    #[test]
    fn shares_and_the_prior_bind() {
        let shares = |solution: &crate::Solution| {
            let sum: f64 = solution.coefficients.iter().sum();
            solution.coefficients[1] / sum
        };
        let free = ConstrainedLogistic::new().fit(&dataset(400)).unwrap();
        assert!((0.1..0.4).contains(&shares(free.solution())), "{:?}", free.solution());
        let bound = ShareBound { members: vec![1], at_least: 0.5, at_most: 0.6 };
        let bound = ConstrainedLogistic::new().shares(vec![bound]).fit(&dataset(400)).unwrap();
        assert!((shares(bound.solution()) - 0.5).abs() < 1e-12);
        let order = crate::ShareOrder { larger: vec![1], smaller: vec![0] };
        let ordered = ConstrainedLogistic::new().orders(vec![order]).fit(&dataset(400)).unwrap();
        assert!((shares(ordered.solution()) - 0.5).abs() < 1e-12);
        let drawn = ConstrainedLogistic::new().prior(vec![1.0, 3.0]).lambda(1e6);
        let drawn = drawn.fit(&dataset(400)).unwrap();
        assert!((shares(drawn.solution()) - 0.75).abs() < 1e-6);
        assert!(drawn.solution().loss > free.solution().loss);
    }

    #[test]
    fn weights_of_the_dataset_count() {
        let plain = ConstrainedLogistic::new().fit(&dataset(200)).unwrap();
        let weights = Array1::from_elem(200, 3.0);
        let thrice = ConstrainedLogistic::new().fit(&dataset(200).with_weights(weights)).unwrap();
        let difference = plain.solution().intercept - thrice.solution().intercept;
        assert!(difference.abs() < 1e-10);
        let weights = (0..200).map(|row| if row % 2 == 0 { 2.0 } else { 1.0 }).collect();
        let uneven = ConstrainedLogistic::new().fit(&dataset(200).with_weights(weights)).unwrap();
        assert!((plain.solution().intercept - uneven.solution().intercept).abs() > 1e-3);
    }

    #[test]
    fn unsound_parameters_are_refused() {
        let name = |params: ConstrainedLogistic| match params.fit(&dataset(50)) {
            Err(EstimatorError::Parameter { name, .. }) => name,
            other => panic!("{other:?}"),
        };
        let share = |members, at_least, at_most| ShareBound { members, at_least, at_most };
        let new = ConstrainedLogistic::new;
        assert_eq!(name(new().lambda(-1.0)), "lambda");
        assert_eq!(name(new().lambda(f64::NAN)), "lambda");
        assert_eq!(name(new().prior(vec![-1.0, 1.0])), "prior");
        assert_eq!(name(new().prior(vec![1.0])), "prior");
        assert_eq!(name(new().shares(vec![share(vec![0], 0.6, 0.5)])), "shares");
        assert_eq!(name(new().shares(vec![share(vec![2], 0.0, 0.5)])), "shares");
        let order = |smaller| crate::ShareOrder { larger: vec![0], smaller };
        assert_eq!(name(new().orders(vec![order(vec![2])])), "orders");
        assert!(new().check().is_ok());
    }

    #[test]
    fn separated_outcomes_have_no_optimum() {
        let x = array![[0.1, 0.5], [0.2, 0.4], [0.3, 0.6], [0.7, 0.5], [0.8, 0.4], [0.9, 0.6]];
        let y = array![false, false, false, true, true, true];
        let error = |params: ConstrainedLogistic, y: &Array1<bool>| {
            params.fit(&Dataset::new(x.clone(), y.clone())).unwrap_err()
        };
        let new = ConstrainedLogistic::new;
        assert!(matches!(error(new(), &y), EstimatorError::Separated));
        // The penalty bounds every direction but the prior's.
        let prior = new().prior(vec![1.0, 0.0]).lambda(1.0);
        assert!(matches!(error(prior, &y), EstimatorError::Separated));
        let other = new().prior(vec![0.0, 1.0]).lambda(1.0);
        assert!(other.fit(&Dataset::new(x.clone(), y.clone())).is_ok());
        // Against its sign a column separates nothing.
        let turned = y.mapv(|label| !label);
        let fitted = new().fit(&Dataset::new(x.clone(), turned)).unwrap();
        assert!(fitted.solution().coefficients[0].to_bits() == 0);
        assert!(matches!(
            error(new(), &Array1::from_elem(6, true)),
            EstimatorError::OneClass { .. }
        ));
    }

    #[test]
    fn a_path_is_that_of_single_fits_and_folds_are_held_out() {
        let dataset = dataset(300);
        let fold: Vec<usize> = (0..300).map(|row| row % 3).collect();
        let ridge = ConstrainedLogistic::new().prior(vec![0.0; 2]);
        let path = ridge.check_ref().unwrap().path(&dataset, &[1.0, 1e-2, 1e-4], &fold).unwrap();
        for (lambda, on_path) in path.lambdas.iter().zip(&path.solutions) {
            let alone = ridge.clone().lambda(*lambda).fit(&dataset).unwrap();
            assert!((alone.solution().objective - on_path.objective).abs() < 1e-15);
            let squares: f64 = on_path.coefficients.iter().map(|own| own * own).sum();
            let penalty = lambda / 2.0 * squares;
            assert!((on_path.objective - on_path.loss - penalty).abs() < 1e-15, "a ridge");
        }
        assert_eq!(path.folds.iter().map(|own| own.held_out).sum::<usize>(), 300);
        let kept = |row: usize| f32::from(u8::from(fold[row] != 1));
        let weighted = dataset.clone().with_weights((0..300).map(kept).collect());
        let alone = ridge.clone().lambda(1e-2).fit(&weighted).unwrap();
        let own = &path.folds[1];
        assert!((alone.solution().objective - own.solutions[1].objective).abs() < 1e-15);
        let row_loss = |row: usize| {
            let values = [dataset.records()[[row, 0]], dataset.records()[[row, 1]]];
            let linear = alone.solution().log_odds(&values);
            linear.exp().ln_1p() - if dataset.targets()[row] { linear } else { 0.0 }
        };
        let mean = (0..300).filter(|row| fold[*row] == 1).map(row_loss).sum::<f64>() / 100.0;
        assert!((mean - own.losses[1]).abs() < 1e-12);
        let refused = |lambdas: &[f64], fold: &[usize]| {
            ridge.check_ref().unwrap().path(&dataset, lambdas, fold).unwrap_err().to_string()
        };
        assert!(refused(&[-1.0], &[]).contains("lambdas"));
        assert!(refused(&[1.0], &[0; 300]).contains("fold"));
        assert!(refused(&[1.0], &[0, 1]).contains("fold"));
    }
}
