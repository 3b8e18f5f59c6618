//! Laws of the backtest, over histories whose truth is planted.

use chs_backtest::backtest_json::v1;
use chs_backtest::{
    Answer, BacktestError, Baseline, BaselineResult, Evaluation, Method, Metric, Monotone,
    PredictionValues, Reply, Settings, Slice, evaluate,
};
use chs_panel::{
    Finding, IndicatorValues, Label, LabelDefinition, LabelState, LabelWindow, Level, Named,
    NextOutcome, NumberColumn, Panel, PanelParts, Polarity, Span, WordColumn,
};
use chs_scorecard::Scorecard;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};

/// What the indicators know of the health that drives churn.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Signal {
    /// Health and some noise.
    Strong,
    /// Noise alone.
    Noise,
    /// The opposite of health.
    Reversed,
}

/// A history with planted truth: health drives churn, the indicators see health through `signal`.
#[derive(Clone)]
struct Plan {
    accounts: usize,
    months: usize,
    signal: Signal,
    /// Churn per month of an account in middling health.
    hazard: f64,
    polarity: Polarity,
    seed: u64,
    /// Names of the accounts by number; their order is that of the rows inside a snapshot.
    name: fn(usize) -> String,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            accounts: 500,
            months: 14,
            signal: Signal::Strong,
            hazard: 0.02,
            polarity: Polarity::Adverse,
            seed: 7,
            name: |number| format!("A{number:04}"),
        }
    }
}

/// Uniform in \[0, 1), from a key: the same for an account wherever its rows stand.
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
    activity: f64,
    silence: f64,
    tenure: f64,
    vendor: f64,
    plan: &'static str,
    state: LabelState,
    settled: Option<Date>,
    next: Option<NextOutcome>,
}

/// Months that the label window covers.
const WINDOW: usize = 3;

impl Plan {
    fn rows(&self) -> Vec<Row> {
        let mut rows: Vec<Row> =
            (0..self.accounts).flat_map(|number| self.account_rows(number)).collect();
        rows.sort_by(|a, b| (a.day, &a.account).cmp(&(b.day, &b.account)));
        rows
    }

    fn account_rows(&self, number: usize) -> impl Iterator<Item = Row> {
        let draw = move |what: usize, month: usize| {
            uniform([self.seed, number as u64, (what * 1_000 + month) as u64])
        };
        let health = draw(1, 0);
        let hazard = self.hazard * (4.0 * (0.5 - health)).exp();
        let end = (0..self.months + WINDOW).find(|month| draw(2, *month) < hazard);
        let last = end.map_or(self.months, |end| self.months.min(end + 1));
        (0..last).map(move |month| {
            let noise = draw(3, month) - 0.5;
            let seen = match self.signal {
                Signal::Strong => health + 0.3 * noise,
                Signal::Noise => draw(4, month),
                Signal::Reversed => 1.0 - health + 0.3 * noise,
            };
            let is_event = end.is_some_and(|end| end < month + WINDOW);
            let is_censored = month + WINDOW > self.months;
            let day_of = |month: usize| {
                date(2024, 1, 31).checked_add(i64::try_from(month).unwrap().months()).unwrap()
            };
            let day = day_of(month);
            // Notice comes ten days after the last reading, the end five days later.
            let next = |end: usize| NextOutcome {
                day: day_of(end).checked_add(15.days()).unwrap(),
                known: day_of(end).checked_add(10.days()).unwrap(),
                is_target: true,
            };
            Row {
                account: (self.name)(number),
                day,
                activity: 100.0 * seen,
                silence: 30.0 * draw(5, month),
                tenure: 100.0 + 30.0 * month as f64 + 500.0 * draw(6, 0),
                vendor: 100.0 * (0.3 * health + 0.7 * draw(7, month)),
                plan: ["basic", "pro"][number % 2],
                state: match (is_censored, is_event) {
                    (true, _) => LabelState::Censored,
                    (false, true) => LabelState::Positive,
                    (false, false) => LabelState::Negative,
                },
                settled: (!is_censored).then(|| day.checked_add(92.days()).unwrap()),
                next: end.map(next),
            }
        })
    }

    fn parts(&self) -> PanelParts {
        let rows = self.rows();
        let mut accounts: Vec<String> = rows.iter().map(|row| row.account.clone()).collect();
        accounts.sort();
        accounts.dedup();
        let index =
            |row: &Row| u32::try_from(accounts.binary_search(&row.account).unwrap()).unwrap();
        let numbers = |value: fn(&Row) -> f64| NumberColumn::new(rows.iter().map(value).collect());
        let indicator = |name: &str, value: fn(&Row) -> f64| Named {
            name: name.to_owned(),
            column: IndicatorValues::Numbers(numbers(value)),
        };
        PanelParts {
            account: rows.iter().map(index).collect(),
            snapshot: rows.iter().map(|row| row.day).collect(),
            segments: vec![Named {
                name: "plan".into(),
                column: WordColumn::from_words(rows.iter().map(|row| Some(row.plan))),
            }],
            value: Some(numbers(|row| row.tenure * 10.0)),
            indicators: vec![
                indicator("activity", |row| row.activity),
                indicator("silence", |row| row.silence),
                indicator("tenure", |row| row.tenure),
            ],
            labels: vec![Label {
                definition: LabelDefinition {
                    name: "churn_90d".into(),
                    outcome: "churn".into(),
                    polarity: self.polarity,
                    window: Some(LabelWindow {
                        lead_time: Span::days(0),
                        horizon: Span::days(90),
                        follow_up_end: date(2025, 12, 31),
                        follow_up_declared: true,
                    }),
                },
                states: rows.iter().map(|row| Some(row.state)).collect(),
                settled: rows.iter().map(|row| row.settled).collect(),
                next: Some(rows.iter().map(|row| row.next).collect()),
            }],
            recorded_scores: vec![Named {
                name: "vendor".into(),
                column: numbers(|row| row.vendor),
            }],
            accounts,
        }
    }

    fn panel(&self) -> Panel {
        Panel::new(self.parts()).unwrap()
    }
}

const SCORECARD: &str = r#"
spec_version = 1
name = "acme"
version = "0.1.0"
[components.activity]
weight = 90
indicators = [{ name = "activity", poor = 0, good = 100 }]
[components.rest]
weight = 10
indicators = [{ name = "silence", poor = 30, good = 0 }]
"#;

fn scorecard() -> Scorecard {
    Scorecard::from_toml("scorecard.toml", SCORECARD).unwrap()
}

fn settings() -> Settings {
    Settings {
        replicates: 200,
        recency_indicator: Some("silence".into()),
        tenure_indicator: Some("tenure".into()),
        ..Settings::default()
    }
}

fn run(panel: &Panel) -> Evaluation {
    evaluate(panel, &[scorecard()], &settings()).unwrap()
}

fn finding<'a>(evaluation: &'a Evaluation, code: &str, subject: &str) -> &'a Finding {
    let matches = |found: &&Finding| found.code == code && found.subject == subject;
    evaluation.findings.iter().find(matches).unwrap_or_else(|| panic!("no {code} of {subject}"))
}

fn level(evaluation: &Evaluation, code: &str) -> Level {
    finding(evaluation, code, "acme").level
}

fn every_metric(evaluation: &Evaluation) -> Vec<&Metric> {
    let candidates = evaluation.candidates.iter().flat_map(|found| &found.metrics);
    let bands = evaluation.candidates.iter().filter_map(|found| found.bands.as_ref());
    let bands = bands.flat_map(|table| &table.rows).flat_map(|row| [&row.event_rate, &row.lift]);
    // Shuffled labels are drawn in the order of the rows.
    let is_drawn = |found: &&BaselineResult| found.baseline == Baseline::ShuffledLabels;
    let baselines = evaluation.baselines.iter().filter(|found| !is_drawn(found));
    let baselines = baselines.flat_map(|found| &found.metrics);
    let comparisons = evaluation.comparisons.iter().map(|found| &found.metric);
    let of_all = candidates.chain(bands).chain(baselines).chain(comparisons);
    of_all.chain(metrics_of_the_parts(evaluation)).collect()
}

/// Figures of the modules that take the primary score apart.
fn metrics_of_the_parts(evaluation: &Evaluation) -> impl Iterator<Item = &Metric> {
    let groups = evaluation.signals.iter().flat_map(|signal| &signal.groups);
    let signals = evaluation.signals.iter().flat_map(|signal| &signal.metrics);
    let rates = evaluation.same_rates.iter().flat_map(|rate| &rate.metrics);
    let sensitivity = &evaluation.sensitivity;
    let variants = sensitivity.variants.iter().flat_map(|variant| &variant.metrics);
    let differences = sensitivity.variants.iter().flat_map(|variant| &variant.differences);
    let edges = evaluation.decision.edges.iter().flat_map(|edge| &edge.metrics);
    (signals.chain(groups.map(|group| &group.event_rate)).chain(rates).chain(variants))
        .chain(differences.map(|found| &found.metric))
        .chain(&sensitivity.by_weight_observed)
        .chain(&sensitivity.thin_rows)
        .chain(&sensitivity.score_change)
        .chain(&evaluation.drift.decline)
        .chain(&evaluation.decision.curve)
        .chain(edges)
}

#[test]
fn a_planted_signal_works() {
    let found = run(&Plan::default().panel());
    assert_eq!(found.verdict.answer, Answer::Works, "{}", found.verdict.sentence());
    let sentence = found.verdict.sentence();
    assert!(sentence.contains("`acme` works: of two accounts on the same day"), "{sentence}");
    assert!(
        sentence.contains("better than recency (+") && sentence.contains("tenure (+"),
        "{sentence}"
    );
    assert_eq!(finding(&found, "CHS201", "churn_90d").level, Level::Passed);
    for code in ["CHS202", "CHS203", "CHS205", "CHS208", "CHS209", "CHS210", "CHS211", "CHS213"] {
        assert_eq!(level(&found, code), Level::Passed, "{:?}", finding(&found, code, "acme"));
    }
    let bands = found.primary().unwrap().bands.as_ref().unwrap();
    assert_ne!(bands.monotone, Monotone::No);
    let rates: Vec<f64> = bands.rows.iter().map(|row| row.event_rate.estimate.unwrap()).collect();
    assert!(rates.is_sorted_by(|lower, higher| lower > higher), "{rates:?}");
    let shares: f64 = bands.rows.iter().map(|row| row.share).sum();
    let values: f64 = bands.rows.iter().filter_map(|row| row.value_share).sum();
    assert!((shares - 1.0).abs() < 1e-12 && (values - 1.0).abs() < 1e-12);
}

#[test]
fn the_walk_forward_is_calibrated_where_nothing_drifts() {
    let found = run(&Plan { accounts: 2_000, ..Plan::default() }.panel());
    let acme = found.primary().unwrap();
    let (slope, lower, upper) = acme.metric("calibration_slope").unwrap().bounds().unwrap();
    assert!((0.85..1.15).contains(&slope) && upper - lower < 0.3, "{slope}");
    assert_eq!(level(&found, "CHS207"), Level::Passed);
    let against = |metric: &str| found.comparison("acme", "base_rate", metric).unwrap();
    for metric in ["brier", "log_loss"] {
        assert!(against(metric).metric.interval.unwrap().upper < 0.0, "better than the base rate");
    }
    assert!(acme.metric("brier_scaled").unwrap().interval.unwrap().lower > 0.0);
}

#[test]
fn noise_does_not_work() {
    let found = run(&Plan { signal: Signal::Noise, ..Plan::default() }.panel());
    assert_eq!(found.verdict.answer, Answer::DoesNotWork, "{}", found.verdict.sentence());
    assert_eq!(level(&found, "CHS202"), Level::Error);
    assert_eq!(level(&found, "CHS203"), Level::Note);
    assert_eq!(level(&found, "CHS208"), Level::Warning);
    assert_eq!(
        level(&found, "CHS210"),
        Level::Warning,
        "the vendor knows something, the scorecard nothing"
    );
}

#[test]
fn a_reversed_signal_points_the_wrong_way() {
    let found = run(&Plan { signal: Signal::Reversed, ..Plan::default() }.panel());
    assert_eq!(found.verdict.answer, Answer::WrongWay, "{}", found.verdict.sentence());
    for code in ["CHS202", "CHS203", "CHS204"] {
        assert_eq!(level(&found, code), Level::Error, "{code}");
    }
    assert_eq!(finding(&found, "CHS205", "acme").level, Level::Error);
}

#[test]
fn a_favourable_outcome_turns_the_score_around() {
    let adverse = run(&Plan::default().panel());
    let plan = Plan { signal: Signal::Reversed, polarity: Polarity::Favourable, ..Plan::default() };
    let favourable = run(&plan.panel());
    assert_eq!(favourable.verdict.answer, Answer::Works, "{}", favourable.verdict.sentence());
    assert!(favourable.verdict.sentence().contains("ahead higher in"));
    let slope = |found: &Evaluation| {
        let scores = &found.primary().unwrap().scores;
        let pairs: Vec<(f64, f64)> = (0..scores.score.len())
            .filter(|row| scores.fold[*row] == Some(0))
            .filter_map(|row| Some((scores.score.get(row)?, scores.probability.get(row)?)))
            .collect();
        let low = pairs.iter().copied().min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        let high = pairs.iter().copied().max_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
        high.1 - low.1
    };
    assert!(slope(&adverse) < 0.0, "probability is that of churn: it falls with health");
    assert!(slope(&favourable) > 0.0, "probability is that of the outcome: it rises with health");
}

#[test]
fn too_little_history_is_a_verdict() {
    let plan = Plan { accounts: 30, months: 5, hazard: 0.01, ..Plan::default() };
    let found = run(&plan.panel());
    assert_eq!(found.verdict.answer, Answer::CannotTell, "{}", found.verdict.sentence());
    assert!(found.verdict.sentence().contains("accounts with events, 10 needed"));
    assert_eq!(finding(&found, "CHS201", "churn_90d").level, Level::Error);
    assert_eq!(level(&found, "CHS207"), Level::NotApplicable);
    let auc = found.primary().unwrap().metric("auc_within_snapshot").unwrap();
    assert_eq!((auc.estimate, auc.interval), (None, None));
}

#[test]
fn without_a_known_outcome_nothing_can_be_told() {
    let mut parts = Plan { accounts: 20, ..Plan::default() }.parts();
    parts.labels[0].states.fill(Some(LabelState::Censored));
    parts.labels[0].settled.fill(None);
    let found = run(&Panel::new(parts).unwrap());
    assert_eq!(found.verdict.answer, Answer::CannotTell);
    assert_eq!((found.sufficiency.rows, found.sufficiency.months), (0, 0));
    assert_eq!(level(&found, "CHS211"), Level::NotApplicable);
    let text = serde_json::to_string(&found.to_json()).unwrap();
    assert!(v1::Backtest::read(&text).is_ok());
}

#[test]
fn few_accounts_with_events_are_resampled_and_warned_of() {
    let found = run(&Plan { accounts: 60, ..Plan::default() }.panel());
    let auc = found.primary().unwrap().metric("auc_within_snapshot").unwrap();
    assert!((10..30).contains(&auc.counts.event_accounts), "{auc:?}");
    assert_eq!(auc.method, Some(Method::ClusterBootstrap));
    assert_eq!(level(&found, "CHS213"), Level::Warning);
    assert_eq!(finding(&found, "CHS201", "churn_90d").level, Level::Warning);
    let slope = found.primary().unwrap().metric("calibration_slope").unwrap();
    assert_eq!(slope.estimate, None);
}

/// Rows inside a snapshot change places; accounts are drawn in another order, all else stays.
#[test]
fn the_order_of_accounts_leaves_no_trace() {
    let plain = run(&Plan::default().panel());
    let turned =
        run(&Plan { name: |number| format!("A{:04}", 9_999 - number), ..Plan::default() }.panel());
    assert_eq!(plain.sufficiency, turned.sufficiency);
    let (plain, turned) = (every_metric(&plain), every_metric(&turned));
    assert_eq!(plain.len(), turned.len());
    let is_drawn = |metric: &Metric| metric.method == Some(Method::ClusterBootstrap);
    let mut compared = 0;
    for (left, right) in plain.into_iter().zip(turned) {
        assert_eq!(
            (&left.name, &left.slice, left.counts),
            (&right.name, &right.slice, right.counts)
        );
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-12;
        match (left.estimate, right.estimate) {
            (Some(a), Some(b)) => assert!(close(a, b), "{left:?} {right:?}"),
            (a, b) => assert_eq!(a, b),
        }
        if let (false, Some(a), Some(b)) = (is_drawn(left), left.interval, right.interval) {
            assert!(close(a.lower, b.lower) && close(a.upper, b.upper), "{left:?} {right:?}");
        }
        compared += 1;
    }
    assert!(compared > 100);
}

/// The same of what a score said along the life of the accounts, but for ids.
#[test]
fn the_order_of_accounts_leaves_no_trace_in_their_life() {
    let plain = run(&Plan::default().panel()).to_json();
    let turned =
        run(&Plan { name: |number| format!("A{:04}", 9_999 - number), ..Plan::default() }.panel())
            .to_json();
    let mut compared = 0;
    for (plain, turned) in plain.scorecards.iter().zip(&turned.scorecards) {
        let (plain, turned) = (plain.life.metrics(), turned.life.metrics());
        assert_eq!(plain.len(), turned.len());
        for (left, right) in plain.into_iter().zip(turned) {
            assert_eq!((&left.name, &left.slice, left.n), (&right.name, &right.slice, right.n));
            match (left.estimate, right.estimate) {
                (Some(a), Some(b)) => assert!((a - b).abs() <= 1e-9, "{left:?} {right:?}"),
                (a, b) => assert_eq!(a, b),
            }
            compared += 1;
        }
    }
    assert!(compared > 200, "{compared}");
}

#[test]
fn early_alerts_of_a_planted_signal_beat_random_ones() {
    let found = run(&Plan { accounts: 1_000, ..Plan::default() }.panel());
    for code in ["CHS216", "CHS217", "CHS219", "CHS221"] {
        assert_eq!(level(&found, code), Level::Passed, "{:?}", finding(&found, code, "acme"));
    }
    let noise = run(&Plan { signal: Signal::Noise, accounts: 1_000, ..Plan::default() }.panel());
    for code in ["CHS216", "CHS217", "CHS219"] {
        assert_ne!(level(&noise, code), Level::Passed, "{:?}", finding(&noise, code, "acme"));
    }
    let by_number: Vec<usize> = found.questions.iter().map(|own| own.number).collect();
    assert_eq!(by_number, (1..=22).collect::<Vec<_>>());
    let open = found.questions.iter().filter(|own| own.reply == Reply::CannotTell);
    assert!(open.clone().all(|own| own.needed.is_some()));
    assert!(found.questions[6].sentence.contains("missed ones counted"));
}

#[test]
fn threads_leave_no_trace() {
    let panel = Plan::default().panel();
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = pool.install(|| run(&panel));
        (serde_json::to_string(&found.to_json()).unwrap(), found.predictions(&panel))
    };
    let (one, two) = (with(1), with(2));
    assert!(one.0 == two.0, "backtest.json differs");
    assert!(one.1 == two.1, "predictions differ");
}

#[test]
fn a_monotone_map_leaves_every_ranking_figure() {
    let plain = Plan::default();
    let mut parts = plain.parts();
    let vendor = &mut parts.recorded_scores[0].column;
    let mapped = vendor.as_slice().iter().map(|value| (value / 20.0).exp()).collect();
    *vendor = NumberColumn::new(mapped);
    let (plain, mapped) = (run(&plain.panel()), run(&Panel::new(parts).unwrap()));
    let ranking = |found: &Evaluation| -> Vec<Metric> {
        let vendor = found.candidates.iter().find(|candidate| candidate.name == "vendor").unwrap();
        let is_ranking = |metric: &&Metric| {
            ["auc", "average_precision", "lift", "capture", "event_rate"]
                .iter()
                .any(|kind| metric.name.starts_with(kind))
        };
        vendor.metrics.iter().filter(is_ranking).cloned().collect()
    };
    assert!(ranking(&plain).len() > 20);
    assert_eq!(ranking(&plain), ranking(&mapped));
    let has_bands = |found: &Evaluation| found.candidates[1].bands.is_some();
    assert!(
        has_bands(&plain) && !has_bands(&mapped),
        "bands are lent to scores within 0 to 100 only"
    );
}

#[test]
fn later_outcomes_never_change_an_earlier_probability() {
    let plan = Plan::default();
    let mut parts = plan.parts();
    let cut = date(2024, 10, 31);
    let label = &mut parts.labels[0];
    for (state, settled) in label.states.iter_mut().zip(&label.settled) {
        if settled.is_some_and(|day| day > cut) {
            *state = match state {
                Some(LabelState::Positive) => Some(LabelState::Negative),
                _ => Some(LabelState::Positive),
            };
        }
    }
    let (before, changed) = (run(&plan.panel()), run(&Panel::new(parts).unwrap()));
    let panel = plan.panel();
    let mut differs_later = false;
    for row in 0..panel.len() {
        let of = |found: &Evaluation| {
            let scores = &found.primary().unwrap().scores;
            (scores.probability.get(row).map(f64::to_bits), scores.fold[row])
        };
        let is_same = of(&before) == of(&changed);
        if panel.snapshot()[row] <= cut {
            assert!(is_same, "row {row}");
        }
        differs_later |= !is_same;
    }
    assert!(differs_later);
    let folds = &before.primary().unwrap().scores.fold;
    assert!(folds.contains(&Some(0)) && folds[0].is_none(), "the first snapshot has no past");
}

#[test]
fn a_figure_has_an_interval_or_a_reason() {
    for plan in [
        Plan::default(),
        Plan { accounts: 60, ..Plan::default() },
        Plan { accounts: 20, ..Plan::default() },
    ] {
        let found = run(&plan.panel());
        for metric in every_metric(&found) {
            match (metric.estimate, metric.interval) {
                (Some(estimate), Some(interval)) => {
                    assert!(estimate.is_finite() && metric.method.is_some());
                    assert!(interval.lower <= interval.upper, "{metric:?}");
                }
                (None, Some(_)) => panic!("an interval of nothing: {metric:?}"),
                (_, None) => assert!(metric.reason.is_some(), "{metric:?}"),
            }
        }
        let states = &found.row_states;
        assert_eq!(states.states.iter().sum::<usize>() + states.not_at_risk, states.rows);
        assert!(found.findings.is_sorted_by_key(|finding| finding.code));
        assert!(found.findings.iter().all(|finding| chs_backtest::rule(finding.code).is_some()));
    }
}

#[test]
fn each_rule_is_concluded_by_some_history() {
    let found = run(&Plan::default().panel());
    // A cross-section and a model file have rules of their own, tested with those.
    let elsewhere = ["CHS214", "CHS215"];
    for rule in chs_backtest::RULES.iter().filter(|rule| !elsewhere.contains(&rule.code)) {
        assert!(found.findings.iter().any(|finding| finding.code == rule.code), "{}", rule.code);
    }
}

#[test]
fn segments_that_rank_unlike_are_found() {
    let mut parts = Plan { accounts: 1_000, ..Plan::default() }.parts();
    let pro: Vec<bool> = (0..parts.account.len())
        .map(|row| parts.segments[0].column.get(row) == Some("pro"))
        .collect();
    let IndicatorValues::Numbers(activity) = &mut parts.indicators[0].column else { panic!() };
    let blind = |(row, value): (usize, &f64)| {
        if pro[row] { uniform([1, row as u64, 3]) * 100.0 } else { *value }
    };
    *activity = NumberColumn::new(activity.as_slice().iter().enumerate().map(blind).collect());
    let found = run(&Panel::new(parts).unwrap());
    let finding = finding(&found, "CHS212", "acme");
    assert_eq!(finding.level, Level::Warning, "{finding:?}");
    assert!(finding.sentence.contains("in `basic`"), "{}", finding.sentence);
    let acme = found.primary().unwrap();
    let auc = |plan: &str| acme.metric_of("auc_within_snapshot", &Slice::of("plan", plan)).unwrap();
    assert!(auc("basic").estimate > auc("pro").estimate);
    assert_eq!(level(&run(&Plan::default().panel()), "CHS212"), Level::Passed);
}

#[test]
fn a_score_that_is_mostly_absent_is_found() {
    let mut parts = Plan::default().parts();
    for indicator in &mut parts.indicators[..2] {
        let IndicatorValues::Numbers(numbers) = &mut indicator.column else { panic!() };
        let thin = |(row, value): (usize, &f64)| if row % 5 == 0 { f64::NAN } else { *value };
        *numbers = NumberColumn::new(numbers.as_slice().iter().enumerate().map(thin).collect());
    }
    let found = run(&Panel::new(parts).unwrap());
    assert_eq!(level(&found, "CHS211"), Level::Warning);
    let coverage = &found.primary().unwrap().coverage;
    assert!(coverage.scored < coverage.labelled);
    let auc = found.primary().unwrap().metric("auc_pooled").unwrap();
    assert_eq!(auc.counts.n, coverage.scored);
}

#[test]
fn a_recorded_score_needs_no_scorecard() {
    let panel = Plan::default().panel();
    let found = evaluate(&panel, &[], &settings()).unwrap();
    assert_eq!(found.verdict.candidate, "vendor");
    assert_eq!(found.candidates.len(), 1);
    assert!(found.candidates[0].bands.is_none());
    assert_eq!(finding(&found, "CHS206", "vendor").level, Level::NotApplicable);
    assert_eq!(finding(&found, "CHS204", "vendor").level, Level::NotApplicable);
}

#[test]
fn the_file_is_read_back_and_fits_its_schema() {
    let found = run(&Plan::default().panel());
    let wire = found.to_json();
    let text = serde_json::to_string_pretty(&wire).unwrap();
    assert_eq!(v1::Backtest::read(&text).unwrap(), wire);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let schema = chs_backtest::backtest_schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&json));
    let lift =
        wire.scorecards[0].metrics.iter().filter(|metric| metric.name == "band_lift").count();
    assert_eq!(lift, 3);

    let changed = |path: &str, value: serde_json::Value| {
        let mut json = json.clone();
        *json.pointer_mut(path).unwrap() = value;
        v1::Backtest::read(&json.to_string())
    };
    assert!(matches!(changed("/schema/version", 2.into()), Err(v1::ReadError::Newer { found: 2 })));
    assert!(matches!(changed("/schema/name", "chs-fit".into()), Err(v1::ReadError::Name { .. })));
    assert!(matches!(changed("/label/name", 3.into()), Err(v1::ReadError::Malformed { .. })));
    let mut open = json.clone();
    open["of_a_later_release"] = true.into();
    assert!(v1::Backtest::read(&open.to_string()).is_ok(), "the file grows by addition");
}

#[test]
fn predictions_are_sorted_and_complete() {
    let panel = Plan::default().panel();
    let found = run(&panel);
    let predictions = found.predictions(&panel);
    let names: Vec<&str> = predictions.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "account_id",
            "snapshot",
            "scorecard",
            "score",
            "coverage",
            "band",
            "probability",
            "contribution_activity",
            "contribution_silence",
            "churn_90d",
            "churn_90d_state",
            "fold",
            "plan",
            "value",
        ]
    );
    let column =
        |name: &str| &predictions.columns.iter().find(|own| own.name == name).unwrap().column;
    let (
        PredictionValues::Words(account),
        PredictionValues::Dates(day),
        PredictionValues::Words(scorecard),
    ) = (column("account_id"), column("snapshot"), column("scorecard"))
    else {
        panic!()
    };
    let key = |row: usize| (scorecard.get(row), day[row], account.get(row));
    assert_eq!(day.len(), 2 * panel.len());
    assert!((1..day.len()).all(|row| key(row - 1) < key(row)));
    let (PredictionValues::Numbers(score), PredictionValues::Numbers(coverage)) =
        (column("score"), column("coverage"))
    else {
        panic!()
    };
    assert_eq!(score.get(3), found.candidates[0].scores.score.get(3));
    assert!(coverage.get(3).is_some() && coverage.get(panel.len() + 3).is_none());
}

#[test]
fn what_cannot_be_run_is_refused() {
    let plan = Plan { accounts: 20, ..Plan::default() };
    let panel = plan.panel();
    let acme = [scorecard()];
    let refused = |change: fn(&mut Settings)| {
        let mut settings = settings();
        change(&mut settings);
        evaluate(&panel, &acme, &settings).unwrap_err()
    };
    let without = |change: fn(&mut PanelParts), acme: &[Scorecard]| {
        let mut parts = plan.parts();
        change(&mut parts);
        evaluate(&Panel::new(parts).unwrap(), acme, &settings()).unwrap_err()
    };
    assert!(matches!(
        refused(|own| own.replicates = 9),
        BacktestError::Settings { name: "replicates", .. }
    ));
    assert!(matches!(
        refused(|own| own.level = 95.0),
        BacktestError::Settings { name: "level", .. }
    ));
    assert!(matches!(
        refused(|own| own.label = Some("x".into())),
        BacktestError::UnknownLabel { .. }
    ));
    let recency = refused(|own| own.recency_indicator = Some("x".into()));
    assert!(matches!(recency, BacktestError::BaselineIndicator { .. }));
    assert!(matches!(without(|own| own.labels.clear(), &acme), BacktestError::NoLabel));
    let nothing = without(|own| own.recorded_scores.clear(), &[]);
    assert!(matches!(nothing, BacktestError::NoCandidate));
    let unknown = without(|own| own.indicators[0].name = "other".into(), &acme);
    assert!(matches!(unknown, BacktestError::UnknownIndicator { .. }));
    let words = |own: &mut PanelParts| {
        let rows = vec![Some("a"); own.account.len()];
        own.indicators[0].column = IndicatorValues::Words(WordColumn::from_words(rows));
    };
    assert!(matches!(without(words, &acme), BacktestError::IndicatorType { .. }));
    let twice = without(|own| own.recorded_scores[0].name = "acme".into(), &acme);
    assert!(matches!(twice, BacktestError::Name { .. }));
    let empty = evaluate(&Panel::new(PanelParts::default()).unwrap(), &acme, &settings());
    assert!(matches!(empty, Err(BacktestError::EmptyPanel)));
}
