//! A small backtest for tests.

mod anatomy;
mod life;

use std::collections::BTreeMap;

use chs_backtest::backtest_json::v1::{
    Backtest, Band, BandStep, Baseline, Comparison, Coverage, Decision, Drift, Finding, Floor,
    Label, Life, Metric, Question, ReliabilityBin, RowStates, Schema, ScoreBin, Scorecard, Segment,
    Sensitivity, Settings, Sufficiency, Verdict,
};

use chs_fit::fit_json::v1 as fit_json;

use crate::{
    DayCells, IndicatorCells, LoadedTable, Loading, Provenance, ReportFinding, ReportInput,
};

type Slice = BTreeMap<String, String>;

const POOLED_FIGURES: [(&str, f64); 14] = [
    ("event_rate", 0.062),
    ("auc_within_snapshot", 0.763),
    ("auc_pooled", 0.759),
    ("average_precision", 0.181),
    ("lift_at_5_percent", 3.4),
    ("lift_at_10_percent", 2.9),
    ("lift_at_20_percent", 2.1),
    ("capture_at_5_percent", 0.17),
    ("capture_at_10_percent", 0.29),
    ("capture_at_20_percent", 0.42),
    ("brier", 0.0541),
    ("brier_scaled", 0.071),
    ("log_loss", 0.2104),
    ("calibration_slope", 0.97),
];

fn slice(key: &str, level: &str) -> Slice {
    BTreeMap::from([(key.to_owned(), level.to_owned())])
}

pub(crate) fn metric(name: &str, slice: Slice, estimate: f64) -> Metric {
    Metric {
        name: name.to_owned(),
        slice,
        estimate: Some(estimate),
        lower: Some(estimate - 0.02),
        upper: Some(estimate + 0.02),
        level: Some(0.95),
        method: Some("influence".into()),
        n: 32_000,
        events: 1_984,
        accounts: 1_900,
        event_accounts: 410,
        reason: None,
    }
}

fn without(mut metric: Metric, reason: &str) -> Metric {
    (metric.estimate, metric.lower, metric.upper) = (None, None, None);
    (metric.level, metric.method) = (None, None);
    metric.reason = Some(reason.to_owned());
    metric
}

fn metrics() -> Vec<Metric> {
    let mut metrics: Vec<Metric> =
        POOLED_FIGURES.map(|(name, estimate)| metric(name, Slice::new(), estimate)).into();
    let intercept = metric("calibration_intercept", Slice::new(), 0.0);
    metrics.push(without(intercept, "the fit did not converge"));
    for day in ["2024-02-29", "2024-01-31"] {
        metrics.push(metric("event_rate", slice("snapshot", day), 0.06));
        metrics.push(metric("auc_within_snapshot", slice("snapshot", day), 0.77));
    }
    metrics.push(metric("event_rate_snapshot_mean", Slice::new(), 0.061));
    metrics.push(metric("auc_within_snapshot_snapshot_mean", Slice::new(), 0.765));
    metrics.push(metric("event_rate", slice("plan", "pro"), 0.05));
    let area = metric("auc_within_snapshot", slice("plan", "pro"), 0.7);
    metrics.push(without(area, "not enough data: 4 accounts with events, 10 needed"));
    metrics
}

fn band(name: &str, from: f64, rate: f64) -> Band {
    Band {
        name: name.to_owned(),
        from,
        n: 10_500,
        events: 700,
        accounts: 900,
        event_accounts: 150,
        share: 0.328,
        value: Some(1_000.0),
        value_share: Some(0.25),
        event_rate: metric("band_event_rate", slice("band", name), rate),
        lift: metric("band_lift", slice("band", name), rate / 0.062),
    }
}

fn reliability_bin(number: f64) -> ReliabilityBin {
    let rate = 0.02 + 0.04 * number;
    ReliabilityBin {
        lowest: rate - 0.01,
        highest: rate + 0.01,
        mean_probability: rate,
        event_rate: rate + 0.004,
        lower: rate - 0.02,
        upper: rate + 0.03,
        n: 7_000,
        events: 420,
        accounts: 1_500,
        event_accounts: 130,
    }
}

fn score_bin(number: f64) -> ScoreBin {
    ScoreBin {
        from: 5.0 * number,
        to: 5.0 * number + 5.0,
        n: 1_600,
        events: 99,
        share_of_events: Some(0.05),
        share_of_others: Some((0.5 + number) / 200.0),
    }
}

fn scorecard(name: &str, kind: &str) -> Scorecard {
    Scorecard {
        name: name.to_owned(),
        kind: kind.to_owned(),
        version: (kind == "scorecard").then(|| "0.1.0".to_owned()),
        probability_source: Some("walk_forward".into()),
        coverage: Coverage {
            labelled: 32_500,
            scored: 32_000,
            with_probability: 21_000,
            mean_weight: (kind == "scorecard").then_some(0.94),
        },
        metrics: metrics(),
        bands: vec![band("at-risk", 0.0, 0.16), band("healthy", 70.0, 0.03)],
        band_steps: vec![BandStep {
            lower_band: "at-risk".into(),
            higher_band: "healthy".into(),
            difference: Some(0.13),
            lower: Some(0.11),
            upper: Some(0.15),
            p_value: Some(0.000_01),
        }],
        monotone: Some("yes".into()),
        reliability: (0..3).map(f64::from).map(reliability_bin).collect(),
        calibration_curve: (0..3).map(f64::from).map(anatomy::calibration_level).collect(),
        distribution: (0..20).map(f64::from).map(score_bin).collect(),
        life: life::life(),
    }
}

fn comparison(b: &str, name: &str, estimate: f64) -> Comparison {
    Comparison {
        a: "acme".into(),
        b: b.to_owned(),
        name: name.to_owned(),
        slice: Slice::new(),
        estimate: Some(estimate),
        lower: Some(estimate - 0.01),
        upper: Some(estimate + 0.01),
        level: Some(0.95),
        method: Some("paired_influence".into()),
        p_value: Some(0.03),
        n: 32_000,
        events: 1_984,
        accounts: 1_900,
        event_accounts: 410,
        reason: None,
    }
}

fn baseline(name: &str, indicator: Option<&str>, reason: Option<&str>) -> Baseline {
    Baseline {
        name: name.to_owned(),
        indicator: indicator.map(str::to_owned),
        metrics: if reason.is_some() { Vec::new() } else { metrics() },
        reason: reason.map(str::to_owned),
    }
}

fn finding(code: &str, level: &str) -> Finding {
    Finding {
        code: code.to_owned(),
        name: chs_backtest::rule(code).map_or("unheard of", |rule| rule.name).to_owned(),
        section: "bands".into(),
        level: level.to_owned(),
        subject: "acme".into(),
        sentence: format!("sentence of {code}"),
        figures: BTreeMap::new(),
    }
}

fn question(number: usize, answer: &str, code: &str, needed: Option<&str>) -> Question {
    Question {
        number,
        question: "Does the outcome follow the bands?".into(),
        answer: answer.to_owned(),
        sentence: "every step goes the right way".into(),
        findings: vec![code.to_owned()],
        needed: needed.map(str::to_owned),
    }
}

fn sufficiency() -> Sufficiency {
    let floor = |name: &str, needed: usize, purpose: &str| Floor {
        name: name.to_owned(),
        needed,
        found: 410,
        met: true,
        purpose: purpose.to_owned(),
    };
    Sufficiency {
        rows: 32_500,
        events: 1_984,
        accounts: 1_900,
        event_accounts: 410,
        snapshots: 2,
        months: 1,
        indicators: 7,
        event_accounts_per_indicator: Some(58.6),
        detectable_auc_difference: Some(0.031),
        floors: vec![
            floor("auc", 10, "any figure of ranking or loss"),
            floor("calibration", 60, "calibration slope and intercept"),
        ],
        segments: vec![Segment {
            slice: slice("plan", "pro"),
            n: 900,
            events: 9,
            accounts: 80,
            event_accounts: 4,
            sufficient: false,
        }],
    }
}

/// A score that works, beside a recorded one.
pub(crate) fn backtest() -> Backtest {
    let mut other = comparison("recency", "auc_within_snapshot", 0.011);
    other.a = "vendor".into();
    Backtest {
        schema: Schema { name: "chs-backtest".into(), version: 1 },
        verdict: Verdict {
            answer: "works".into(),
            scorecard: "acme".into(),
            sentence: "`acme` works: of two accounts on the same day it scores the one with churn ahead \
                       lower in 76.3 % of the cases (95 % interval 74.3 to 78.3 %), better than recency \
                       (+4.1 points, 3.1 to 5.1)."
                .into(),
        },
        label: Label {
            name: "churn_90d".into(),
            outcome: "churn".into(),
            polarity: "adverse".into(),
            lead_time: Some("14d".into()),
            horizon: Some("90d".into()),
            follow_up_end: Some("2024-06-30".into()),
            follow_up_declared: false,
        },
        settings: Settings { seed: 1, replicates: 1_000, level: 0.95 },
        row_states: RowStates {
            rows: 40_000,
            positive: 1_984,
            negative: 30_516,
            censored: 7_000,
            excluded: 400,
            competing: 0,
            not_at_risk: 100,
        },
        sufficiency: sufficiency(),
        findings: vec![
            finding("CHS202", "passed"),
            finding("CHS204", "error"),
            finding("CHS208", "warning"),
        ],
        scorecards: vec![scorecard("acme", "scorecard"), scorecard("vendor", "recorded")],
        comparisons: vec![
            comparison("vendor", "auc_within_snapshot", 0.061),
            comparison("recency", "auc_within_snapshot", 0.041),
            comparison("base_rate", "brier", -0.0021),
            other,
        ],
        baselines: vec![
            baseline("base_rate", None, None),
            baseline("recency", Some("days_since_login"), None),
            baseline("tenure", None, Some("no indicator of the panel measures tenure")),
            baseline("shuffled_labels", None, None),
        ],
        signals: vec![anatomy::signal("logins_30d", 1.0), anatomy::signal("nps_last", -1.0)],
        same_rates: vec![
            anatomy::same_rate(None),
            anatomy::same_rate(Some("fewer than two levels")),
        ],
        sensitivity: anatomy::sensitivity(),
        drift: anatomy::drift(),
        decision: anatomy::decision(),
        shipping: vec![life::shipping()],
        questions: vec![
            question(5, "yes", "CHS204", None),
            question(7, "cannot_tell", "CHS219", Some("outcomes with their dates")),
        ],
    }
}

fn indicator(name: &str, shares: &[(f64, Option<f64>)]) -> IndicatorCells {
    let day = |(month, (filled, changed)): (usize, &(f64, Option<f64>))| DayCells {
        date: format!("2024-{month:02}-28"),
        filled: *filled,
        changed: *changed,
    };
    let days: Vec<DayCells> = (1..).zip(shares).map(day).collect();
    let filled = days.iter().map(|day| day.filled).sum::<f64>() / days.len() as f64;
    IndicatorCells { name: name.to_owned(), filled, days }
}

/// The same with its row account.
pub(crate) fn report() -> ReportInput {
    ReportInput {
        backtest: backtest(),
        loading: Loading {
            tables: vec![LoadedTable {
                name: "logins".into(),
                files: 24,
                read: 120_000,
                used: 119_400,
                rejected: BTreeMap::from([("bad_date".into(), 600)]),
                before_start: 3,
                ..LoadedTable::default()
            }],
            indicators: vec![
                indicator("logins_30d", &[(0.5, None), (0.9, Some(0.4)), (1.0, Some(0.6))]),
                indicator(
                    "seats",
                    &[(0.0, None), (1.0, Some(0.8)), (1.0, Some(0.0)), (1.0, Some(0.0))],
                ),
            ],
            findings: vec![ReportFinding {
                code: "CHS101".into(),
                name: "survivorship".into(),
                level: "warning".into(),
                subject: "logins".into(),
                sentence: "holds few churned accounts".into(),
                page: "# CHS101 survivorship\n\n## What to do\n\nAsk for the deleted rows.\n"
                    .into(),
            }],
            provenance: Provenance {
                tool_version: "0.1.0".into(),
                project: "acme".into(),
                as_of: Some(jiff::civil::date(2024, 7, 1)),
                input_digest: "abc123".into(),
            },
        },
        fit: None,
    }
}

fn weight(indicator: &str, prior: f64, fitted: f64) -> fit_json::Weight {
    fit_json::Weight {
        component: "use".into(),
        indicator: indicator.to_owned(),
        prior,
        fitted: Some(fitted),
        continuous: Some(fitted),
        coefficient: Some(0.02 * fitted),
        range_lower: Some(fitted - 8.0),
        range_upper: Some(fitted + 8.5),
        why: "the history alone asks for more".into(),
        keeping: Some(0.0012),
        keeping_lower: Some(0.0004),
        keeping_upper: Some(0.002),
        unpenalised: None,
        unpenalised_lower: None,
        unpenalised_upper: None,
        silent: false,
    }
}

fn gate(name: &str, status: &str, sentence: &str) -> fit_json::Gate {
    fit_json::Gate {
        name: name.to_owned(),
        status: status.to_owned(),
        sentence: sentence.to_owned(),
        tested: BTreeMap::new(),
        thresholds: BTreeMap::new(),
        waiver: None,
    }
}

fn evidence() -> fit_json::Evidence {
    let against = |b: &str, name: &str, estimate: f64| Comparison {
        a: "acme-fitted".into(),
        ..comparison(b, name, estimate)
    };
    fit_json::Evidence {
        scheme: "walk_forward".into(),
        design: "walk-forward over 4 origins".into(),
        folds: Vec::new(),
        candidate: "acme-fitted".into(),
        metrics: metrics(),
        bands: vec![band("at-risk", 0.0, 0.19), band("healthy", 70.0, 0.02)],
        comparisons: vec![
            against("acme", "auc_within_snapshot", 0.018),
            against("acme", "log_loss", -0.004),
            against("base_rate", "log_loss", -0.03),
        ],
        baselines: Vec::new(),
    }
}

fn calibration() -> fit_json::Calibration {
    fit_json::Calibration {
        method: "logistic".into(),
        intercept: Some(1.19),
        slope: Some(-0.0782),
        points: Vec::new(),
        base_rate: 0.062,
    }
}

/// A fit that was refused.
pub(crate) fn fit() -> fit_json::Fit {
    let edge = |band: &str, prior: f64, fitted: f64| fit_json::Edge {
        band: band.to_owned(),
        prior,
        fitted: Some(fitted),
        lower: (fitted > 0.0).then_some(fitted - 7.0),
        upper: (fitted > 0.0).then_some(fitted + 5.0),
    };
    fit_json::Fit {
        schema: fit_json::Schema { name: "chs-fit".into(), version: 1 },
        outcome: "refused".into(),
        reasons: vec![fit_json::Reason {
            code: "calibration_slope".into(),
            sentence: "the slope is 0.71".into(),
        }],
        scorecard: fit_json::Scorecard { name: "acme".into(), version: "0.1.0".into() },
        label: backtest().label,
        settings: fit_json::Settings {
            weights: "learned".into(),
            estimator: "constrained".into(),
            seed: 1,
            replicates: 1_000,
            resamples: 200,
            level: 0.95,
        },
        data: fit_json::Data {
            rows: 32_000,
            events: 1_984,
            accounts: 1_900,
            event_accounts: 410,
            unscored: 500,
            snapshots: 2,
            from: Some("2024-01-31".into()),
            to: Some("2024-02-29".into()),
        },
        weights: vec![weight("logins_30d", 60.0, 70.0), weight("p1_tickets_30d", 40.0, 30.0)],
        moved: Some(10.0),
        selection: Some(fit_json::Selection {
            scheme: Some("walk_forward".into()),
            folds: 4,
            best: 0.01,
            chosen: 0.03,
            undefined_resamples: 0,
            path: Vec::new(),
        }),
        certificate: None,
        removed: Vec::new(),
        rounding: None,
        calibration: Some(calibration()),
        bands: fit_json::Bands {
            rule: "likelihood".into(),
            minimum_share: Some(0.05),
            found: true,
            edges: vec![edge("at-risk", 0.0, 0.0), edge("healthy", 70.0, 59.0)],
            ..fit_json::Bands::default()
        },
        evidence: evidence(),
        gates: vec![
            gate("calibration_slope", "fail", "the slope is 0.71"),
            gate("lift_at_risk", "pass", "the lift is 2.4"),
        ],
        recalibration: None,
        trends: None,
        segments: Vec::new(),
        optimism: None,
    }
}

/// A fit that learned nothing.
pub(crate) fn unlearnable() -> fit_json::Fit {
    let mut fit = fit();
    for weight in &mut fit.weights {
        (weight.fitted, weight.continuous, weight.coefficient) = (None, None, None);
        (weight.range_lower, weight.range_upper) = (None, None);
    }
    (fit.selection, fit.calibration, fit.moved) = (None, None, None);
    fit.bands.found = false;
    fit.bands.edges.iter_mut().for_each(|edge| edge.fitted = None);
    fit.evidence.metrics.clear();
    fit.evidence.bands.clear();
    fit.evidence.comparisons.clear();
    fit
}

/// Everything with an interval loses its figure.
pub(crate) fn emptied() -> ReportInput {
    let mut report = report();
    let metric = |metric: &mut Metric| {
        (metric.estimate, metric.lower, metric.upper) = (None, None, None);
        metric.reason = Some("not enough data: 3 accounts with events, 10 needed".into());
    };
    let comparison = |comparison: &mut Comparison| {
        (comparison.estimate, comparison.lower, comparison.upper) = (None, None, None);
        comparison.p_value = None;
    };
    let backtest = &mut report.backtest;
    backtest.comparisons.iter_mut().for_each(comparison);
    backtest.baselines.iter_mut().flat_map(|found| &mut found.metrics).for_each(metric);
    for signal in &mut backtest.signals {
        signal.metrics.iter_mut().for_each(metric);
        signal.groups.clear();
    }
    backtest.same_rates.iter_mut().flat_map(|rate| &mut rate.metrics).for_each(metric);
    for variant in &mut backtest.sensitivity.variants {
        variant.metrics.iter_mut().for_each(metric);
        variant.differences.iter_mut().for_each(comparison);
    }
    backtest.sensitivity.by_weight_observed.iter_mut().for_each(metric);
    backtest.sensitivity.score_change.iter_mut().for_each(metric);
    backtest.drift.decline.iter_mut().for_each(metric);
    backtest.decision.curve.iter_mut().for_each(metric);
    backtest.decision.edges.iter_mut().flat_map(|edge| &mut edge.metrics).for_each(metric);
    for score in &mut backtest.scorecards {
        score.metrics.iter_mut().for_each(metric);
        for band in &mut score.bands {
            metric(&mut band.event_rate);
            metric(&mut band.lift);
            band.value_share = None;
        }
        for step in &mut score.band_steps {
            (step.difference, step.lower, step.upper, step.p_value) = (None, None, None, None);
        }
        score.monotone = Some("cannot_tell".into());
        score.life = no_life();
        score.probability_source = None;
        score.reliability.clear();
        score.distribution.clear();
    }
    backtest.sufficiency.detectable_auc_difference = None;
    backtest.sufficiency.event_accounts_per_indicator = None;
    backtest.verdict.answer = "cannot_tell".into();
    backtest.verdict.sentence = "It cannot be told whether `acme` works: not enough data.".into();
    report
}

/// No outcome has a date.
pub(crate) fn no_life() -> Life {
    Life {
        no_outcomes: Some("the panel does not tell when the outcome `churn` came".into()),
        no_bands: Some("the score has no bands".into()),
        ..Life::default()
    }
}

/// Nothing at all: no score, no baseline, no finding, no table.
pub(crate) fn bare() -> ReportInput {
    let mut report = emptied();
    let backtest = &mut report.backtest;
    backtest.scorecards.clear();
    backtest.baselines.clear();
    backtest.comparisons.clear();
    backtest.findings.clear();
    backtest.shipping.clear();
    backtest.sufficiency.floors.clear();
    backtest.sufficiency.segments.clear();
    backtest.signals.clear();
    backtest.same_rates.clear();
    backtest.sensitivity = Sensitivity::default();
    backtest.drift = Drift::default();
    backtest.decision = Decision::default();
    backtest.row_states.rows = 0;
    report.loading = Loading::default();
    report
}
