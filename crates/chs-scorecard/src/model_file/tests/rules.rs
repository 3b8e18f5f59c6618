//! Each rule of the file, broken alone in a file that is sound otherwise.

use serde_json::{Value, json};

use super::{ModelFile, ModelFileErrorKind, full, resealed_of, small};
use crate::ModelParts;

use ModelFileErrorKind::{Gate, Meaning, Privacy};

/// `/components/0/name` as `.components[0].name`.
fn path_of(pointer: &str) -> String {
    (pointer.split('/').skip(1))
        .map(|step| match step.parse::<usize>() {
            Ok(index) => format!("[{index}]"),
            Err(_) => format!(".{step}"),
        })
        .collect()
}

/// Put `broken` at `pointer`; the file must be refused, with the path of `named`, or of the place
/// itself where `named` is empty.
fn check(parts: ModelParts, pointer: &str, broken: Value, kind: ModelFileErrorKind, named: &str) {
    let bytes = resealed_of(parts, |value| *value.pointer_mut(pointer).unwrap() = broken);
    let error = ModelFile::read(&bytes).unwrap_err();
    let named = if named.is_empty() { pointer } else { named };
    let path = format!("${}", path_of(named));
    assert_eq!((error.kind, error.path), (kind, path), "{pointer}: {}", error.message);
}

fn check_model(cases: impl IntoIterator<Item = (&'static str, Value, &'static str)>) {
    for (pointer, broken, named) in cases {
        let named = if named.is_empty() { String::new() } else { format!("/model{named}") };
        check(full(), &format!("/model{pointer}"), broken, Meaning, &named);
    }
}

#[test]
fn components_and_indicators() {
    let seats = "/components/1/indicators/0/normalisation/bins";
    let bins =
        [json!({"edges": [1, 1], "scores": [0, 0, 0]}), json!({"edges": [1], "scores": [0]})];
    let [no_order, too_few] = bins;
    check_model([
        ("/components", json!([]), ""),
        ("/components/0/name", json!("a b"), ""),
        ("/components/1/name", json!("activity"), ""),
        ("/components/0/weight", json!(61), ""),
        ("/components/0/indicators", json!([]), ""),
        ("/components/0/on_decline/0/do", json!(""), ""),
        ("/components/0/bands/1/from", json!(0), "/components/0/bands/1"),
        ("/components/0/indicators/0/name", json!("?"), ""),
        ("/components/0/indicators/0/weight", json!(-1), ""),
        ("/components/0/indicators/0/reference_sub_score", json!(101), ""),
        ("/components/0/indicators/0/direction", json!("neither"), ""),
        (
            "/components/0/indicators/1/normalisation/knots/1/0",
            json!(0),
            "/components/0/indicators/1/normalisation/knots/1",
        ),
        ("/components/0/indicators/1/missing/sub_score", json!(101), ""),
        (seats, no_order, "/components/1/indicators/0/normalisation/bins/edges/1"),
        (seats, too_few, "/components/1/indicators/0/normalisation/bins/scores/0"),
        ("/components/1/indicators/1/normalisation/map/pro", json!(101), ""),
        ("/components/1/indicators/1/normalisation/map", json!({}), ""),
        ("/components/1/indicators/1/reason_code", json!("seats"), "/components"),
    ]);
}

#[test]
fn what_stands_beside_the_components() {
    check_model([
        ("/name", json!("a b"), ""),
        ("/version", json!("1"), ""),
        ("/semantics/direction", json!("lower"), "/semantics"),
        ("/bands/1/from", json!(70.5), "/bands/2"),
        ("/bands/1/name", json!("healthy"), "/bands/2"),
        ("/bands/1/name", json!(""), ""),
        ("/bands/0/actions/0/do", json!(""), ""),
        ("/inputs", json!([]), ""),
        ("/inputs/1/name", json!("other"), ""),
        ("/inputs/1/type", json!("text"), ""),
        ("/inputs/1/required", json!(true), ""),
        ("/inputs/0/valid_range/0", json!(1001), "/inputs/0/valid_range"),
        ("/trend/window_days", json!(0), ""),
        ("/trend/threshold", json!(0), ""),
        ("/trend/rules/0/fall", json!(101), ""),
        ("/trend/rules/0/at_best", json!("good"), ""),
        ("/calibration/slope", json!(1), ""),
        ("/calibration/base_rate", json!(2), ""),
        ("/segments/column", json!(""), "/segments"),
        ("/segments/reference_sub_scores/north", json!({"logins": 1}), ""),
        ("/segments/reference_sub_scores/north/plan", json!(-1), ""),
    ]);
}

#[test]
fn weights_names_and_inputs_as_a_whole() {
    let refusal = |change: &dyn Fn(&mut Value)| {
        let bytes = resealed_of(full(), |value| change(&mut value["model"]));
        ModelFile::read(&bytes).unwrap_err()
    };
    let error = refusal(&|model| {
        for (indicator, weight) in [(0, 30.0), (1, 20.0)] {
            model["components"][0]["indicators"][indicator]["weight"] = json!(weight);
        }
        model["components"][0]["weight"] = json!(50.0);
    });
    assert!(error.message.contains("sum to 90; expected 100"), "{error}");
    let error = refusal(&|model| {
        model["components"][0]["indicators"][1]["name"] = json!("logins");
        model["inputs"][1]["name"] = json!("logins");
    });
    assert_eq!(error.path, "$.model.inputs[1].name");
    let error = refusal(&|model| {
        let stray = model["inputs"][0].clone();
        model["inputs"].as_array_mut().unwrap().push(stray);
    });
    assert_eq!(error.path, "$.model.inputs[4]");
}

#[test]
fn provenance_and_card() {
    let cases = [
        ("/model_card/owner", json!(""), ""),
        ("/model_card/review_due", json!("soon"), ""),
        ("/provenance/project_digest", json!("ab"), ""),
        ("/provenance/data/0/digest", json!("ab"), ""),
        ("/provenance/window/from", json!("2026-01-31"), "/provenance/window"),
        ("/provenance/as_of", json!("now"), ""),
        ("/provenance/seed", json!("0x1"), ""),
        ("/provenance/label/horizon", json!("60d"), ""),
    ];
    for (pointer, broken, named) in cases {
        check(small(), pointer, broken, Meaning, named);
    }
    let address = json!({"b": "jo@example.com"});
    check(small(), "/extensions", json!({ "a": address }), Privacy, "/extensions/a/b");
}

#[test]
fn figures_of_the_validation() {
    let cases = [
        ("/validation/design", json!("")),
        ("/validation/metrics", json!([])),
        ("/validation/metrics/0/estimate", json!(null)),
        ("/validation/metrics/0/lower", json!(0.9)),
        ("/validation/metrics/0/events", json!(1201)),
        ("/validation/comparisons/0/metric/lower", json!(0.3)),
    ];
    for (pointer, broken) in cases {
        check(small(), pointer, broken, Meaning, "");
    }
    let few = resealed_of(small(), |value| {
        value["validation"]["metrics"][0]["slice"] = json!({"plan": "pro"});
        value["validation"]["metrics"][0]["accounts"] = json!(9);
        value["validation"]["metrics"][0]["event_accounts"] = json!(3);
    });
    assert_eq!(ModelFile::read(&few).unwrap_err().kind, Privacy);
}

#[test]
fn gates() {
    let status = "/validation/gates/1/status";
    let waived = |reason: &str, until: &str| json!({"waived": {"reason": reason, "until": until}});
    check(small(), "/validation/gates/0/name", json!("other"), Gate, "/validation/gates");
    let untold = json!({"not_evaluated": {"reason": "too few"}});
    for broken in [json!("fail"), untold, waived("", "2026-01-01"), waived("pilot", "2025-06-29")] {
        check(small(), status, broken, Gate, "");
    }
    let until = "/validation/gates/1/status/waived/until";
    check(small(), status, waived("pilot", "later"), Meaning, until);
    let open = waived("pilot", "2025-06-30");
    let open = resealed_of(small(), |value| *value.pointer_mut(status).unwrap() = open);
    assert!(ModelFile::read(&open).is_ok());
}

#[test]
fn reference_distributions() {
    let score = "/reference/score";
    check(small(), "/reference/score/missing_share", json!(2), Meaning, "");
    let quantile = "/reference/score/quantiles/3";
    check(small(), "/reference/score/quantiles/3/0", json!(0), Meaning, quantile);
    check(small(), "/reference/score/n", json!(100), Privacy, "/reference/score/quantiles/0");
    let word = "/reference/score/words/a";
    check(small(), "/reference/score/words", json!({"a": 0.01}), Privacy, word);
    check(small(), "/reference/score/words", json!({"a": 1.5}), Meaning, word);
    check(small(), "/reference/indicators", json!({}), Meaning, "");
    let stray = resealed_of(small(), |value| {
        value["reference"]["indicators"]["x"] = value.pointer(score).unwrap().clone();
    });
    assert_eq!(ModelFile::read(&stray).unwrap_err().path, "$.reference.indicators.x");
}
