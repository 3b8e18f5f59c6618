//! A whole file: sealed, read, damaged in every way that was thought of.

mod damage;
mod rules;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::digest::sha256_hex;
use super::v1::{self, GateStatus};
use super::{
    ModelFile, ModelFileErrorKind, ModelParts, REQUIRED_GATES, document_digest, model_digest,
};
use crate::{Calibration, Input, Model, OutcomePolarity, Previous, ProbabilityCurve, Scorecard};

const SMALL: &str = r#"
    spec_version = 1
    name = "small"
    version = "0.1.0"
    [components.activity]
    weight = 100
    indicators = [
      { name = "logins", weight = 3, poor = 0, good = 20 },
      { name = "tickets", poor = 5, good = 0, missing = 40 },
    ]
"#;

/// Every feature of a scorecard.
const FULL: &str = r#"
    spec_version = 1
    name = "full"
    version = "2.0.0-rc.1"
    [components.activity]
    weight = 60
    category = "behavioral"
    on_decline = [{ do = "training", owner = "csm", within = "7d" }]
    indicators = [
      { name = "logins", weight = 2, poor = 0.1, good = 25.3 },
      { name = "hump", knots = [[0, 10], [2.5, 90], [5, 0]], missing = 35.5 },
    ]
    [[components.activity.bands]]
    name = "quiet"
    from = 0
    [[components.activity.bands]]
    name = "lively"
    from = 55.5
    [components.contract]
    weight = 40
    indicators = [
      { name = "seats", edges = [1, 3], scores = [100, 40, 0], missing = "reject" },
      { name = "plan", map = { free = 0, unknown = 50, pro = 100 }, on_decline = [{ do = "call" }] },
    ]
    [[bands]]
    name = "at-risk"
    from = 0
    color = "red"
    grade = "C"
    actions = [{ do = "recovery plan", owner = "csm", within = "2d" }]
    [[bands]]
    name = "attention"
    from = 40
    [[bands]]
    name = "healthy"
    from = 70.5
    [trend]
    window = "30d"
    threshold = 4
    rules = [{ fall = 15, at_best = "attention" }]
"#;

fn calibration() -> Calibration {
    Calibration {
        curve: ProbabilityCurve::Logistic { intercept: 1.25, slope: -0.053_271_846_25 },
        outcome: "churn".to_owned(),
        polarity: OutcomePolarity::Adverse,
        lead_time: "14d".to_owned(),
        horizon: "90d".to_owned(),
        base_rate: 0.083,
    }
}

fn small() -> ModelParts {
    let scorecard = Scorecard::from_toml("scorecard.toml", SMALL).unwrap();
    parts(Model::from_scorecard(&scorecard, calibration(), &[61.25, 70.5]).unwrap())
}

fn full() -> ModelParts {
    let scorecard = Scorecard::from_toml("scorecard.toml", FULL).unwrap();
    let levels = BTreeMap::from([
        ("north".to_owned(), vec![50.0, 40.0, 30.0, 20.5]),
        ("unknown".to_owned(), vec![51.0, 41.0, 31.0, 21.0]),
    ]);
    let model = Model::from_scorecard(&scorecard, calibration(), &[60.0, 50.0, 40.0, 30.25])
        .and_then(|model| model.with_segments("region", &levels));
    let mut parts = parts(model.unwrap());
    let note = super::InputNote {
        unit: Some("logins in 30 days".to_owned()),
        valid_range: Some((0.0, 1000.0)),
    };
    parts.inputs.insert("logins".to_owned(), note);
    parts.extensions.insert("acme.ticket".to_owned(), json!({"number": 17}));
    parts
}

fn parts(model: Model) -> ModelParts {
    let day = str::to_owned;
    let numbers: Vec<f64> = (0..200).map(|n| f64::from(n) / 8.0).collect();
    let distribution = v1::Distribution::of_numbers(&numbers);
    let names = model.scorecard().indicators().map(|indicator| indicator.name.clone());
    let reference = v1::Reference {
        score: distribution.clone(),
        indicators: names.map(|name| (name, distribution.clone())).collect(),
    };
    ModelParts {
        model,
        inputs: BTreeMap::new(),
        provenance: v1::Provenance {
            tool: v1::Tool { name: "chs".to_owned(), version: "0.1.0".to_owned() },
            weights: v1::WeightOrigin::Learned,
            project_digest: Some(sha256_hex(b"project")),
            scorecard_digest: None,
            data: vec![v1::DataFile {
                name: "usage".to_owned(),
                digest: sha256_hex(b"usage"),
                rows: Some(41_234),
            }],
            rows: 5_400,
            accounts: 900,
            window: Some(v1::Window { from: day("2024-01-31"), to: day("2025-03-31") }),
            label: v1::Label {
                name: "churn_90d".to_owned(),
                outcome: "churn".to_owned(),
                lead_time: "14d".to_owned(),
                horizon: "90d".to_owned(),
                follow_up_end: Some(day("2025-06-30")),
            },
            as_of: Some(day("2025-06-30")),
            seed: Some("18446744073709551615".to_owned()),
            parent_model_digest: None,
        },
        validation: validation(),
        reference,
        model_card: v1::ModelCard {
            owner: "customer success operations".to_owned(),
            intended_use: "rank accounts for outreach".to_owned(),
            out_of_scope: vec!["pricing".to_owned()],
            limitations: Vec::new(),
            monitoring_plan: "monthly".to_owned(),
            review_due: Some(day("2026-06-30")),
        },
        extensions: serde_json::Map::new(),
        account_ids: ["acc-1", "north-1"].map(str::to_owned).into(),
    }
}

fn validation() -> v1::Validation {
    let metric = |name: &str, estimate| v1::Metric {
        name: name.to_owned(),
        slice: BTreeMap::new(),
        estimate: Some(estimate),
        lower: Some(estimate - 0.05),
        upper: Some(estimate + 0.05),
        level: Some(0.95),
        method: Some("bootstrap by account".to_owned()),
        n: 1200,
        events: 110,
        accounts: 300,
        event_accounts: 61,
        reason: None,
    };
    let gate = |name: &str| v1::Gate {
        name: name.to_owned(),
        policy: "as shipped".to_owned(),
        tested: BTreeMap::from([("lower".to_owned(), 0.71)]),
        thresholds: BTreeMap::from([("above".to_owned(), 0.5)]),
        status: GateStatus::Pass,
    };
    v1::Validation {
        design: "walk-forward, 4 origins, last span held out".to_owned(),
        metrics: vec![metric("auc_within_snapshot", 0.76)],
        comparisons: vec![v1::Comparison {
            a: "small".to_owned(),
            b: "equal weights".to_owned(),
            metric: metric("auc_within_snapshot", 0.04),
            p_value: Some(0.013),
        }],
        gates: REQUIRED_GATES.map(gate).to_vec(),
    }
}

fn text_of(parts: ModelParts) -> String {
    let mut text = Vec::new();
    ModelFile::seal(parts).unwrap().write_to(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// The small file after a change that whoever made it sealed with new digests.
fn resealed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    resealed_of(small(), change)
}

fn resealed_of(parts: ModelParts, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value: Value = serde_json::from_str(&text_of(parts)).unwrap();
    change(&mut value);
    let digests = json!({"model": model_digest(&value).unwrap(), "document": document_digest(&value).unwrap()});
    value["digests"] = digests;
    serde_json::to_vec_pretty(&value).unwrap()
}

#[test]
fn what_is_sealed_is_read_back() {
    for parts in [small(), full()] {
        let text = text_of(parts.clone());
        let file = ModelFile::read(text.as_bytes()).unwrap();
        assert_eq!(*file.model(), parts.model);
        assert_eq!(file.document().provenance, parts.provenance);
        assert_eq!(text_of(parts), text, "the same parts give the same bytes");
    }
}

#[test]
fn a_model_scores_as_its_scorecard_does() {
    let file = ModelFile::read(text_of(full()).as_bytes()).unwrap();
    let scorecard = Scorecard::from_toml("scorecard.toml", FULL).unwrap();
    for logins in [0.0, 0.1, 7.7, 25.3, f64::NAN] {
        let inputs =
            [Input::Number(logins), Input::Number(1.3), Input::Number(1.0), Input::Text("pro")];
        let scored = file.model().score(&inputs, None, None).scored;
        let bits = |scored: &crate::Scored| scored.score.map(|score| score.get().to_bits());
        assert_eq!(bits(&scored), bits(&scorecard.score(&inputs)));
    }
}

#[test]
fn golden_records_hold_every_place_where_a_scorer_can_err() {
    let file = ModelFile::seal(full()).unwrap();
    let verification = &file.document().verification;
    let seen = |name: &str, x: f64| {
        verification.records.iter().any(|record| match record.inputs[name] {
            v1::Cell::Number(number) => number.to_bits() == x.to_bits(),
            _ => false,
        })
    };
    for (name, xs) in
        [("logins", &[0.1, 25.3][..]), ("hump", &[0.0, 2.5, 5.0]), ("seats", &[1.0, 3.0])]
    {
        for x in xs {
            assert!(seen(name, *x) && seen(name, x.next_up()) && seen(name, x.next_down()), "{x}");
        }
    }
    let names: Vec<&str> = verification.records.iter().map(|record| record.name.as_str()).collect();
    for name in [
        "all missing",
        "missing: logins",
        "missing: seats",
        "unknown word: plan",
        "last below attention",
        "first in healthy",
        "segment: north",
        "segment: unknown_",
        "trend rule 1: fires",
        "trend rule 1: too old",
    ] {
        assert!(names.contains(&name), "{name}");
    }
    let record =
        |name: &str| &verification.records[names.iter().position(|other| *other == name).unwrap()];
    assert_eq!(record("missing: seats").expected.reason.as_deref(), Some("rejected: seats"));
    assert_eq!(record("last below healthy").expected.band.as_deref(), Some("attention"));
    assert_eq!(record("first in healthy").expected.band.as_deref(), Some("healthy"));
    assert_eq!(record("trend rule 1: fires").expected.band.as_deref(), Some("attention"));
    assert_eq!(record("trend rule 1: too old").expected.band.as_deref(), Some("healthy"));
    assert_ne!(
        record("segment: north").expected.drivers,
        record("segment: unknown_").expected.drivers
    );
    let bands = |component: Option<&str>, score: f64| {
        let mut scores = verification.scores.iter();
        let record = scores.find(|record| {
            record.component.as_deref() == component && record.score.to_bits() == score.to_bits()
        });
        record.map(|record| record.band.as_str())
    };
    assert_eq!(bands(None, 70.5), Some("healthy"));
    assert_eq!(bands(None, 70.5_f64.next_down()), Some("attention"));
    assert_eq!(bands(None, 70.5_f64.next_up()), Some("healthy"));
    assert_eq!(bands(None, 100.0), Some("healthy"));
    assert_eq!(bands(Some("activity"), 55.5_f64.next_down()), Some("quiet"));
}

#[test]
fn evidence_does_not_change_the_digest_of_the_model() {
    let mut other = small();
    other.provenance.rows += 1;
    let digests = |parts| ModelFile::seal(parts).unwrap().document().digests.clone();
    let (one, other) = (digests(small()), digests(other));
    assert_eq!(one.model, other.model);
    assert_ne!(one.document, other.document);
}

#[test]
fn parts_that_must_not_be_sealed_are_refused() {
    let refused = |change: &dyn Fn(&mut ModelParts)| {
        let mut parts = full();
        change(&mut parts);
        let error = ModelFile::seal(parts).unwrap_err();
        (error.kind, error.path)
    };
    let slice = |parts: &mut ModelParts| {
        let level = ("account".to_owned(), "acc-1".to_owned());
        parts.validation.metrics[0].slice = BTreeMap::from([level]);
    };
    assert_eq!(refused(&slice), (ModelFileErrorKind::Privacy, "$.validation.metrics".to_owned()));
    let level = |parts: &mut ModelParts| {
        parts.account_ids.insert("north".to_owned());
    };
    assert_eq!(refused(&level), (ModelFileErrorKind::Privacy, "$.model.segments".to_owned()));
    let word = |parts: &mut ModelParts| {
        parts.account_ids.insert("pro".to_owned());
    };
    assert_eq!(refused(&word), (ModelFileErrorKind::Privacy, "$.model.components".to_owned()));
    let shares = |parts: &mut ModelParts| {
        let plan = parts.reference.indicators.get_mut("plan").unwrap();
        plan.words.insert("acc-1".to_owned(), 0.5);
    };
    assert_eq!(
        refused(&shares),
        (ModelFileErrorKind::Privacy, "$.reference.indicators".to_owned())
    );
    let gate = |parts: &mut ModelParts| parts.validation.gates[2].status = GateStatus::Fail;
    assert_eq!(refused(&gate).0, ModelFileErrorKind::Gate);
    let nan = |parts: &mut ModelParts| parts.validation.metrics[0].lower = Some(f64::NAN);
    assert_eq!(refused(&nan), (ModelFileErrorKind::Meaning, "$".to_owned()));
    let note = |parts: &mut ModelParts| {
        parts.inputs.insert("x".to_owned(), super::InputNote::default());
    };
    assert_eq!(refused(&note), (ModelFileErrorKind::Meaning, "$.model.inputs".to_owned()));
}

#[test]
fn the_schema_is_closed_but_for_extensions() {
    fn open_objects(schema: &Value, place: &str, found: &mut Vec<String>) {
        if schema.get("properties").is_some() && schema["additionalProperties"] != json!(false) {
            found.push(place.to_owned());
        }
        match schema {
            Value::Object(object) => object
                .iter()
                .for_each(|(key, value)| open_objects(value, &format!("{place}/{key}"), found)),
            Value::Array(list) => list
                .iter()
                .enumerate()
                .for_each(|(index, value)| open_objects(value, &format!("{place}/{index}"), found)),
            _ => {}
        }
    }
    let schema = super::model_schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let mut found = Vec::new();
    open_objects(&schema, "", &mut found);
    assert_eq!(found, Vec::<String>::new());
    assert!(schema["properties"]["extensions"].is_object());
}

#[test]
fn released_files_stay_readable_and_score_bit_for_bit() {
    let files: [&[u8]; 2] = [
        include_bytes!("../../../../tests/golden/v1/small.chs.json"),
        include_bytes!("../../../../tests/golden/v1/full.chs.json"),
    ];
    let [small, full] = files.map(|bytes| ModelFile::read(bytes).unwrap());
    let inputs = [Input::Number(24.0), Input::Number(1.3), Input::Number(1.0), Input::Text("pro")];
    let previous = crate::HealthScore::new(95.5).ok();
    let previous = previous.map(|score| Previous { score, age_days: 30 });
    let scored = full.model().score(&inputs, Some("north"), previous);
    assert_eq!(scored.scored.score.unwrap().get().to_bits(), FULL_SCORE);
    assert_eq!((scored.scored.band, scored.band()), (Some(2), Some(1)));
    let scored = small.model().score(&[Input::Number(3.1), Input::Missing], None, None);
    assert_eq!(scored.scored.score.unwrap().get().to_bits(), SMALL_SCORE);
    assert!((scored.probability.unwrap().get() - SMALL_PROBABILITY).abs() < 1e-12);
}

/// What the released files give, computed apart from them.
const FULL_SCORE: u64 = 0x4053_106a_a043_9dd4;
const SMALL_SCORE: u64 = 0x4035_a000_0000_0000;
const SMALL_PROBABILITY: f64 = 0.524_479_494_060_074_4;
