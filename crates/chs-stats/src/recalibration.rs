//! How much of a model has to be fitted again on new rows.

use crate::{LogisticRows, Undefined, WaldTest, logistic};

/// New rows, with what the old model says of them; all slices are of equal length.
#[derive(Debug, Clone, Copy)]
pub struct UpdateRows<'a> {
    /// Log odds of label 1 by the old model.
    pub logit: &'a [f64],
    /// The predictors that a new fit would use, without those that the logit makes a combination of
    /// the others (one of the model's own columns, when it is linear in them).
    pub columns: &'a [&'a [f64]],
    /// What happened.
    pub label: &'a [bool],
    /// Dense index of the row's account.
    pub cluster: &'a [u32],
}

/// The least change of a model that the rows do not speak against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Update {
    /// Keep the model.
    Keep,
    /// Add a constant to the log odds.
    Intercept,
    /// Add a constant and multiply by a slope.
    Slope,
    /// Fit all coefficients again.
    Refit,
}

/// Tests of every lesser change against the full one, and what they lead to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClosedTest {
    /// "The model holds": intercept 0, slope 1, and the columns add nothing.
    pub keep: WaldTest,
    /// "A new intercept is enough": slope 1, and the columns add nothing.
    pub intercept: WaldTest,
    /// "A new intercept and slope are enough": the columns add nothing. `None` without columns.
    pub slope: Option<WaldTest>,
    /// The first that is not rejected, from the least change on.
    pub update: Update,
}

/// Closed testing of no change, a new intercept, a new intercept and slope, and a refit, at
/// `significance` (0.05 is usual): the family-wise error is held, and the least change wins that the
/// rows do not reject.
///
/// Source: Vergouwe et al. 2017, "A closed testing procedure to select an appropriate method for
/// updating prediction models"; the likelihood ratios there are Wald tests here, from one fit of
/// `y ~ offset(logit) + logit + columns` with account-clustered errors, because rows of one account
/// are not independent.
///
/// # Errors
/// [`Undefined`], as [`logistic`].
///
/// # Panics
/// When the slices differ in length.
pub fn closed_test(rows: &UpdateRows, significance: f64) -> Result<ClosedTest, Undefined> {
    let columns: Vec<&[f64]> =
        std::iter::once(rows.logit).chain(rows.columns.iter().copied()).collect();
    let fit = logistic(&LogisticRows {
        columns: &columns,
        label: rows.label,
        cluster: rows.cluster,
        offset: Some(rows.logit),
        weights: None,
    })?;
    let width = fit.coefficients.len();
    let test = |from: usize| fit.wald(&(from..width).collect::<Vec<_>>());
    let (keep, intercept) = (test(0)?, test(1)?);
    let slope = if rows.columns.is_empty() { None } else { Some(test(2)?) };
    let holds = |test: &WaldTest| test.p_value >= significance;
    let update = if holds(&keep) {
        Update::Keep
    } else if holds(&intercept) {
        Update::Intercept
    } else if slope.as_ref().is_none_or(holds) {
        Update::Slope
    } else {
        Update::Refit
    };
    Ok(ClosedTest { keep, intercept, slope, update })
}

#[cfg(test)]
mod tests {
    use rand::RngExt as _;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng as _;

    use super::*;

    /// 4,000 independent rows with log odds `truth(logit, column)`.
    fn tested(truth: impl Fn(f64, f64) -> f64) -> ClosedTest {
        let mut random = ChaCha8Rng::seed_from_u64(11);
        let mut uniform = || random.random::<f64>();
        let (mut logit, mut column, mut label) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..4000 {
            let (x, z) = (2.0 * uniform() - 1.0, 2.0 * uniform() - 1.0);
            label.push(uniform() < 1.0 / (1.0 + (-truth(2.0 * x, z)).exp()));
            logit.push(2.0 * x);
            column.push(z);
        }
        let cluster: Vec<u32> = (0..4000).collect();
        let columns: [&[f64]; 1] = [&column];
        let rows =
            UpdateRows { logit: &logit, columns: &columns, label: &label, cluster: &cluster };
        closed_test(&rows, 0.05).unwrap()
    }

    #[test]
    fn the_least_sufficient_change_is_found() {
        assert_eq!(tested(|logit, _| logit).update, Update::Keep);
        assert_eq!(tested(|logit, _| logit + 0.5).update, Update::Intercept);
        assert_eq!(tested(|logit, _| 0.5 * logit + 0.3).update, Update::Slope);
        let refit = tested(|logit, column| logit + column);
        assert_eq!(refit.update, Update::Refit);
        assert_eq!(refit.keep.numerator_degrees, 3);
        assert!(refit.slope.unwrap().p_value < 1e-6);
    }

    #[test]
    fn without_columns_there_is_nothing_to_refit() {
        let logit = [-1.0, 1.0, -0.5, 0.5, 2.0, -2.0];
        let label = [false, true, true, false, true, false];
        let rows =
            UpdateRows { logit: &logit, columns: &[], label: &label, cluster: &[0, 1, 2, 3, 4, 5] };
        let found = closed_test(&rows, 0.05).unwrap();
        assert_eq!((found.slope, found.update), (None, Update::Keep));
        let none = UpdateRows { label: &[true; 6], ..rows };
        assert_eq!(closed_test(&none, 0.05), Err(Undefined::OneClass { rows: 6, label: 1 }));
    }
}
