//! Laws of loading: files with corrections, duplicates and clock changes become the panel that a slow twin
//! computes from the same rows, whatever their order.

use std::fmt::Write;

use chs_data::{
    AccountTable, Code, Column, DAY, History, Micros, NEVER, OutcomeRows, Project, SourceRows,
    Words, load, midnight_after, read_project, replay,
};
use jiff::civil::{Date, DateTime, date, datetime};
use proptest::prelude::*;
use proptest::sample::select;

use crate::replay_laws::rows_of_panel;
use crate::replay_oracle::brute_force;

const HOUR: Micros = 3_600_000_000;

/// Times of a source in Berlin: in gap and fold of 2024, at ends of days and months, and elsewhere.
const TIMES: [&str; 14] = [
    "2024-03-31 01:59:59",
    "2024-03-31 02:30:00",
    "2024-03-31 03:00:00",
    "2024-10-27 01:30:00",
    "2024-10-27 02:30:00",
    "2024-10-27 03:00:00",
    "2024-10-27T02:30:00+01:00",
    "2024-10-27T00:30:00Z",
    "2024-03-31",
    "2024-04-01 00:00:00",
    "2024-03-31T22:30:00Z",
    "2024-02-29",
    "2024-07-01 12:00:00",
    "2024-11-01 00:30:00",
];

const INDICATORS: &str = r#"
count = { source = "rows", count = "31d" }
spread = { source = "rows", std = "n", over = "1q" }
trend = { source = "rows", trend = "n", over = "6mo", buckets = 3 }
last = { source = "rows", latest = "n" }
last_ended = { source = "rows", latest = "n", at = "ended", max_age = "90d" }
open = { source = "rows", open = "sum", column = "n" }
next = { source = "rows", until = "ended" }
age = { source = "rows", recency = "days" }
"#;

#[derive(Clone, Debug)]
struct Row {
    account: &'static str,
    record: u8,
    at: &'static str,
    created: &'static str,
    ended: &'static str,
    n: Option<i32>,
}

impl Row {
    fn cells(&self) -> [String; 6] {
        let n = self.n.map_or(String::new(), |n| n.to_string());
        let text = str::to_owned;
        let record = format!("r{}", self.record);
        [text(self.account), record, text(self.at), text(self.created), text(self.ended), n]
    }

    /// Cell by cell as text, null first.
    fn bytes(&self) -> Vec<u8> {
        let bytes = |cell: &String| match cell.as_str() {
            "" => vec![0],
            text => [&[1], text.as_bytes(), &[0]].concat(),
        };
        self.cells().iter().flat_map(bytes).collect()
    }
}

fn row() -> impl Strategy<Value = Row> {
    let or_none = |weight| prop::option::weighted(weight, select(&TIMES[..]));
    let times = (select(&TIMES[..]), or_none(0.7), or_none(0.7));
    let cells = (select(vec!["a", "a", "b"]), 0_u8..4, prop::option::weighted(0.8, -3..4));
    (times, cells).prop_map(|((at, created, ended), (account, record, n))| Row {
        account,
        record,
        at,
        created: created.unwrap_or(""),
        ended: ended.unwrap_or(""),
        n,
    })
}

/// Rows, some of which stand twice.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let twice = prop::collection::vec(any::<bool>(), 20);
    (prop::collection::vec(row(), 1..20), twice)
        .prop_map(|(rows, twice)| {
            let again = rows.iter().zip(&twice).filter(|(_, twice)| **twice);
            let again: Vec<Row> = again.map(|(row, _)| row.clone()).collect();
            [rows, again].concat()
        })
        .prop_shuffle()
}

fn text(zone: &str, blind_spot: &str) -> String {
    format!(
        "spec_version = 1\n[project]\ntimezone = \"{zone}\"\n\
         [accounts]\npath = \"accounts.csv\"\nid = \"id\"\nstart = \"start\"\n\
         [sources.rows]\npath = \"rows.csv\"\nid = \"id\"\nrecord_id = \"record\"\nat = \"at\"\n\
         created = \"created\"\nended = \"ended\"\nended_inclusive = true\ntimezone = \"Europe/Berlin\"\n\
         blind_spot = \"{blind_spot}\"\nmax_rejected = 1\n[indicators]{INDICATORS}\
         [snapshots]\nfrom = 2024-02-29\nto = 2024-11-30\n\
         [outcomes.churn]\npath = \"churn.csv\"\nid = \"id\"\nat = \"at\"\n"
    )
}

fn loaded(project: &Project, rows: &[Row]) -> History {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("accounts.csv", "id,start\na,2023-06-01\nb,2023-06-01\n");
    write("churn.csv", "id,at\nb,2025-06-30\n");
    let mut csv = "id,record,at,created,ended,n\n".to_owned();
    for row in rows {
        let _ = writeln!(csv, "{}", row.cells().join(","));
    }
    write("rows.csv", &csv);
    load(project, folder.path(), None).unwrap().0
}

/// Civil time in `zone` of a text that was written in Berlin, by the clock changes of 2024.
fn instant(text: &str, zone: &str) -> Option<Micros> {
    let micros = |time: DateTime| {
        let since = midnight_after(time.date()) - DAY;
        since
            + Micros::from(time.hour()) * HOUR
            + Micros::from(time.minute()) * HOUR / 60
            + Micros::from(time.second()) * 1_000_000
    };
    if text.is_empty() {
        return None;
    }
    if text.len() == 10 {
        return Some(midnight_after(text.parse::<Date>().unwrap()) - 1);
    }
    let written = micros(text[..19].parse().unwrap());
    let utc = match &text[19..] {
        "" => {
            // In the gap the clock had not been moved yet, in the fold not yet put back.
            let summer = micros(datetime(2024, 3, 31, 3, 0, 0, 0))
                ..micros(datetime(2024, 10, 27, 3, 0, 0, 0));
            written - if summer.contains(&written) { 2 * HOUR } else { HOUR }
        }
        "Z" => written,
        _ => written - HOUR,
    };
    if zone == "UTC" {
        return Some(utc);
    }
    let summer =
        micros(datetime(2024, 3, 31, 1, 0, 0, 0))..micros(datetime(2024, 10, 27, 1, 0, 0, 0));
    Some(utc + if summer.contains(&utc) { 2 * HOUR } else { HOUR })
}

/// What a history of these rows is, by pairs.
fn twin(rows: &[Row], zone: &str, blind_spot: Micros) -> History {
    let known = |row: &Row| {
        instant(row.created, zone).unwrap_or_else(|| instant(row.at, zone).unwrap() + blind_spot)
    };
    // Of one record and one time of knowledge the smallest row stays, the first of equal ones.
    let stays = |(number, row): &(usize, &Row)| {
        let same = |other: &Row| other.record == row.record && known(other) == known(row);
        rows.iter().enumerate().all(|(other_number, other)| {
            !same(other) || (row.bytes(), *number) <= (other.bytes(), other_number)
        })
    };
    let kept: Vec<&Row> = rows.iter().enumerate().filter(stays).map(|(_, row)| row).collect();
    let superseded = |row: &Row| {
        let later = kept.iter().filter(|other| other.record == row.record);
        later.map(|other| known(other)).filter(|other| *other > known(row)).min().unwrap_or(NEVER)
    };
    let times = |time: fn(&Row) -> &str| kept.iter().map(|row| instant(time(row), zone)).collect();
    let source = SourceRows {
        account: kept.iter().map(|row| u32::from(row.account == "b")).collect(),
        starts: Vec::new(),
        at: kept.iter().map(|row| instant(row.at, zone).unwrap()).collect(),
        known: kept.iter().map(|row| known(row)).collect(),
        known_by_event: kept.iter().map(|row| row.created.is_empty()).collect(),
        superseded: kept.iter().map(|row| superseded(row)).collect(),
        record_id: Some(Words {
            codes: (0..).take(kept.len()).map(|place| Code::new(Some(place))).collect(),
            words: kept.iter().map(|row| format!("r{}", row.record)).collect(),
        }),
        columns: [(
            "n".to_owned(),
            Column::Numbers(kept.iter().map(|row| row.n.map_or(f64::NAN, f64::from)).collect()),
        )]
        .into(),
        times: [("ended".to_owned(), times(|row| row.ended))].into(),
        row_bytes: kept.iter().map(|row| row.bytes().into_boxed_slice()).collect(),
        places: Vec::new(),
    };
    let source = source.by_account(2);
    let churned = midnight_after(date(2025, 6, 30)) - 1;
    History {
        accounts: AccountTable {
            ids: vec!["a".to_owned(), "b".to_owned()],
            starts: vec![vec![midnight_after(date(2023, 6, 1)) - 1]; 2],
            ..AccountTable::default()
        },
        sources: vec![source],
        outcomes: vec![OutcomeRows {
            account: vec![1],
            at: vec![churned],
            known: vec![churned],
            kind: None,
            follow_up_end: Some(date(2025, 6, 30)),
            follow_up_declared: false,
        }],
        recorded_scores: Vec::new(),
        as_of: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn files_become_the_panel_of_the_slow_twin(
        rows in rows(),
        zone in select(vec!["UTC", "Europe/Berlin"]),
        (blind_spot, length) in select(vec![("0d", 0), ("1d", DAY), ("90m", 90 * 60_000_000)]),
    ) {
        let file = read_project("chs.toml", &text(zone, blind_spot)).unwrap();
        let project = file.history().unwrap();
        let panel = replay(project, &loaded(project, &rows)).unwrap();
        let expected = brute_force(project, &twin(&rows, zone, length));
        prop_assert_eq!(rows_of_panel(&panel), expected);
    }

    #[test]
    fn the_order_of_lines_does_not_show(rows in rows()) {
        let file = read_project("chs.toml", &text("Europe/Berlin", "0d")).unwrap();
        let project = file.history().unwrap();
        let mut reversed = rows.clone();
        reversed.reverse();
        let panel = |rows: &[Row]| replay(project, &loaded(project, rows)).unwrap();
        prop_assert_eq!(panel(&rows), panel(&reversed));
    }
}
