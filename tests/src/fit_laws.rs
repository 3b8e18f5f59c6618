//! Laws of the fit, over histories whose true coefficients are known.

use chs_fit::{
    BandRule, ConstrainedLogistic, Estimator, EstimatorError, FitError, FitOutcome, FitReport,
    FitSettings, GateStatus, Scheme, ShareBound, Weights, fit, fit_json,
};
use chs_panel::{
    IndicatorValues, Label, LabelDefinition, LabelState, LabelWindow, Named, NumberColumn, Panel,
    PanelParts, Polarity, Span, UNDATED, WordColumn,
};
use chs_scorecard::{Calibration, Input, ModelFile, ProbabilityCurve, Scorecard, model_file};
use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use linfa::Dataset;
use linfa::traits::Fit as _;
use ndarray::{Array1, Array2};
use proptest::prelude::*;

/// Rows whose label is drawn from a logistic model of their sub-scores: its coefficients are the truth.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) accounts: usize,
    pub(crate) months: usize,
    /// Fall of the log odds of churn per 100 points of each sub-score.
    pub(crate) truth: [f64; 4],
    pub(crate) intercept: f64,
    pub(crate) polarity: Polarity,
    /// Share of values that are missing.
    pub(crate) missing: f64,
    pub(crate) seed: u64,
    /// Labels against the polarity: a renewal is what is no churn.
    pub(crate) mirrored: bool,
    pub(crate) name: fn(usize) -> String,
    /// Truth and intercept of every other account, which are then of level `other` of segment `plan`.
    pub(crate) other: Option<([f64; 4], f64)>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            accounts: 700,
            months: 12,
            truth: [4.2, 2.1, 0.7, 0.0],
            intercept: 0.7,
            polarity: Polarity::Adverse,
            missing: 0.05,
            seed: 7,
            mirrored: false,
            name: |number| format!("A{number:04}"),
            other: None,
        }
    }
}

const NAMES: [&str; 4] = ["logins", "features", "answers", "meetings"];

/// Uniform in \[0, 1), from a key.
fn uniform(key: [u64; 3]) -> f64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for part in key {
        state = (state ^ part).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^= state >> 32;
    }
    (state >> 11) as f64 / (1_u64 << 53) as f64
}

struct Row {
    account: String,
    day: Date,
    values: [f64; 4],
    vendor: f64,
    level: &'static str,
    state: LabelState,
}

fn plan(rows: &[Row]) -> Named<WordColumn> {
    let words: Vec<Option<&str>> = rows.iter().map(|row| Some(row.level)).collect();
    Named { name: "plan".into(), column: WordColumn::from_words(words.iter().copied()) }
}

impl Plan {
    fn rows(&self) -> Vec<Row> {
        let mut rows: Vec<Row> = (0..self.accounts)
            .flat_map(|account| (0..self.months).map(move |month| (account, month)))
            .map(|(account, month)| self.row(account, month))
            .collect();
        rows.sort_by(|a, b| (a.day, &a.account).cmp(&(b.day, &b.account)));
        rows
    }

    fn row(&self, account: usize, month: usize) -> Row {
        let draw = |what: usize, month: usize| {
            uniform([self.seed, account as u64, (what * 1_000 + month) as u64])
        };
        let values: [f64; 4] = std::array::from_fn(|index| {
            100.0 * (0.3 * draw(20, 0) + 0.2 * draw(index, 0) + 0.5 * draw(index + 4, month + 1))
        });
        let own = (self.truth, self.intercept);
        let (truth, intercept) = self.other.filter(|_| account % 2 == 1).unwrap_or(own);
        let fall: f64 = truth.iter().zip(values).map(|(b, value)| b * value / 100.0).sum();
        let churned = draw(9, month + 1) < 1.0 / (1.0 + (fall - intercept).exp());
        let seen = std::array::from_fn(|index| {
            if draw(index + 10, month + 1) < self.missing { f64::NAN } else { values[index] }
        });
        Row {
            account: (self.name)(account),
            day: date(2024, 1, 31).checked_add(i64::try_from(month).unwrap().months()).unwrap(),
            values: seen,
            level: if account % 2 == 1 { "other" } else { "own" },
            vendor: 0.3 * values[0] + 70.0 * draw(15, month + 1),
            state: if churned == self.mirrored {
                LabelState::Negative
            } else {
                LabelState::Positive
            },
        }
    }

    fn parts(&self) -> PanelParts {
        let rows = self.rows();
        let mut accounts: Vec<String> = rows.iter().map(|row| row.account.clone()).collect();
        accounts.sort();
        accounts.dedup();
        let index =
            |row: &Row| u32::try_from(accounts.binary_search(&row.account).unwrap()).unwrap();
        let indicator = |(index, name): (usize, &str)| Named {
            name: name.to_owned(),
            column: IndicatorValues::Numbers(NumberColumn::new(
                rows.iter().map(|row| row.values[index]).collect(),
            )),
        };
        let settled = |row: &Row| Some(row.day.checked_add(60.days()).unwrap());
        PanelParts {
            account: rows.iter().map(index).collect(),
            snapshot: rows.iter().map(|row| row.day).collect(),
            indicators: NAMES.into_iter().enumerate().map(indicator).collect(),
            labels: vec![Label {
                definition: LabelDefinition {
                    name: "churn_60d".into(),
                    outcome: "churn".into(),
                    polarity: self.polarity,
                    window: Some(LabelWindow {
                        lead_time: Span::days(0),
                        horizon: Span::days(60),
                        follow_up_end: date(2025, 12, 31),
                        follow_up_declared: true,
                    }),
                },
                states: rows.iter().map(|row| Some(row.state)).collect(),
                settled: rows.iter().map(settled).collect(),
                next: None,
            }],
            recorded_scores: vec![Named {
                name: "vendor".into(),
                column: NumberColumn::new(rows.iter().map(|row| row.vendor).collect()),
            }],
            accounts,
            segments: if self.other.is_some() { vec![plan(&rows)] } else { Vec::new() },
            ..PanelParts::default()
        }
    }

    pub(crate) fn panel(&self) -> Panel {
        Panel::new(self.parts()).unwrap()
    }
}

fn scorecard_with(extra: &str) -> Scorecard {
    scorecard_and(extra, "")
}

/// With keys of a component, and sections.
pub(crate) fn scorecard_and(extra: &str, sections: &str) -> Scorecard {
    let indicator = |name: &str| format!("{{ name = \"{name}\", poor = 0, good = 100 }}");
    let [logins, features, answers, meetings] = NAMES.map(indicator);
    let text = format!(
        "spec_version = 1\nname = \"acme\"\nversion = \"0.1.0\"\n\
         [components.use]\nweight = 50\nindicators = [{logins}, {features}]\n\
         [components.voice]\nweight = 50\n{extra}\nindicators = [{answers}, {meetings}]\n\
         {sections}"
    );
    Scorecard::from_toml("scorecard.toml", &text).unwrap()
}

pub(crate) fn scorecard() -> Scorecard {
    scorecard_with("")
}

pub(crate) fn settings() -> FitSettings {
    FitSettings { replicates: 200, resamples: 100, ..FitSettings::default() }
}

fn run(plan: &Plan, settings: &FitSettings) -> FitOutcome {
    fit(&plan.panel(), &scorecard(), settings).unwrap()
}

fn fitted(report: &FitReport) -> Vec<f64> {
    report.weights.iter().map(|row| row.fitted.unwrap()).collect()
}

/// Intercept and slope.
fn line(calibration: &Calibration) -> (f64, f64) {
    match calibration.curve {
        ProbabilityCurve::Logistic { intercept, slope } => (intercept, slope),
        ProbabilityCurve::Isotonic { .. } => panic!("no line"),
    }
}

fn gate<'a>(report: &'a FitReport, name: &str) -> &'a chs_fit::Gate {
    report.gates.iter().find(|gate| gate.name == name).unwrap()
}

#[test]
fn a_clear_signal_is_validated_and_its_coefficients_recovered() {
    let outcome = run(&Plan::default(), &settings());
    assert!(outcome.reasons().is_empty(), "{:?}", outcome.reasons());
    let report = outcome.report();
    let truth = [60.0, 30.0, 10.0, 0.0];
    let weights = fitted(report);
    assert!((weights.iter().sum::<f64>() - 100.0).abs() < 1e-9);
    for (row, truth) in report.weights.iter().zip(truth) {
        let fitted = row.fitted.unwrap();
        assert!((fitted - truth).abs() < 12.0, "{row:?}");
        assert!((fitted - fitted.round()).abs() < 1e-12, "whole percents: {row:?}");
        if let Some(interval) = row.unpenalised_interval {
            assert!(interval.lower <= truth && truth <= interval.upper, "{row:?}");
        }
        let range = row.range.unwrap();
        assert!(range.lower <= row.continuous.unwrap() && row.continuous.unwrap() <= range.upper);
    }
    assert!(report.weights[0].unpenalised_interval.is_some());
    assert!(report.certificate.unwrap().residual < 1e-8);
    let rounding = report.rounding.unwrap();
    assert_eq!(rounding.steps, Some(1));
    assert!((-1e-12..1e-3).contains(&rounding.cost), "{rounding:?}");
    assert_eq!(report.scheme, Scheme::WalkForward);
    assert!(report.folds.iter().all(|fold| fold.kept_prior.is_none()), "{:?}", report.folds);
    let against = |rival: &str, metric: &str| {
        report.evaluation.comparison("acme-fitted", rival, metric).unwrap().metric.interval.unwrap()
    };
    for rival in ["acme", "vendor", "equal_weights"] {
        let auc = against(rival, "auc_within_snapshot");
        assert!(auc.lower > 0.0, "{rival}: {auc:?}");
    }
    assert!(against("base_rate", "log_loss").upper < 0.0);
}

#[test]
fn a_validated_model_is_sealed_and_scores_as_it_was_fitted() {
    let panel = Plan::default().panel();
    let FitOutcome::Validated(validated) = fit(&panel, &scorecard(), &settings()).unwrap() else {
        panic!("refused")
    };
    let tool = model_file::v1::Tool { name: "chs".into(), version: "0.1.0".into() };
    let card = model_file::v1::ModelCard {
        owner: "customer success".into(),
        intended_use: "calls".into(),
        out_of_scope: Vec::new(),
        limitations: Vec::new(),
        monitoring_plan: "monthly".into(),
        review_due: Some("2027-01-31".into()),
    };
    let file = ModelFile::seal(validated.model_parts(tool, card)).unwrap();
    let scored = file.model().score(&[30.0, 50.0, 70.0, 90.0].map(Input::Number), None, None);
    let weights = fitted(validated.report());
    let expected = weights[0] * 0.3 + weights[1] * 0.5 + weights[2] * 0.7 + weights[3] * 0.9;
    let score = scored.scored.score.unwrap().get();
    assert!((score - expected).abs() < 1e-9);
    let calibration = validated.report().calibration.as_ref().unwrap();
    let (intercept, slope) = line(calibration);
    let log_odds = intercept + slope * score;
    let probability = scored.probability.unwrap().get();
    assert!((probability - 1.0 / (1.0 + (-log_odds).exp())).abs() < 1e-12);
    let calls = chs_stats::exact_sum(scored.scored.contributions.iter().flatten().copied());
    assert!(calls.abs() < 60.0, "measured against training means, not against 100");
}

#[test]
fn noise_is_refused_with_its_reason() {
    let plan = Plan { truth: [0.0; 4], intercept: -2.0, ..Plan::default() };
    for seed in 1..=3 {
        let outcome = run(&Plan { seed, ..plan.clone() }, &settings());
        assert!(matches!(outcome, FitOutcome::Refused(_)));
        let codes: Vec<&str> = outcome.reasons().iter().map(chs_fit::Reason::code).collect();
        let is_told = codes.contains(&"auc_within_snapshot") || codes.contains(&"no_signal");
        assert!(is_told, "{codes:?}");
    }
    let reversed = Plan { truth: [-3.0, -1.5, -0.5, -1.0], intercept: -4.0, ..Plan::default() };
    let outcome = run(&reversed, &settings());
    assert_eq!(outcome.reasons()[0].code(), "no_signal", "{:?}", outcome.reasons());
    assert!(outcome.report().calibration.is_none());
    let prior = FitSettings { weights: Weights::Prior, ..settings() };
    assert_eq!(run(&reversed, &prior).reasons()[0].code(), "wrong_way");
}

#[test]
fn an_endless_pull_gives_the_prior() {
    let strong = FitSettings { lambda: Some(1e6), ..settings() };
    let report = run(&Plan::default(), &strong).report().clone();
    assert_eq!(fitted(&report), [25.0; 4]);
    assert!(report.moved.unwrap() < 1e-9);
    let free = FitSettings { lambda: Some(0.0), ..settings() };
    assert!(run(&Plan::default(), &free).report().moved.unwrap() > 30.0);
}

#[test]
fn the_priors_weights_are_kept_as_they_are() {
    let prior = FitSettings { weights: Weights::Prior, ..settings() };
    let report = run(&Plan::default(), &prior).report().clone();
    assert_eq!(fitted(&report), [25.0; 4]);
    assert!(report.certificate.is_none() && report.selection.is_none());
    assert_eq!(report.bands.rule, BandRule::Prior);
    let edges: Vec<Option<f64>> = report.bands.edges.iter().map(|edge| edge.fitted).collect();
    assert_eq!(edges, [Some(0.0), Some(40.0), Some(70.0)]);
    assert!(line(&report.calibration.unwrap()).1 < 0.0);
}

#[test]
fn share_bounds_are_kept_by_rounded_weights() {
    let scorecard = scorecard_with("share = [35, 45]");
    let report = fit(&Plan::default().panel(), &scorecard, &settings()).unwrap().report().clone();
    let weights = fitted(&report);
    assert!((weights[2] + weights[3] - 35.0).abs() < 1e-9, "{weights:?}");
    assert!(report.certificate.unwrap().residual < 1e-8);
}

#[test]
fn a_favourable_outcome_is_the_mirror_of_an_adverse_one() {
    let adverse = run(&Plan::default(), &settings()).report().clone();
    let mirrored = Plan { polarity: Polarity::Favourable, mirrored: true, ..Plan::default() };
    let outcome = run(&mirrored, &settings());
    let favourable = outcome.report();
    assert_eq!(fitted(&adverse), fitted(favourable));
    let [a, b] = [&adverse, favourable].map(|report| line(report.calibration.as_ref().unwrap()));
    assert!((a.0 + b.0).abs() < 1e-8 && (a.1 + b.1).abs() < 1e-9);
    let edges = |report: &FitReport| report.bands.edges.clone();
    assert_eq!(edges(&adverse), edges(favourable));
    let auc = |report: &FitReport| {
        let primary = report.evaluation.primary().unwrap();
        primary.metric("auc_within_snapshot").unwrap().estimate.unwrap()
    };
    assert!((auc(&adverse) - auc(favourable)).abs() < 1e-12);
}

#[test]
fn neither_threads_nor_the_order_of_accounts_show() {
    let small = FitSettings { replicates: 100, resamples: 20, ..FitSettings::default() };
    let on = |threads: usize, plan: &Plan| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(plan, &small))
    };
    let plan = Plan { accounts: 400, ..Plan::default() };
    let one = serde_json::to_string(&on(1, &plan).to_json()).unwrap();
    let three = serde_json::to_string(&on(3, &plan).to_json()).unwrap();
    assert_eq!(one, three);
    // Other names, other rows first: the chosen fit has the same bits.
    let given = FitSettings { lambda: Some(1e-3), resamples: 0, ..small.clone() };
    let renamed = Plan { name: |number| format!("{:04}", 9_999 - number), ..plan.clone() };
    let [here, there] = [plan, renamed].map(|plan| run(&plan, &given).report().clone());
    let bits = |report: &FitReport| -> Vec<u64> {
        let own = report.weights.iter().filter_map(|row| row.coefficient);
        own.chain([line(report.calibration.as_ref().unwrap()).1]).map(f64::to_bits).collect()
    };
    assert_eq!(bits(&here), bits(&there));
}

#[test]
fn the_reference_estimator_agrees_where_nothing_binds() {
    let plan = Plan { truth: [3.0, 1.5, 1.5, 2.0], intercept: 1.0, ..Plan::default() };
    let own = FitSettings { lambda: Some(0.0), resamples: 0, ..settings() };
    let reference = FitSettings { estimator: Estimator::Logistic, ..own.clone() };
    let [own, reference] = [own, reference].map(|settings| run(&plan, &settings).report().clone());
    for (own, reference) in own.weights.iter().zip(&reference.weights) {
        let (own, reference) = (own.coefficient.unwrap(), reference.coefficient.unwrap());
        assert!((own - reference).abs() < 1e-3, "{own} {reference}");
    }
    let negative = Plan { truth: [3.0, -1.5, 0.5, 1.0], ..Plan::default() };
    let settings = FitSettings { estimator: Estimator::Logistic, ..settings() };
    let outcome = run(&negative, &settings);
    assert_eq!(outcome.reasons()[0].code(), "negative_weights");
    assert!(outcome.reasons()[0].sentence().contains("`features`"));
}

#[test]
fn a_cross_section_is_split_by_account_and_says_so() {
    let plan = Plan { accounts: 6_000, months: 1, ..Plan::default() };
    let outcome = run(&plan, &settings());
    let report = outcome.report();
    assert!(outcome.reasons().is_empty(), "{:?}", outcome.reasons());
    assert_eq!((report.scheme, report.folds.len()), (Scheme::AccountFolds, 5));
    assert!(report.design().starts_with("account folds: 5 groups of accounts"));
    assert_eq!(report.selection.as_ref().unwrap().scheme, Some(Scheme::AccountFolds));
}

#[test]
fn a_cross_section_has_its_calibration_from_other_accounts() {
    let mut parts = Plan { accounts: 6_000, months: 1, ..Plan::default() }.parts();
    parts.snapshot.fill(UNDATED);
    for label in &mut parts.labels {
        label.definition.window = None;
        label.settled.fill(None);
    }
    let panel = Panel::new(parts).unwrap();
    assert!(panel.is_cross_section());
    let outcome = fit(&panel, &scorecard(), &settings()).unwrap();
    assert!(outcome.reasons().is_empty(), "{:?}", outcome.reasons());
    let report = outcome.report();
    assert_eq!((report.data.snapshots, report.data.window), (0, None));
    let slope = gate(report, "calibration_slope");
    assert!(slope.tested["lower"] < 1.0 && slope.tested["upper"] > 1.0, "{slope:?}");
    let sources = report.evaluation.to_json().scorecards.into_iter();
    assert!(sources.into_iter().all(|own| own.probability_source.unwrap() == "account_folds"));
}

/// What is wrong with the data ends in an answer, not in an error.
#[test]
fn hopeless_histories_end_in_clear_answers() {
    let change = |change: &dyn Fn(&mut PanelParts)| {
        let mut parts = Plan { accounts: 300, ..Plan::default() }.parts();
        change(&mut parts);
        fit(&Panel::new(parts).unwrap(), &scorecard(), &settings()).unwrap()
    };
    let numbers = |parts: &mut PanelParts, index: usize, value: &dyn Fn(usize) -> f64| {
        let column = (0..parts.account.len()).map(value).collect();
        parts.indicators[index].column = IndicatorValues::Numbers(NumberColumn::new(column));
    };
    let codes = |outcome: &FitOutcome| -> Vec<String> {
        outcome.reasons().iter().map(|reason| reason.code().to_owned()).collect()
    };
    let all_alike = change(&|parts| parts.labels[0].states.fill(Some(LabelState::Negative)));
    assert_eq!(codes(&all_alike)[0], "one_outcome");
    let one_event = change(&|parts| {
        parts.labels[0].states.fill(Some(LabelState::Negative));
        parts.labels[0].states[500] = Some(LabelState::Positive);
    });
    assert!(codes(&one_event).contains(&"event_accounts".to_owned()), "{:?}", codes(&one_event));
    let unlabelled = change(&|parts| parts.labels[0].states.fill(None));
    assert_eq!(codes(&unlabelled)[0], "one_outcome");
    let separated = change(&|parts| {
        let churned: Vec<bool> =
            parts.labels[0].states.iter().map(|s| *s == Some(LabelState::Positive)).collect();
        for index in 0..4 {
            numbers(parts, index, &|row| if churned[row] { 10.0 } else { 80.0 });
        }
    });
    assert_eq!(codes(&separated)[0], "separated");
    assert!(
        codes(&change(&|parts| {
            for index in 0..4 {
                numbers(parts, index, &|_| 50.0);
            }
        }))
        .contains(&"no_signal".to_owned())
    );
    let nothing = change(&|parts| {
        for index in 0..4 {
            numbers(parts, index, &|_| f64::NAN);
        }
    });
    assert_eq!((codes(&nothing)[0].as_str(), nothing.report().data.rows), ("one_outcome", 0));
}

#[test]
fn an_indicator_of_which_the_data_say_nothing_keeps_its_weight() {
    for value in [f64::NAN, 60.0] {
        let mut parts = Plan::default().parts();
        let column = vec![value; parts.account.len()];
        parts.indicators[3].column = IndicatorValues::Numbers(NumberColumn::new(column));
        let outcome = fit(&Panel::new(parts).unwrap(), &scorecard(), &settings()).unwrap();
        let row = &outcome.report().weights[3];
        assert!(row.silent && !outcome.report().weights[0].silent);
        assert!((row.continuous.unwrap() - 25.0).abs() < 1e-9, "{row:?}");
    }
    // Two columns that are one: the prior tells them apart.
    let mut parts = Plan::default().parts();
    parts.indicators[1].column = parts.indicators[0].column.clone();
    let outcome = fit(&Panel::new(parts).unwrap(), &scorecard(), &settings()).unwrap();
    let weights = fitted(outcome.report());
    assert!((weights[0] - weights[1]).abs() <= 1.0, "{weights:?}");
}

#[test]
fn too_few_events_fail_closed_and_a_waiver_opens_a_gate() {
    let plan = Plan { accounts: 200, months: 4, ..Plan::default() };
    let outcome = run(&plan, &settings());
    let gate_names: Vec<&str> = outcome.reasons().iter().map(chs_fit::Reason::code).collect();
    assert!(gate_names.contains(&"event_accounts"), "{gate_names:?}");
    let slope = gate(outcome.report(), "calibration_slope");
    assert!(!slope.is_open(), "{slope:?}");
    let closed = outcome.report().gates.iter().filter(|gate| !gate.is_open());
    let waivers: Vec<String> = closed
        .map(|gate| {
            let name = gate.name;
            format!("{{ gate = \"{name}\", reason = \"a pilot\", until = 2026-03-31 }}")
        })
        .collect();
    let scorecard = scorecard_and("", &format!("[gates]\nwaive = [{}]", waivers.join(", ")));
    let panel = plan.panel();
    // The follow-up of the label ends in 2025; a setting may name another day.
    for as_of in [None, Some(date(2026, 3, 31))] {
        let waived = fit(&panel, &scorecard, &FitSettings { as_of, ..settings() }).unwrap();
        assert!(waived.reasons().is_empty(), "{:?}", waived.reasons());
        let status = &gate(waived.report(), "event_accounts").status;
        assert!(matches!(status, GateStatus::Waived(own) if own.reason == "a pilot"));
        let lift = waived.report().gates.iter().find(|gate| gate.status == GateStatus::Pass);
        assert!(lift.is_some(), "a gate that passes needs no waiver");
    }
    let as_of = Some(date(2026, 4, 1));
    let ended = fit(&panel, &scorecard, &FitSettings { as_of, ..settings() }).unwrap();
    let codes: Vec<&str> = ended.reasons().iter().map(chs_fit::Reason::code).collect();
    assert_eq!(codes, gate_names);
    let sentence = ended.reasons()[0].sentence();
    assert!(sentence.ends_with("; its waiver ended on 2026-03-31"), "{sentence}");
}

#[test]
fn what_a_holdout_leaves_out_never_moves_an_earlier_fold() {
    let plan = Plan::default();
    let later = fit(&plan.panel(), &scorecard(), &settings()).unwrap().report().clone();
    let mut parts = plan.parts();
    let origin = later.folds[0].origin.unwrap();
    // What is settled after the first origin turns into its opposite.
    let label = &mut parts.labels[0];
    for (state, settled) in label.states.iter_mut().zip(&label.settled) {
        if settled.is_some_and(|day| day > origin) {
            *state = Some(match *state {
                Some(LabelState::Positive) => LabelState::Negative,
                _ => LabelState::Positive,
            });
        }
    }
    let turned = fit(&Panel::new(parts).unwrap(), &scorecard(), &settings()).unwrap();
    assert_eq!(turned.report().folds[0].weights, later.folds[0].weights);
    assert_ne!(turned.report().folds[3].weights, later.folds[3].weights);
    let month = FitSettings { holdout: Some(Span::months(2)), ..settings() };
    let short = run(&plan, &month).report().clone();
    assert!(short.folds.len() <= 2 && short.folds[0].origin.unwrap() > origin);
}

/// Which of two indicators announces the outcome changes every two months: who trains on rows whose windows
/// reach into the time that is tested knows which one it will be.
#[test]
fn an_overlap_leak_gains_nothing_under_purging_and_is_seen_without_it() {
    let gain = |purged: bool| {
        let mut parts =
            Plan { truth: [0.5, 0.5, 6.0, 0.0], accounts: 1_500, ..Plan::default() }.parts();
        let other =
            Plan { truth: [0.5, 0.5, 0.0, 6.0], accounts: 1_500, ..Plan::default() }.parts();
        for row in 0..parts.snapshot.len() {
            if (parts.snapshot[row].month() - 1) / 2 % 2 == 1 {
                parts.labels[0].states[row] = other.labels[0].states[row];
            }
            if !purged {
                // A history that claims to have known each outcome on the day of its snapshot.
                parts.labels[0].settled[row] = Some(parts.snapshot[row]);
            }
        }
        let panel = Panel::new(parts).unwrap();
        let report = fit(&panel, &scorecard(), &settings()).unwrap().report().clone();
        let auc =
            report.evaluation.comparison("acme-fitted", "acme", "auc_within_snapshot").unwrap();
        auc.metric.interval.unwrap()
    };
    let (purged, leaking) = (gain(true), gain(false));
    // What is left under purging is what the past honestly teaches, next to nothing.
    assert!(purged.upper < 0.01 && purged.upper < leaking.lower, "{purged:?} {leaking:?}");
}

#[test]
fn capacity_limits_who_is_at_risk() {
    // Accounts of the last three months count, though their outcomes are not known yet.
    let mut parts = Plan::default().parts();
    for (state, day) in parts.labels[0].states.iter_mut().zip(&parts.snapshot) {
        if *day > date(2024, 10, 1) {
            *state = Some(LabelState::Censored);
        }
    }
    let panel = Panel::new(parts).unwrap();
    let limited = scorecard_and("", "[fit]\nedges = { capacity = 60 }\n");
    let outcome = fit(&panel, &limited, &settings()).unwrap();
    let edge = outcome.report().bands.edges[1].fitted.unwrap();
    let weighed = scorecard().with_weights(&fitted(outcome.report())).unwrap();
    let scores = chs_backtest::score_columns(&panel, &weighed).unwrap().score;
    let most = |edge: f64| {
        let below = |snapshot: usize| {
            let scores = panel.rows_of(snapshot).filter_map(|row| scores[row]);
            scores.filter(|score| *score < edge).count()
        };
        (0..panel.snapshots().len()).map(below).max().unwrap()
    };
    assert!(most(edge) <= 60 && most(edge + 1.0) > 60, "{edge}");
}

#[test]
fn shares_keep_their_order_and_few_indicators_are_few() {
    let panel = Plan::default().panel();
    let ordered = scorecard_and("", "[fit]\norder = [[\"voice\", \"use\"]]\n");
    let weights = fitted(fit(&panel, &ordered, &settings()).unwrap().report());
    assert!(weights[0] + weights[1] <= weights[2] + weights[3], "{weights:?}");
    assert!(weights[0] > weights[1], "the history still speaks: {weights:?}");
    let few = scorecard_and("", "[fit]\nmost_indicators = 2\n");
    let report = fit(&panel, &few, &settings()).unwrap().report().clone();
    let weights = fitted(&report);
    assert_eq!(weights.iter().filter(|own| **own > 0.0).count(), 2, "{weights:?}");
    assert!(weights[0] > 40.0 && weights[1] > 20.0, "{weights:?}");
    assert!(
        report.folds.iter().all(|fold| fold.weights.iter().filter(|own| **own > 0.0).count() <= 2)
    );
    assert!(report.removed.iter().all(|(_, cost)| *cost > -1e-9), "{:?}", report.removed);
    let both = scorecard_and("share = [20, 40]", "[fit]\nmost_indicators = 1\n");
    let refused = fit(&panel, &both, &settings()).unwrap();
    assert_eq!(refused.reasons()[0].code(), "too_many_indicators");
    let sentence = refused.reasons()[0].sentence();
    assert!(sentence.contains("leave 2 indicators") && sentence.contains("for 1"), "{sentence}");
}

#[test]
fn an_old_weight_that_was_wrong_has_its_price() {
    let report = run(&Plan::default(), &settings()).report().clone();
    let [logins, features, answers, meetings] = [0, 1, 2, 3].map(|index| &report.weights[index]);
    for (row, word) in [(logins, "more than the prior"), (meetings, "nothing")] {
        let price = row.keeping.unwrap();
        assert!(price.estimate > 0.0 && price.interval.lower > 0.0, "{row:?}");
        assert!(row.why().contains("; the old weight loses on held-out rows"), "{}", row.why());
        let told = row.why().contains(word) || row.why().contains("less than the prior");
        assert!(told, "{}", row.why());
    }
    // The truth is 30 and the prior 25: no price that could be told from none.
    let price = features.keeping.map(|own| own.interval);
    assert!(price.is_none_or(|own| own.lower < 0.0 || own.upper < 2e-3), "{features:?}");
    assert!(answers.why().starts_with("the history alone"), "{}", answers.why());
}

#[test]
fn edges_have_an_interval_and_follow_cost_and_target() {
    let panel = Plan::default().panel();
    let with = |edges: &str| {
        let scorecard = scorecard_and("", &format!("[fit]\nedges = {edges}\n"));
        fit(&panel, &scorecard, &settings()).unwrap().report().clone()
    };
    let edge = |report: &FitReport| report.bands.edges[1].fitted.unwrap();
    let likely = with("\"likelihood\"");
    assert_eq!(likely.bands.edges[0].interval, None);
    for own in &likely.bands.edges[1..] {
        let (fitted, range) = (own.fitted.unwrap(), own.interval.unwrap());
        assert!(range.lower <= fitted && fitted <= range.upper, "{own:?}");
        assert!(range.upper - range.lower < 40.0, "{own:?}");
    }
    let [dear, cheap] = [with("{ miss_costs = 12 }"), with("{ miss_costs = 4 }")];
    assert!(edge(&dear) > edge(&cheap), "dearer misses are sought more widely");
    let [strict, lenient] = [with("{ precision = 30 }"), with("{ precision = 20 }")];
    assert!(edge(&strict) < edge(&lenient));
    let ratio = with("{ ratio = 2 }");
    assert!(ratio.bands.found && ratio.bands.edges[1].interval.is_some());
    let none = with("{ precision = 99 }");
    assert!(!none.bands.found && none.bands.edges[1].interval.is_none());
}

#[test]
fn rows_count_by_value_and_by_age() {
    let given = FitSettings { lambda: Some(1e-3), resamples: 0, ..settings() };
    // Half of the accounts are worth nothing and follow another truth.
    let plan = Plan::default();
    let mut parts = plan.parts();
    let other = Plan { truth: [0.0, 0.0, 0.7, 4.2], ..plan }.parts();
    let worthless = |row: usize| parts.account[row] % 2 == 1;
    let value: Vec<f64> =
        (0..parts.account.len()).map(|row| if worthless(row) { 0.0 } else { 9.0 }).collect();
    let states: Vec<Option<LabelState>> =
        (0..value.len())
            .map(|row| {
                if worthless(row) {
                    other.labels[0].states[row]
                } else {
                    parts.labels[0].states[row]
                }
            })
            .collect();
    parts.labels[0].states = states;
    parts.value = Some(NumberColumn::new(value));
    let panel = Panel::new(parts).unwrap();
    let with = |panel: &Panel, policy: &str| {
        let scorecard = scorecard_and("", &format!("[fit]\n{policy}\n"));
        fitted(fit(panel, &scorecard, &given).unwrap().report())
    };
    let [valued, alike] = [with(&panel, "by_value = true"), with(&panel, "by_value = false")];
    assert!(valued[3] < 10.0 && alike[3] > 20.0, "{valued:?} {alike:?}");
    // The truth turns after half a year.
    let mut parts = Plan::default().parts();
    for row in 0..parts.snapshot.len() {
        if parts.snapshot[row] < date(2024, 7, 1) {
            parts.labels[0].states[row] = other.labels[0].states[row];
        }
    }
    let panel = Panel::new(parts).unwrap();
    let [recent, alike] = [with(&panel, "half_life = \"45d\""), with(&panel, "steps = 1")];
    assert!(recent[3] < alike[3] - 10.0, "{recent:?} {alike:?}");
}

#[test]
fn a_scale_that_was_wrong_is_learned_inside_each_fold() {
    // The scale of the prior ends where that of the truth begins.
    let text = |scales: &str| {
        format!(
            "spec_version = 1\nname = \"acme\"\nversion = \"0.1.0\"\n[components.use]\nweight = 100\n\
             indicators = [{{ name = \"logins\", poor = 0, good = 30 }}, {{ name = \"features\", poor = \
             70, good = 200 }}]\n[fit]\nscales = \"{scales}\"\n"
        )
    };
    let panel = Plan::default().panel();
    let of = |scales: &str| {
        let scorecard = Scorecard::from_toml("scorecard.toml", &text(scales)).unwrap();
        fit(&panel, &scorecard, &settings()).unwrap()
    };
    let auc = |outcome: &FitOutcome, name: &str| {
        let found = outcome.report().evaluation.candidates.iter().find(|own| own.name == name);
        found.unwrap().metric("auc_within_snapshot").unwrap().estimate.unwrap()
    };
    let (given, learned) = (of("given"), of("learned"));
    assert!(auc(&learned, "acme-fitted") > auc(&given, "acme-fitted") + 0.02);
    assert_eq!(
        auc(&learned, "acme").to_bits(),
        auc(&given, "acme").to_bits(),
        "the prior keeps its own"
    );
    let FitOutcome::Validated(validated) = learned else { panic!("{:?}", learned.reasons()) };
    let logins = validated.scorecard().indicators().next().unwrap().normalisation.clone();
    let chs_scorecard::Normalisation::Knots(knots) = logins else { panic!("{logins:?}") };
    assert_eq!(knots.points().len(), 10);
    assert!(knots.points().windows(2).all(|pair| pair[0].1 <= pair[1].1), "{knots:?}");
}

#[test]
fn a_plan_is_what_the_fit_then_does() {
    let panel = Plan::default().panel();
    let planned = chs_fit::plan(&panel, &scorecard(), &settings()).unwrap();
    let report = fit(&panel, &scorecard(), &settings()).unwrap().report().clone();
    assert_eq!((planned.data, planned.scheme), (report.data, report.scheme));
    let rows: Vec<_> =
        planned.folds.iter().map(|own| (own.origin, own.training_rows, own.test_rows)).collect();
    let done: Vec<_> =
        report.folds.iter().map(|own| (own.origin, own.training_rows, own.test_rows)).collect();
    assert_eq!(rows, done);
    assert!(planned.fits > 15 * (1 + planned.folds.len()), "{}", planned.fits);
    let prior = FitSettings { weights: Weights::Prior, ..settings() };
    assert_eq!(chs_fit::plan(&panel, &scorecard(), &prior).unwrap().fits, 0);
}

#[test]
fn what_does_not_fit_together_is_an_error() {
    let panel = Plan { accounts: 30, ..Plan::default() }.panel();
    let unknown = FitSettings { label: Some("renewal".into()), ..settings() };
    assert!(matches!(fit(&panel, &scorecard(), &unknown), Err(FitError::Backtest(_))));
    let few = FitSettings { replicates: 10, ..settings() };
    assert!(matches!(fit(&panel, &scorecard(), &few), Err(FitError::Backtest(_))));
    let empty = Panel::new(PanelParts::default()).unwrap();
    assert!(matches!(fit(&empty, &scorecard(), &settings()), Err(FitError::Backtest(_))));
}

#[test]
fn the_file_is_read_back_and_follows_its_schema() {
    let schema = jsonschema::validator_for(&chs_fit::fit_schema()).unwrap();
    let plans = [Plan::default(), Plan { truth: [0.0; 4], ..Plan::default() }];
    for outcome in plans.map(|plan| run(&plan, &settings())) {
        let text = serde_json::to_string(&outcome.to_json()).unwrap();
        let errors: Vec<String> = schema
            .iter_errors(&serde_json::from_str(&text).unwrap())
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?}");
        let read = fit_json::v1::Fit::read(&text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        assert_eq!(read.outcome == "validated", read.reasons.is_empty());
        assert_eq!(read.evidence.candidate, "acme-fitted");
    }
}

#[test]
fn percentiles_are_ranked_inside_each_fold_and_leave_as_knots() {
    let text = "spec_version = 1\nname = \"acme\"\nversion = \"0.1.0\"\n[components.use]\n\
                weight = 100\nindicators = [\
                { name = \"logins\", percentile = \"higher_is_better\" },\
                { name = \"features\", poor = 0, good = 100 }]\n";
    let scorecard = Scorecard::from_toml("scorecard.toml", text).unwrap();
    let outcome = fit(&Plan::default().panel(), &scorecard, &settings()).unwrap();
    let FitOutcome::Validated(validated) = outcome else { panic!("{:?}", outcome.reasons()) };
    assert!(!validated.scorecard().needs_reference());
}

/// Rows, labels, lambda and a share bound, coarse so that ties and copies of columns occur.
fn problem() -> impl Strategy<Value = (Vec<[u8; 3]>, Vec<bool>, f64, (f64, f64))> {
    let rows = prop::collection::vec([0_u8..4, 0_u8..4, 0_u8..4], 30);
    let labels = prop::collection::vec(any::<bool>(), 30);
    let lambda = prop_oneof![Just(0.0), Just(1e-4), Just(0.1), Just(1e3)];
    let share = prop_oneof![Just((0.0, 1.0)), Just((0.0, 0.3)), Just((0.4, 0.4)), Just((0.5, 0.9))];
    (rows, labels, lambda, share)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]
    #[test]
    fn nothing_that_is_allowed_is_better_than_the_optimum(
        (rows, labels, lambda, (at_least, at_most)) in problem(),
        others in prop::collection::vec((-1.0..1.0_f64, [0.0..1.0_f64, 0.0..1.0, 0.0..1.0]), 40),
    ) {
        let x = Array2::from_shape_fn((30, 3), |(row, column)| -f64::from(rows[row][column]) / 3.0);
        let y = Array1::from_vec(labels.clone());
        let fitted = ConstrainedLogistic::new()
            .lambda(lambda)
            .shares(vec![ShareBound { members: vec![1], at_least, at_most }])
            .fit(&Dataset::new(x.clone(), y));
        let solution = match fitted {
            Ok(fitted) => fitted.solution().clone(),
            Err(EstimatorError::Separated | EstimatorError::OneClass { .. }) => return Ok(()),
            Err(other) => panic!("{other}"),
        };
        prop_assert!(solution.certificate.residual <= 1e-8);
        let b = &solution.coefficients;
        let sum: f64 = b.iter().sum();
        prop_assert!(b.iter().all(|own| *own >= -1e-12));
        prop_assert!(b[1] >= at_least * sum - 1e-9 && b[1] <= at_most * sum + 1e-9);
        let objective = |intercept: f64, b: &[f64]| {
            let losses = (0..30).map(|row| {
                let linear: f64 = intercept + (0..3).map(|j| b[j] * x[[row, j]]).sum::<f64>();
                (if labels[row] { -linear } else { linear }).exp().ln_1p()
            });
            let mean = b.iter().sum::<f64>() / 3.0;
            let off: f64 = b.iter().map(|own| (own - mean) * (own - mean)).sum();
            losses.sum::<f64>() / 30.0 + lambda / 2.0 * off
        };
        prop_assert!((objective(solution.intercept, b) - solution.objective).abs() < 1e-12);
        for (number, (away, other)) in others.into_iter().enumerate() {
            // From afar and from close by, moved into the share.
            let size = 0.1_f64.powi(i32::try_from(number % 8).unwrap());
            let mut there: Vec<f64> = b.iter().zip(other).map(|(b, o)| b + size * (o - b)).collect();
            let rest = there[0] + there[2];
            let bound = |share: f64| if share < 1.0 { share / (1.0 - share) * rest } else { f64::MAX };
            there[1] = there[1].clamp(bound(at_least), bound(at_most));
            let found = objective(solution.intercept + size * away, &there);
            prop_assert!(found >= solution.objective - 1e-12, "{found} {solution:?} {there:?}");
        }
    }
}
