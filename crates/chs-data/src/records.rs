//! Records to score: the rows of one file, read as the rows of a history are.

use std::borrow::Cow;
use std::path::Path;

use crate::load::{id_of, parse_number, text_of};
use crate::read::{Batch, Cell, ReadError, ReadOptions, ReadRequest, columns_of, read_file};

/// A column that is wanted of each record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordColumn<'a> {
    /// Its name in the file.
    pub name: &'a str,
    /// What its cells are read as.
    pub kind: RecordKind,
}

/// What cells are read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordKind {
    /// A number; a text that is none stays a text.
    Number,
    /// A text; numbers in their shortest form.
    Text,
    /// A trimmed text; `17850.0`, as spreadsheets write 17850, is 17850.
    Id,
}

/// A cell of a record.
#[derive(Clone, Debug, PartialEq)]
pub enum RecordCell<'a> {
    /// Nothing is there.
    Missing,
    /// A number, possibly infinite, never NaN.
    Number(f64),
    /// A text.
    Text(Cow<'a, str>),
}

/// A row of the file.
#[derive(Clone, Debug, PartialEq)]
pub enum Record<'a> {
    /// One cell per wanted column.
    Cells(Vec<RecordCell<'a>>),
    /// A row that cannot be taken apart: the line that it starts on, and why.
    Broken(String),
}

/// Names of a file's columns, in the order of the file.
///
/// # Errors
///
/// [`ReadError`]: no such file, or not what its extension says.
pub fn record_columns(path: &Path) -> Result<Vec<String>, ReadError> {
    columns_of(path, &ReadOptions::default())
}

/// Hand over the rows of a CSV, TSV, NDJSON (each also packed with gzip or zstd), Parquet, Arrow or xlsx
/// file, in its order.
///
/// # Errors
///
/// [`ReadError`]: what [`record_columns`] returns, a wanted column that is missing or there twice, or a
/// broken file.
pub fn read_records(
    path: &Path,
    wanted: &[RecordColumn<'_>],
    each: &mut dyn FnMut(&Record<'_>),
) -> Result<(), ReadError> {
    let names: Vec<&str> = wanted.iter().map(|column| column.name).collect();
    let options = ReadOptions::default();
    let request =
        ReadRequest { wanted: &names, whole_rows: false, options: &options, partitions: &[] };
    read_file(path, &request, &mut |batch| {
        hand_over(&batch, wanted, each);
        Ok(())
    })
    .map(drop)
}

/// The rows of a batch and its broken ones, in the order of their lines.
fn hand_over(batch: &Batch, wanted: &[RecordColumn<'_>], each: &mut dyn FnMut(&Record<'_>)) {
    let mut broken = batch.broken().iter().peekable();
    let tell = |row: &crate::read::BrokenRow| {
        Record::Broken(format!("line {}: {}", row.line, row.reason.replace('_', " ")))
    };
    for row in 0..batch.rows() {
        while let Some(earlier) = broken.next_if(|broken| broken.line < batch.line(row)) {
            each(&tell(earlier));
        }
        let cells = wanted.iter().enumerate();
        each(&Record::Cells(
            cells.map(|(column, own)| read(batch.cell(column, row), own.kind)).collect(),
        ));
    }
    broken.for_each(|row| each(&tell(row)));
}

fn read(cell: Cell<'_>, kind: RecordKind) -> RecordCell<'_> {
    let text = |text: Option<Cow<'_, str>>| match text {
        Some(text) => RecordCell::Text(Cow::Owned(text.into_owned())),
        None => RecordCell::Missing,
    };
    let number = match (kind, cell) {
        (RecordKind::Id, _) => return text(id_of(cell)),
        (RecordKind::Text, _) => return text(text_of(cell)),
        (_, Cell::Integer(number)) => Some(number as f64),
        (_, Cell::Float(number)) => Some(number),
        (_, Cell::Flag(flag)) => Some(f64::from(u8::from(flag))),
        (_, Cell::Text(text)) if text.trim().is_empty() => return RecordCell::Missing,
        (_, Cell::Text(text)) => parse_number(text, '.'),
        _ => None,
    };
    match number {
        Some(number) if number.is_nan() => RecordCell::Missing,
        Some(number) => RecordCell::Number(number),
        None => text(text_of(cell)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(name: &str, text: &str) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let column = |name, kind| RecordColumn { name, kind };
        let wanted = [
            column("id", RecordKind::Id),
            column("n", RecordKind::Number),
            column("w", RecordKind::Text),
        ];
        let mut rows = Vec::new();
        read_records(&path, &wanted, &mut |record| {
            rows.push(match record {
                Record::Broken(why) => why.clone(),
                Record::Cells(cells) => {
                    let show = |cell: &RecordCell<'_>| match cell {
                        RecordCell::Missing => "-".to_owned(),
                        RecordCell::Number(number) => number.to_string(),
                        RecordCell::Text(text) => format!("{text:?}"),
                    };
                    cells.iter().map(show).collect::<Vec<_>>().join(" ")
                }
            });
        })
        .unwrap();
        rows
    }

    #[test]
    fn the_same_records_read_the_same_from_csv_and_ndjson() {
        let csv = "w,id,n\nlow,17850.0,1.5\n,a,\n1,2,3,4\n7, b ,NaN\n,c,much\n";
        let json = "{\"id\": 17850, \"n\": 1.5, \"w\": \"low\"}\n{\"id\": \"a\", \"n\": null}\n[1]\n\
                    {\"id\": \"b\", \"w\": 7}\n{\"id\": \"c\", \"n\": \"much\"}\n";
        let expected = |broken: &str| {
            ["\"17850\" 1.5 \"low\"", "\"a\" - -", broken, "\"b\" - \"7\"", "\"c\" \"much\" -"]
                .map(str::to_owned)
        };
        assert_eq!(rows("a.csv", csv), expected("line 4: wrong number of fields"));
        assert_eq!(rows("a.ndjson", json), expected("line 3: bad json"));
    }

    #[test]
    fn flags_are_numbers_where_numbers_are_wanted_and_words_elsewhere() {
        let json = "{\"id\": 1, \"n\": true, \"w\": true}\n";
        assert_eq!(rows("a.ndjson", json), ["\"1\" 1 \"true\""]);
        assert_eq!(rows("a.csv", "id,n,w\n1,inf,\n"), ["\"1\" inf -"]);
    }

    #[test]
    fn columns_are_known_beforehand() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "b,a\n").unwrap();
        assert_eq!(record_columns(&path).unwrap(), ["b", "a"]);
    }
}
