//! Laws of whole histories.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::{Date, DateTime, date};
use jiff::{SignedDuration, ToSpan};
use proptest::prelude::*;

use crate::*;

fn demo(accounts: u32) -> Plan {
    Plan { accounts, ..Plan::saas_demo() }
}

fn bytes(history: &History) -> Vec<Vec<u8>> {
    let render = |table: &Table| {
        let mut bytes = Vec::new();
        match table.format {
            Format::Csv(style) | Format::CsvGzip(style) => {
                write_csv(table, style, &mut bytes).unwrap();
            }
            Format::NdjsonGzip | Format::ParquetZstd => write_ndjson(table, &mut bytes).unwrap(),
        }
        bytes
    };
    history.tables.iter().map(render).collect()
}

fn table<'a>(history: &'a History, name: &str) -> &'a Table {
    history.tables.iter().find(|table| table.name == name).unwrap()
}

fn texts(table: &Table, column: &str) -> Vec<Option<String>> {
    match &table.column(column).unwrap().values {
        Values::Text(cells) => cells.clone(),
        other => panic!("{column} is {other:?}"),
    }
}

fn numbers(table: &Table, column: &str) -> Vec<Option<f64>> {
    match &table.column(column).unwrap().values {
        Values::Integer(cells) => cells.iter().map(|cell| cell.map(|value| value as f64)).collect(),
        Values::Decimal { values, .. } => values.clone(),
        other => panic!("{column} is {other:?}"),
    }
}

fn dates(table: &Table, column: &str) -> Vec<Option<Date>> {
    match &table.column(column).unwrap().values {
        Values::Date(cells) => cells.clone(),
        Values::DateTime(cells) => cells.iter().map(|cell| cell.map(DateTime::date)).collect(),
        Values::Text(cells) => cells
            .iter()
            .map(|cell| cell.as_ref().and_then(|text| text.get(..10)?.parse().ok()))
            .collect(),
        other => panic!("{column} is {other:?}"),
    }
}

/// The account, trimmed, and the event date of each row that is neither dirty nor dateless.
fn events(history: &History, name: &str, at: &str) -> Vec<(usize, String, Date)> {
    let table = table(history, name);
    let key = if name == "vendor_scores" { "Account ID" } else { "account_id" };
    let ids = texts(table, key).into_iter().zip(dates(table, at));
    ids.enumerate()
        .filter_map(|(row, (id, date))| Some((row, id?.trim().to_owned(), date?)))
        .collect()
}

const EVENTS: [(&str, &str); 7] = [
    ("usage", "day"),
    ("tickets", "opened_at"),
    ("invoices", "due_on"),
    ("surveys", "answered_at"),
    ("meetings", "held_on"),
    ("comments", "written_at"),
    ("vendor_scores", "Scored At"),
];

#[test]
fn same_plan_same_bytes_other_seed_other_bytes() {
    let once = bytes(&simulate(&demo(40)).unwrap());
    assert_eq!(once, bytes(&simulate(&demo(40)).unwrap()));
    let other = bytes(&simulate(&Plan { seed: 1, ..demo(40) }).unwrap());
    for (a, b) in once.iter().zip(&other) {
        assert_ne!(a, b);
    }
}

#[test]
fn more_accounts_leave_the_others_as_they_were() {
    let few = simulate(&demo(30)).unwrap();
    let more = simulate(&demo(31)).unwrap();
    assert_eq!(few.truth.accounts[..], more.truth.accounts[..30]);
    let of_few = |history: &History| -> Vec<String> {
        let mut bytes = Vec::new();
        write_ndjson(table(history, "tickets"), &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        text.lines().filter(|line| !line.contains("A0031")).map(str::to_owned).collect()
    };
    assert_eq!(of_few(&few), of_few(&more));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn accounts_leave_rows_from_sign_up_to_end_only(seed in any::<u64>(), churn in 0.0..0.5_f64) {
        let history = simulate(&Plan { seed, monthly_churn: churn, ..demo(40) }).unwrap();
        let signups = dates(table(&history, "accounts"), "signup_date");
        for (name, at) in EVENTS {
            for (row, id, date) in events(&history, name, at) {
                let number: usize = id[1..].parse().unwrap();
                let ending = history.truth.accounts[number - 1].ending;
                prop_assert!(ending.is_none_or(|end| date < end.at), "{name} row {row}: {id} {date}");
                prop_assert!(date <= history.last_day && date >= signups[number - 1].unwrap());
                prop_assert!(date >= Plan::saas_demo().from, "{name} row {row}: {date}");
            }
        }
    }

    #[test]
    fn the_hazard_falls_with_health(seed in any::<u64>(), strength in 0.1..5.0_f64) {
        let history = simulate(&Plan { seed, strength, ..demo(20) }).unwrap();
        let months = history.truth.accounts.iter().flat_map(|account| &account.months);
        let mut pairs: Vec<(f64, f64)> = months.map(|month| (month.health, month.hazard)).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
        prop_assert!(pairs.len() > 100);
        for pair in pairs.windows(2) {
            prop_assert!(pair[0].1 >= pair[1].1, "{pair:?}");
        }
        prop_assert!(pairs[0].1 > pairs[pairs.len() - 1].1);
        let floor = history.truth.acausal_hazard;
        prop_assert!(pairs.iter().all(|pair| pair.1 >= floor && pair.1 < 1.0));
    }
}

#[test]
fn nobody_leaves_where_there_is_no_churn_and_all_acausal_where_health_is_nothing() {
    let loyal = simulate(&Plan { monthly_churn: 0.0, ..demo(200) }).unwrap();
    assert!(loyal.truth.accounts.iter().all(|account| account.ending.is_none()));
    let fate = simulate(&Plan { acausal_share: 1.0, ..demo(200) }).unwrap();
    let endings: Vec<Ending> = fate.truth.accounts.iter().filter_map(|a| a.ending).collect();
    assert!(endings.len() > 20 && endings.iter().all(|ending| ending.acausal));
}

#[test]
fn versions_of_a_ticket_follow_each_other() {
    let history = simulate(&demo(300)).unwrap();
    let tickets = table(&history, "tickets");
    let Values::DateTime(ingested) = &tickets.column("ingested_at").unwrap().values else {
        panic!("ingested_at")
    };
    let Values::DateTime(superseded) = &tickets.column("superseded_at").unwrap().values else {
        panic!("superseded_at")
    };
    let mut versions: BTreeMap<String, BTreeSet<_>> = BTreeMap::new();
    for (row, id) in texts(tickets, "ticket_id").into_iter().enumerate() {
        let version = (ingested[row].unwrap(), superseded[row]);
        versions.entry(id.unwrap()).or_default().insert(version);
    }
    let corrected = versions.values().filter(|versions| versions.len() > 1).count();
    assert!(corrected > 100 && corrected < versions.len(), "{corrected} of {}", versions.len());
    for (id, versions) in &versions {
        let versions: Vec<_> = versions.iter().collect();
        for pair in versions.windows(2) {
            assert_eq!(pair[0].1, Some(pair[1].0), "{id}");
        }
        assert_eq!(versions.last().unwrap().1, None, "{id}");
    }
    // Late rows: some arrive more than a day after the ticket was opened.
    let opened = texts(tickets, "opened_at");
    let day_late = opened.iter().zip(ingested).filter(|(opened, ingested)| {
        let opened: Option<DateTime> = opened.as_ref().and_then(|t| t.parse().ok());
        opened.is_some_and(|opened| ingested.unwrap().duration_since(opened).as_hours() >= 24)
    });
    assert!(day_late.count() > 30);
}

#[test]
fn planted_dirt_is_what_a_reader_finds() {
    let history = simulate(&Plan::saas_demo()).unwrap();
    let accounts: BTreeSet<String> =
        texts(table(&history, "accounts"), "account_id").into_iter().flatten().collect();
    let mut found: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, at) in EVENTS {
        let table = table(&history, name);
        let mut here: BTreeMap<&str, u64> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        let ids = texts(table, if name == "vendor_scores" { "Account ID" } else { "account_id" });
        let times = dates(table, at);
        for row in 0..table.rows() {
            let known = ids[row].as_ref().map(|id| accounts.contains(id.trim()));
            let version = (name == "tickets").then(|| {
                let id = text_at(table, "ticket_id", row);
                (id, text_at(table, "ingested_at", row))
            });
            let reason = match (known, times[row]) {
                (None, _) => "null key",
                (Some(false), _) => "unknown account",
                (_, None) => "bad date",
                (_, Some(at)) if at < date(1900, 1, 1) => "before 1900",
                (_, Some(at)) if at > history.last_day => "after as-of",
                _ if name == "invoices" && is_infinite(table, "amount", row) => "infinite value",
                _ if version.is_some_and(|version| !seen.insert(version)) => "duplicate",
                _ => continue,
            };
            *here.entry(reason).or_insert(0) += 1;
        }
        assert_eq!(here, table.planted, "{name}");
        let share = here.values().sum::<u64>() as f64 / table.rows() as f64;
        assert!(share < 0.005, "{name}: {share}");
        for (reason, rows) in here {
            *found.entry(reason).or_insert(0) += rows;
        }
    }
    assert_eq!(found, history.planted);
    let ids = texts(table(&history, "tickets"), "account_id");
    let padded = ids.iter().flatten().filter(|id| id.trim() != id.as_str()).count();
    assert!((10..30).contains(&padded), "{padded}");
    assert_eq!(found.len(), 7, "{found:?}");
}

fn text_at(table: &Table, column: &str, row: usize) -> String {
    match &table.column(column).unwrap().values {
        Values::Text(cells) => cells[row].clone().unwrap(),
        Values::DateTime(cells) => cells[row].unwrap().to_string(),
        other => panic!("{column} is {other:?}"),
    }
}

fn is_infinite(table: &Table, column: &str, row: usize) -> bool {
    match &table.column(column).unwrap().values {
        Values::Decimal { values, .. } => values[row].is_some_and(f64::is_infinite),
        other => panic!("{column} is {other:?}"),
    }
}

/// The data dictionary that stands beside the demo's files.
const DICTIONARY: &str = include_str!("../../../datasets/saas-demo/README.md");

fn with_thousands(rows: usize) -> String {
    if rows < 1_000 { rows.to_string() } else { format!("{},{:03}", rows / 1_000, rows % 1_000) }
}

#[test]
fn the_demo_is_as_its_data_dictionary_says() {
    let history = simulate(&Plan::saas_demo()).unwrap();
    for table in &history.tables {
        let line =
            DICTIONARY.lines().find(|line| line.contains(&format!("data/{}**", table.file_name)));
        let line = line.unwrap_or_else(|| panic!("{} is not described", table.file_name));
        let rows = format!(" {} rows", with_thousands(table.rows()));
        assert!(line.contains(&rows), "{}:{rows}", table.file_name);
        for column in &table.columns {
            assert!(DICTIONARY.contains(column.name), "{} {}", table.file_name, column.name);
        }
        for (reason, rows) in &table.planted {
            let row = format!("| {} | {reason} | {rows} |", table.file_name);
            assert!(DICTIONARY.contains(&row), "{row}");
        }
    }
}

#[test]
fn the_demo_churns_as_its_data_dictionary_says() {
    let history = simulate(&Plan::saas_demo()).unwrap();
    let kinds = texts(table(&history, "outcomes"), "kind");
    let churned = kinds.iter().filter(|kind| kind.as_deref() == Some("churn")).count();
    assert!(DICTIONARY.contains(&format!("of them {churned} churns")), "{churned}");
    let months: usize = history.truth.accounts.iter().map(|account| account.months.len()).sum();
    let monthly = churned as f64 / months as f64;
    assert!((0.0155..0.0165).contains(&monthly), "{monthly}");
    let endings: Vec<Ending> = history.truth.accounts.iter().filter_map(|a| a.ending).collect();
    let acausal = endings.iter().filter(|ending| ending.acausal).count() as f64;
    let share = acausal / endings.len() as f64;
    assert!((0.15..0.25).contains(&share), "{share}");
    for ending in endings {
        let days = ending.at.duration_since(ending.notice_on).as_hours() / 24;
        assert!((0..=60).contains(&days), "{ending:?}");
    }
}

/// Area under the ROC curve within snapshots: the share of (churned, stayed) pairs of one snapshot
/// in which the churned account scored lower; ties count half.
fn auc(rows: &[(Date, f64, bool)]) -> f64 {
    let mut snapshots: BTreeMap<Date, (Vec<f64>, Vec<f64>)> = BTreeMap::new();
    for &(snapshot, score, churned) in rows {
        let (lost, kept) = snapshots.entry(snapshot).or_default();
        if churned { lost.push(score) } else { kept.push(score) }
    }
    let (mut right, mut pairs) = (0.0, 0.0);
    for (lost, kept) in snapshots.values_mut() {
        kept.sort_by(f64::total_cmp);
        for score in lost {
            let below = kept.partition_point(|other| *other < *score);
            let upto = kept.partition_point(|other| *other <= *score);
            right += (kept.len() - upto) as f64 + 0.5 * (upto - below) as f64;
            pairs += kept.len() as f64;
        }
    }
    right / pairs
}

/// The (account position, snapshot, label) rows of label `churn_90d` with a lead time of 14 days.
fn labelled(history: &History) -> Vec<(usize, Date, bool)> {
    let signups = dates(table(history, "accounts"), "signup_date");
    let mut rows = Vec::new();
    for month in 2..24 {
        let snapshot = date(2024, 1, 31).saturating_add(month.months());
        let first = snapshot.saturating_add(15.days());
        let past = snapshot.saturating_add(105.days());
        if past.saturating_add(-1.day()) > history.last_day {
            continue;
        }
        for (position, account) in history.truth.accounts.iter().enumerate() {
            let ending = account.ending;
            let gone = ending.is_some_and(|end| end.notice_on <= snapshot || end.at < first);
            if signups[position].unwrap() <= snapshot && !gone {
                let churned = ending.is_some_and(|end| end.at < past);
                rows.push((position, snapshot, churned));
            }
        }
    }
    rows
}

#[test]
fn the_true_health_ranks_the_churn() {
    let history = simulate(&Plan::saas_demo()).unwrap();
    let health = labelled(&history).into_iter().map(|(position, snapshot, churned)| {
        let months = &history.truth.accounts[position].months;
        let now = months.iter().rfind(|month| month.month <= snapshot).unwrap();
        (snapshot, now.health, churned)
    });
    let auc = auc(&health.collect::<Vec<_>>());
    assert!((0.80..0.82).contains(&auc), "{auc}");
}

/// Values of one account by date, in order.
type Series = BTreeMap<String, Vec<(Date, f64)>>;

fn series(history: &History, name: &str, at: &str, value: &str) -> Series {
    let values = numbers(table(history, name), value);
    let mut series = Series::new();
    for (row, id, date) in events(history, name, at) {
        if let Some(value) = values[row] {
            series.entry(id).or_default().push((date, value));
        }
    }
    for values in series.values_mut() {
        values.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    }
    series
}

/// The values of an account in the days that end with the snapshot.
fn window<'a>(series: &'a Series, id: &str, snapshot: Date, days: i64) -> &'a [(Date, f64)] {
    let values = series.get(id).map_or(&[][..], Vec::as_slice);
    let first = snapshot.saturating_add(SignedDuration::from_hours(24 * (1 - days)));
    let from = values.partition_point(|(date, _)| *date < first);
    let to = values.partition_point(|(date, _)| *date <= snapshot);
    &values[from..to]
}

fn mean(values: &[(Date, f64)]) -> Option<f64> {
    let sum: f64 = values.iter().map(|(_, value)| value).sum();
    (!values.is_empty()).then(|| sum / values.len() as f64)
}

#[test]
fn a_plausible_scorecard_ranks_well_and_the_vendor_less_well() {
    let history = simulate(&Plan::saas_demo()).unwrap();
    let usage = series(&history, "usage", "day", "features_used");
    let nps = series(&history, "surveys", "answered_at", "nps");
    let csat = series(&history, "tickets", "opened_at", "csat");
    let sentiment = series(&history, "comments", "written_at", "sentiment");
    let meetings = series(&history, "meetings", "held_on", "attendees");
    let vendor = series(&history, "vendor_scores", "Scored At", "Health");
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for (position, snapshot, churned) in labelled(&history) {
        let id = &history.truth.accounts[position].account_id;
        let active = window(&usage, id, snapshot, 28);
        let parts = [
            (20.0, window(&nps, id, snapshot, 365).last().map(|(_, nps)| nps / 10.0)),
            (10.0, mean(window(&csat, id, snapshot, 90)).map(|csat| (csat - 1.0) / 4.0)),
            (25.0, Some(active.len() as f64 / 20.0)),
            (20.0, mean(active).map(|features| features / 8.0)),
            (10.0, mean(window(&sentiment, id, snapshot, 90)).map(|mean| 0.5 + 0.5 * mean)),
            (5.0, Some(window(&meetings, id, snapshot, 90).len() as f64 / 4.0)),
        ];
        let known = parts.iter().filter_map(|(w, part)| part.map(|part| (w, part.min(1.0))));
        let (sum, weight) = known.fold((0.0, 0.0), |(s, t), (w, part)| (s + w * part, t + w));
        ours.push((snapshot, sum / weight, churned));
        if let Some((_, score)) = window(&vendor, id, snapshot, 45).last() {
            theirs.push((snapshot, *score, churned));
        }
    }
    let (ours, theirs) = (auc(&ours), auc(&theirs));
    assert!((0.72..0.80).contains(&ours), "{ours}");
    assert!((0.60..0.68).contains(&theirs), "{theirs}");
}
