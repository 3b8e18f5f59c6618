//! A panel that is ready, in place of a history: its row account, its labels, what a cross-section leaves out.

use chs_backtest::{Settings, Slice, evaluate};
use chs_data::{
    LoadError, LoadReport, PanelProject, ProjectFile, Reason, check_panel, load_panel,
    read_project, ready_panel,
};
use chs_panel::{Finding, LabelState, Level, Panel};
use chs_scorecard::Scorecard;
use jiff::civil::{Date, date};
use serde_json::Value;

use crate::cli_project::Project;

const CROSS_SECTION: &str = r#"
spec_version = 1

[panel]
path = "panel.csv"
id = "id"
indicators = ["visits", "plan"]
segments = ["region"]
value = "arr"
max_rejected = 1
label = { name = "churn", column = "left", positive = ["Yes"], negative = ["No"] }
"#;

const SCORECARD: &str = r#"
spec_version = 1
name = "own"
version = "0.1.0"
[components.all]
weight = 100
indicators = [
  { name = "visits", weight = 2, poor = 0, good = 30 },
  { name = "plan", map = { basic = 30, pro = 70 } },
]
[[bands]]
name = "at-risk"
from = 0
[[bands]]
name = "healthy"
from = 50
"#;

fn project(text: &str) -> PanelProject {
    match read_project("chs.toml", text).unwrap() {
        ProjectFile::Panel(project) => project,
        ProjectFile::History(_) => panic!("{text} describes a history"),
    }
}

fn read(text: &str, rows: &str, as_of: Option<Date>) -> Result<(Panel, LoadReport), LoadError> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("panel.csv"), rows).unwrap();
    let project = project(text);
    let (table, report) = load_panel(&project, folder.path(), as_of)?;
    Ok((ready_panel(&project, table).unwrap(), report))
}

fn states(panel: &Panel) -> Vec<(&str, Option<LabelState>)> {
    let states = &panel.labels()[0].states;
    (0..panel.len()).map(|row| (panel.account_id(row), states[row])).collect()
}

#[test]
fn every_row_of_a_cross_section_is_used_or_rejected_for_its_reason() {
    let rows = "id,visits,plan,region,arr,left\n\
        b,3,pro,north,10,No\n\
        a, ,basic,,20.5,Yes\n\
        ,1,pro,north,1,No\n\
        c,many,pro,north,1,No\n\
        d,inf,pro,north,1,No\n\
        e,5,pro,north,lots,No\n\
        f,5,pro,north,1,Perhaps\n\
        b,4,pro,north,10,No\n\
        g,5,pro,north,1,\n\
        h,6\n";
    let (panel, report) = read(CROSS_SECTION, rows, None).unwrap();
    let rejects: Vec<(u64, &str, Reason)> = report
        .rejects
        .iter()
        .map(|reject| (reject.line, reject.column.as_str(), reject.reason))
        .collect();
    assert_eq!(
        rejects,
        [
            (4, "id", Reason::NullKey),
            (5, "visits", Reason::NotANumber),
            (6, "visits", Reason::InfiniteValue),
            (7, "arr", Reason::NotANumber),
            (8, "left", Reason::NotALabel),
            (9, "id", Reason::Duplicate),
            (11, "", Reason::WrongNumberOfFields),
        ]
    );
    assert_eq!((report.tables[0].read, report.tables[0].used), (10, 3));
    assert!(panel.is_cross_section());
    let [yes, no, open] = [LabelState::Positive, LabelState::Negative, LabelState::Censored];
    assert_eq!(states(&panel), [("a", Some(yes)), ("b", Some(no)), ("g", Some(open))]);
    let visits = panel.indicator("visits").unwrap().numbers().unwrap();
    assert_eq!([0, 1, 2].map(|row| visits.get(row)), [None, Some(3.0), Some(5.0)]);
    assert!(panel.indicator("plan").unwrap().numbers().is_none(), "plans are words");
    assert_eq!(panel.value().unwrap().get(0), Some(20.5));
    assert_eq!([0, 1].map(|row| panel.segments()[0].column.get(row)), [None, Some("north")]);
}

#[test]
fn the_order_of_the_rows_does_not_show() {
    let rows = ["b,3,pro,n,1,No\n", "a,4,basic,s,2,Yes\n", "b,2,pro,n,1,No\n"];
    let header = "id,visits,plan,region,arr,left\n";
    let forward = read(CROSS_SECTION, &format!("{header}{}", rows.concat()), None).unwrap().0;
    let backward: String = rows.iter().rev().copied().collect();
    assert_eq!(read(CROSS_SECTION, &format!("{header}{backward}"), None).unwrap().0, forward);
    let visits = forward.indicator("visits").unwrap().numbers().unwrap();
    assert_eq!(visits.get(1), Some(2.0), "the smallest of two rows stays");
}

#[test]
fn a_cross_section_is_as_of_no_day_and_needs_rows() {
    let header = "id,visits,plan,region,arr,left\n";
    let as_of = read(CROSS_SECTION, header, Some(date(2024, 12, 31))).unwrap_err();
    assert!(as_of.to_string().contains("a cross-section has no time"), "{as_of}");
    let empty = read(CROSS_SECTION, header, None).unwrap_err();
    assert!(empty.to_string().contains("no row in panel.csv"), "{empty}");
    let misnamed = CROSS_SECTION.replace("\"visits\"", "\"vists\"");
    let misnamed = read(&misnamed, header, None).unwrap_err().to_string();
    assert!(misnamed.contains("no column `vists` in panel.csv"), "{misnamed}");
}

const DATED: &str = r#"
spec_version = 1

[panel]
path = "panel.csv"
id = "id"
as_of = "day"
lead_time = "10d"
horizon = "30d"
indicators = ["visits"]
outcome_date = "left_on"
complete_until = 2024-04-30
max_rejected = 1
"#;

#[test]
fn dates_of_outcomes_make_labels() {
    use LabelState::{Censored, Excluded, Negative, Positive};
    let rows = "id,day,visits,left_on\n\
        gone,2024-02-29,1,2024-02-29\n\
        lead,2024-02-29,1,2024-03-10\n\
        soon,2024-02-29,1,2024-03-11\n\
        last,2024-02-29,1,2024-04-09\n\
        later,2024-02-29,1,2024-04-10\n\
        never,2024-02-29,1,\n\
        soon,2024-03-31,1,2024-03-11\n\
        never,2024-03-31,1,\n\
        never,some day,1,\n\
        never,,1,\n";
    let (panel, report) = read(DATED, rows, None).unwrap();
    let rejected: Vec<Reason> = report.rejects.iter().map(|reject| reject.reason).collect();
    assert_eq!(rejected, [Reason::BadDate, Reason::MissingDate]);
    assert_eq!(
        states(&panel),
        [
            ("gone", None),
            ("last", Some(Positive)),
            ("later", Some(Negative)),
            ("lead", Some(Excluded)),
            ("never", Some(Negative)),
            ("soon", Some(Positive)),
            ("never", Some(Censored)),
            ("soon", None),
        ]
    );
    let label = &panel.labels()[0];
    assert_eq!(label.settled[1], Some(date(2024, 4, 9)), "the last day of the window");
    assert!(label.definition.window.as_ref().unwrap().follow_up_declared);
    let (panel, report) = read(DATED, rows, Some(date(2024, 3, 30))).unwrap();
    assert_eq!(report.tables[0].rejected[&Reason::AfterAsOf], 2);
    assert!(panel.labels()[0].states.iter().flatten().all(|state| *state == Censored));
}

/// 200 accounts, of which those with few visits leave more often.
fn cross_section() -> Panel {
    cross_section_with(None)
}

/// The same with the outcome of one account turned.
fn cross_section_with(turned: Option<u32>) -> Panel {
    let mut rows = "id,visits,plan,region,arr,left\n".to_owned();
    for number in 0..200 {
        let visits = number * 7 % 30;
        let leaves = (number * 13 + visits * 5) % 97 > 2 * visits + 20;
        let left = if leaves == (turned != Some(number)) { "Yes" } else { "No" };
        let plan = if number % 3 == 0 { "basic" } else { "pro" };
        rows.extend([format!("a{number:03},{visits},{plan},north,10,{left}\n")]);
    }
    read(CROSS_SECTION, &rows, None).unwrap().0
}

#[test]
fn a_cross_section_ranks_and_says_what_it_leaves_out() {
    let panel = cross_section();
    let scorecard = Scorecard::from_toml("scorecard.toml", SCORECARD).unwrap();
    let settings = Settings { replicates: 100, ..Settings::default() };
    let evaluation = evaluate(&panel, &[scorecard], &settings).unwrap();
    let found = evaluation.primary().unwrap();
    let bounds = |name: &str| found.metric(name).unwrap().bounds();
    assert!(bounds("auc_within_snapshot").is_some_and(|(_, lower, _)| lower > 0.5));
    assert_eq!(bounds("auc_within_snapshot"), bounds("auc_pooled"));
    assert!(bounds("lift_at_10_percent").is_some());
    assert!(found.bands.is_some());
    for name in ["brier", "brier_scaled", "log_loss", "calibration_slope", "calibration_intercept"]
    {
        assert!(bounds(name).is_some(), "{name}: {:?}", found.metric(name));
    }
    for name in ["auc_within_snapshot_snapshot_mean", "event_rate_snapshot_mean"] {
        let metric = found.metric(name).unwrap();
        let reason = metric.reason.as_deref().unwrap();
        assert!(metric.estimate.is_none() && reason.contains("has no time"), "{name}: {reason}");
    }
    assert!(found.metrics.iter().all(|metric| !metric.slice.parts().contains_key("snapshot")));
    assert!(found.metric_of("auc_pooled", &Slice::of("region", "north")).is_some());
    let losses = evaluation.comparison("own", "equal_weights", "log_loss").unwrap();
    assert!(losses.metric.estimate.is_some());
    assert_eq!((evaluation.sufficiency.snapshots, evaluation.sufficiency.months), (0, 0));
    assert!(evaluation.sufficiency.floors.iter().any(|floor| floor.name == "account_folds"));
    let source = evaluation.to_json().scorecards[0].probability_source.clone();
    assert_eq!(source.as_deref(), Some("account_folds"));
    let no_time = evaluation.findings.iter().find(|finding| finding.code == "CHS214").unwrap();
    assert_eq!(no_time.level, Level::Note);
    let sentence = evaluation.verdict.sentence();
    assert!(!sentence.contains("same day") && sentence.contains("cross-section"), "{sentence}");
    let label = evaluation.to_json().label;
    assert_eq!((label.lead_time, label.horizon, label.follow_up_end), (None, None, None));
}

/// An account's own outcome moves the probabilities of the other groups alone.
#[test]
fn no_account_of_a_cross_section_teaches_its_own_probability() {
    let scorecard = Scorecard::from_toml("scorecard.toml", SCORECARD).unwrap();
    let settings = Settings { replicates: 100, ..Settings::default() };
    let probabilities = |turned: Option<u32>| {
        let evaluation =
            evaluate(&cross_section_with(turned), std::slice::from_ref(&scorecard), &settings);
        let scores = evaluation.unwrap().candidates[0].scores.clone();
        let bits: Vec<u64> =
            scores.probability.as_slice().iter().map(|value| value.to_bits()).collect();
        (bits, scores.fold)
    };
    let (before, folds) = probabilities(None);
    assert_eq!(folds.iter().flatten().max(), Some(&4));
    let (after, _) = probabilities(Some(17));
    for row in 0..before.len() {
        assert_eq!(before[row] == after[row], folds[row] == folds[17], "{row}");
    }
}

#[test]
fn a_check_says_what_a_ready_panel_cannot_tell() {
    let told = |panel: &Panel, text: &str| -> Finding {
        let check = check_panel(&project(text), &LoadReport::default(), panel);
        check.findings.into_iter().find(|finding| finding.code == "CHS112").unwrap()
    };
    let finding = told(&cross_section(), CROSS_SECTION);
    assert!(finding.sentence.contains("everything that needs time is left out"));
    let dated = read(DATED, "id,day,visits,left_on\na,2024-02-29,1,\n", None).unwrap().0;
    assert!(told(&dated, DATED).sentence.contains("made elsewhere"));
}

/// A panel that was written and is read again gives the same figures as the history it came from.
#[test]
fn a_panel_that_is_read_again_is_the_panel_that_was_written() {
    let project = Project::new();
    project.expect(0, &["panel"]);
    let backtest = ["backtest", "--replicates", "100"];
    project.expect(0, &backtest);
    // Answers in words tell no dates, and without these there are no figures before outcomes.
    let scores = |project: &Project| {
        let mut scores = project.json("chs-out/backtest.json")["scorecards"].clone();
        for score in scores.as_array_mut().unwrap() {
            score.as_object_mut().unwrap().remove("life").unwrap();
        }
        scores
    };
    let replayed = scores(&project);
    std::fs::rename(project.path("chs-out/panel.parquet"), project.path("panel.parquet")).unwrap();
    project.write(
        "chs.toml",
        r#"spec_version = 1
[panel]
path = "panel.parquet"
id = "account_id"
as_of = "snapshot"
horizon = "60d"
indicators = ["logins_30d", "days_since_login", "mood", "age"]
recency = "days_since_login"
tenure = "age"
segments = ["plan"]
value = "value"
label = { name = "churn_60d", column = "churn_60d" }
"#,
    );
    project.expect(0, &backtest);
    assert_eq!(scores(&project), replayed);
    let tables = &project.json("chs-out/run.json")["tables"];
    assert_eq!(tables[0]["table"], Value::from("panel"));
    assert_eq!(tables[0]["read"], tables[0]["used"]);
}
