//! The fit from end to end: a model file that other commands take, or a refusal with its reasons.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::cli_project::Project;

/// Quick enough for a test, and enough for an interval.
const FIT: [&str; 5] = ["fit", "--replicates", "100", "--resamples", "10"];

/// Uniform in \[0, 1), from a key.
fn uniform(key: [u64; 2]) -> f64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for part in key {
        state = (state ^ part).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^= state >> 32;
    }
    (state >> 11) as f64 / (1_u64 << 53) as f64
}

/// A text as one line.
fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An account over two years: what it does in a month tells whether it leaves in the next.
fn life(number: u64) -> (Vec<String>, Option<String>) {
    let own = uniform([number, 0]);
    let mut logins = Vec::new();
    for month in 0..24_u64 {
        let (year, day) = (2023 + month / 12, month % 12 + 1);
        let health = 0.6 * own + 0.4 * uniform([number, 1 + month]);
        let leaves = 1.0 / (1.0 + (1.2 + 6.0 * health).exp());
        if month > 2 && uniform([number, 100 + month]) < leaves {
            return (logins, Some(format!("k{number:03},{year}-{day:02}-20")));
        }
        let visits = (0..12_u32).take_while(|visit| f64::from(*visit) < 12.0 * health);
        logins.extend(visits.map(|visit| {
            let draw = uniform([number, 1_000 + 20 * month + u64::from(visit)]);
            let day_of_month = 1.0 + (27.0 * draw).floor();
            format!("k{number:03},{year}-{day:02}-{day_of_month:02},high")
        }));
    }
    (logins, None)
}

/// Four hundred accounts whose logins tell who leaves.
fn project_with_signal() -> Project {
    let project = Project::new();
    let numbers = || 0..400_u64;
    let accounts = numbers().map(|number| format!("k{number:03},2022-06-15,pro,{}", 100 + number));
    project.write_rows("accounts.csv", "account_id,signed_up_on,plan,arr", accounts);
    let logins = numbers().flat_map(|number| life(number).0);
    project.write_rows("logins.csv", "account_id,at,mood", logins);
    let outcomes = numbers().filter_map(|number| life(number).1);
    project.write_rows("outcomes.csv", "account_id,churned_on", outcomes);
    let scorecard = project.read("scorecard.toml");
    let gates =
        "\n[gates]\nevent_accounts = 50\nlift_at_risk = 1.2\ncalibration_slope = [0.5, 2]\n";
    project.write("scorecard.toml", &format!("{scorecard}{gates}"));
    project
}

#[test]
fn a_signal_becomes_a_model_that_the_other_commands_take() {
    let project = project_with_signal();
    let said =
        project.expect(0, &[&FIT[..], &["--version", "1.0.0", "--owner", "cs lead"]].concat());
    assert!(said.stdout.starts_with("Model validated\n"), "{}", said.stdout);
    assert!(said.stdout.lines().all(|line| line.chars().count() <= 80), "{}", said.stdout);
    let names: Vec<String> = project.files("chs-out").into_keys().collect();
    assert_eq!(names, ["fit-run.json", "fit.json", "model.chs.json", "rejects.csv"]);
    let model = project.json("chs-out/model.chs.json");
    assert_eq!(model["model"]["version"], "1.0.0");
    assert_eq!(model["model_card"]["owner"], "cs lead");
    let run = project.json("chs-out/fit-run.json");
    assert_eq!(model["provenance"]["project_digest"], run["project"]["sha256"]);
    assert_eq!(model["provenance"]["data"][0]["digest"], run["tables"][0]["files"][0]["sha256"]);
    for file in ["fit", "model"] {
        let schema = project.expect(0, &["schema", file]).stdout;
        let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
        let name = if file == "fit" { "fit.json" } else { "model.chs.json" };
        assert!(validator.is_valid(&project.json(&format!("chs-out/{name}"))), "{name}");
    }
    let path = "chs-out/model.chs.json";
    assert!(project.expect(0, &["verify", path]).stdout.starts_with("sound: acme 1.0.0"));
    project.expect(0, &["panel"]);
    project.expect(0, &["score", "--model", path, "chs-out/panel.parquet"]);
    project.expect(0, &["explain", "--model", path, "--account", "k001"]);
    project.expect(0, &["compare", "scorecard.toml", path, "--replicates", "100"]);
    let backtest = ["backtest", "--model", path, "--replicates", "100"];
    assert!(project.expect(0, &backtest).stdout.contains("CHS215"));
}

#[test]
fn the_same_history_gives_the_same_model() {
    let project = project_with_signal();
    let fitted = |out: &str, threads: &str| {
        project.expect(0, &[&FIT[..], &["--out", out, "--threads", threads]].concat());
        (project.read(&format!("{out}/model.chs.json")), project.read(&format!("{out}/fit.json")))
    };
    assert!(fitted("one", "1") == fitted("two", "2"));
}

#[test]
fn a_refusal_says_why_and_leaves_an_earlier_model_alone() {
    let project = Project::new();
    project.write("chs-out/model.chs.json", "an earlier model");
    let said = project.expect(3, &FIT);
    assert!(said.stdout.starts_with("Refused: no model is written\n"), "{}", said.stdout);
    assert!(said.stdout.contains("event_accounts: at least 100 accounts"), "{}", said.stdout);
    assert!(said.stdout.contains("model.chs.json is of an earlier fit"), "{}", said.stdout);
    assert!(said.stdout.lines().all(|line| line.chars().count() <= 80), "{}", said.stdout);
    assert_eq!(project.read("chs-out/model.chs.json"), "an earlier model");
    let fit = project.json("chs-out/fit.json");
    assert_eq!(fit["outcome"], "refused");
    assert!(!fit["reasons"].as_array().unwrap().is_empty());
    let json = project.expect(3, &[&FIT[..], &["--format", "json"]].concat()).stdout;
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), fit);
}

/// Files under temporary names in the folder of results: one while a run looks whether it can write
/// there, more only while it writes results.
fn being_written(project: &Project) -> Vec<PathBuf> {
    let entries = fs::read_dir(project.path("chs-out")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let is_temporary = |path: &PathBuf| path.to_string_lossy().contains("/.chs-");
    paths.filter(is_temporary).collect()
}

#[cfg(unix)]
#[test]
fn a_killed_fit_leaves_the_old_model_or_the_new_one() {
    let project = project_with_signal();
    let model = "chs-out/model.chs.json";
    let fit = |version: &str, out: &str| {
        let arguments = ["--resamples", "0", "--quiet", "--version", version, "--out", out];
        project.command(&[&FIT[..3], &arguments].concat())
    };
    let fitted = |version: &str, out: &str| {
        assert!(fit(version, out).output().unwrap().status.success());
        project.read(&format!("{out}/model.chs.json"))
    };
    let (old, new) = (fitted("1.0.0", "chs-out"), fitted("2.0.0", "other"));
    assert!(old != new);
    for wait in [0, 1, 3, 9] {
        project.write(model, &old);
        let mut child = fit("2.0.0", "chs-out").stdout(Stdio::null()).spawn().unwrap();
        while child.try_wait().unwrap().is_none() && being_written(&project).len() < 2 {
            std::hint::spin_loop();
        }
        std::thread::sleep(std::time::Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
        let found = project.read(model);
        assert!(found == old || found == new, "{} bytes after {wait} ms", found.len());
        project.expect(0, &["verify", model]);
        for path in being_written(&project) {
            fs::remove_file(path).unwrap();
        }
    }
}

#[test]
fn a_hand_made_scorecard_becomes_a_model_with_its_weights() {
    let project = project_with_signal();
    let bands = "\n[[bands]]\nname = \"low\"\nfrom = 0\n[[bands]]\nname = \"high\"\nfrom = 75\n";
    project.write("scorecard.toml", &(project.read("scorecard.toml") + bands));
    project.expect(0, &[&FIT[..], &["--weights", "prior"]].concat());
    let model = project.json("chs-out/model.chs.json");
    assert_eq!(model["provenance"]["weights"], "prior");
    assert_eq!(model["model"]["components"][0]["indicators"][0]["weight"], 50.0);
    assert_eq!(model["model"]["bands"][1]["from"], 75.0);
}

#[test]
fn a_waiver_opens_a_gate_until_its_day() {
    let project = project_with_signal();
    let scorecard = project.read("scorecard.toml").replace("event_accounts = 50", "");
    let waive = |until: &str| {
        let waiver = format!(
            "{{ gate = \"event_accounts\", reason = \"the first year\", until = {until} }}"
        );
        let strict = format!("event_accounts = 5000\nwaive = [{waiver}]\n");
        project.write("scorecard.toml", &format!("{scorecard}{strict}"));
    };
    waive("2024-12-31");
    let said = project.expect(0, &FIT);
    assert!(words(&said.stdout).contains("; 1 of 7 gates waived."), "{}", said.stdout);
    assert!(said.stdout.contains("waived until 2024-12-31:"), "{}", said.stdout);
    assert!(said.stdout.lines().all(|line| line.chars().count() <= 80), "{}", said.stdout);
    let waiver = serde_json::json!({"reason": "the first year", "until": "2024-12-31"});
    let fit = project.json("chs-out/fit.json");
    assert_eq!(
        (&fit["gates"][0]["status"], &fit["gates"][0]["waiver"]),
        (&"waived".into(), &waiver)
    );
    assert!(fit["gates"][1]["waiver"].is_null());
    let model = project.json("chs-out/model.chs.json");
    let gates = model["validation"]["gates"].as_array().unwrap();
    assert_eq!(gates[0]["status"]["waived"], waiver);
    project.expect(0, &["verify", "chs-out/model.chs.json"]);
    waive("2024-12-30");
    let said = project.expect(3, &FIT);
    assert!(words(&said.stdout).contains("; its waiver ended on 2024-12-30"), "{}", said.stdout);
    waive("2024-12-31 }, { gate = \"event_acounts\"");
    let said = project.expect(2, &FIT);
    assert!(said.errors().contains("did you mean `event_accounts`?"), "{}", said.stderr);
}

/// The model of the demo never calls more accounts at risk than can be cared for.
#[test]
fn capacity_limits_who_is_at_risk_in_the_demo() {
    let project = Project::empty();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../datasets/saas-demo");
    let scorecard = std::fs::read_to_string(demo.join("scorecard.toml")).unwrap();
    let limit = "\n[fit]\nedges = { capacity = 120 }\n";
    project.write("scorecard.toml", &format!("{scorecard}{limit}"));
    let demo = demo.join("chs.toml").display().to_string();
    let of_demo = ["--project", &demo, "--as-of", "2026-01-01"];
    let said = project.expect(0, &[&FIT[..], &of_demo, &["--prior", "scorecard.toml"]].concat());
    assert!(
        words(&said.stdout).contains("by capacity, at most 120 accounts in at-risk"),
        "{}",
        said.stdout
    );
    let bands = &project.json("chs-out/fit.json")["bands"];
    assert_eq!((&bands["rule"], &bands["capacity"]), (&"capacity".into(), &120.into()));
    project.expect(0, &[&["panel"][..], &of_demo].concat());
    let score = ["score", "--model", "chs-out/model.chs.json", "--id", "snapshot"];
    let scores = project.expect(0, &[&score[..], &["chs-out/panel.parquet"]].concat()).stdout;
    let mut at_risk: BTreeMap<&str, usize> = BTreeMap::new();
    for line in scores.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        *at_risk.entry(cells[0]).or_default() += usize::from(cells[3] == "at-risk");
    }
    assert_eq!(at_risk.len(), 22);
    let most = at_risk.values().max().unwrap();
    assert!((60..=120).contains(most), "{at_risk:?}");
}

#[test]
fn what_cannot_be_fitted_is_an_error_and_nothing_is_written() {
    let project = Project::new();
    let refuses = |arguments: &[&str], part: &str| {
        let said = project.expect(2, arguments);
        assert!(said.errors().contains(part), "{}", said.stderr);
        assert_eq!(said.stdout, "");
        assert!(!project.path("chs-out").exists());
    };
    refuses(&["fit", "--version", "one"], "`one` is no version");
    refuses(&["fit", "--prior", "b.toml"], "b.toml cannot be read");
    refuses(&["fit", "--label", "churn"], "the panel has no label `churn`");
    refuses(&["fit", "--replicates", "5"], "`replicates`");
    refuses(&["fit", "--weights", "guessed"], "[possible values: learned, prior]");
}

const BACKTEST: [&str; 3] = ["backtest", "--replicates", "100"];

/// As the one above, with a second label.
fn project_with_two_labels() -> Project {
    let project = project_with_signal();
    let label = "\n[labels.churn_30d]\noutcome = \"churn\"\nhorizon = \"30d\"\n";
    project.write("chs.toml", &(project.read("chs.toml") + label));
    project
}

#[test]
fn a_report_tells_of_the_fit_beside_it() {
    let project = project_with_two_labels();
    project.expect(0, &BACKTEST);
    project.expect(0, &["report"]);
    assert!(project.read("chs-out/report.html").contains("none, nothing was fitted"));
    assert!(!project.path("chs-out/charts/weights.svg").exists());
    project.expect(0, &FIT);
    project.expect(0, &["report"]);
    let text = project.read("chs-out/report.md");
    assert!(text.contains("**A model left the fit.** The history moved"), "{text}");
    assert!(text.contains("acme-fitted minus"), "{text}");
    assert!(project.read("chs-out/report.html").contains("7 of 7 passed: model validated"));
    assert!(project.path("chs-out/charts/weights.svg").exists());
    let page = project.read("chs-out/report.html");
    let fit = project.json("chs-out/fit.json");
    for gate in fit["gates"].as_array().unwrap() {
        assert!(page.contains(&gate["name"].as_str().unwrap().replace('_', " ")), "{gate}");
    }
}

#[test]
fn a_report_tells_of_a_refusal() {
    let project = Project::new();
    project.expect(0, &BACKTEST);
    project.expect(3, &FIT);
    project.expect(0, &["report"]);
    let text = project.read("chs-out/report.md");
    assert!(text.contains("**No model left the fit.** The weights of `acme`"), "{text}");
    assert!(text.contains("**event accounts, fail:** at least 100 accounts"), "{text}");
    assert!(project.read("chs-out/report.html").contains(" passed: no model</dd>"));
}

#[test]
fn a_fit_of_something_else_is_in_no_report() {
    let project = project_with_two_labels();
    project.expect(0, &BACKTEST);
    project.expect(0, &FIT);
    let fit = project.read("chs-out/fit.json");
    let refuses = |parts: &[&str]| {
        let said = project.expect(2, &["report"]);
        for part in parts {
            assert!(said.errors().contains(part), "{part}: {}", said.stderr);
        }
        assert!(!project.path("chs-out/report.md").exists());
    };
    let place = "fit.json in chs-out does not belong to the backtest beside it";
    let remedy = "run `chs fit` again with the options of the backtest, or move fit.json away";
    project.edit("chs-out/fit.json", "acme", "acne");
    refuses(&[place, "no run of this folder wrote it", remedy]);
    project.write("chs-out/fit.json", "{");
    refuses(&["fit.json: line 1 column", "expected a fit.json that `chs fit` wrote"]);
    project.write("chs-out/fit.json", &fit);
    project.expect(0, &["fit", "--label", "churn_30d", "--replicates", "100", "--resamples", "10"]);
    refuses(&["the label is another one"]);
    project.expect(0, &FIT);
    project.write("accounts.csv", &(project.read("accounts.csv") + "late,2024-06-15,pro,7\n"));
    project.expect(0, &BACKTEST);
    refuses(&["the data were others"]);
    // The interval of its calibration slope ends about where a gate stands; fit.json is written either way.
    let fit_again = || assert!(matches!(project.chs(&FIT).code, Some(0 | 3)));
    fit_again();
    project.write("chs.toml", &(project.read("chs.toml") + "# looked at\n"));
    project.expect(0, &BACKTEST);
    refuses(&["chs.toml was another one"]);
    fit_again();
    project.expect(0, &["report"]);
}
