//! What a fit is asked beside its weights: another probability, an older model's, indicators of change,
//! segments, few events.

use std::sync::atomic::{AtomicUsize, Ordering};

use chs_backtest::Alike;
use chs_fit::{FitOutcome, FitReport, FitSettings, OldModel, fit, fit_told};
use chs_scorecard::{Calibration, ProbabilityCurve, Scorecard};
use jiff::civil::date;

use crate::fit_laws::{Plan, scorecard, scorecard_and, settings};

fn report(plan: &Plan, scorecard: &Scorecard, settings: &FitSettings) -> FitReport {
    fit(&plan.panel(), scorecard, settings).unwrap().report().clone()
}

fn isotonic() -> Scorecard {
    scorecard_and("", "[fit]\nprobability = \"isotonic\"")
}

#[test]
fn an_isotonic_probability_is_learned_inside_each_fold_and_holds() {
    let plan = Plan { accounts: 900, ..Plan::default() };
    let outcome = fit(&plan.panel(), &isotonic(), &settings()).unwrap();
    assert!(outcome.reasons().is_empty(), "{:?}", outcome.reasons());
    let report = outcome.report();
    let ProbabilityCurve::Isotonic { points } = &report.calibration.as_ref().unwrap().curve else {
        panic!("{:?}", report.calibration)
    };
    assert!(points.len() > 4, "{points:?}");
    assert!(points.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 >= pair[1].1));
    let last = report.folds.last().unwrap();
    assert_eq!(last.probability, Some("isotonic"));
    let slope = report.evaluation.primary().unwrap().metric("calibration_slope").unwrap();
    let (slope, lower, upper) = slope.bounds().unwrap();
    assert!(lower < 1.0 && upper > 1.0 && (slope - 1.0).abs() < 0.25, "{slope}");
    let json = outcome.to_json();
    let calibration = json.calibration.unwrap();
    assert_eq!((calibration.method.as_str(), calibration.slope), ("isotonic", None));
    assert_eq!(calibration.points.len(), points.len());
}

#[test]
fn a_short_history_is_refused_an_isotonic_probability_and_its_folds_are_logistic() {
    let plan = Plan { accounts: 250, ..Plan::default() };
    let outcome = fit(&plan.panel(), &isotonic(), &settings()).unwrap();
    let FitOutcome::Refused(refusal) = &outcome else { panic!("validated") };
    let reason = &refusal.reasons()[0];
    assert_eq!(reason.code(), "no_probability");
    assert!(reason.sentence().contains("300 accounts"), "{}", reason.sentence());
    assert!(refusal.report().folds.iter().all(|fold| fold.probability == Some("logistic")));
}

/// The decision on a model of this score, when the history is another.
fn decision(
    plan: &Plan,
    change: impl Fn(f64, f64) -> (f64, f64),
) -> (Option<&'static str>, String) {
    let prior = report(&Plan::default(), &scorecard(), &kept());
    let calibration = prior.calibration.unwrap();
    let ProbabilityCurve::Logistic { intercept, slope } = calibration.curve else { panic!() };
    let (intercept, slope) = change(intercept, slope);
    let curve = ProbabilityCurve::Logistic { intercept, slope };
    let old = Calibration { curve, ..calibration };
    let old_model = Some(OldModel { calibration: old, trained_to: Some(date(2024, 6, 30)) });
    let found = report(plan, &scorecard(), &FitSettings { old_model, ..kept() });
    let found = found.recalibration.unwrap();
    assert!(found.rows > 1_000 && found.rows < 6_000, "{}", found.rows);
    (found.decision(), found.sentence())
}

/// The prior's weights are true: what is then asked of a model's probability.
fn kept() -> FitSettings {
    FitSettings { weights: chs_fit::Weights::Prior, resamples: 0, ..settings() }
}

#[test]
fn an_older_model_is_changed_as_little_as_the_newer_rows_ask() {
    let even = Plan { truth: [2.0; 4], missing: 0.0, seed: 31, accounts: 500, ..Plan::default() };
    let of = |plan: &Plan, change: fn(f64, f64) -> (f64, f64)| decision(plan, change);
    // A calibration of even weights, learned on the rows that it is then held against.
    let calibration = report(&even, &scorecard(), &kept()).calibration.unwrap();
    let old_model =
        Some(OldModel { calibration: calibration.clone(), trained_to: Some(date(2024, 3, 31)) });
    let found = report(&even, &scorecard(), &FitSettings { old_model, ..kept() });
    let found = found.recalibration.unwrap();
    assert_eq!(found.decision(), Some("none"), "{}", found.sentence());
    let moved = |by: f64, times: f64| {
        let ProbabilityCurve::Logistic { intercept, slope } = calibration.curve else { panic!() };
        let curve = ProbabilityCurve::Logistic { intercept: intercept + by, slope: slope * times };
        let calibration = Calibration { curve, ..calibration.clone() };
        let old_model = Some(OldModel { calibration, trained_to: Some(date(2024, 3, 31)) });
        report(&even, &scorecard(), &FitSettings { old_model, ..kept() }).recalibration.unwrap()
    };
    let intercept = moved(0.75, 1.0);
    assert_eq!(intercept.decision(), Some("intercept"), "{}", intercept.sentence());
    let slope = moved(0.0, 2.0);
    assert_eq!(slope.decision(), Some("intercept_and_slope"), "{}", slope.sentence());
    // Weights that are not even: no line of the old score is enough.
    let (found, sentence) =
        of(&Plan { seed: 32, ..Plan::default() }, |intercept, slope| (intercept, slope));
    assert_eq!(found, Some("refit"), "{sentence}");
}

#[test]
fn without_new_rows_an_older_model_cannot_be_judged() {
    let calibration = report(&Plan::default(), &scorecard(), &kept()).calibration.unwrap();
    let judged = |calibration: &Calibration, trained_to| {
        let old_model = Some(OldModel { calibration: calibration.clone(), trained_to });
        let found = report(&Plan::default(), &scorecard(), &FitSettings { old_model, ..kept() });
        let found = found.recalibration.unwrap();
        assert_eq!(found.decision(), None);
        found.sentence()
    };
    assert!(judged(&calibration, Some(date(2024, 12, 31))).contains("there are 0"));
    assert!(judged(&calibration, None).contains("no row is known to be new"));
    let other = Calibration { horizon: "90d".into(), ..calibration.clone() };
    assert!(judged(&other, Some(date(2024, 3, 31))).contains("churn within 90d"));
    assert_eq!(report(&Plan::default(), &scorecard(), &kept()).recalibration, None);
}

#[test]
fn indicators_of_change_are_judged_by_what_is_lost_without_them() {
    let with = |names: &[&str]| {
        let trend_indicators = names.iter().map(|own| (*own).to_owned()).collect();
        let settings = FitSettings { trend_indicators, resamples: 0, ..settings() };
        report(&Plan::default(), &scorecard(), &settings).trends
    };
    let helps = with(&["features"]).unwrap();
    assert!(helps.difference.unwrap().interval.upper < 0.0, "{helps:?}");
    assert!(helps.sentence().contains("(`features`) helps"));
    let idle = with(&["meetings"]).unwrap();
    assert!(idle.difference.unwrap().interval.upper > 0.0, "{idle:?}");
    assert_eq!(with(&["logins", "features", "answers", "meetings"]).unwrap().difference, None);
    assert_eq!(with(&["elsewhere"]), None);
}

#[test]
fn segments_that_differ_are_shown_to_and_others_are_not() {
    let alike = Plan { other: Some(([4.2, 2.1, 0.7, 0.0], 0.7)), ..Plan::default() };
    let found = report(&alike, &scorecard(), &settings()).segments;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].levels, ["other", "own"]);
    assert!(found[0].weights.is_empty(), "{found:?}");
    assert!(found[0].own.unwrap().interval.upper > 0.0, "{found:?}");
    assert!(found[0].edges.is_empty() && found[0].alike != Alike::No, "{found:?}");

    let differ = Plan { other: Some(([0.0, 0.7, 2.1, 4.2], 0.7)), ..Plan::default() };
    let found = report(&differ, &scorecard(), &settings()).segments.remove(0);
    assert!(found.shrunken.unwrap().interval.upper < 0.0, "{found:?}");
    assert!(found.sentence().contains("lose less"), "{}", found.sentence());
    let [other, own] = [&found.weights[0], &found.weights[1]];
    assert_eq!((other.level.as_str(), own.level.as_str()), ("other", "own"));
    assert!(own.weights[0] > 45.0 && own.weights[3] < 15.0, "{own:?}");
    assert!(other.weights[3] > 45.0 && other.weights[0] < 15.0, "{other:?}");
}

#[test]
fn edges_are_asked_for_where_a_score_means_two_rates() {
    let differ = Plan { other: Some(([4.2, 2.1, 0.7, 0.0], 2.2)), ..Plan::default() };
    let found = report(&differ, &scorecard(), &settings()).segments.remove(0);
    assert_eq!(found.alike, Alike::No, "{found:?}");
    assert_eq!(found.edges.len(), 2);
    let edge = |level: usize| found.edges[level].edges[1];
    // The level that churns more is at risk up to a higher score.
    assert!(edge(0).0 > edge(1).0, "{found:?}");
    let interval = edge(0).1.unwrap();
    assert!(interval.lower <= edge(0).0 && edge(0).0 <= interval.upper);
    assert_eq!(found.edges[0].edges[0], (0.0, None));
    let kept = scorecard_and("", "[fit]\nedges = \"prior\"");
    assert!(report(&differ, &kept, &settings()).segments[0].edges.is_empty());
}

#[test]
fn few_events_are_flattered_and_a_second_opinion_says_by_how_much() {
    let few = Plan { accounts: 60, months: 8, intercept: 0.0, ..Plan::default() };
    let free = FitSettings { lambda: Some(1e-6), ..settings() };
    let found = report(&few, &scorecard(), &free);
    assert!(found.data.event_accounts < 200, "{}", found.data.event_accounts);
    let own = found.optimism.unwrap();
    assert!(own.auc.optimism > 0.0 && own.slope.optimism > 0.0, "{own:?}");
    assert!((own.auc.apparent - own.auc.optimism - own.auc.estimate).abs() < 1e-12);
    for figure in [own.auc, own.slope] {
        assert!(figure.interval.lower < figure.estimate && figure.estimate < figure.interval.upper);
    }
    assert!(own.auc.estimate > 0.6 && own.slope.estimate > 0.6, "{own:?}");
    assert_eq!(own.resamples, 100);
    let many = report(&Plan::default(), &scorecard(), &settings());
    assert_eq!(many.optimism, None);
    let without = FitSettings { resamples: 0, ..settings() };
    assert_eq!(report(&few, &scorecard(), &without).optimism, None);
}

#[test]
fn whoever_watches_is_told_how_far_it_is() {
    let (most, last) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let told = |done: usize, of: usize| {
        assert!(done <= of);
        most.fetch_max(done, Ordering::Relaxed);
        last.store(of, Ordering::Relaxed);
    };
    let small = FitSettings { replicates: 100, resamples: 20, ..settings() };
    fit_told(&Plan { accounts: 300, ..Plan::default() }.panel(), &scorecard(), &small, &told)
        .unwrap();
    let (most, last) = (most.into_inner(), last.into_inner());
    assert!(last > 0 && 10 * most > 9 * last, "{most} of {last}");
}
