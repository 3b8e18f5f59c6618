//! The numbers of `chs-stats` against R and scikit-learn: `oracles/stats/` holds the inputs, the
//! expected values and the scripts that made them.

use chs_stats::{
    Auc, LabelledRows, LogisticFit, LogisticRows, Observations, RankOrder, StratifiedOrder,
    auc_difference, auc_pooled, auc_within, average_precision, brier, brier_weighted,
    calibration_intercept, calibration_slope, clustered_proportion, jeffreys, log_loss,
    log_loss_weighted, logistic, minimum_detectable_auc, proportion_difference, quantile,
};
use serde_json::Value;

/// Closed forms.
const CLOSED: f64 = 1e-12;

/// Solved by iteration, here or there.
const ITERATED: f64 = 1e-9;

fn oracle(file: &str) -> Value {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/oracles/stats");
    let text = std::fs::read_to_string(format!("{folder}/{file}")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is not a number"))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn indices(value: &Value) -> Vec<u32> {
    let index = |entry: &Value| u32::try_from(entry.as_u64().unwrap()).unwrap();
    value.as_array().unwrap().iter().map(index).collect()
}

fn labels(value: &Value) -> Vec<bool> {
    indices(value).into_iter().map(|label| label == 1).collect()
}

/// Compares within a tolerance relative to the expected value, or to 0.001 where that is smaller.
fn check(what: &str, found: f64, expected: &Value, tolerance: f64) {
    let expected = number(expected);
    let distance = (found - expected).abs();
    assert!(
        distance <= tolerance * expected.abs().max(1e-3),
        "{what}: found {found:e}, expected {expected:e}, distance {distance:e}"
    );
}

#[test]
fn auc_and_its_clustered_variance_are_those_of_survival_concordance() {
    let oracle = oracle("discrimination.json");
    for name in ["tied", "few_accounts", "untied", "single"] {
        let case = &oracle[name];
        let (predictor, label) = (numbers(&case["predictor"]), labels(&case["label"]));
        let (cluster, stratum) = (indices(&case["cluster"]), indices(&case["stratum"]));
        let rows = Observations { predictor: &predictor, label: &label, cluster: &cluster };
        let pooled = auc_pooled(&rows).unwrap();
        let within = auc_within(&rows, &stratum).unwrap();
        for (kind, auc) in [("pooled", &pooled), ("within", &within)] {
            let expected = &case[kind];
            check(&format!("{name} {kind}"), auc.estimate, &expected["estimate"], CLOSED);
            check(&format!("{name} {kind} variance"), auc.variance, &expected["variance"], CLOSED);
        }
        let ones = vec![1; label.len()];
        let weighted = RankOrder::new(&predictor).weighted_auc(&label, &ones).unwrap();
        check(name, weighted, &case["pooled"]["estimate"], CLOSED);
        let weighted = StratifiedOrder::new(&predictor, &stratum).weighted_auc(&label, &ones);
        check(name, weighted.unwrap(), &case["within"]["estimate"], CLOSED);
    }
}

#[test]
fn paired_difference_is_that_of_survival_concordance() {
    let case = &oracle("discrimination.json")["difference"];
    let (label, cluster) = (labels(&case["label"]), indices(&case["cluster"]));
    let auc = |predictor: &Value| {
        let predictor = numbers(predictor);
        auc_pooled(&Observations { predictor: &predictor, label: &label, cluster: &cluster })
    };
    let (first, second) = (auc(&case["first"]).unwrap(), auc(&case["second"]).unwrap());
    check("first", first.estimate, &case["estimates"][0], CLOSED);
    check("second", second.estimate, &case["estimates"][1], CLOSED);
    let difference = auc_difference(&first, &second, 0.95).unwrap();
    check("difference", difference.estimate, &case["estimate"], CLOSED);
    check("variance", difference.standard_error.powi(2), &case["variance"], CLOSED);
    check("p-value", difference.p_value, &case["p_value"], CLOSED);
}

/// The variance of `DeLong` divides the squares of each class by its size less one, the
/// infinitesimal jackknife by its size.
#[test]
fn influences_give_delong_when_every_account_occurs_once() {
    let case = &oracle("delong.json")["delong"];
    let label = labels(&case["label"]);
    let cluster: Vec<u32> = (0..).take(label.len()).collect();
    let auc = |predictor: &Value| -> Auc {
        let predictor = numbers(predictor);
        auc_pooled(&Observations { predictor: &predictor, label: &label, cluster: &cluster })
            .unwrap()
    };
    let (first, second) = (auc(&case["first"]), auc(&case["second"]));
    let covariance = |a: &Auc, b: &Auc| -> f64 {
        let of_class = |class: bool| {
            let rows: Vec<usize> = (0..label.len()).filter(|&row| label[row] == class).collect();
            let size = rows.len() as f64;
            let products: f64 = rows.iter().map(|&row| a.influence[row] * b.influence[row]).sum();
            products * size / (size - 1.0)
        };
        of_class(true) + of_class(false)
    };
    check("first", first.estimate, &case["first_auc"], CLOSED);
    check("second", second.estimate, &case["second_auc"], CLOSED);
    check("first variance", covariance(&first, &first), &case["first_variance"], CLOSED);
    check("second variance", covariance(&second, &second), &case["second_variance"], CLOSED);
    check("covariance", covariance(&first, &second), &case["covariance"], CLOSED);
}

#[test]
fn calibration_slope_and_intercept_are_those_of_glm_and_sandwich() {
    let case = &oracle("logistic.json")["calibration"];
    let (probability, label) = (numbers(&case["probability"]), labels(&case["label"]));
    let cluster = indices(&case["cluster"]);
    let slope = calibration_slope(&probability, &label, &cluster, 0.95).unwrap();
    check("slope", slope.estimate, &case["slope"], ITERATED);
    check("slope error", slope.standard_error, &case["slope_error"], ITERATED);
    let intercept = calibration_intercept(&probability, &label, &cluster, 0.95).unwrap();
    check("intercept", intercept.estimate, &case["intercept"], ITERATED);
    check("intercept error", intercept.standard_error, &case["intercept_error"], ITERATED);
}

#[test]
fn logistic_regression_is_that_of_glm_and_sandwich() {
    let case = &oracle("logistic.json")["regression"];
    let (first, second) = (numbers(&case["first"]), numbers(&case["second"]));
    let (label, cluster) = (labels(&case["label"]), indices(&case["cluster"]));
    let weights = indices(&case["weights"]);
    let columns: [&[f64]; 2] = [&first, &second];
    let rows = |weights| LogisticRows {
        columns: &columns,
        label: &label,
        cluster: &cluster,
        offset: None,
        weights,
    };
    for (kind, fit) in
        [("plain", logistic(&rows(None))), ("weighted", logistic(&rows(Some(&weights))))]
    {
        check_fit(kind, &fit.unwrap(), &case[kind]);
    }
}

fn check_fit(kind: &str, fit: &LogisticFit, expected: &Value) {
    check(kind, fit.log_likelihood, &expected["log_likelihood"], ITERATED);
    for (j, coefficient) in fit.coefficients.iter().enumerate() {
        check(kind, *coefficient, &expected["coefficients"][j], ITERATED);
        for (k, covariance) in fit.covariance[j].iter().enumerate() {
            check(kind, *covariance, &expected["covariance"][j][k], ITERATED);
        }
    }
}

#[test]
fn jeffreys_limits_are_the_quantiles_of_r() {
    for case in oracle("proportions.json")["jeffreys"].as_array().unwrap() {
        let (events, n) = (number(&case["events"]), number(&case["n"]));
        let interval = jeffreys(events, n, number(&case["level"]));
        let what = format!("limit of {events}/{n}");
        check(&what, interval.lower, &case["limits"][0], ITERATED);
        check(&what, interval.upper, &case["limits"][1], ITERATED);
    }
}

#[test]
fn clustered_proportions_are_those_of_sandwich() {
    let case = &oracle("proportions.json")["clustered"];
    let (label, cluster) = (labels(&case["label"]), indices(&case["cluster"]));
    let all = clustered_proportion(&label, &cluster, 0.95).unwrap();
    check("rate", all.rate, &case["rate"], CLOSED);
    check("design effect", all.design_effect, &case["design_effect"], CLOSED);
    check("lower", all.interval.lower, &case["limits"][0], ITERATED);
    check("upper", all.interval.upper, &case["limits"][1], ITERATED);

    let group = labels(&case["group"]);
    let of_group = |wanted: bool| -> (Vec<bool>, Vec<u32>) {
        let rows = (0..label.len()).filter(|&row| group[row] == wanted);
        rows.map(|row| (label[row], cluster[row])).unzip()
    };
    let (first, second) = (of_group(false), of_group(true));
    let difference = proportion_difference(
        LabelledRows { label: &first.0, cluster: &first.1 },
        LabelledRows { label: &second.0, cluster: &second.1 },
        0.95,
    )
    .unwrap();
    check("difference", difference.estimate, &case["difference"], CLOSED);
    check("error", difference.standard_error, &case["difference_error"], CLOSED);
    check("p-value", difference.p_value, &case["p_value"], CLOSED);
}

#[test]
fn quantiles_and_the_detectable_difference_are_those_of_r() {
    let oracle = oracle("proportions.json");
    let case = &oracle["quantiles"];
    let values = numbers(&case["values"]);
    for (position, p) in numbers(&case["at"]).into_iter().enumerate() {
        check(&format!("quantile {p}"), quantile(&values, p), &case["expected"][position], CLOSED);
    }
    let case = &oracle["detectable"];
    let [positives, negatives, level, power] =
        ["positives", "negatives", "level", "power"].map(|name| number(&case[name]));
    let distance = minimum_detectable_auc(positives, negatives, level, power).unwrap();
    check("detectable", distance, &case["distance"], CLOSED);
}

#[test]
fn scores_are_those_of_scikit_learn() {
    let oracle = oracle("scikit.json");
    for name in ["many_ties", "some_ties", "few_rows", "no_ties"] {
        let case = &oracle[name];
        let (p, label) = (numbers(&case["probability"]), labels(&case["label"]));
        let weights = indices(&case["weights"]);
        let ones = vec![1; label.len()];
        let order = RankOrder::new(&p);
        let figures = [
            ("plain", "roc_auc", order.weighted_auc(&label, &ones)),
            ("plain", "average_precision", average_precision(&p, &label)),
            ("plain", "brier", brier(&p, &label)),
            ("plain", "log_loss", log_loss(&p, &label)),
            ("weighted", "roc_auc", order.weighted_auc(&label, &weights)),
            ("weighted", "average_precision", order.weighted_average_precision(&label, &weights)),
            ("weighted", "brier", brier_weighted(&p, &label, &weights)),
            ("weighted", "log_loss", log_loss_weighted(&p, &label, &weights)),
        ];
        for (kind, figure, found) in figures {
            check(&format!("{name} {kind} {figure}"), found.unwrap(), &case[kind][figure], CLOSED);
        }
    }
}
