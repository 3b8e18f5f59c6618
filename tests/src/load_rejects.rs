//! Every reason for which a row is not used, each on a file of its own, with its place.

use std::path::Path;

use chs_data::{LoadError, LoadReport, Reason, Reject, TableAccount, load, read_project};
use jiff::civil::date;

const PROJECT: &str = r#"
spec_version = 1

[accounts]
path = "accounts.csv"
id = "id"
start = "start"
max_rejected = 1

[sources.events]
path = "events.csv"
id = "id"
record_id = "event"
at = "at"
max_rejected = 1

[sources.notes]
path = "notes.ndjson"
id = "id"
at = "at"
max_rejected = 1

[sources.terms]
path = "terms.csv"
id = "id"
at = "from"
max_rejected = 1

[sources.calls]
path = "calls.csv"
via = { source = "terms", on = "term" }
at = "at"
max_rejected = 1

[indicators]
amount_30d = { source = "events", sum = "amount", over = "30d" }
notes_30d = { source = "notes", count = "30d" }
calls_30d = { source = "calls", count = "30d" }

[outcomes.churn]
path = "churn.csv"
id = "id"
at = "at"
kind = { column = "kind", keep = ["left"] }
max_rejected = 1

[outcomes.ended]
spans = { source = "terms", start = "from", end = "until" }
"#;

const FILES: [(&str, &str); 6] = [
    ("accounts.csv", "id,start\r\na,2024-01-01\r\nb,2024-01-01\r\na,2024-01-01\r\n"),
    (
        "events.csv",
        "\u{feff}id,event,at,amount\n\
         a,1,2024-01-05,10\n\
         a,2,2024-01-06\n\
         ,3,2024-01-06,1\n\
         nobody,4,2024-01-06,1\n\
         a,5,,1\n\
         a,6,2024-02-30,1\n\
         a,7,1899-12-31,1\n\
         a,8,2024-01-06,ten\n\
         a,9,2024-01-06,inf\n\
         a,1,2024-01-05,10\n\
         a,10,2025-01-01,1\n\
         \"b\",11,\"2024-01-06\",\"2\"\n",
    ),
    ("notes.ndjson", "{\"id\": \"a\", \"at\": \"2024-01-05T10:00:00+02:00\"}\n{\"id\": \"a\",\n"),
    (
        "terms.csv",
        "id,term,from,until\na,t1,2024-01-01,2024-06-30\nb,t2,2024-01-01,2023-12-31\na,t3,2024-02-01,\nb,t3,2024-02-01,\n",
    ),
    ("calls.csv", "term,at\nt1,2024-01-05\nt3,2024-01-05\nt9,2024-01-05\n"),
    ("churn.csv", "id,at,kind\na,2024-07-01,left\nb,2024-07-01,moved\n"),
];

fn loaded(folder: &Path) -> LoadReport {
    let file = read_project("chs.toml", PROJECT).unwrap();
    load(file.history().unwrap(), folder, Some(date(2024, 12, 31))).unwrap().1
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in FILES {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

#[test]
fn every_row_is_used_or_rejected_for_its_reason() {
    let folder = folder();
    let report = loaded(folder.path());
    let place =
        |reject: &Reject| (reject.table.clone(), reject.line, reject.column.clone(), reject.reason);
    let places: Vec<_> = report.rejects.iter().map(place).collect();
    let expected = [
        ("accounts", 4, "", Reason::Duplicate),
        ("calls", 3, "term", Reason::AmbiguousKey),
        ("calls", 4, "term", Reason::UnknownAccount),
        ("events", 3, "", Reason::WrongNumberOfFields),
        ("events", 4, "id", Reason::NullKey),
        ("events", 5, "id", Reason::UnknownAccount),
        ("events", 6, "at", Reason::MissingDate),
        ("events", 7, "at", Reason::BadDate),
        ("events", 8, "at", Reason::Before1900),
        ("events", 9, "amount", Reason::NotANumber),
        ("events", 10, "amount", Reason::InfiniteValue),
        ("events", 11, "event", Reason::Duplicate),
        ("notes", 2, "", Reason::BadJson),
        ("terms", 3, "until", Reason::EndsBeforeStart),
    ];
    let expected = expected
        .map(|(table, line, column, reason)| (table.to_owned(), line, column.to_owned(), reason));
    assert_eq!(places, expected);
    for table in &report.tables {
        assert_eq!(table.read, table.used + table.rejected_rows(), "{table:?}");
    }
    let rows = |name: &str| -> &TableAccount {
        report.tables.iter().find(|table| table.table == name).unwrap()
    };
    assert_eq!((rows("events").read, rows("events").used), (12, 2));
    assert_eq!(rows("events").rejected[&Reason::AfterAsOf], 1);
    assert_eq!(rows("churn").rejected[&Reason::OtherKind], 1);
    assert_eq!((rows("events").faults(), rows("churn").faults()), (9, 0));
}

#[test]
fn bytes_that_are_no_text_are_rejected_with_their_line() {
    let folder = folder();
    std::fs::write(folder.path().join("calls.csv"), b"term,at\nt\xff1,2024-01-05\n").unwrap();
    let report = loaded(folder.path());
    let reject = report.rejects.iter().find(|reject| reject.table == "calls").unwrap();
    assert_eq!((reject.line, reject.reason), (2, Reason::NotUtf8));
}

#[test]
fn above_the_limit_the_run_stops_and_names_reason_place_and_key() {
    let folder = folder();
    let strict = PROJECT.replacen(
        "max_rejected = 1\n\n[sources.notes]",
        "max_rejected = 0.2\n\n[sources.notes]",
        1,
    );
    let file = read_project("chs.toml", &strict).unwrap();
    let error = load(file.history().unwrap(), folder.path(), Some(date(2024, 12, 31))).unwrap_err();
    let LoadError::TooManyRejected(refused) = &error else { panic!("{error}") };
    let [many] = refused.tables.as_slice() else { panic!("{error}") };
    assert_eq!((many.faults, many.read, many.key.as_str()), (9, 12, "sources.events"));
    assert!(
        error
            .to_string()
            .contains("9 of 12 rows (75.00 %) break the contract, 20.00 % are allowed")
    );
    assert!(many.first.starts_with("events.csv line "), "{}", many.first);
}

#[test]
fn ids_of_spreadsheets_and_of_people_are_one() {
    let folder = folder();
    std::fs::write(
        folder.path().join("accounts.csv"),
        "id,start\n17850,2024-01-01\n007,2024-01-01\n",
    )
    .unwrap();
    let events =
        "id,event,at,amount\n17850.0,1,2024-01-05,1\n 007 ,2,2024-01-05,1\n7,3,2024-01-05,1\n";
    std::fs::write(folder.path().join("events.csv"), events).unwrap();
    for (name, text) in
        [("terms.csv", "id,term,from,until\n"), ("churn.csv", "id,at,kind\n007,2024-07-01,left\n")]
    {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let report = loaded(folder.path());
    let events = report.tables.iter().find(|table| table.table == "events").unwrap();
    assert_eq!((events.used, events.rejected[&Reason::UnknownAccount]), (2, 1));
}
