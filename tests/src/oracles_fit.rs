//! The constrained fit of `chs-fit` against scipy, mpmath and glmnet: `oracles/fit/` holds the inputs, the
//! expected values and the scripts that made them.

use chs_fit::{ConstrainedLogistic, ShareBound, Solution};
use linfa::Dataset;
use linfa::traits::Fit as _;
use ndarray::{Array1, Array2};
use serde_json::Value;

/// The objective, in nats.
const OBJECTIVE: f64 = 1e-10;

/// Intercept and coefficients, relative to 1 or their size.
const COEFFICIENT: f64 = 1e-7;

fn cases() -> serde_json::Map<String, Value> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/oracles/fit/constrained.json");
    let text = std::fs::read_to_string(file).unwrap();
    let mut cases: serde_json::Map<String, Value> = serde_json::from_str(&text).unwrap();
    cases.remove("made_with");
    cases
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is not a number"))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn share(value: &Value) -> ShareBound {
    let index = |member: &Value| usize::try_from(member.as_u64().unwrap()).unwrap();
    ShareBound {
        members: value[0].as_array().unwrap().iter().map(index).collect(),
        at_least: number(&value[1]),
        at_most: number(&value[2]),
    }
}

fn solve(case: &Value) -> Solution {
    let sign = if case["favourable"] == Value::Bool(true) { 0.01 } else { -0.01 };
    let rows: Vec<Vec<f64>> = case["x"].as_array().unwrap().iter().map(numbers).collect();
    let shape = (rows.len(), rows[0].len());
    let x = Array2::from_shape_fn(shape, |(row, column)| sign * rows[row][column]);
    let y: Array1<bool> = numbers(&case["y"]).into_iter().map(|label| label > 0.5).collect();
    #[expect(clippy::cast_possible_truncation, reason = "whole numbers up to three")]
    let weights = numbers(&case["weight"]).into_iter().map(|weight| weight as f32).collect();
    let fitted = ConstrainedLogistic::new()
        .lambda(number(&case["lambda"]))
        .prior(numbers(&case["prior"]))
        .shares(case["shares"].as_array().unwrap().iter().map(share).collect())
        .fit(&Dataset::new(x, y).with_weights(weights));
    fitted.unwrap().solution().clone()
}

#[test]
fn the_constrained_optimum_is_that_of_scipy() {
    let cases = cases();
    assert_eq!(cases.len(), 10);
    for (name, case) in &cases {
        let (found, expected) = (solve(case), &case["expected"]);
        let away = found.objective - number(&expected["objective"]);
        assert!(away.abs() < OBJECTIVE, "{name}: {away:e} nats from the optimum");
        assert!(found.certificate.residual < 1e-10, "{name}: {:?}", found.certificate);
        let close = |what: &str, found: f64, expected: f64| {
            let away = (found - expected).abs();
            let allowed = COEFFICIENT * expected.abs().max(1.0);
            assert!(away < allowed, "{name}: {what} {found}, expected {expected}");
        };
        close("intercept", found.intercept, number(&expected["intercept"]));
        for (b, expected) in found.coefficients.iter().zip(numbers(&expected["coefficients"])) {
            close("coefficient", *b, expected);
            assert_eq!(*b > 0.0, expected > 1e-10, "{name}: {b} is on its bound or not");
        }
    }
}

fn read(name: &str) -> Value {
    let file = format!("{}/oracles/fit/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// A number that stands as text for its digits.
fn digits(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn the_optimum_is_that_of_forty_digits() {
    let given = read("precise.json");
    let y: Array1<bool> = numbers(&given["y"]).into_iter().map(|label| label > 0.5).collect();
    let x = numbers(&given["x"]);
    let x = Array2::from_shape_vec((y.len(), x.len() / y.len()), x).unwrap();
    let cases = given["cases"].as_object().unwrap();
    assert_eq!(cases.len(), 7);
    for (name, case) in cases {
        let fitted = ConstrainedLogistic::new()
            .lambda(number(&case["lambda"]))
            .prior(numbers(&case["prior"]))
            .fit(&Dataset::new(x.clone(), y.clone()));
        let found = fitted.unwrap().solution().clone();
        assert!(found.certificate.residual < 1e-8, "{name}: {:?}", found.certificate);
        let away = found.objective / digits(&case["objective"]) - 1.0;
        assert!(away.abs() < 1e-13, "{name}: {away:e} from forty digits");
        assert!((found.intercept - digits(&case["intercept"])).abs() < 1e-8, "{name}");
        let exact = case["coefficients"].as_array().unwrap();
        for (own, exact) in found.coefficients.iter().zip(exact) {
            assert!((own - digits(exact)).abs() < 1e-8, "{name}: {own} {exact}");
            assert_eq!(*own > 0.0, digits(exact) > 0.0, "{name}: on its bound or not");
        }
    }
}

#[test]
fn the_optimum_is_that_of_glmnet() {
    let given = read("glmnet.json");
    let cases = given["cases"].as_object().unwrap();
    assert_eq!(cases.len(), 22);
    for (name, case) in cases {
        let rows = &given["rows"][case["rows"].as_str().unwrap()];
        let y: Array1<bool> = numbers(&rows["y"]).into_iter().map(|label| label > 0.5).collect();
        let x = numbers(&rows["x"]);
        let x = Array2::from_shape_vec((y.len(), x.len() / y.len()), x).unwrap();
        #[expect(clippy::cast_possible_truncation, reason = "whole numbers up to three")]
        let weights = numbers(&rows["weight"]).into_iter().map(|weight| weight as f32).collect();
        let fitted = ConstrainedLogistic::new()
            .lambda(number(&case["lambda"]))
            .prior(numbers(&case["prior"]))
            .fit(&Dataset::new(x, y).with_weights(weights));
        let found = fitted.unwrap().solution().clone();
        let away = found.objective / number(&case["objective"]) - 1.0;
        assert!(away.abs() < OBJECTIVE, "{name}: {away:e} from glmnet");
        assert!(away < 1e-13, "{name}: {away:e}, nobody finds less");
        let strength = number(&case["strength"]);
        if strength > 0.0 {
            assert!((found.strength / strength - 1.0).abs() < 1e-4, "{name}: {}", found.strength);
        }
        for (own, expected) in found.coefficients.iter().zip(numbers(&case["coefficients"])) {
            assert!((own - expected).abs() < 1e-5, "{name}: {own} {expected}");
            assert_eq!(*own > 0.0, expected > 1e-9, "{name}: {own} is on its bound or not");
        }
    }
}
