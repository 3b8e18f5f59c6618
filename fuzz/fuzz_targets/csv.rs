//! Any bytes are a table of which every row is accounted for, or an error that says what to do.
//!
//! Input: one byte that chooses how the file is declared, then the file.

#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use chs_data::{
    LoadError, ProjectFile, Record, RecordColumn, RecordKind, load, read_project, read_records,
    replay,
};
use jiff::civil::date;
use libfuzzer_sys::fuzz_target;

/// Ways to declare the file; the first is the one without options.
const READINGS: [&str; 6] = [
    "",
    "read = { delimiter = \";\", decimal = \",\", date_format = \"%d.%m.%Y\" }",
    "read = { encoding = \"windows-1252\", null = [\"\", \"n/a\"] }",
    "read = { encoding = \"utf-16le\" }",
    "read = { encoding = \"shift_jis\", date_format = [\"%Y/%m/%d\", \"%d %b %Y %H:%M\"] }",
    "timezone = \"America/New_York\"\nblind_spot = \"3mo\"",
];

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("folder"));
static PROJECTS: LazyLock<Vec<ProjectFile>> = LazyLock::new(|| READINGS.map(project).into());

fn project(reading: &str) -> ProjectFile {
    let text = format!(
        "spec_version = 1\n\
         [project]\ntimezone = \"Europe/Berlin\"\n\
         [accounts]\nfrom = \"events\"\n\
         [sources.events]\npath = \"events.csv\"\nid = \"id\"\nrecord_id = \"record\"\nat = \"at\"\n\
         ended = \"ended\"\ncreated = \"created\"\nsuperseded = \"superseded\"\nmax_rejected = 1\n{reading}\n\
         [indicators]\n\
         amount = {{ source = \"events\", sum = \"amount * 2\", over = \"30d\", where = \"word != 'x'\" }}\n\
         words = {{ source = \"events\", distinct = \"word\", over = \"3mo\", shift = \"1mo\" }}\n\
         last = {{ source = \"events\", latest = \"amount\", max_age = \"1y\" }}\n\
         trend = {{ source = \"events\", trend = \"amount\", over = \"60d\", buckets = 4 }}\n\
         open = {{ source = \"events\", open = \"sum\", column = \"amount\" }}\n\
         until = {{ source = \"events\", until = \"ended\" }}\n\
         [snapshots]\nevery = \"1mo\"\nfrom = 2024-01-31\nto = 2024-03-31\n\
         [labels.gone]\ninactive = {{ source = \"events\", within = \"60d\" }}\nhorizon = \"30d\"\n"
    );
    read_project("chs.toml", &text).expect("the project of the target is sound")
}

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, file)) = bytes.split_first() else { return };
    let choice = usize::from(*choice) % READINGS.len();
    let path = FOLDER.path().join("events.csv");
    std::fs::write(&path, file).expect("a file in a folder of our own");
    let project = PROJECTS[choice].history().expect("a history");
    let loaded = load(project, FOLDER.path(), Some(date(2024, 12, 31)));
    if let Err(error) = &loaded {
        assert!(!error.to_string().is_empty());
        assert!(error.help().is_none_or(|help| !help.is_empty()));
    }
    let records = records(&path);
    match loaded {
        Ok((history, report)) => {
            let table = &report.tables[0];
            assert_eq!(table.read, table.used + table.rejected_rows());
            assert_eq!(table.used, history.sources[0].len() as u64);
            if choice == 0 {
                assert_eq!(records, Some(table.read), "both doors see the same rows");
            }
            if let Ok(panel) = replay(project, &history) {
                assert!(panel.len() <= 3 * history.accounts.ids.len());
            }
        }
        Err(LoadError::TooManyRejected(many)) => panic!("all may be rejected: {many}"),
        Err(_) => {}
    }
});

/// Rows as a scorer reads them; `None` where the file cannot be read.
fn records(path: &Path) -> Option<u64> {
    let column = |name, kind| RecordColumn { name, kind };
    let wanted = [column("id", RecordKind::Id), column("amount", RecordKind::Number)];
    let mut rows = 0;
    let count = &mut |_: &Record<'_>| rows += 1;
    read_records(path, &wanted, count).ok().map(|()| rows)
}
