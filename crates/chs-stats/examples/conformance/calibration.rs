//! Probabilities: losses, curves, net benefit.

use chs_stats::{
    Observations, OutcomeOrder, brier_weighted, log_loss_weighted, lowess, smooth_calibration,
};

use crate::oracle::{Failure, Oracle, defined};
use crate::table::{CLOSED, ITERATED, Table};

pub(crate) fn compare(table: &mut Table) -> Result<(), Failure> {
    losses(table)?;
    smoother(table)?;
    val_prob(table)?;
    corp(table)?;
    expected_error(table)?;
    net_benefit(table)
}

/// The order of a case's probabilities, every row an account of its own.
fn order(case: &Oracle) -> Result<OutcomeOrder, Failure> {
    let (predictor, label) = (case.numbers("probability")?, case.labels("label")?);
    let cluster: Vec<u32> = (0..).take(label.len()).collect();
    let rows = Observations { predictor: &predictor, label: &label, cluster: &cluster };
    Ok(OutcomeOrder::new(&rows))
}

fn losses(table: &mut Table) -> Result<(), Failure> {
    type Loss = fn(&[f64], &[bool], &[u32]) -> Option<f64>;
    let oracle = Oracle::read("scikit.json")?;
    let losses: [(&str, &str, &str, Loss); 2] = [
        ("Brier score", "scikit-learn brier_score_loss", "brier", brier_weighted),
        ("Log loss", "scikit-learn log_loss", "log_loss", log_loss_weighted),
    ];
    for (quantity, function, key, loss) in losses {
        let quantity = format!("{quantity}, with and without weights");
        let line = table.line(&quantity, (function, "scikit-learn"), &oracle, CLOSED)?;
        for name in ["many_ties", "some_ties", "few_rows", "no_ties"] {
            let case = oracle.at(name)?;
            let (p, label) = (case.numbers("probability")?, case.labels("label")?);
            let ones = vec![1; label.len()];
            for (kind, weights) in [("plain", ones), ("weighted", case.indices("weights")?)] {
                line.compare(
                    defined(loss(&p, &label, &weights), key)?,
                    case.at(kind)?.number(key)?,
                );
            }
        }
    }
    Ok(())
}

fn smoother(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("smooth.json")?;
    let line =
        table.line("lowess without iterations", ("R stats::lowess", "R"), &oracle, ITERATED)?;
    for case in oracle.at("lowess")?.each()? {
        let (fraction, delta) = (case.number("fraction")?, case.number("delta")?);
        let found = lowess(&case.numbers("x")?, &case.numbers("y")?, fraction, delta);
        line.compare_all(&found, &case.numbers("smooth")?)?;
    }
    let reference = ("R stats::lowess(p, y, iter = 0)", "R");
    let line = table.line("Smooth calibration curve", reference, &oracle, ITERATED)?;
    for case in oracle.at("val_prob")?.each()? {
        let found = smooth_calibration(&case.numbers("probability")?, &case.labels("label")?);
        line.compare_all(&found, &case.numbers("smooth")?)?;
    }
    Ok(())
}

fn val_prob(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("smooth.json")?;
    let reference = ("R rms::val.prob (E50: quantile of the same distances)", "rms");
    let line = table.line("ICI (E_avg), E50, E90, E_max", reference, &oracle, ITERATED)?;
    for case in oracle.at("val_prob")?.each()? {
        let order = order(&case)?;
        let found = defined(order.calibration_errors(&order.unweighted()), "errors")?;
        line.compare(found.mean, case.number("mean")?);
        line.compare(found.median, case.number("median")?);
        line.compare(found.ninth_decile, case.number("ninth_decile")?);
        line.compare(found.maximum, case.number("maximum")?);
    }
    Ok(())
}

fn corp(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("corp.json")?;
    let mut curves = Vec::new();
    for name in ["ties", "some_ties", "no_ties"] {
        let case = oracle.at(name)?;
        let order = order(&case)?;
        curves.push((defined(order.corp(&order.unweighted()), name)?, case));
    }
    let reference = ("scikit-learn IsotonicRegression", "scikit-learn");
    let line = table.line("CORP curve at each row", reference, &oracle, CLOSED)?;
    for (curve, case) in &curves {
        let at = |p: &f64| {
            let step = curve.steps.iter().find(|step| *p <= step.highest);
            step.map_or(f64::NAN, chs_stats::CalibrationStep::rate)
        };
        let found: Vec<f64> = case.numbers("probability")?.iter().map(at).collect();
        line.compare_all(&found, &case.numbers("isotonic")?)?;
    }
    let reference = ("model-diagnostics scoring.decompose", "model-diagnostics");
    let line = table.line("MCB, DSC, UNC of the Brier score", reference, &oracle, CLOSED)?;
    for (curve, case) in &curves {
        line.compare(curve.miscalibration, case.number("miscalibration")?);
        line.compare(curve.discrimination, case.number("discrimination")?);
        line.compare(curve.uncertainty, case.number("uncertainty")?);
        let score = curve.miscalibration - curve.discrimination + curve.uncertainty;
        line.compare(score, case.number("score")?);
    }
    Ok(())
}

fn expected_error(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("closed_forms.json")?;
    let line = table.line(
        "Expected calibration error, ten bins of equal mass",
        ("NumPy", "numpy"),
        &oracle,
        CLOSED,
    )?;
    for case in oracle.at("expected_calibration_error")?.each()? {
        let order = order(&case)?;
        let found = order.expected_calibration_error(&order.unweighted(), 10);
        line.compare(defined(found, "error")?, case.number("error")?);
    }
    Ok(())
}

fn net_benefit(table: &mut Table) -> Result<(), Failure> {
    let oracle = Oracle::read("net_benefit.json")?;
    let line = table.line(
        "Net benefit of the model and of acting on everybody",
        ("dcurves.dca", "dcurves"),
        &oracle,
        CLOSED,
    )?;
    for name in ["ties", "some_ties"] {
        let case = oracle.at(name)?;
        let order = order(&case)?;
        let curve = order.decision_curve(&order.unweighted(), &case.numbers("thresholds")?);
        let model: Vec<f64> = curve.iter().map(|at| at.model).collect();
        let everybody: Vec<f64> = curve.iter().map(|at| at.everybody).collect();
        line.compare_all(&model, &case.numbers("model")?)?;
        line.compare_all(&everybody, &case.numbers("everybody")?)?;
    }
    Ok(())
}
