//! Logistic regression, calibration slope and intercept, closed testing of updates.

use chs_stats::{
    LogisticFit, LogisticRows, UpdateRows, WaldTest, calibration_intercept, calibration_slope,
    closed_test, logistic,
};

use crate::oracle::{Failure, Oracle, defined};
use crate::table::{ITERATED, Table};

pub(crate) fn compare(table: &mut Table) -> Result<(), Failure> {
    calibration(table)?;
    regression(table)?;
    updates(table)
}

fn calibration(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("logistic.json")?;
    let case = oracle.at("calibration")?;
    let (p, label) = (case.numbers("probability")?, case.labels("label")?);
    let cluster = case.indices("cluster")?;
    let slope = calibration_slope(&p, &label, &cluster, 0.95).map_err(|e| e.to_string())?;
    let intercept = calibration_intercept(&p, &label, &cluster, 0.95).map_err(|e| e.to_string())?;
    let reference = ("R glm with sandwich::vcovCL", "sandwich");
    let line = table.line(
        "Calibration slope and intercept with clustered errors",
        reference,
        &oracle,
        ITERATED,
    )?;
    line.compare(slope.estimate, case.number("slope")?);
    line.compare(slope.standard_error, case.number("slope_error")?);
    line.compare(intercept.estimate, case.number("intercept")?);
    line.compare(intercept.standard_error, case.number("intercept_error")?);
    Ok(())
}

fn regression(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("logistic.json")?;
    let case = oracle.at("regression")?;
    let (first, second) = (case.numbers("first")?, case.numbers("second")?);
    let (label, cluster) = (case.labels("label")?, case.indices("cluster")?);
    let weights = case.indices("weights")?;
    let columns: [&[f64]; 2] = [&first, &second];
    let fitted = |weights| -> Result<LogisticFit, Failure> {
        let rows = LogisticRows {
            columns: &columns,
            label: &label,
            cluster: &cluster,
            offset: None,
            weights,
        };
        logistic(&rows).map_err(|e| e.to_string())
    };
    let fits = [("plain", fitted(None)?), ("weighted", fitted(Some(&weights))?)];
    let reference = ("R glm with sandwich::vcovCL", "sandwich");
    let quantity = "Logistic regression: coefficients, likelihood, clustered covariance";
    let line = table.line(quantity, reference, &oracle, ITERATED)?;
    for (kind, fit) in &fits {
        let expected = case.at(kind)?;
        line.compare(fit.log_likelihood, expected.number("log_likelihood")?);
        line.compare_all(&fit.coefficients, &expected.numbers("coefficients")?)?;
        let covariance = expected.at("covariance")?.each()?;
        for (found, expected) in fit.covariance.iter().zip(&covariance) {
            let mut expected = expected.each()?.into_iter();
            for found in found {
                let expected = defined(expected.next(), "covariance")?;
                line.compare(*found, expected.value()?);
            }
        }
    }
    let quantity = "Logistic regression: residual (mean score at the solution)";
    let line = table.line(quantity, ("0", ""), &oracle, ITERATED)?;
    let ones = vec![1; label.len()];
    for ((_, fit), weights) in fits.iter().zip([&ones, &weights]) {
        let residual = |row: usize| {
            let p = fit.probability(&[first[row], second[row]]);
            f64::from(weights[row]) * (f64::from(label[row]) - p)
        };
        let rows = label.len() as f64;
        let mean = |column: &dyn Fn(usize) -> f64| {
            (0..label.len()).map(|row| residual(row) * column(row)).sum::<f64>() / rows
        };
        line.compare(mean(&|_| 1.0), 0.0);
        line.compare(mean(&|row| first[row]), 0.0);
        line.compare(mean(&|row| second[row]), 0.0);
    }
    Ok(())
}

fn updates(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("updates.json")?;
    let reference = ("R glm with sandwich::vcovCL, F with G - 1 degrees", "sandwich");
    let quantity = "Closed testing of updates: Wald statistics and p-values";
    let line = table.line(quantity, reference, &oracle, ITERATED)?;
    for name in ["holds", "moved", "flat", "other"] {
        let case = oracle.at(name)?;
        let (first, second) = (case.numbers("first")?, case.numbers("second")?);
        let rows = UpdateRows {
            logit: &case.numbers("logit")?,
            columns: &[&first, &second],
            label: &case.labels("label")?,
            cluster: &case.indices("cluster")?,
        };
        let found = closed_test(&rows, 0.05).map_err(|e| e.to_string())?;
        let slope = defined(found.slope, name)?;
        let tests: [(&str, WaldTest); 3] =
            [("keep", found.keep), ("intercept", found.intercept), ("slope", slope)];
        for (key, test) in tests {
            let expected = case.at(key)?;
            line.compare(test.statistic, expected.number("statistic")?);
            line.compare(test.p_value, expected.number("p_value")?);
        }
    }
    Ok(())
}
