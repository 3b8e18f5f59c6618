//! Files that were damaged, forged or made for another release.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{
    Calibration, Model, ModelFile, ModelFileErrorKind, ModelParts, ProbabilityCurve, SMALL,
    Scorecard, calibration, parts, resealed, small, text_of,
};

#[test]
fn each_digit_changed_in_turn_is_refused() {
    let text = text_of(small());
    let mut bytes = text.clone().into_bytes();
    for place in 0..bytes.len() {
        let digit = bytes[place];
        if !digit.is_ascii_digit() {
            continue;
        }
        bytes[place] = b'0' + (digit - b'0' + 1) % 10;
        let around = text.get(place.saturating_sub(40)..place + 1);
        assert!(ModelFile::read(&bytes).is_err(), "{around:?} at byte {place}");
        bytes[place] = digit;
    }
    assert!(ModelFile::read(&bytes).is_ok());
}

#[test]
fn a_file_cut_short_is_refused_with_the_place() {
    let text = text_of(small());
    for length in (0..text.trim_end().len()).step_by(97) {
        let error = ModelFile::read(&text.as_bytes()[..length]).unwrap_err();
        assert_eq!(error.kind, ModelFileErrorKind::Json);
        assert!(error.position.is_some(), "{error}");
    }
}

/// What a damaged text is refused for.
fn refused(text: &str) -> (ModelFileErrorKind, String, String) {
    let error = ModelFile::read(text.as_bytes()).unwrap_err();
    assert!(!error.remedy().is_empty());
    (error.kind, error.path, error.message)
}

#[test]
fn texts_that_a_lenient_reader_lets_pass_are_refused() {
    let text = text_of(small());
    let with = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        refused(&text.replacen(from, to, 1))
    };
    let json = ModelFileErrorKind::Json;
    let (kind, path, _) = with("\"intercept\": 1.25", "\"intercept\": NaN");
    assert_eq!((kind, path.as_str()), (json, "$.model.calibration.intercept"));
    let (kind, path, _) = with("\"base_rate\"", "\"slope\": 1, \"base_rate\"");
    assert_eq!((kind, path.as_str()), (json, "$.model.calibration.slope"));
    let deep = format!("\"extensions\": {}", "{\"a\":".repeat(10_000));
    let (kind, path, _) = with("\"extensions\": {}", &deep);
    assert_eq!((kind, path), (json, format!("$.extensions{}", ".a".repeat(63))));
    let (kind, path, _) = with("\"extensions\": {}", "\"extensions\": {}, \"extras\": 1");
    assert_eq!((kind, path.as_str()), (ModelFileErrorKind::Schema, "$.extras"));
    let (kind, path, _) = with("\"weight\": 75.0", "\"weight\": \"75\"");
    let place = "$.model.components[0].indicators[0].weight";
    assert_eq!((kind, path.as_str()), (ModelFileErrorKind::Schema, place));
}

#[test]
fn other_formats_are_refused_by_name() {
    let text = text_of(small());
    let format = ModelFileErrorKind::Format;
    let (kind, path, message) = refused(&text.replace("version\": \"1.0\"", "version\": \"2.3\""));
    assert_eq!((kind, path.as_str()), (format, "$.format_version"));
    assert_eq!(message, "format version 2.3; this release reads 1.0");
    // Whatever else a newer version brings: the version is what is named.
    let newer = r#"{"format": "chs-model", "format_version": "1.1", "more": []}"#;
    assert_eq!(refused(newer).1, "$.format_version");
    assert_eq!(refused(r#"{"format": "chs-model"}"#).1, "$.format_version");
    assert_eq!(refused("[]").1, "$.format");
    assert_eq!(refused(r#"{"format": "pmml"}"#).1, "$.format");
    let needy = text.replace("features\": []", "features\": [\"telepathy\"]");
    let (kind, path, message) = refused(&needy);
    assert_eq!((kind, path.as_str()), (format, "$.required_features[0]"));
    assert!(message.contains("telepathy"));
    // A feature that is known, but that this model does not need.
    let needy = text.replace("features\": []", "features\": [\"isotonic_calibration\"]");
    let (kind, path, _) = refused(&needy);
    assert_eq!((kind, path.as_str()), (ModelFileErrorKind::Meaning, "$.required_features"));
}

#[test]
fn digests_tell_a_changed_model_from_changed_evidence() {
    let text = text_of(small());
    let (kind, path, message) = refused(&text.replacen("5400", "5401", 1));
    assert_eq!((kind, path.as_str()), (ModelFileErrorKind::Digest, "$.digests.document"));
    assert!(message.contains("no golden record shows it"), "{message}");
    let (kind, path, message) =
        refused(&text.replacen("\"intercept\": 1.25", "\"intercept\": 1.26", 1));
    assert_eq!((kind, path.as_str()), (ModelFileErrorKind::Digest, "$.digests.model"));
    assert!(message.contains("$.verification.records[0].expected.probability"), "{message}");
    // The order of keys and the form of numbers are nobody's business.
    let lenient: Value = serde_json::from_str(&text).unwrap();
    let compact = serde_json::to_string(&lenient).unwrap().replace("1.25,", "125e-2,");
    assert!(ModelFile::read(compact.as_bytes()).is_ok());
}

#[test]
fn a_forged_result_fails_the_replay() {
    let cases = [
        ("/verification/records/2/expected/score", json!(12.5), ".records[2].expected.score"),
        ("/verification/scores/0/band", json!("healthy"), ".scores[0].band"),
        ("/verification/records", json!([]), ""),
        ("/verification/tolerances/score", json!(1), ".tolerances"),
        ("/verification/records/0/inputs", json!({"x-y": 1}), ".records[0].inputs[\"x-y\"]"),
        (
            "/verification/records/0/previous",
            json!({"score": 101, "age_days": 1}),
            ".records[0].previous.score",
        ),
        ("/verification/scores/0/component", json!("activity"), ".scores[0]"),
    ];
    for (pointer, forged, path) in cases {
        let bytes = resealed(|value| *value.pointer_mut(pointer).unwrap() = forged);
        let error = ModelFile::read(&bytes).unwrap_err();
        assert_eq!(error.kind, ModelFileErrorKind::Golden, "{error}");
        assert_eq!(error.path, format!("$.verification{path}"), "{error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(ModelFile::read(&bytes).is_err());
    }

    #[test]
    fn no_mutation_makes_it_panic_or_passes_unseen(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let text = text_of(small());
        let mut bytes = text.clone().into_bytes();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(file) = ModelFile::read(&bytes) {
            // Only the space between tokens may have changed.
            let mut written = Vec::new();
            file.write_to(&mut written).unwrap();
            prop_assert_eq!(String::from_utf8(written).unwrap(), text);
        }
    }
}

/// The small model with a probability by points.
fn isotonic() -> ModelParts {
    let scorecard = Scorecard::from_toml("scorecard.toml", SMALL).unwrap();
    let points = vec![(12.5, 0.4), (33.25, 0.1), (71.0, 0.1), (90.0, 0.015)];
    let curve = ProbabilityCurve::Isotonic { points };
    let calibration = Calibration { curve, ..calibration() };
    parts(Model::from_scorecard(&scorecard, calibration, &[61.25, 70.5]).unwrap())
}

#[test]
fn a_probability_by_points_is_a_feature_that_readers_have_to_know() {
    let sealed = ModelFile::seal(isotonic()).unwrap();
    let document = sealed.document();
    assert_eq!(document.required_features, ["isotonic_calibration"]);
    let record = |score: f64| {
        let mut records = document.verification.scores.iter();
        let own = records.find(|own| own.score.total_cmp(&score).is_eq()).unwrap();
        own.probability.unwrap()
    };
    assert!((record(12.5) - 0.4).abs() < 1e-15 && (record(100.0) - 0.015).abs() < 1e-15);
    assert!(record(90.0_f64.next_down()) > record(90.0));
    let text = text_of(isotonic());
    assert!(!text.contains("\"slope\""));
    let lacking = text.replace("[\n    \"isotonic_calibration\"\n  ]", "[]");
    assert_ne!(lacking, text);
    assert_eq!(refused(&lacking).1, "$.required_features");
    let mixed = text.replace("\"points\": [", "\"slope\": -0.1, \"points\": [");
    assert_eq!(refused(&mixed).1, "$.model.calibration");
}
