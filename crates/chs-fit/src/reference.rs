//! The reference estimator: `linfa-logistic`, without constraints, prior or certificate.

use linfa::Dataset;
use linfa::traits::Fit as _;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};

use crate::cone::{Cone, Shares};
use crate::history::{History, Table};
use crate::learn::{Stop, Unlearnable, Weighing, percent, shares, silent};
use crate::rounding::round;
use crate::rows::Rows;
use crate::selection::{PathPoint, Selection};
use crate::solve::{Certificate, Problem, Solution};
use crate::{EstimatorError, FitError};

/// Largest gradient, in nats over all rows, at which `linfa-logistic` stops.
const GRADIENT: f64 = 1e-6;

/// Intercept and coefficients that `linfa-logistic` finds, its ridge being `lambda` times the rows.
pub(crate) fn reference_point(rows: &Rows, lambda: f64) -> Result<Vec<f64>, EstimatorError> {
    let shape = (rows.len(), rows.width());
    let mut values = Vec::with_capacity(rows.len() * rows.width());
    rows.each(|row| values.extend_from_slice(row.values));
    let labels: Array1<bool> = rows.labels().iter().copied().collect();
    let x = Array2::from_shape_vec(shape, values).map_err(linfa::Error::from)?;
    let fitted = LogisticRegression::default()
        .alpha(lambda * rows.len() as f64)
        .gradient_tolerance(GRADIENT)
        .max_iterations(1_000)
        .fit(&Dataset::new(x, labels))?;
    // The class that the library calls positive is the more frequent one.
    let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
    let mut point = vec![sign * fitted.intercept()];
    point.extend(fitted.params().iter().map(|own| sign * own));
    Ok(point)
}

/// Weights of the reference, rounded; refused where one is below zero.
pub(crate) fn reference_fit(
    history: &History<'_>,
    table: &Table,
    rows: &[usize],
) -> Result<Weighing, Stop> {
    let design = history.design(table, rows)?;
    let lambda = history.settings.lambda.unwrap_or(0.0);
    let point = reference_point(&design, lambda)?;
    if !point.iter().all(|own| own.is_finite()) {
        return Err(FitError::Estimator(EstimatorError::Separated).into());
    }
    let names = table.prior.indicators().zip(&point[1..]);
    let indicators: Vec<String> =
        names.filter(|(_, own)| **own < 0.0).map(|(indicator, _)| indicator.name.clone()).collect();
    if !indicators.is_empty() {
        return Err(Unlearnable::NegativeWeights { indicators }.into());
    }
    let width = design.width();
    let (cone, prior) = (Cone::new(width, &[]), vec![1.0; width]);
    let problem = Problem { rows: &design, cone: &cone, prior: &prior, lambda: 0.0 };
    let here = problem.expand(&point);
    let coefficients = point[1..].to_vec();
    let ridge = lambda / 2.0 * crate::dense::dot(&coefficients, &coefficients);
    let solution = Solution {
        intercept: point[0],
        strength: coefficients.iter().sum::<f64>() / width as f64,
        objective: here.loss + ridge,
        loss: here.loss,
        certificate: Certificate {
            residual: crate::dense::largest(&here.gradient),
            promised: 0.0,
            steps: 0,
        },
        coefficients,
    };
    let mut unpenalised = solution.clone();
    unpenalised.objective = here.loss;
    let bounds = shares(&table.prior).cone(width);
    let rounding = round(&problem, &unpenalised, &bounds, table.prior.fit().steps);
    let weights = percent(&solution.coefficients);
    let point = PathPoint { lambda, loss: None, standard_error: None, weights };
    let selection =
        Selection { scheme: None, folds: 0, best: lambda, chosen: lambda, path: vec![point] };
    let (shares, removed) = (Shares::default(), Vec::new());
    let silent = silent(table, rows);
    Ok(Weighing { solution, selection, rounding, shares, cone, removed, silent })
}

#[cfg(test)]
mod tests {
    use super::reference_point;
    use crate::cone::Cone;
    use crate::rows::Rows;
    use crate::solve::Problem;

    #[test]
    fn both_estimators_agree_where_nothing_binds() {
        let value = |row: usize, column: usize| ((row * (7 + 4 * column)) % 31) as f64 / 30.0;
        let noise = |row: usize| ((row * 17) % 29) as f64 / 28.0;
        let values: Vec<f64> =
            (0..500).flat_map(|row| (0..3).map(move |c| value(row, c))).collect();
        for cut in [1.6, 3.0] {
            let label: Vec<bool> = (0..500)
                .map(|row| 2.0 * value(row, 0) + value(row, 1) + value(row, 2) + noise(row) > cut)
                .collect();
            let rows = Rows::new(3, &values, &label, &[1.0; 500]).unwrap();
            let cone = Cone::new(3, &[]);
            let problem = Problem { rows: &rows, cone: &cone, prior: &[1.0; 3], lambda: 0.0 };
            let own = problem.solve(None).unwrap();
            assert!(own.coefficients.iter().all(|b| *b > 0.5), "nothing binds: {own:?}");
            let reference = reference_point(&rows, 0.0).unwrap();
            let loss = rows.expand(&reference).loss;
            assert!((loss - own.loss).abs() < 1e-9 && loss >= own.loss - 1e-14, "{loss} {own:?}");
            for (own, reference) in own.coefficients.iter().zip(&reference[1..]) {
                assert!((own - reference).abs() < 1e-4 * own.abs(), "{own} {reference}");
            }
        }
    }
}
