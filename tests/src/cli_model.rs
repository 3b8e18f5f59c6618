//! Model files on the command line: verified, scored, explained, compared; and what is refused, where.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::process::Stdio;

use chs_data::{OutputColumn, write_parquet};
use chs_scorecard::model_file::v1;
use chs_scorecard::{
    Calibration, HealthScore, Input, Model, ModelFile, ModelParts, OutcomePolarity,
    OutcomeProbability, ProbabilityCurve, Scorecard,
};
use serde_json::Value;

use crate::cli_project::Project;

/// A record as a scorer gets it: id, logins, days since the last one.
type Record = (&'static str, Option<f64>, Option<f64>);

const RECORDS: [Record; 5] = [
    ("a", Some(3.0), Some(12.5)),
    ("b", Some(0.1), None),
    ("c", None, Some(2.0)),
    ("17", Some(6.0), Some(40.0)),
    ("e", None, None),
];

/// A model file of the project's scorecard, sealed with made-up evidence.
fn sealed(scorecard: &str, weights: v1::WeightOrigin) -> ModelFile {
    let scorecard = Scorecard::from_toml("scorecard.toml", scorecard).unwrap();
    let calibration = Calibration {
        curve: ProbabilityCurve::Logistic { intercept: 1.5, slope: -0.0625 },
        outcome: "churn".into(),
        polarity: OutcomePolarity::Adverse,
        lead_time: "0d".into(),
        horizon: "60d".into(),
        base_rate: 0.1,
    };
    let numbers: Vec<f64> = (0..100).map(f64::from).collect();
    let distribution = v1::Distribution::of_numbers(&numbers);
    let names = scorecard.indicators().map(|indicator| indicator.name.clone());
    let reference = v1::Reference {
        score: distribution.clone(),
        indicators: names.map(|name| (name, distribution.clone())).collect(),
    };
    let references = vec![70.0; scorecard.indicators().count()];
    let parts = ModelParts {
        model: Model::from_scorecard(&scorecard, calibration, &references).unwrap(),
        inputs: BTreeMap::new(),
        provenance: provenance(weights),
        validation: validation(),
        reference,
        model_card: v1::ModelCard {
            owner: "customer success".into(),
            intended_use: "triage".into(),
            out_of_scope: Vec::new(),
            limitations: Vec::new(),
            monitoring_plan: "monthly".into(),
            review_due: Some("2026-01-01".into()),
        },
        extensions: serde_json::Map::new(),
        account_ids: BTreeSet::new(),
    };
    ModelFile::seal(parts).unwrap()
}

fn provenance(weights: v1::WeightOrigin) -> v1::Provenance {
    v1::Provenance {
        tool: v1::Tool { name: "chs".into(), version: "0.1.0".into() },
        weights,
        project_digest: None,
        scorecard_digest: None,
        data: Vec::new(),
        rows: 100,
        accounts: 50,
        window: Some(v1::Window { from: "2024-03-31".into(), to: "2024-06-30".into() }),
        label: v1::Label {
            name: "churn_60d".into(),
            outcome: "churn".into(),
            lead_time: "0d".into(),
            horizon: "60d".into(),
            follow_up_end: None,
        },
        as_of: None,
        seed: None,
        parent_model_digest: None,
    }
}

fn validation() -> v1::Validation {
    let gate = |name: &str| v1::Gate {
        name: name.to_owned(),
        policy: "as asked".into(),
        tested: BTreeMap::new(),
        thresholds: BTreeMap::new(),
        status: v1::GateStatus::Pass,
    };
    v1::Validation {
        design: "made up".into(),
        metrics: vec![v1::Metric {
            name: "auc_within_snapshot".into(),
            slice: BTreeMap::new(),
            estimate: Some(0.75),
            lower: Some(0.7),
            upper: Some(0.8),
            level: Some(0.95),
            method: Some("influence".into()),
            n: 100,
            events: 20,
            accounts: 50,
            event_accounts: 20,
            reason: None,
        }],
        comparisons: Vec::new(),
        gates: chs_scorecard::model_file::REQUIRED_GATES.map(gate).to_vec(),
    }
}

/// The small project with a model file of its scorecard.
fn project_with_model(weights: v1::WeightOrigin) -> Project {
    let project = Project::new();
    let model = sealed(&project.read("scorecard.toml"), weights);
    let mut bytes = Vec::new();
    model.write_to(&mut bytes).unwrap();
    fs::write(project.path("model.chs.json"), bytes).unwrap();
    project
}

fn csv() -> String {
    let cell = |number: Option<f64>| number.map_or_else(String::new, |number| number.to_string());
    let rows = RECORDS.map(|(id, a, b)| format!("{},{id},{}\n", cell(b), cell(a)));
    format!("days_since_login,account_id,logins_30d\n{}", rows.concat())
}

fn ndjson() -> String {
    let row = |(id, a, b): Record| {
        format!(
            "{}\n",
            serde_json::json!({ "account_id": id, "logins_30d": a, "days_since_login": b })
        )
    };
    RECORDS.map(row).concat()
}

fn parquet() -> Vec<u8> {
    let numbers = |pick: fn(&Record) -> Option<f64>| {
        OutputColumn::Number(RECORDS.iter().map(|own| pick(own).unwrap_or(f64::NAN)).collect())
    };
    let ids = RECORDS.iter().map(|own| Some(own.0)).collect();
    let columns = vec![
        ("logins_30d".to_owned(), numbers(|own| own.1)),
        ("account_id".to_owned(), OutputColumn::Text(ids)),
        ("days_since_login".to_owned(), numbers(|own| own.2)),
    ];
    let mut bytes = Vec::new();
    write_parquet(columns, &mut bytes).unwrap();
    bytes
}

const SCORE: [&str; 3] = ["score", "--model", "model.chs.json"];

#[test]
fn a_sound_file_is_told_in_one_line() {
    let project = project_with_model(v1::WeightOrigin::Prior);
    let said = project.expect(0, &["verify", "model.chs.json"]);
    assert!(said.stdout.starts_with("sound: acme 0.1.0, digest "), "{}", said.stdout);
    assert!(said.stdout.ends_with(" golden records replayed\n"), "{}", said.stdout);
    assert_eq!(said.stdout.lines().count(), 1);
    let said = project.expect(0, &["verify", "model.chs.json", "--format", "json"]);
    let json: Value = serde_json::from_str(&said.stdout).unwrap();
    let model = project.json("model.chs.json");
    assert_eq!(json["digest"], model["digests"]["model"]);
    assert!(json["golden_records"].as_u64().unwrap() > 10);
    project.expect(2, &["verify", "nowhere.json"]);
}

#[test]
fn a_file_that_is_not_sound_is_refused_at_the_place() {
    let project = project_with_model(v1::WeightOrigin::Prior);
    let text = project.read("model.chs.json");
    let cut = text[..text.len() / 2].to_owned();
    let deep = format!("{{\"format\": {}", "[".repeat(10_000));
    let edit = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    };
    let broken = [
        (cut, "line "),
        (edit("\"intercept\": 1.5", "\"intercept\": NaN"), "(line "),
        (edit("\"intercept\": 1.5", "\"intercept\": 1e999"), "$.model.calibration.intercept"),
        (
            edit("\"intercept\": 1.5", "\"intercept\": 1.5, \"intercept\": 1.5"),
            "$.model.calibration",
        ),
        (deep, "line 1"),
        (edit("\"format_version\": \"1.0\"", "\"format_version\": \"2.0\""), "$.format_version"),
        (edit("\"intercept\": 1.5", "\"intercept\": 1.25"), "$.digests.model"),
        (edit("\"triage\"", "\"everything\""), "$.digests.document"),
        ("accounts".to_owned(), "line 1"),
        (String::new(), "$"),
    ];
    project.write("in.csv", &csv());
    for (text, place) in broken {
        project.write("broken.json", &text);
        let said = project.expect(1, &["verify", "broken.json"]);
        assert!(said.stdout.starts_with("broken.json is not sound\n"), "{}", said.stdout);
        assert!(said.stdout.contains(place), "{place} in {}", said.stdout);
        assert!(said.stdout.contains("help: "), "{}", said.stdout);
        let said = project.expect(2, &["score", "--model", "broken.json", "in.csv"]);
        assert_eq!(said.stdout, "");
        assert!(said.errors().contains("broken.json: $"), "{}", said.stderr);
        let said = project.expect(2, &["backtest", "--model", "broken.json"]);
        assert!(said.errors().contains("broken.json: $"), "{}", said.stderr);
    }
}

#[test]
fn the_same_records_score_the_same_from_every_kind_of_file() {
    let project = project_with_model(v1::WeightOrigin::Prior);
    project.write("in.csv", &csv());
    project.write("in.ndjson", &ndjson());
    fs::write(project.path("in.parquet"), parquet()).unwrap();
    let expected = project.expect(0, &[&SCORE[..], &["in.csv"]].concat()).stdout;
    assert_eq!(expected.lines().count(), 1 + RECORDS.len());
    for name in ["in.ndjson", "in.parquet"] {
        assert_eq!(project.expect(0, &[&SCORE[..], &[name]].concat()).stdout, expected, "{name}");
    }
    for (format, text) in [("csv", csv()), ("ndjson", ndjson())] {
        let arguments = [&SCORE[..], &["-", "--input-format", format]].concat();
        let mut command = project.command(&arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected, "{format} from stdin");
    }
}

#[test]
fn scores_are_those_of_a_scorer_that_embeds_the_file() {
    let project = project_with_model(v1::WeightOrigin::Prior);
    project.write("in.csv", &csv());
    let said = project.expect(0, &[&SCORE[..], &["in.csv", "--format", "json"]].concat());
    let found: Value = serde_json::from_str(&said.stdout).unwrap();
    let model = ModelFile::read(project.read("model.chs.json").as_bytes()).unwrap();
    for (record, (id, a, b)) in found["scores"].as_array().unwrap().iter().zip(RECORDS) {
        let input = |number: Option<f64>| number.map_or(Input::Missing, Input::Number);
        let scored = model.model().score(&[input(a), input(b)], None, None);
        assert_eq!(record["account_id"], id);
        assert_eq!(record["score"].as_f64(), scored.scored.score.map(HealthScore::get));
        assert_eq!(record["probability"].as_f64(), scored.probability.map(OutcomeProbability::get));
        assert_eq!(record["coverage"].as_f64(), Some(scored.scored.coverage));
        let points = record["driver_1_points"].as_f64();
        assert_eq!(points, scored.scored.drivers().first().map(|own| own.points));
    }
    assert_eq!(found["unscored"], 1);
    assert_eq!(found["scores"][4]["reason"], "nothing observed");
    assert!(said.stderr.contains("1 of 5 records have no score"), "{}", said.stderr);
    let quiet = project.expect(0, &[&SCORE[..], &["in.csv", "--quiet"]].concat());
    assert_eq!(quiet.stderr, "");
}

#[test]
fn scores_go_into_files_by_their_extension() {
    let project = project_with_model(v1::WeightOrigin::Prior);
    project.write("in.csv", &csv());
    let csv = project.expect(0, &[&SCORE[..], &["in.csv"]].concat()).stdout;
    for name in ["out/scores.csv", "scores.ndjson", "scores.parquet"] {
        project.expect(0, &[&SCORE[..], &["in.csv", "--out-file", name]].concat());
    }
    assert_eq!(project.read("out/scores.csv"), csv);
    assert_eq!(project.read("scores.ndjson").lines().count(), RECORDS.len());
    assert!(fs::read(project.path("scores.parquet")).unwrap().starts_with(b"PAR1"));
    let said = project.expect(2, &[&SCORE[..], &["in.csv", "--out-file", "scores.xls"]].concat());
    assert!(said.errors().contains("expected .csv, .ndjson or .parquet"), "{}", said.stderr);
}

#[test]
fn an_input_without_a_column_names_the_nearest() {
    let project = project_with_model(v1::WeightOrigin::Prior);
    project.write("in.csv", &csv().replace("logins_30d", "login_30d"));
    let said = project.expect(2, &[&SCORE[..], &["in.csv"]].concat());
    assert!(said.errors().contains("no column `logins_30d`"), "{}", said.stderr);
    assert!(said.errors().contains("did you mean `login_30d`?"), "{}", said.stderr);
    project.write("in.csv", &csv());
    let ids = [&SCORE[..], &["in.csv", "--id", "acount_id"]].concat();
    let said = project.expect(2, &ids);
    assert!(said.errors().contains("did you mean `account_id`?"), "{}", said.stderr);
    project.write("in.csv", &csv().replace("account_id", "score"));
    let said = project.expect(2, &[&SCORE[..], &["in.csv", "--id", "score"]].concat());
    assert!(said.errors().contains("the id column `score`"), "{}", said.stderr);
    let said = project.expect(0, &[&SCORE[..], &["in.csv", "--quiet"]].concat());
    assert!(said.stdout.starts_with("record,score,"), "{}", said.stdout);
}

#[test]
fn rows_that_cannot_be_read_keep_their_place() {
    let project = project_with_model(v1::WeightOrigin::Prior);
    project.write("in.csv", "account_id,logins_30d,days_since_login\na,1,2\nb,1\nc,many,2\n");
    let said = project.expect(0, &[&SCORE[..], &["in.csv", "--format", "json"]].concat());
    let found: Value = serde_json::from_str(&said.stdout).unwrap();
    let records = &found["scores"];
    assert_eq!(records[1]["reason"], "line 3: wrong number of fields");
    assert_eq!((&records[1]["score"], &records[2]["account_id"]), (&Value::Null, &"c".into()));
    assert_eq!((&found["unscored"], &found["unusable"]), (&1.into(), &1.into()));
    assert!(said.errors().contains("1 values could not be used"), "{}", said.stderr);
}

#[test]
fn an_earlier_score_gives_a_trend() {
    let project = project_with_model(v1::WeightOrigin::Prior);
    project.write(
        "in.csv",
        "account_id,logins_30d,days_since_login,previous_score,previous_age_days\n\
         a,3,20,90,30\nb,3,20,,\nc,3,20,900,30\n",
    );
    let said = project.expect(0, &[&SCORE[..], &["in.csv", "--format", "json"]].concat());
    let found: Value = serde_json::from_str(&said.stdout).unwrap();
    let trends: Vec<&Value> =
        found["scores"].as_array().unwrap().iter().map(|own| &own["trend"]).collect();
    assert_eq!(trends, ["declining", "unknown", "unknown"]);
}

#[test]
fn an_account_is_explained_and_its_drivers_sum() {
    let project = project_with_model(v1::WeightOrigin::Prior);
    let json = |arguments: &[&str]| -> Value {
        let said = project.expect(0, &[arguments, &["--format", "json"]].concat());
        serde_json::from_str(&said.stdout).unwrap()
    };
    for score in [&["--model", "model.chs.json"][..], &["--scorecard", "scorecard.toml"], &[]] {
        let found = json(&[&["explain", "--account", "acct-007"], score].concat());
        let now = found["now"]["score"].as_f64().unwrap();
        let sum = |list: &Value, key: &str| -> f64 {
            list.as_array().unwrap().iter().filter_map(|own| own[key].as_f64()).sum()
        };
        let references = found["indicators"].as_array().unwrap().iter();
        let reference: f64 = references
            .map(|own| own["weight"].as_f64().unwrap() / 100.0 * own["reference"].as_f64().unwrap())
            .sum();
        assert!((sum(&found["indicators"], "contribution") - (now - reference)).abs() < 1e-9);
        let change = &found["change"];
        let points = change["points"].as_f64().unwrap();
        assert!((sum(&change["drivers"], "points") - points).abs() < 1e-9);
        let history = found["history"].as_array().unwrap();
        assert_eq!(history.last().unwrap(), &found["now"]);
        let before = history.iter().rev().nth(1).unwrap()["score"].as_f64().unwrap();
        assert!((now - before - points).abs() < 1e-9);
        assert_eq!(found["now"]["probability"].is_null(), score.first() != Some(&"--model"));
    }
    assert!(!project.path("chs-out").exists(), "nothing is written");
}

#[test]
fn explain_tells_a_snapshot_and_refuses_what_is_not_there() {
    let project = project_with_model(v1::WeightOrigin::Prior);
    let explain = ["explain", "--account", "acct-003", "--model", "model.chs.json"];
    let said = project.expect(0, &[&explain[..], &["--snapshot", "2024-03-31"]].concat());
    assert!(said.stdout.starts_with("acct-003 scores "), "{}", said.stdout);
    let words = said.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("at the end of 2024-03-31; probability of churn within 60d"), "{words}");
    assert!(words.contains("Rank ") && words.contains("within plan basic "), "{words}");
    assert!(words.contains("of the scores behind the model"), "{words}");
    assert!(said.stdout.lines().all(|line| line.chars().count() <= 80), "{}", said.stdout);
    let csv = project.expect(0, &[&explain[..], &["--format", "csv"]].concat()).stdout;
    assert!(csv.starts_with("snapshot,score,band,probability,reason\n"), "{csv}");
    let said = project.expect(2, &[&explain[..], &["--snapshot", "2024-03-30"]].concat());
    assert!(
        said.errors().contains("account `acct-003` has no row at 2024-03-30"),
        "{}",
        said.stderr
    );
    let said = project.expect(2, &["explain", "--account", "nobody"]);
    assert!(said.errors().contains("the panel has no account `nobody`"), "{}", said.stderr);
    let said = project.expect(2, &["explain", "--account", "acct-003", "--model", "x.json"]);
    assert!(
        said.errors().contains("expected a model file such as `chs fit` writes"),
        "{}",
        said.stderr
    );
}

#[test]
fn a_backtest_names_the_model_and_warns_of_its_own_training() {
    for (weights, warned) in [(v1::WeightOrigin::Prior, false), (v1::WeightOrigin::Learned, true)] {
        let project = project_with_model(weights);
        let arguments = ["backtest", "--replicates", "100", "--model", "model.chs.json"];
        let beside = [&arguments[..], &["--scorecard", "scorecard.toml"]].concat();
        project.expect(0, &arguments);
        let digest = project.json("model.chs.json")["digests"]["model"].clone();
        let run = project.json("chs-out/run.json");
        assert_eq!(run["scorecards"][0]["model_digest"], digest);
        let findings = project.json("chs-out/backtest.json")["findings"].clone();
        let found = findings.as_array().unwrap().iter().find(|own| own["code"] == "CHS215");
        assert_eq!(found.is_some_and(|own| own["level"] == "warning"), warned);
        project.expect(0, &beside);
        let run = project.json("chs-out/run.json");
        let names = [&run["scorecards"][0]["name"], &run["scorecards"][1]["name"]];
        assert_eq!(names, ["acme scorecard.toml", "acme model.chs.json"]);
        assert_eq!(run["scorecards"][0]["model_digest"], Value::Null);
    }
}

#[test]
fn a_model_of_other_indicators_is_refused_at_the_place() {
    let project = project_with_model(v1::WeightOrigin::Prior);
    let text = project.read("scorecard.toml").replace("logins_30d", "login_30d");
    let mut bytes = Vec::new();
    sealed(&text, v1::WeightOrigin::Prior).write_to(&mut bytes).unwrap();
    fs::write(project.path("other.json"), bytes).unwrap();
    let said = project.expect(2, &["backtest", "--model", "other.json"]);
    let errors = said.errors();
    assert!(errors.contains("no indicator is named `login_30d` in chs.toml"), "{errors}");
    assert!(errors.contains("did you mean `logins_30d`?"), "{errors}");
    assert!(errors.contains("\"name\": \"login_30d\""), "{errors}");
}

#[test]
fn two_scores_are_compared_with_who_changes_band() {
    let project = project_with_model(v1::WeightOrigin::Prior);
    let text = project.read("scorecard.toml").replace("0.1.0", "0.2.0");
    project
        .write("b.toml", &text.replace("poor = 0, good = 6 }", "poor = 0, good = 6, weight = 4 }"));
    let compare = ["compare", "model.chs.json", "b.toml", "--replicates", "100"];
    let said = project.expect(0, &compare);
    assert!(said.stdout.lines().all(|line| line.chars().count() <= 80), "{}", said.stdout);
    let found = project.json("chs-out/compare.json");
    assert_eq!((&found["a"]["kind"], &found["b"]["kind"]), (&"model".into(), &"scorecard".into()));
    assert_eq!(found["b"]["name"], "acme 0.2.0");
    assert_eq!(found["differences"][0]["name"], "auc_within_snapshot");
    for migration in found["migrations"].as_array().unwrap() {
        let cells = migration["cells"].as_array().unwrap();
        let count = |keep: &dyn Fn(&Value) -> bool| -> u64 {
            let kept = cells.iter().filter(|cell| keep(cell));
            kept.map(|cell| cell["accounts"].as_u64().unwrap()).sum()
        };
        assert_eq!(Some(count(&|_| true)), migration["accounts"].as_u64());
        assert_eq!(Some(count(&|cell| cell["a"] != cell["b"])), migration["moved"].as_u64());
        let change = migration["mean_b"].as_f64().unwrap() - migration["mean_a"].as_f64().unwrap();
        for key in ["components", "indicators"] {
            let shifts = migration[key].as_array().unwrap().iter();
            let sum: f64 = shifts.map(|own| own["change"].as_f64().unwrap()).sum();
            assert!((sum - change).abs() < 1e-9, "{key}");
        }
    }
    let schema = project.expect(0, &["schema", "compare"]).stdout;
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    assert!(validator.is_valid(&found));
    assert_eq!(project.json("chs-out/compare-run.json")["command"], "compare");
    assert!(!project.path("chs-out/run.json").exists(), "a backtest's manifest stays its own");
    let json = project.expect(0, &[&compare[..], &["--format", "json"]].concat()).stdout;
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), found);
}

/// Whether a file under a temporary name lies in the folder.
fn is_being_written(project: &Project) -> bool {
    let names = project.files("out").into_keys();
    names.into_iter().any(|name| name.starts_with(".chs-"))
}

#[cfg(unix)]
#[test]
fn a_killed_write_leaves_the_old_file_or_the_new_one() {
    let project = project_with_model(v1::WeightOrigin::Prior);
    let rows = (0..20_000).map(|number| format!("k{number},{},{}", number % 9, number % 50));
    project.write_rows("in.csv", "account_id,logins_30d,days_since_login", rows);
    let score = [&SCORE[..], &["in.csv", "--quiet", "--out-file", "out/scores.csv"]].concat();
    project.expect(0, &score);
    let new = project.read("out/scores.csv");
    for wait in [0, 1, 2, 4, 8, 16] {
        project.write("out/scores.csv", "old");
        let mut child = project.command(&score).stdout(Stdio::null()).spawn().unwrap();
        while child.try_wait().unwrap().is_none() && !is_being_written(&project) {
            std::hint::spin_loop();
        }
        std::thread::sleep(std::time::Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
        let found = project.read("out/scores.csv");
        assert!(found == "old" || found == new, "{} bytes after {wait} ms", found.len());
        for name in project.files("out").into_keys().filter(|name| name.starts_with(".chs-")) {
            fs::remove_file(project.path(&format!("out/{name}"))).unwrap();
        }
    }
}
