//! The recipes on the data that they are written for, where these lie: `CHS_SHARED_DATA`, or `shared/data`
//! beside the repository. That of the warehouse has its data beside it.

use std::path::{Path, PathBuf};

use chs::backtest_json::v1::{Backtest, Comparison, Finding};
use chs::{Done, FitSettings, InputOptions, Inputs, Job, Release, Settings, Unobserved};
use jiff::civil::{Date, date};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The inputs of a recipe; `None` where its data are not there.
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn inputs(name: &str) -> Option<Inputs> {
    let shared = std::env::var_os("CHS_SHARED_DATA").map(PathBuf::from);
    let data = shared.unwrap_or_else(|| root().join("../shared/data")).join(name);
    if !data.is_dir() {
        eprintln!("skipped: {} is not there", data.display());
        return None;
    }
    let project = root().join("datasets/recipes").join(name).join("chs.toml");
    let options =
        InputOptions { project: Some(project), data_dir: Some(data), ..InputOptions::default() };
    Some(Inputs::read(&options).unwrap())
}

fn backtest(name: &str) -> Option<Done<Backtest>> {
    Some(tested(&inputs(name)?))
}

fn tested(inputs: &Inputs) -> Done<Backtest> {
    let scorecards = chs::read_scorecards(inputs, &[]).unwrap();
    let out = tempfile::tempdir().unwrap();
    let job = Job {
        command: "backtest",
        inputs,
        scorecards: &scorecards,
        out: out.path(),
        observer: &Unobserved,
    };
    let settings = Settings { replicates: 100, ..Settings::default() };
    chs::backtest(job, &settings).unwrap()
}

/// The inputs of a project whose data lie beside it.
fn own_inputs(folder: &str, as_of: Option<Date>) -> Inputs {
    let project = Some(root().join(folder).join("chs.toml"));
    Inputs::read(&InputOptions { project, as_of, ..InputOptions::default() }).unwrap()
}

#[test]
fn a_snapshot_table_of_a_warehouse_gives_the_figures_of_its_history() {
    let history = own_inputs("datasets/saas-demo", Some(date(2026, 1, 1)));
    let history = tested(&history).result;
    let mut table = tested(&own_inputs("datasets/recipes/saas_demo_warehouse", None)).result;
    assert_ne!(table.scorecards[0].life, history.scorecards[0].life, "the table tells no dates");
    table.scorecards[0].life = history.scorecards[0].life.clone();
    assert_eq!(table.scorecards, history.scorecards[..1], "weighted-7, without the vendor's score");
    assert_eq!(table.baselines, history.baselines);
    assert_eq!(table.row_states, history.row_states);
    assert_eq!(table.sufficiency, history.sufficiency);
    assert_eq!(table.verdict, history.verdict);
    let of_both = |comparison: &&Comparison| {
        [&comparison.a, &comparison.b].iter().all(|own| *own != "vendor")
    };
    let of_history: Vec<&Comparison> = history.comparisons.iter().filter(of_both).collect();
    assert_eq!(table.comparisons.iter().collect::<Vec<_>>(), of_history);
    assert!(!table.comparisons.is_empty());
}

fn finding<'a>(done: &'a Done<Backtest>, code: &str, subject: &str) -> &'a Finding {
    let of_data = done.check.iter().flat_map(|check| &check.findings);
    let mut all = of_data.chain(&done.result.findings);
    all.find(|finding| finding.code == code && finding.subject == subject)
        .unwrap_or_else(|| panic!("no {code} of {subject}"))
}

fn area(done: &Done<Backtest>) -> (f64, f64, f64) {
    let metrics = &done.result.scorecards[0].metrics;
    let auc = metrics.iter().find(|metric| metric.name == "auc_within_snapshot").unwrap();
    (auc.estimate.unwrap(), auc.lower.unwrap(), auc.upper.unwrap())
}

#[test]
fn ravenstack_has_its_traps_reported_and_no_signal_in_activity() {
    let Some(done) = backtest("ravenstack") else { return };
    let usage = finding(&done, "CHS110", "usage");
    assert_eq!(usage.figures["rows"].to_bits(), 19_142_f64.to_bits());
    assert!(usage.sentence.contains("19142 of 25000 rows"), "{}", usage.sentence);
    let tickets = finding(&done, "CHS105", "tickets");
    assert_eq!(tickets.figures["rows"].to_bits(), 1_077_f64.to_bits());
    let twice = finding(&done, "CHS104", "usage");
    assert!(twice.sentence.contains("duplicate 21"), "{}", twice.sentence);
    let flag = &finding(&done, "CHS111", "churn").sentence;
    assert!(flag.contains("75 accounts have both, 35 the flag alone, 277 the outcome alone"));
    let (_, lower, upper) = area(&done);
    assert!(lower < 0.5 && upper > 0.5, "{lower} to {upper}");
    assert_eq!(done.result.verdict.answer, "does_not_work");
}

#[test]
fn telco_ibm_ranks_and_leaves_out_what_needs_time() {
    let Some(done) = backtest("telco_ibm") else { return };
    let rows = &done.run.tables[0];
    assert_eq!((rows.read, rows.used, done.run.panel.snapshots), (7_043, 7_043, 0));
    let blank = &finding(&done, "CHS106", "TotalCharges").sentence;
    assert!(blank.contains("7032 of 7043 rows"), "{blank}");
    finding(&done, "CHS112", "panel");
    finding(&done, "CHS214", "churn");
    let (_, lower, upper) = area(&done);
    assert!(lower > 0.8 && upper < 0.86, "{lower} to {upper}");
    assert_eq!(done.result.scorecards[0].coverage.with_probability, 7_043);
    let source = done.result.scorecards[0].probability_source.as_deref();
    assert_eq!(source, Some("account_folds"));
}

#[test]
fn a_project_is_proposed_for_the_files_of_each() {
    for name in ["fightchurn_crm5", "online_retail", "ravenstack", "telco_ibm"] {
        let Some(recipe) = inputs(name) else { return };
        let folder = tempfile::tempdir().unwrap();
        chs::init_from(folder.path(), &recipe.data_dir, &Unobserved).unwrap();
        let project = Some(folder.path().join("chs.toml"));
        let inputs = Inputs::read(&InputOptions { project, ..InputOptions::default() }).unwrap();
        let out = folder.path().join("out");
        let job = Job {
            command: "check",
            inputs: &inputs,
            scorecards: &[],
            out: &out,
            observer: &Unobserved,
        };
        let done = chs::check(job).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(done.run.panel.rows > 1_000, "{name}: {}", done.run.panel.rows);
    }
}

#[test]
fn telco_ibm_is_fitted_with_a_calibration_from_other_accounts() {
    let Some(inputs) = inputs("telco_ibm") else { return };
    let prior = chs::read_score(&inputs, &inputs.project_file.with_file_name("scorecard.toml"));
    let out = tempfile::tempdir().unwrap();
    let job = Job {
        command: "fit",
        inputs: &inputs,
        scorecards: &[prior.unwrap()],
        out: out.path(),
        observer: &Unobserved,
    };
    let settings = FitSettings { replicates: 100, resamples: 10, ..FitSettings::default() };
    let fit = chs::fit(job, &settings, &Release::default()).unwrap().result.fit;
    let slope = fit.gates.iter().find(|gate| gate.name == "calibration_slope").unwrap();
    assert_eq!(slope.status, "pass", "{}", slope.sentence);
    assert!(slope.tested["lower"] < 1.0 && slope.tested["upper"] > 1.0, "{}", slope.sentence);
    assert_eq!((fit.evidence.scheme.as_str(), fit.data.snapshots), ("account_folds", 0));
}
