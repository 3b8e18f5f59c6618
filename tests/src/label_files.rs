//! Labels, anchors, changes and segments from files, checked by hand.

use chs_data::{History, LoadReport, Project, Reason, check, load, read_project, replay};
use chs_panel::{LabelState, Level, Panel};
use jiff::civil::{Date, date};

use LabelState::{Censored, Negative, Positive};

const ACCOUNTS: (&str, &str) =
    ("accounts.csv", "id,start\na,2023-01-01\nb,2023-01-01\nc,2023-01-01\nd,2023-01-01\n");

const HEAD: &str = r#"
spec_version = 1

[accounts]
path = "accounts.csv"
id = "id"
start = "start"

[sources.logins]
path = "logins.csv"
id = "id"
at = "at"
"#;

fn read(
    sections: &str,
    files: &[(&str, &str)],
    as_of: Option<Date>,
) -> (Project, History, LoadReport) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files.iter().chain([&ACCOUNTS]) {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let text = format!("{HEAD}{sections}");
    let project = read_project("chs.toml", &text).unwrap().history().unwrap().clone();
    let (history, report) = load(&project, folder.path(), as_of).unwrap();
    (project, history, report)
}

/// Snapshot, account, state of the first label.
fn states(panel: &Panel) -> Vec<(Date, &str, Option<LabelState>)> {
    let states = &panel.labels()[0].states;
    (0..panel.len())
        .map(|row| (panel.snapshot()[row], panel.account_id(row), states[row]))
        .collect()
}

const RENEWALS: &str = r#"
[indicators]
logins_30d = { source = "logins", count = "30d" }

[snapshots]
anchor = "renewal"
offsets = ["-90d", "-60d"]

[outcomes.renewal]
path = "renewals.csv"
id = "id"
at = "renews_on"
known = "decided_on"
kind = { column = "decision" }
complete_until = 2024-04-30

[labels.not_renewed]
decision = { outcome = "renewal", lost = ["lost"], kept = ["renewed"] }
"#;

const RENEWAL_FILES: [(&str, &str); 2] = [
    ("logins.csv", "id,at\na,2023-12-01\na,2024-01-15\nd,2024-05-31\n"),
    (
        "renewals.csv",
        "id,renews_on,decided_on,decision\n\
         a,2024-03-31,2024-03-20,lost\n\
         b,2024-03-31,2024-03-31,renewed\n\
         b,2024-06-30,,\n\
         c,2024-03-31,2024-01-15,lost\n\
         d,2024-03-31,2024-03-25,moved\n",
    ),
];

#[test]
fn each_decision_is_asked_for_at_each_offset() {
    let (project, history, report) = read(RENEWALS, &RENEWAL_FILES, None);
    let panel = replay(&project, &history).unwrap();
    let [t90, t60] = [date(2024, 1, 1), date(2024, 1, 31)];
    assert_eq!(
        states(&panel),
        [
            (t90, "a", Some(Positive)),
            (t90, "b", Some(Negative)),
            // Notice came two weeks later, so that 60 days before the renewal c is at risk no more.
            (t90, "c", Some(Positive)),
            (t60, "a", Some(Positive)),
            (t60, "b", Some(Negative)),
            // The next decision is open.
            (date(2024, 4, 1), "b", Some(Censored)),
            (date(2024, 5, 1), "b", Some(Censored)),
        ]
    );
    let label = &panel.labels()[0];
    assert_eq!(label.definition.outcome, "renewal lost");
    assert_eq!(label.settled[0], Some(date(2024, 3, 31)));
    let next = |row| label.next(row).map(|next| (next.day, next.known, next.is_target));
    let renewal = date(2024, 3, 31);
    assert_eq!(next(0), Some((renewal, date(2024, 3, 20), true)));
    assert_eq!(next(1), Some((renewal, renewal, false)), "b is kept");
    assert_eq!(next(5), None, "open");
    let table = report.tables.iter().find(|table| table.table == "renewal").unwrap();
    assert_eq!((table.used, table.rejected[&Reason::OtherKind]), (4, 1));
    let checked = check(&project, &history, &report, &panel);
    let survivors = checked.findings.iter().find(|finding| finding.code == "CHS101").unwrap();
    let ended = survivors.figures.iter().find(|(name, _)| name == "ended").unwrap().1;
    assert_eq!(ended.to_bits(), 2.0_f64.to_bits(), "only what is lost ends");
}

#[test]
fn a_word_that_no_row_has_is_told_and_whether_another_is_nearly_the_same() {
    let told = |words: &str| {
        let sections = RENEWALS.replace("lost = [\"lost\"]", words);
        let (project, history, report) = read(&sections, &RENEWAL_FILES, None);
        let panel = replay(&project, &history).unwrap();
        let findings = check(&project, &history, &report, &panel).findings;
        let found = findings.into_iter().find(|finding| finding.code == "CHS121").unwrap();
        (found.level, found.sentence)
    };
    let (level, sentence) = told("lost = [\"lost\"]");
    let passed =
        "`renewal`: `decision` holds `lost` in 2 rows, `renewed` in 1 rows; another word in 1";
    assert_eq!((level, sentence.as_str()), (Level::Passed, passed));
    let (level, sentence) = told("lost = [\"Lsot\"]");
    assert_eq!(level, Level::Warning);
    assert!(sentence.ends_with(
        "no row has `Lsot`, but 2 hold a word that is nearly the same: compare the spelling"
    ));
    let (level, sentence) = told("lost = [\"lost\", \"cancelled\"]");
    assert_eq!(level, Level::Warning);
    assert!(sentence.ends_with("no row has `cancelled`, and 1 hold another word"), "{sentence}");
}

#[test]
fn as_of_a_day_later_decisions_are_not_known_and_open_ones_are() {
    let (project, history, report) = read(RENEWALS, &RENEWAL_FILES, Some(date(2024, 1, 20)));
    let panel = replay(&project, &history).unwrap();
    assert_eq!(states(&panel), [(date(2024, 1, 1), "c", Some(Censored))]);
    let table = report.tables.iter().find(|table| table.table == "renewal").unwrap();
    assert_eq!((table.used, table.rejected[&Reason::AfterAsOf]), (2, 3));
}

#[test]
fn without_a_declared_end_an_open_decision_tells_nothing_of_follow_up() {
    let sections = RENEWALS.replace("complete_until = 2024-04-30\n", "");
    let (_, history, _) = read(&sections, &RENEWAL_FILES, None);
    assert_eq!(history.outcomes[0].follow_up_end, Some(date(2024, 3, 31)));
}

const CHANGES: &str = r#"
[sources.subscriptions]
path = "subscriptions.csv"
id = "id"
at = "start_date"
ended = "end_date"
ended_inclusive = true

[indicators]
logins_30d = { source = "logins", count = "30d" }

[snapshots]
from = 2024-01-31
to = 2024-04-30

[outcomes.contraction]
change = { source = "subscriptions", sum = "mrr", direction = "decrease", at_least = 0.1 }

[labels.contracted]
outcome = "contraction"
horizon = "30d"

[labels.quieter]
decline = { indicator = "logins_30d", below = 0.5 }
horizon = "1mo"

[segments.activity]
from = "logins_30d"
edges = [1, 3]
names = ["silent", "some", "active"]
"#;

const CHANGE_FILES: [(&str, &str); 2] = [
    (
        "logins.csv",
        "id,at\na,2024-01-10\na,2024-01-11\na,2024-01-12\na,2024-02-15\nb,2024-01-10\nb,2024-02-10\nc,2024-03-31\n",
    ),
    (
        "subscriptions.csv",
        "id,start_date,end_date,mrr\n\
         a,2024-01-01,2024-03-31,100\n\
         a,2024-04-01,,60\n\
         b,2024-01-01,,100\n\
         b,2024-02-01,2024-02-29,5\n\
         b,2024-05-15,,1\n\
         c,2024-01-01,2024-02-15,100\n\
         c,2024-02-10,,200\n",
    ),
];

#[test]
fn a_contraction_is_a_level_well_below_the_one_before() {
    let (project, history, _) = read(CHANGES, &CHANGE_FILES, None);
    let contractions = &history.outcomes[0];
    let days: Vec<(u32, Date)> = contractions
        .account
        .iter()
        .zip(&contractions.at)
        .map(|(account, at)| (*account, chs_data::day_of(*at)))
        .collect();
    assert_eq!(days, [(0, date(2024, 4, 1)), (2, date(2024, 2, 16))]);
    assert_eq!(contractions.follow_up_end, Some(date(2024, 5, 15)), "the latest start");
    let panel = replay(&project, &history).unwrap();
    let positive: Vec<(Date, &str)> = states(&panel)
        .into_iter()
        .filter(|(.., state)| *state == Some(Positive))
        .map(|(day, account, _)| (day, account))
        .collect();
    assert_eq!(positive, [(date(2024, 1, 31), "c"), (date(2024, 3, 31), "a")]);
    let last = states(&panel).into_iter().filter(|(day, ..)| *day == date(2024, 4, 30));
    assert!(last.into_iter().all(|(.., state)| state == Some(Censored)));
}

#[test]
fn a_decline_is_asked_of_those_above_zero_and_segments_are_cut_from_values() {
    let (project, history, _) = read(CHANGES, &CHANGE_FILES, None);
    let panel = replay(&project, &history).unwrap();
    let asked: Vec<(Date, &str, LabelState)> = (0..panel.len())
        .filter_map(|row| {
            let state = panel.labels()[1].states[row]?;
            Some((panel.snapshot()[row], panel.account_id(row), state))
        })
        .collect();
    assert_eq!(
        asked,
        [
            (date(2024, 1, 31), "a", Positive),
            (date(2024, 1, 31), "b", Negative),
            (date(2024, 2, 29), "a", Positive),
            (date(2024, 2, 29), "b", Positive),
            (date(2024, 3, 31), "c", Censored),
        ]
    );
    let activity = &panel.segments()[0];
    let words: Vec<Option<&str>> = (0..4).map(|row| activity.column.get(row)).collect();
    assert_eq!(activity.name, "activity");
    assert_eq!(words, [Some("active"), Some("some"), Some("silent"), Some("silent")]);
}

#[test]
fn recorded_grades_age_and_unknown_words_are_counted() {
    let sections = format!(
        "{CHANGES}\n[recorded_scores.vendor]\npath = \"vendor.csv\"\nid = \"id\"\nat = \"at\"\nscore = \"grade\"\nmap = {{ Green = 100, Red = 0 }}\nmax_age = \"45d\"\n"
    );
    let vendor = (
        "vendor.csv",
        "id,at,grade\na,2024-01-10,Green\nb,2024-01-10,Blue\nc,2023-06-01,Red\na,2024-02-20,Red\n",
    );
    let files = [CHANGE_FILES[0], CHANGE_FILES[1], vendor];
    let (project, history, report) = read(&sections, &files, None);
    let panel = replay(&project, &history).unwrap();
    let vendor = &panel.recorded_scores()[0];
    let found: Vec<Option<f64>> = (0..5).map(|row| vendor.column.get(row)).collect();
    assert_eq!(found, [Some(100.0), None, None, None, Some(0.0)]);
    let checked = check(&project, &history, &report, &panel);
    let unmapped = checked.findings.iter().find(|finding| finding.code == "CHS109").unwrap();
    assert!(unmapped.sentence.contains("`vendor`: 1 words"), "{}", unmapped.sentence);
}

#[test]
fn a_segment_of_words_is_refused_by_name() {
    let sections = CHANGES
        .replace("logins_30d = { source = \"logins\", count = \"30d\" }", "mood = { source = \"logins\", latest = \"mood\", as = \"words\" }\nlogins_30d = { source = \"logins\", count = \"30d\" }")
        .replace("from = \"logins_30d\"", "from = \"mood\"");
    let logins = ("logins.csv", "id,at,mood\na,2024-01-10,low\na,2024-02-10,high\n");
    let (project, history, _) = read(&sections, &[logins, CHANGE_FILES[1]], None);
    let error = replay(&project, &history).unwrap_err();
    assert_eq!(error.to_string(), "segment `activity`: `mood` holds words; expected numbers");
    assert_eq!(error.help(), "name an indicator of numbers");
}
