//! A history of forty accounts whose figures are worked out by hand.

use chs_panel::{
    IndicatorValues, Label, LabelDefinition, LabelState, LabelWindow, Named, NextOutcome,
    NumberColumn, Panel, PanelParts, Polarity, Span, WordColumn,
};
use chs_scorecard::Scorecard;
use jiff::civil::{Date, date};

use crate::{Evaluation, Metric, Settings, evaluate};

const SCORECARD: &str = r#"
spec_version = 1
name = "acme"
version = "0.1.0"
[components.health]
weight = 100
indicators = [{ name = "health", poor = 0, good = 100 }]
"#;

const OUTCOME: NextOutcome =
    NextOutcome { day: date(2024, 6, 15), known: date(2024, 6, 10), is_target: true };

const DAYS: [Date; 6] = [
    date(2024, 1, 31),
    date(2024, 2, 29),
    date(2024, 3, 31),
    date(2024, 4, 30),
    date(2024, 5, 31),
    date(2024, 6, 30),
];

/// Ten accounts that fall and are lost, ten that are lost out of a blue sky, twenty that stay.
fn story(account: usize) -> ([f64; 6], bool, f64) {
    match account {
        0..10 => ([80.0, 50.0, 30.0, 30.0, 20.0, f64::NAN], true, 100.0),
        10..20 => ([90.0; 6], true, 300.0),
        _ => ([60.0; 6], false, 200.0),
    }
}

struct Row {
    account: usize,
    month: usize,
}

impl Row {
    fn score(&self) -> f64 {
        story(self.account).0[self.month]
    }

    fn state(&self) -> LabelState {
        match (self.month, story(self.account).1) {
            (3.., _) => LabelState::Censored,
            (2, true) => LabelState::Positive,
            _ => LabelState::Negative,
        }
    }
}

fn rows() -> Vec<Row> {
    let cells = (0..6).flat_map(|month| (0..40).map(move |account| Row { account, month }));
    cells.filter(|row| row.month < 5 || !story(row.account).1).collect()
}

fn parts() -> PanelParts {
    let rows = rows();
    let numbers = |value: &dyn Fn(&Row) -> f64| NumberColumn::new(rows.iter().map(value).collect());
    let indicator = |name: &str, value: &dyn Fn(&Row) -> f64| Named {
        name: name.to_owned(),
        column: IndicatorValues::Numbers(numbers(value)),
    };
    // Those who fall are called in April.
    let calls = |row: &Row| if row.account < 10 && row.month == 3 { 1.0 } else { 0.0 };
    PanelParts {
        accounts: (0..40).map(|account| format!("A{account:02}")).collect(),
        account: rows.iter().map(|row| u32::try_from(row.account).unwrap()).collect(),
        snapshot: rows.iter().map(|row| DAYS[row.month]).collect(),
        segments: vec![Named {
            name: "plan".into(),
            column: WordColumn::from_words(
                rows.iter().map(|row| Some(if row.account < 20 { "basic" } else { "pro" })),
            ),
        }],
        value: Some(numbers(&|row| story(row.account).2)),
        indicators: vec![indicator("health", &Row::score), indicator("calls", &calls)],
        labels: vec![Label {
            definition: LabelDefinition {
                name: "churn_90d".into(),
                outcome: "churn".into(),
                polarity: Polarity::Adverse,
                window: Some(LabelWindow {
                    lead_time: Span::days(0),
                    horizon: Span::days(90),
                    follow_up_end: date(2024, 6, 30),
                    follow_up_declared: true,
                }),
            },
            states: rows.iter().map(|row| Some(row.state())).collect(),
            settled: vec![None; rows.len()],
            next: Some(rows.iter().map(|row| story(row.account).1.then_some(OUTCOME)).collect()),
        }],
        recorded_scores: vec![Named { name: "vendor".into(), column: numbers(&|_| 75.0) }],
    }
}

fn run(parts: PanelParts) -> Evaluation {
    let settings = Settings {
        replicates: 200,
        touched_indicator: Some("calls".into()),
        ..Settings::default()
    };
    let scorecard = Scorecard::from_toml("scorecard.toml", SCORECARD).unwrap();
    evaluate(&Panel::new(parts).unwrap(), &[scorecard], &settings).unwrap()
}

fn found() -> Evaluation {
    run(parts())
}

#[track_caller]
fn is(metric: &Metric, expected: f64) {
    let estimate = metric.estimate.unwrap_or_else(|| panic!("{:?}", metric.reason));
    assert!((estimate - expected).abs() < 1e-12, "{}: {estimate}, not {expected}", metric.name);
}

#[test]
fn missed_accounts_count_in_the_warning() {
    let found = found();
    let warning = found.candidates[0].life.warning_time.as_ref().unwrap();
    let [outcome, notice] = &warning.clocks[..] else { panic!() };
    let at = |days: u32| outcome.curve.iter().find(|point| point.days == days).unwrap();
    // The second reading at risk is that of April, 46 days before the outcome and 41 before the notice.
    for (days, share) in [(1, 0.5), (30, 0.5), (60, 0.0)] {
        is(&at(days).warned, share);
    }
    // At the last reading ten of forty accounts are on alert since April.
    is(&at(30).random, 0.25);
    is(&at(30).gain, 0.25);
    is(&at(60).random, 0.0);
    is(&outcome.mean_days, 23.0);
    is(&notice.mean_days, 20.5);
    let months = (20.0 * 136.0 + 20.0 * 151.0) / 30.4375;
    is(&warning.burden, 100.0 * 10.0 / months);
    let interval = at(30).warned.interval.unwrap();
    assert!(interval.lower > 0.2 && interval.upper < 0.8 && interval.lower < interval.upper);
}

#[test]
fn scores_are_read_before_the_notice() {
    let found = found();
    let anchored = found.candidates[0].life.renewal_anchored.as_ref().unwrap();
    assert_eq!(anchored.against, "stayed");
    let [at_180, _, _, at_30] = &anchored.offsets[..] else { panic!() };
    assert_eq!((at_30.days, at_180.days), (30, 180));
    // 30 days before June 10 the last reading is that of April: 30 and 90 beside 60.
    for (name, expected) in [
        ("mean_score_lost", 60.0),
        ("mean_score_kept", 60.0),
        ("mean_score_difference", 0.0),
        ("median_score_lost", 60.0),
        ("median_score_kept", 60.0),
        ("auc_within_snapshot", 0.5),
    ] {
        is(at_30.metric(name).unwrap(), expected);
    }
    assert_eq!(at_180.auc().unwrap().estimate, None, "nobody was read by then");
}

#[test]
fn kept_decisions_take_the_place_of_those_that_stayed() {
    let mut parts = parts();
    let renewed =
        NextOutcome { day: date(2024, 6, 20), known: date(2024, 6, 20), is_target: false };
    let next = parts.labels[0].next.as_mut().unwrap();
    next.iter_mut().filter(|next| next.is_none()).for_each(|next| *next = Some(renewed));
    let found = run(parts);
    let anchored = found.candidates[0].life.renewal_anchored.as_ref().unwrap();
    assert_eq!(anchored.against, "kept");
    is(anchored.offsets[2].metric("auc_pooled").unwrap(), 0.5);
}

#[test]
fn losses_that_were_healthy_are_listed() {
    let found = found();
    let misses = found.candidates[0].life.misses.as_ref().unwrap();
    is(&misses.false_green_share, 0.5);
    is(&misses.false_green_share_of_value, 0.75);
    is(&misses.healthy_share, 60.0 / 220.0);
    assert_eq!((misses.unread, misses.accounts.len()), (0, 10));
    let first = &misses.accounts[0];
    assert_eq!((first.account.as_str(), first.outcome), ("A10", OUTCOME.day));
    let [all, touched, untouched] = &misses.alerts_stayed;
    is(all, 0.0);
    is(touched, 0.0);
    assert_eq!((all.counts.n, touched.counts.n, untouched.counts.n), (10, 10, 0));
}

#[test]
fn what_was_done_bounds_the_score() {
    let found = found();
    let own = found.candidates[0].life.interventions.as_ref().unwrap();
    is(&own.touched_share, 1.0);
    assert_eq!(own.alert_event_rates[1].estimate, None, "no alert was left alone");
    // In March the ten that fall are below the twenty that stay, the others above; without the touched only
    // these are left.
    is(&own.aucs[0], 0.5);
    is(&own.aucs[1], 0.0);
}

#[test]
fn bands_are_left_for_another_or_for_the_outcome() {
    let found = found();
    let migration = found.candidates[0].life.migration.as_ref().unwrap();
    let [at_risk, attention, healthy] = &migration.rows[..] else { panic!() };
    assert_eq!((at_risk.readings, attention.readings, healthy.readings), (30, 110, 60));
    is(&at_risk.to[0], 2.0 / 3.0);
    is(&at_risk.lost, 1.0 / 3.0);
    is(&at_risk.unread, 0.0);
    is(&attention.to[0], 10.0 / 110.0);
    is(&healthy.to[1], 10.0 / 60.0);
    is(&migration.flap_rate, 0.0);
    assert_eq!(migration.flap_rate.counts.n, 20);
}

#[test]
fn policies_trade_alerts_for_warning() {
    let found = found();
    let policies = &found.candidates[0].life.alerts;
    let words: Vec<(&str, usize)> =
        policies.iter().map(|own| (own.policy.as_str(), own.alerts)).collect();
    assert_eq!(words, [("level", 10), ("sustained", 10), ("drop", 10), ("level_or_drop", 10)]);
    let metric = |policy: usize, name: &str| policies[policy].metric(name).unwrap();
    is(metric(0, "precision"), 1.0);
    assert_eq!(metric(1, "precision").estimate, None, "no window is over");
    is(metric(0, "recall"), 0.5);
    // From March 31, April 30 and February 29 to June 15, the missed ones at 0.
    for (policy, days) in [(0, 76.0), (1, 46.0), (2, 107.0)] {
        is(metric(policy, "mean_warning_days"), days / 2.0);
    }
    is(metric(0, "net_benefit"), 10.0 / 120.0);
    // The fall of February costs ten false alarms at odds of one to five.
    is(metric(2, "net_benefit"), (10.0 - 10.0 / 5.0) / 120.0);
    is(metric(2, "net_benefit_minus_level"), -2.0 / 120.0);
    is(metric(0, "alerts_per_week"), 10.0 / (151.0 / 7.0));
}

#[test]
fn the_change_of_the_mean_is_split_exactly() {
    let found = found();
    let portfolio = found.candidates[0].life.portfolio.as_ref().unwrap();
    assert_eq!(portfolio.steps.len(), 5);
    let points = |step: usize| -> Vec<(&str, f64)> {
        let parts = portfolio.steps[step].parts.iter();
        parts
            .filter(|part| part.accounts > 0)
            .map(|part| (part.name.as_str(), part.points))
            .collect()
    };
    assert_eq!(points(0), [("stayed", -7.5)]);
    assert_eq!(points(4), [("stayed", 0.0), ("went", 2.5)]);
    let first = &portfolio.steps[0];
    assert!((first.mean_from - 72.5).abs() < 1e-12 && (first.mean_to - 65.0).abs() < 1e-12);
    is(first.change.as_ref().unwrap(), -7.5);
    let basic = first.segments.iter().find(|part| part.name == "basic").unwrap();
    assert!((basic.points + 7.5).abs() < 1e-12 && basic.accounts == 20);
    let component = &first.components[0];
    assert!(component.name == "health" && (component.points + 7.5).abs() < 1e-12);
    let largest = first.largest.as_ref().unwrap();
    assert_eq!(largest.account, "A00");
    assert!((largest.points + 0.75).abs() < 1e-12 && (largest.change + 30.0).abs() < 1e-12);
    // 10 x 100, 10 x 300 and 20 x 200 of value.
    let by_value = first.by_value.as_ref().unwrap();
    assert!((by_value.by_score + 30.0 / 8.0).abs() < 1e-12 && by_value.by_value.abs() < 1e-12);
    for step in portfolio.steps.iter().chain(&portfolio.whole) {
        let sum: f64 = step.parts.iter().map(|part| part.points).sum();
        assert!((sum - (step.mean_to - step.mean_from)).abs() < 1e-9);
    }
    assert!(portfolio.correlation.reason.as_ref().unwrap().contains("5 periods"));
}

#[test]
fn another_score_moves_accounts_and_revenue() {
    let found = found();
    let [shipping] = &found.shipping[..] else { panic!() };
    assert_eq!((shipping.to.as_str(), shipping.accounts), ("vendor", 20));
    is(&shipping.share_moved, 1.0);
    let [only] = &shipping.moves[..] else { panic!() };
    assert_eq!((only.from.as_str(), only.to.as_str(), only.accounts), ("attention", "healthy", 20));
    assert!((only.value.unwrap() - 4_000.0).abs() < 1e-9);
    // 60 labelled readings of those that stay, 20 of those that fall; 10 of them lost.
    is(&shipping.event_rates[1], 10.0 / 80.0);
}

#[test]
fn what_does_not_apply_says_why() {
    let mut silent = parts();
    silent.labels[0].next = None;
    let found = run(silent);
    let life = &found.candidates[0].life;
    assert!(life.no_outcomes.as_ref().unwrap().contains("does not tell when"));
    assert!(
        life.warning_time.is_none() && life.renewal_anchored.is_none() && life.misses.is_none()
    );
    assert!(life.migration.is_some() && life.portfolio.is_some());
    let mut favourable = parts();
    favourable.labels[0].definition.polarity = Polarity::Favourable;
    let found = run(favourable);
    assert!(found.candidates[0].life.no_outcomes.as_ref().unwrap().contains("good news"));
}
