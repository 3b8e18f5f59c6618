//! Findings on hand-made evaluations.

use chs_panel::{
    Finding, Label, LabelDefinition, LabelState, LabelWindow, Level, Named, NumberColumn, Panel,
    PanelParts, Polarity, Span,
};
use chs_stats::Interval;
use jiff::civil::date;

use super::{Conclusions, conclude};
use crate::metric::Figure;
use crate::{
    BandRow, BandTable, CandidateKind, Comparison, Counts, Evaluation, Method, Metric, Monotone,
    Settings, Slice, evaluate,
};

const COUNTS: Counts = Counts { n: 900, events: 90, accounts: 300, event_accounts: 45 };

/// A figure with these bounds.
fn planted(name: &str, (lower, upper): (f64, f64)) -> Metric {
    let interval = Some(Interval { lower, upper });
    let figure = Figure::new(f64::midpoint(lower, upper), interval, Method::Influence);
    Metric::new(name, &Slice::all(), COUNTS, figure)
}

/// An evaluation of two rows: every finding is not applicable until a figure is planted.
fn evaluation() -> Evaluation {
    let definition = LabelDefinition {
        name: "churn_90d".into(),
        outcome: "churn".into(),
        polarity: Polarity::Adverse,
        window: Some(LabelWindow {
            lead_time: Span::days(0),
            horizon: Span::days(90),
            follow_up_end: date(2025, 12, 31),
            follow_up_declared: true,
        }),
    };
    let panel = Panel::new(PanelParts {
        accounts: vec!["a".into(), "b".into()],
        account: vec![0, 1],
        snapshot: vec![date(2024, 1, 31); 2],
        labels: vec![Label {
            definition,
            states: vec![Some(LabelState::Positive), Some(LabelState::Negative)],
            settled: vec![Some(date(2024, 4, 30)); 2],
            next: None,
        }],
        recorded_scores: vec![
            Named { name: "own".into(), column: NumberColumn::new(vec![1.0, 2.0]) },
            Named { name: "vendor".into(), column: NumberColumn::new(vec![1.0, 2.0]) },
        ],
        ..PanelParts::default()
    });
    let settings = Settings { replicates: 100, ..Settings::default() };
    let mut evaluation = evaluate(&panel.unwrap(), &[], &settings).unwrap();
    evaluation.candidates[0].kind = CandidateKind::Scorecard;
    evaluation
}

fn concluded(evaluation: &Evaluation, code: &str) -> Finding {
    let more = Conclusions { spreads: Vec::new(), shuffled_interval: None };
    let findings = conclude(evaluation, &more);
    findings.into_iter().find(|found| found.code == code && found.subject == "own").unwrap()
}

/// The level of a rule once a metric of the primary candidate has these bounds.
fn by_metric(code: &str, name: &str, bounds: (f64, f64)) -> Level {
    let mut evaluation = evaluation();
    let metrics = &mut evaluation.candidates[0].metrics;
    metrics.retain(|metric| metric.name != name);
    metrics.push(planted(name, bounds));
    concluded(&evaluation, code).level
}

/// The level of a rule once the difference of AUC to `b` has these bounds.
fn by_difference(code: &str, b: &str, bounds: (f64, f64)) -> Level {
    let mut evaluation = evaluation();
    evaluation.comparisons = vec![Comparison {
        a: "own".into(),
        b: b.into(),
        metric: planted("auc_within_snapshot", bounds),
        p_value: None,
    }];
    concluded(&evaluation, code).level
}

#[test]
fn without_figures_nothing_is_concluded() {
    let evaluation = evaluation();
    for code in ["CHS202", "CHS203", "CHS204", "CHS205", "CHS206", "CHS207", "CHS208", "CHS209"] {
        assert_eq!(concluded(&evaluation, code).level, Level::NotApplicable, "{code}");
    }
}

#[test]
fn an_auc_is_judged_by_its_bounds() {
    let auc = |code, bounds| by_metric(code, "auc_within_snapshot", bounds);
    assert_eq!(auc("CHS202", (0.51, 0.9)), Level::Passed);
    assert_eq!(auc("CHS202", (0.49, 0.9)), Level::Error);
    assert_eq!(auc("CHS203", (0.51, 0.9)), Level::Passed);
    assert_eq!(auc("CHS203", (0.1, 0.6)), Level::Note);
    assert_eq!(auc("CHS203", (0.1, 0.49)), Level::Error);
}

#[test]
fn a_recorded_score_whose_scale_is_turned_round_is_noticed() {
    let mut evaluation = evaluation();
    evaluation.candidates[0].kind = CandidateKind::Recorded;
    let metrics = &mut evaluation.candidates[0].metrics;
    metrics.retain(|metric| metric.name != "auc_within_snapshot");
    metrics.push(planted("auc_within_snapshot", (0.2, 0.3)));
    let adverse = concluded(&evaluation, "CHS203");
    assert_eq!(adverse.level, Level::Error);
    assert!(adverse.sentence.starts_with("high scores announce the bad outcome"));
    assert!(adverse.sentence.contains("its scale seems turned round"), "{}", adverse.sentence);
    evaluation.label.polarity = Polarity::Favourable;
    let favourable = concluded(&evaluation, "CHS203").sentence;
    assert!(favourable.starts_with("low scores announce the good outcome"), "{favourable}");
}

#[test]
fn a_calibration_slope_is_judged_by_its_bounds() {
    let slope = |bounds| by_metric("CHS207", "calibration_slope", bounds);
    assert_eq!(slope((0.6, 1.4)), Level::Passed);
    assert_eq!(slope((0.4, 1.4)), Level::Note);
    assert_eq!(slope((0.6, 2.1)), Level::Note);
    // Off, by more than is allowed or by less: open. Off by less: passed.
    assert_eq!(slope((0.733, 0.854)), Level::Note);
    assert_eq!(slope((1.1, 1.3)), Level::Note);
    assert_eq!(slope((0.82, 0.9)), Level::Passed);
    assert_eq!(slope((0.5, 0.79)), Level::Warning);
    assert_eq!(slope((1.26, 3.0)), Level::Warning);
}

#[test]
fn differences_are_judged_by_their_bounds() {
    let (above, around, below) = ((0.01, 0.1), (-0.1, 0.1), (-0.1, -0.01));
    let levels = |code, b| [above, around, below].map(|bounds| by_difference(code, b, bounds));
    let (passed, warning, note) = (Level::Passed, Level::Warning, Level::Note);
    assert_eq!(levels("CHS205", "recency"), [passed, warning, Level::Error]);
    assert_eq!(levels("CHS206", "equal_weights"), [passed, note, warning]);
    assert_eq!(levels("CHS210", "vendor"), [passed, note, warning]);
}

#[test]
fn bands_are_judged_by_their_bounds() {
    let with = |bounds: (f64, f64), monotone| {
        let mut evaluation = evaluation();
        let row = BandRow {
            name: "at-risk".into(),
            from: 0.0,
            counts: COUNTS,
            share: 1.0,
            value: None,
            value_share: None,
            event_rate: planted("band_event_rate", (0.1, 0.2)),
            lift: planted("band_lift", bounds),
        };
        let table = BandTable { rows: vec![row], steps: Vec::new(), monotone };
        evaluation.candidates[0].bands = Some(table);
        ["CHS204", "CHS208"].map(|code| concluded(&evaluation, code).level)
    };
    assert_eq!(with((2.0, 3.0), Monotone::Yes), [Level::Passed, Level::Passed]);
    assert_eq!(with((1.9, 3.0), Monotone::CannotTell), [Level::Note, Level::Note]);
    assert_eq!(with((1.0, 1.9), Monotone::No), [Level::Error, Level::Warning]);
}

#[test]
fn shuffled_labels_must_come_out_as_chance() {
    let mut evaluation = evaluation();
    let shuffled = evaluation.baselines.last_mut().unwrap();
    shuffled.metrics = vec![planted("auc_within_snapshot", (0.5, 0.6))];
    let level = |lower, upper| {
        let shuffled_interval = Some(Interval { lower, upper });
        let more = Conclusions { spreads: Vec::new(), shuffled_interval };
        let findings = conclude(&evaluation, &more);
        findings.into_iter().find(|found| found.code == "CHS209").unwrap().level
    };
    assert_eq!(level(0.49, 0.6), Level::Passed);
    assert_eq!(level(0.51, 0.6), Level::Error);
    assert_eq!(level(0.4, 0.49), Level::Error);
}
