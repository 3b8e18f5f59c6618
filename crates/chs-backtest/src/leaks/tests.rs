//! Leaks planted one by one in a panel without any.

use chs_panel::{
    Finding, IndicatorValues, Label, LabelDefinition, LabelState, LabelWindow, Level, Named,
    NumberColumn, Panel, PanelParts, Polarity, Span, WordColumn,
};
use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use super::{BlankCells, FutureEvidence, LeakEvidence, SourceTraces, audit_leaks};

const ACCOUNTS: u32 = 240;
const SNAPSHOTS: u32 = 12;

/// An account at a snapshot.
#[derive(Clone, Copy)]
struct At {
    account: u32,
    snapshot: u32,
}

impl At {
    /// Months until the account ends; every fourth does.
    fn months_left(self) -> Option<u32> {
        let end = self.account.is_multiple_of(4).then(|| 3 + self.account / 4 % 10)?;
        end.checked_sub(self.snapshot)
    }

    fn is_positive(self) -> bool {
        self.months_left().is_some_and(|months| months <= 3)
    }

    /// Between 0 and 1, the same on every run.
    fn noise(self) -> f64 {
        let mixed = (self.account * 7_919 + self.snapshot * 104_729 + 17) % 9_973;
        f64::from(mixed * 31 % 9_973) / 9_973.0
    }
}

fn day(snapshot: u32) -> Date {
    date(2024, 1, 31).checked_add(i64::from(snapshot).months()).unwrap().last_of_month()
}

/// Rows of accounts that have not ended, by snapshot and account.
fn rows() -> Vec<At> {
    (0..SNAPSHOTS)
        .flat_map(|snapshot| (0..ACCOUNTS).map(move |account| At { account, snapshot }))
        .filter(|row| {
            !row.account.is_multiple_of(4) || row.months_left().is_some_and(|left| left > 0)
        })
        .collect()
}

/// A panel of one indicator, with a value and a segment.
fn panel_of(
    indicator: impl Fn(At) -> f64,
    value: impl Fn(At) -> f64,
    plan: impl Fn(At) -> &'static str,
) -> Panel {
    let rows = rows();
    let state = |row: &At| {
        Some(if row.is_positive() { LabelState::Positive } else { LabelState::Negative })
    };
    let window = LabelWindow {
        lead_time: Span::days(0),
        horizon: Span::days(90),
        follow_up_end: date(2025, 12, 31),
        follow_up_declared: true,
    };
    let definition = LabelDefinition {
        name: "churn_90d".into(),
        outcome: "churn".into(),
        polarity: Polarity::Adverse,
        window: Some(window),
    };
    let numbers = NumberColumn::new(rows.iter().map(|row| indicator(*row)).collect());
    let words: Vec<Option<&str>> = rows.iter().map(|row| Some(plan(*row))).collect();
    Panel::new(PanelParts {
        accounts: (0..ACCOUNTS).map(|account| format!("{account:04}")).collect(),
        account: rows.iter().map(|row| row.account).collect(),
        snapshot: rows.iter().map(|row| day(row.snapshot)).collect(),
        segments: vec![Named { name: "plan".into(), column: WordColumn::from_words(words) }],
        value: Some(NumberColumn::new(rows.iter().map(|row| value(*row)).collect())),
        indicators: vec![Named { name: "n".into(), column: IndicatorValues::Numbers(numbers) }],
        labels: vec![Label {
            definition,
            states: rows.iter().map(state).collect(),
            settled: vec![Some(date(2025, 12, 31)); rows.len()],
            next: None,
        }],
        ..PanelParts::default()
    })
    .unwrap()
}

fn honest(row: At) -> f64 {
    row.noise() - if row.is_positive() { 0.2 } else { 0.0 }
}

fn plan(row: At) -> &'static str {
    if row.account.is_multiple_of(3) { "pro" } else { "basic" }
}

fn panel(indicator: impl Fn(At) -> f64) -> Panel {
    panel_of(indicator, At::noise, plan)
}

fn source(spoke: impl Fn(At) -> bool) -> SourceTraces {
    SourceTraces {
        name: "usage".into(),
        tells_when_known: true,
        ended: 60,
        begun_at_end: 1,
        spoke: rows().into_iter().map(spoke).collect(),
        spoke_days: 31,
    }
}

/// Four of five rows, those before the outcome seldom.
fn talkative(row: At) -> bool {
    row.noise() < if row.is_positive() { 0.5 } else { 0.8 }
}

fn evidence(panel: &Panel) -> LeakEvidence<'_> {
    let days = |row: At| {
        let left = row.months_left().filter(|_| row.is_positive())?;
        Some(30.0 * f64::from(left) - 15.0)
    };
    LeakEvidence {
        panel,
        by_event_time: None,
        scorecards: &[],
        future: None,
        days_to_outcome: Some(rows().into_iter().map(days).collect()),
        sources: vec![source(talkative)],
        columns: vec![BlankCells {
            subject: "usage".into(),
            column: "`minutes` is missing or 0".into(),
            ended: 60,
            ended_blank: 12,
            others: 180,
            others_blank: 20,
        }],
    }
}

fn found(evidence: &LeakEvidence<'_>, code: &str) -> Finding {
    let findings = audit_leaks(evidence).unwrap().findings;
    let gravest = findings.into_iter().filter(|finding| finding.code == code);
    gravest.min_by_key(|finding| finding.level).unwrap()
}

#[test]
fn honest_data_hold_no_suspect() {
    let panel = panel(honest);
    let clean = LeakEvidence { by_event_time: Some(&panel), ..evidence(&panel) };
    let audit = audit_leaks(&clean).unwrap();
    let codes = ["CHS114", "CHS115", "CHS116", "CHS117", "CHS118", "CHS119"];
    for code in codes {
        assert_eq!(found(&clean, code).level, Level::Passed, "{}", found(&clean, code).sentence);
    }
    assert_eq!(audit.impacts.len(), 1);
    assert!(audit.impacts[0].changed_share <= 0.0);
}

#[test]
fn what_event_time_alone_would_fake_is_told() {
    let known = panel(honest);
    let at_once = panel(|row| honest(row) - if row.is_positive() { 0.4 } else { 0.0 });
    let leaky = LeakEvidence { by_event_time: Some(&at_once), ..evidence(&known) };
    let finding = found(&leaky, "CHS114");
    assert_eq!(finding.level, Level::Note, "{}", finding.sentence);
    let impact = &audit_leaks(&leaky).unwrap().impacts[0];
    let positives = rows().iter().filter(|row| row.is_positive()).count() as f64;
    assert!((impact.changed_share - positives / rows().len() as f64).abs() < 1e-12);
    assert!(impact.by_event_time > impact.as_known && impact.as_known > Some(0.5));
    // A source that does not say when its rows became known is named.
    let mut silent = leaky;
    silent.sources[0].tells_when_known = false;
    assert!(
        audit_leaks(&silent).unwrap().findings.iter().any(|finding| finding.subject == "usage"
            && finding.code == "CHS114"
            && finding.level == Level::NotApplicable)
    );
}

#[test]
fn a_jump_before_the_outcome_is_suspect() {
    let panel = panel(|row| row.noise() + if row.months_left() == Some(1) { 0.9 } else { 0.0 });
    let finding = found(&evidence(&panel), "CHS115");
    assert_eq!(finding.level, Level::Warning, "{}", finding.sentence);
}

#[test]
fn a_source_that_begins_with_the_end_is_suspect() {
    let panel = panel(honest);
    let mut leaky = evidence(&panel);
    leaky.sources[0].begun_at_end = 50;
    assert_eq!(found(&leaky, "CHS116").level, Level::Warning);
}

#[test]
fn what_is_written_over_is_suspect() {
    let ends = |row: At| row.account.is_multiple_of(4);
    let zeroed = panel_of(honest, |row| if ends(row) { 0.0 } else { row.noise() + 0.1 }, plan);
    let marked = panel_of(honest, At::noise, |row| if ends(row) { "gone" } else { plan(row) });
    for (panel, subject) in [(zeroed, "value"), (marked, "plan")] {
        let finding = found(&evidence(&panel), "CHS117");
        assert_eq!((finding.level, finding.subject.as_str()), (Level::Warning, subject));
        assert!(!finding.sentence.contains("gone"), "{}", finding.sentence);
    }
    let panel = panel(honest);
    let mut blank = evidence(&panel);
    blank.columns[0].ended_blank = 58;
    assert_eq!(found(&blank, "CHS117").level, Level::Warning);
}

#[test]
fn an_indicator_of_one_class_is_suspect() {
    let leavers = panel(|row| if row.is_positive() { row.noise() } else { f64::NAN });
    let stayers = panel(|row| if row.is_positive() { f64::NAN } else { row.noise() });
    for panel in [leavers, stayers] {
        let finding = found(&evidence(&panel), "CHS118");
        assert_eq!(finding.level, Level::Warning, "{}", finding.sentence);
    }
}

#[test]
fn a_source_that_ends_for_one_class_is_suspect() {
    let panel = panel(honest);
    let purged = source(|row| talkative(row) && !(row.is_positive() && row.snapshot > 5));
    let leaky = LeakEvidence { sources: vec![purged], ..evidence(&panel) };
    let finding = found(&leaky, "CHS119");
    assert_eq!(finding.level, Level::Warning, "{}", finding.sentence);
    assert!(finding.sentence.contains("2024-06-30"), "{}", finding.sentence);
    // A source that ends for both says nothing of either.
    let over = source(|row| talkative(row) && row.snapshot < 6);
    let sound = LeakEvidence { sources: vec![over], ..evidence(&panel) };
    assert_eq!(found(&sound, "CHS119").level, Level::Passed);
}

#[test]
fn a_panel_that_knows_the_future_is_an_error() {
    let known = panel(honest);
    let mut same = FutureEvidence::default();
    same.compare(day(4), &known, &panel(honest));
    let mut other = FutureEvidence::default();
    other.compare(day(4), &known, &panel(|row| honest(row) + f64::from(row.account / 239)));
    let level = |future: Option<FutureEvidence>| {
        found(&LeakEvidence { future, ..evidence(&known) }, "CHS113").level
    };
    assert_eq!(other.differing, 1);
    assert_eq!(other.cells, 3 * other.rows);
    assert_eq!(level(Some(same.clone())), Level::Passed);
    assert_eq!(level(Some(other)), Level::Error);
    assert_eq!(level(Some(FutureEvidence { unmatched: 1, ..same })), Level::Error);
    assert_eq!(level(None), Level::NotApplicable);
}
