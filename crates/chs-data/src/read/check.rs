//! Reading in tests: a file's rows as short texts.

use std::path::Path;

use super::{Batch, Cell, FileSummary, ReadError, ReadOptions, ReadRequest, read_file};

/// All that comes of a file.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// Per row: its line, a colon, its cells as Rust writes them, with spaces between.
    pub(super) rows: Vec<String>,
    /// Per broken row: its line, reason and detail.
    pub(super) broken: Vec<String>,
    /// Per row: the bytes of the whole row.
    pub(super) whole: Vec<Vec<u8>>,
    pub(super) summary: Option<FileSummary>,
}

/// Writes `bytes` to a file of that name and reads the wanted columns, split at spaces.
pub(super) fn read(
    name: &str,
    bytes: &[u8],
    wanted: &str,
    options: &ReadOptions,
) -> Result<Read, ReadError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    read_path(&path, wanted, options)
}

/// Reads the wanted columns, split at spaces, of a file.
pub(super) fn read_path(
    path: &Path,
    wanted: &str,
    options: &ReadOptions,
) -> Result<Read, ReadError> {
    let wanted: Vec<&str> = wanted.split_whitespace().collect();
    let request = ReadRequest { wanted: &wanted, whole_rows: true, options, partitions: &[] };
    let mut read = Read::default();
    let mut each = |batch: Batch| {
        for row in 0..batch.rows() {
            let cells: Vec<String> =
                (0..wanted.len()).map(|column| short(batch.cell(column, row))).collect();
            read.rows.push(format!("{}: {}", batch.line(row), cells.join(" ")));
            let mut whole = Vec::new();
            batch.row_bytes(row, &mut whole);
            read.whole.push(whole);
        }
        for row in batch.broken() {
            read.broken.push(format!("{}: {}: {}", row.line, row.reason, row.detail));
        }
        Ok::<(), ReadError>(())
    };
    let summary = read_file(path, &request, &mut each)?;
    assert_eq!(summary.rows_read, (read.rows.len() + read.broken.len()) as u64);
    read.summary = Some(summary);
    Ok(read)
}

fn short(cell: Cell) -> String {
    match cell {
        Cell::Null => "null".into(),
        Cell::Text(text) => format!("{text:?}"),
        Cell::Integer(value) => value.to_string(),
        Cell::Float(value) => format!("{value:?}"),
        Cell::Flag(value) => value.to_string(),
        Cell::Date(value) => value.to_string(),
        Cell::DateTime { micros, zoned: true } => format!("{micros}Z"),
        Cell::DateTime { micros, zoned: false } => format!("{micros}us"),
    }
}
