//! What the modules that take a score apart say of histories with planted truth.

use chs_panel::{
    IndicatorValues, Label, LabelDefinition, LabelState, LabelWindow, Named, NextOutcome,
    NumberColumn, Panel, PanelParts, Polarity, Span, WordColumn,
};
use chs_scorecard::Scorecard;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use crate::{Alike, Direction, Evaluation, Settings, Signal, Slice, VariantKind, evaluate};

const SCORECARD: &str = r#"
    spec_version = 1
    name = "acme"
    version = "0.1.0"
    [components.all]
    weight = 100
    indicators = [
      { name = "health", poor = 0, good = 100, weight = 4 },
      { name = "copy", poor = 0, good = 100, weight = 4 },
      { name = "turned", poor = 0, good = 100 },
      { name = "noise", poor = 0, good = 100 },
      { name = "survey", poor = 0, good = 100 },
    ]
    [[bands]]
    name = "at-risk"
    from = 0
    [[bands]]
    name = "healthy"
    from = 40
"#;

const ACCOUNTS: usize = 500;
const MONTHS: usize = 10;
/// Months that the label window covers.
const WINDOW: usize = 3;

fn uniform(key: [usize; 3]) -> f64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    for part in key {
        state = (state ^ part as u64).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^= state >> 32;
    }
    (state >> 11) as f64 / (1_u64 << 53) as f64
}

struct Row {
    account: usize,
    day: Date,
    /// The part of health that one sees, 0 to 100.
    health: f64,
    /// The part that its copy sees.
    hidden: f64,
    noise: f64,
    survey: f64,
    end: Option<Date>,
    is_event: bool,
}

/// Health drives churn; one plan has four times the hazard where `plan_matters`.
fn rows(plan_matters: bool) -> Vec<Row> {
    let day = |month: usize| {
        date(2024, 1, 31).checked_add(i64::try_from(month).unwrap().months()).unwrap()
    };
    let mut rows = Vec::new();
    for account in 0..ACCOUNTS {
        let draw = |what: usize, month: usize| uniform([account, what, month]);
        let health = draw(0, 0);
        let plan = if plan_matters && account % 2 == 1 { 4.0 } else { 1.0 };
        let hazard = 0.03 * plan * (4.0 * (0.5 - health)).exp();
        let end = (0..MONTHS + WINDOW).find(|month| draw(1, *month) < hazard);
        for month in 0..end.map_or(MONTHS, |end| MONTHS.min(end + 1)) {
            rows.push(Row {
                account,
                day: day(month),
                health: 100.0 * (0.6 * health + 0.4 * draw(2, month)),
                hidden: 100.0 * (0.6 * health + 0.4 * draw(3, month)),
                noise: 100.0 * draw(4, month),
                survey: 100.0 * (0.2 * health + 0.8 * draw(5, month / 6)),
                end: end.map(|end| day(end).checked_add(15.days()).unwrap()),
                is_event: end.is_some_and(|end| end < month + WINDOW),
            });
        }
    }
    rows.sort_by_key(|row| (row.day, row.account));
    rows
}

fn panel(plan_matters: bool) -> Panel {
    let rows = rows(plan_matters);
    let indicator = |name: &str, value: fn(&Row) -> f64| Named {
        name: name.to_owned(),
        column: IndicatorValues::Numbers(NumberColumn::new(rows.iter().map(value).collect())),
    };
    let window = LabelWindow {
        lead_time: Span::days(0),
        horizon: Span::days(90),
        follow_up_end: date(2025, 12, 31),
        follow_up_declared: true,
    };
    let state =
        |row: &Row| Some(if row.is_event { LabelState::Positive } else { LabelState::Negative });
    let next = |row: &Row| row.end.map(|day| NextOutcome { day, known: day, is_target: true });
    Panel::new(PanelParts {
        accounts: (0..ACCOUNTS).map(|account| format!("{account:04}")).collect(),
        account: rows.iter().map(|row| u32::try_from(row.account).unwrap()).collect(),
        snapshot: rows.iter().map(|row| row.day).collect(),
        segments: vec![Named {
            name: "plan".into(),
            column: WordColumn::from_words(
                rows.iter().map(|row| Some(["basic", "pro"][row.account % 2])),
            ),
        }],
        indicators: vec![
            indicator("health", |row| row.health),
            indicator("copy", |row| row.hidden),
            indicator("turned", |row| 100.0 - row.hidden),
            indicator("noise", |row| row.noise),
            indicator("survey", |row| row.survey),
        ],
        labels: vec![Label {
            definition: LabelDefinition {
                name: "churn_90d".into(),
                outcome: "churn".into(),
                polarity: Polarity::Adverse,
                window: Some(window),
            },
            states: rows.iter().map(state).collect(),
            settled: rows.iter().map(|row| row.day.checked_add(90.days()).ok()).collect(),
            next: Some(rows.iter().map(next).collect()),
        }],
        ..PanelParts::default()
    })
    .unwrap()
}

fn run(panel: &Panel) -> Evaluation {
    let scorecard = Scorecard::from_toml("scorecard.toml", SCORECARD).unwrap();
    let settings = Settings {
        replicates: 100,
        carried_indicators: vec!["survey".into()],
        trend_indicators: vec!["noise".into()],
        ..Settings::default()
    };
    evaluate(panel, &[scorecard], &settings).unwrap()
}

fn signal<'a>(found: &'a Evaluation, name: &str) -> &'a Signal {
    found.signals.iter().find(|signal| signal.indicator == name).unwrap()
}

fn sentence<'a>(found: &'a Evaluation, code: &str) -> &'a str {
    &found.findings.iter().find(|finding| finding.code == code).unwrap().sentence
}

#[test]
fn tear_sheets_tell_planted_signals_from_noise() {
    let found = run(&panel(false));
    let directions = ["health", "copy", "turned", "noise"].map(|name| signal(&found, name).alone);
    let [right, wrong, open] = [Direction::Right, Direction::Wrong, Direction::CannotTell];
    assert_eq!(directions, [right, right, wrong, open]);
    assert_eq!(signal(&found, "health").goes_with, ["copy", "turned"]);
    assert!(signal(&found, "noise").goes_with.is_empty());
    // The turned one is the copy over again: it drops out of the joint fit.
    let turned = signal(&found, "turned").metric("joint_log_odds").unwrap();
    assert!(turned.reason.as_ref().unwrap().contains("combination"), "{turned:?}");
    let health = signal(&found, "health");
    assert_eq!(health.joint, right);
    assert!(health.metric("effect_of_one_sd").unwrap().bounds().unwrap().2 < 0.0);
    assert!(sentence(&found, "CHS230").contains("wrong way round: `turned`"));
    assert!(sentence(&found, "CHS232").contains("`noise`"));
    let coverage = health.metric("coverage").unwrap();
    assert!((coverage.estimate.unwrap() - 1.0).abs() < 1e-12);
    groups_hold_all_rows(&found);
    followed_back_from_the_outcome(&found);
}

fn groups_hold_all_rows(found: &Evaluation) {
    let health = signal(found, "health");
    let rows: usize = health.groups.iter().map(|group| group.event_rate.counts.n).sum();
    assert_eq!((health.groups.len(), rows), (10, found.sufficiency.rows));
    assert!(health.groups.windows(2).all(|pair| pair[0].highest <= pair[1].lowest));
    let rate = |group: usize| health.groups[group].event_rate.estimate.unwrap();
    assert!(rate(0) > 3.0 * rate(9));
}

fn followed_back_from_the_outcome(found: &Evaluation) {
    let of = |name: &str, days: &str| {
        let slice = Slice::of("days_before", days);
        let mut metrics = signal(found, "health").metrics.iter();
        metrics.find(|own| own.name == name && own.slice == slice).unwrap().bounds().unwrap()
    };
    // Health does not change, so that it tells as much long before.
    for days in ["0 to 29", "60 to 89", "120 to 149"] {
        assert!(of("auc_within_snapshot", days).1 > 0.6, "{days}");
        assert!(of("sub_score_difference", days).2 < -5.0, "{days}");
    }
}

#[test]
fn the_same_score_means_another_rate_where_a_segment_matters() {
    let same = |found: &Evaluation| {
        found.same_rates.iter().find(|rate| rate.segment == "plan").unwrap().clone()
    };
    let apart = same(&run(&panel(true)));
    assert_eq!(apart.alike, Alike::No);
    let rate = |level: &str| {
        let slice = Slice::of("plan", level);
        let mut metrics = apart.metrics.iter();
        let found = metrics.find(|own| own.name == "rate_at_same_score" && own.slice == slice);
        found.unwrap().estimate.unwrap()
    };
    assert!(rate("pro") > 2.0 * rate("basic"));
    let alike = same(&run(&panel(false)));
    assert_ne!(alike.alike, Alike::No, "{alike:?}");
}

#[test]
fn variants_are_scored_anew() {
    let mut parts = PanelParts::clone(&parts_of(&panel(false)));
    let IndicatorValues::Numbers(noise) = &mut parts.indicators[3].column else { panic!() };
    let half = noise.as_slice().iter().enumerate();
    let half = half.map(|(row, value)| if row % 2 == 0 { f64::NAN } else { *value });
    *noise = NumberColumn::new(half.collect());
    let found = run(&Panel::new(parts).unwrap());
    let variant = |name: &str| {
        found.sensitivity.variants.iter().find(|variant| variant.name == name).unwrap()
    };
    let scored = |name: &str| variant(name).metric("scored").unwrap().estimate.unwrap();
    assert!((scored("missing = 50") - 1.0).abs() < 1e-12);
    assert!((scored("missing = \"reject\"") - 0.5).abs() < 0.01);
    assert!(
        found.sensitivity.variants.iter().all(|variant| variant.name != "missing = \"reweight\"")
    );
    let trends = variant("without trends");
    assert_eq!((trends.kind, trends.indicators.len()), (VariantKind::WithoutTrends, 1));
    let lost = trends.difference("auc_within_snapshot").unwrap().bounds().unwrap();
    assert!(lost.2 < 0.01, "noise is no loss: {lost:?}");
    assert_eq!(variant("stale values as missing").indicators, ["survey"]);
    assert!(variant("without leak suspects").reason.is_some());
    let classes: Vec<&str> = found
        .sensitivity
        .by_weight_observed
        .iter()
        .filter(|own| own.name == "event_rate")
        .filter_map(|own| own.slice.parts().get("weight_observed").map(String::as_str))
        .collect();
    assert_eq!(classes, ["80 to 99 %", "all"]);
    assert!(sentence(&found, "CHS240").contains("missing = 50"));
}

/// The parts of a panel, for tests that change one of them.
fn parts_of(panel: &Panel) -> PanelParts {
    PanelParts {
        accounts: panel.accounts().to_vec(),
        account: panel.account().to_vec(),
        snapshot: panel.snapshot().to_vec(),
        segments: panel.segments().to_vec(),
        value: panel.value().cloned(),
        indicators: panel.indicators().to_vec(),
        labels: panel.labels().to_vec(),
        recorded_scores: panel.recorded_scores().to_vec(),
    }
}
