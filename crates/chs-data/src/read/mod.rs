//! Reading of tables: files of many kinds, and answers of databases, become batches of typed cells.
//!
//! [`find_files`] turns a path or a glob into files, [`columns_of`] reads a header, and [`read_file`]
//! hands over a file's rows in [`Batch`]es of bounded size, in the order of the file; [`partitions_of`]
//! are columns that stand in its path alone. [`ask`] puts a [`Query`] to a database, whose [`Answer`] is
//! read in the same way. A row that cannot be taken apart is a [`BrokenRow`] beside the others; what concerns the whole file is a [`ReadError`].
//! Nothing is converted here that the file does not type itself: a CSV cell is text or null.

mod arrow;
mod batch;
mod csv;
mod error;
mod find;
mod format;
mod ipc;
mod ndjson;
mod parquet;
mod partition;
mod query;
mod secret;
mod stream;
mod workbook;

#[cfg(test)]
mod check;

use std::ops::Range;
use std::path::Path;

use encoding_rs::{Encoding, UTF_8};

use batch::BatchWriter;
pub(crate) use batch::{Batch, BrokenRow, Cell};
pub use error::{ReadError, ReadProblem};
pub(crate) use find::find_files;
use format::{Format, Kind};
pub(crate) use partition::{Partition, partitions_of};
pub use query::Query;
pub(crate) use query::{Answer, ask};
pub use secret::Secret;
use stream::RawFile;

/// How the text of a file is to be understood, as declared by `read = { ... }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// Between two fields, one ASCII character; `None` guesses from the header line.
    pub delimiter: Option<char>,
    /// Decimal sign of numbers written as text.
    pub decimal: char,
    /// Formats of dates written as text, tried in this order; none means ISO 8601.
    pub date_formats: Vec<String>,
    /// Encoding of text files; a byte order mark in the file takes precedence.
    pub encoding: &'static Encoding,
    /// Texts that stand for null. `None`: the empty text alone. In a list, only what it holds.
    pub null: Option<Vec<String>>,
    /// Name of the sheet of a workbook; `None`: the first.
    pub sheet: Option<String>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        ReadOptions {
            delimiter: None,
            decimal: '.',
            date_formats: Vec::new(),
            encoding: UTF_8,
            null: None,
            sheet: None,
        }
    }
}

impl ReadOptions {
    /// Whether a text stands for null.
    fn is_null(&self, text: &[u8]) -> bool {
        match &self.null {
            None => text.is_empty(),
            Some(list) => list.iter().any(|null| null.as_bytes() == text),
        }
    }
}

/// What is wanted of a file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadRequest<'a> {
    /// Columns by name; their order here is the order of [`Batch::cell`].
    pub(crate) wanted: &'a [&'a str],
    /// Whether [`Batch::row_bytes`] is needed.
    pub(crate) whole_rows: bool,
    /// How text is understood.
    pub(crate) options: &'a ReadOptions,
    /// Columns that stand in the path; they win over those of the file.
    pub(crate) partitions: &'a [Partition],
}

impl<'a> ReadRequest<'a> {
    /// The wanted columns that do not stand in the path.
    fn wanted_of_file(&self) -> impl Iterator<Item = &'a str> {
        let in_path = |name: &str| self.partitions.iter().any(|column| column.name == name);
        self.wanted.iter().copied().filter(move |name| !in_path(name))
    }
}

/// What was read of a file, or of a database's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileSummary {
    /// Rows, the broken ones included, the header not.
    pub(crate) rows_read: u64,
    /// SHA-256, in lower-case hexadecimal, of the file as it lies on the disk; of an answer that of its
    /// rows in any order.
    pub(crate) sha256: String,
    /// Size on the disk; of an answer that of its cells as text.
    pub(crate) bytes: u64,
}

/// Names of a file's columns in the order of the file; for NDJSON see [`ndjson`].
///
/// # Errors
///
/// A file that cannot be opened, is empty, or is not what its extension says.
pub(crate) fn columns_of(path: &Path, options: &ReadOptions) -> Result<Vec<String>, ReadError> {
    let format = Format::of(path)?;
    let mut raw = RawFile::open(path)?;
    match format.kind {
        Kind::Csv | Kind::Tsv => {
            csv::columns(stream::text(&mut raw, format, options)?, path, format.kind, options)
        }
        Kind::Ndjson => ndjson::columns(stream::text(&mut raw, format, options)?, path),
        Kind::Parquet => parquet::columns(path),
        Kind::Arrow => ipc::columns(path),
        Kind::Workbook => workbook::columns(path, options),
    }
}

/// Hands over a file's rows in batches, in the order of the file.
///
/// # Errors
///
/// What [`columns_of`] returns, a wanted column that is missing or there twice, an unclosed quote, a
/// column type without a cell, and whatever `each` returns.
pub(crate) fn read_file<E: From<ReadError>>(
    path: &Path,
    request: &ReadRequest,
    each: &mut dyn FnMut(Batch) -> Result<(), E>,
) -> Result<FileSummary, E> {
    let format = Format::of(path)?;
    let mut raw = RawFile::open(path)?;
    let mut writer = BatchWriter::new(request, each);
    let wanted: Vec<&str> = request.wanted_of_file().collect();
    let request = &ReadRequest { wanted: &wanted, ..*request };
    match format.kind {
        Kind::Csv | Kind::Tsv => {
            let text = stream::text(&mut raw, format, request.options)?;
            csv::read(text, path, format.kind, request, &mut writer)?;
        }
        Kind::Ndjson => {
            let columns = columns_of(path, request.options)?;
            let text = stream::text(&mut raw, format, request.options)?;
            ndjson::read(text, path, &columns, request, &mut writer)?;
        }
        Kind::Parquet => parquet::read(path, request, &parquet::slices(path)?, &mut writer)?,
        Kind::Arrow => ipc::read(path, request, &mut writer)?,
        Kind::Workbook => workbook::read(path, request, &mut writer)?,
    }
    let rows_read = writer.finish()?;
    let (sha256, bytes) = raw.finish()?;
    Ok(FileSummary { rows_read, sha256, bytes })
}

/// Ranges of a file's rows that [`read_slices`] can read apart; `None` where it is read as a whole.
///
/// # Errors
///
/// What [`columns_of`] returns.
pub(crate) fn slices_of(path: &Path) -> Result<Option<Vec<Range<usize>>>, ReadError> {
    match Format::of(path)?.kind {
        Kind::Parquet => parquet::slices(path).map(Some),
        _ => Ok(None),
    }
}

/// Hands over some slices of a file's rows in batches; the number of rows.
///
/// # Errors
///
/// What [`read_file`] returns.
pub(crate) fn read_slices<E: From<ReadError>>(
    path: &Path,
    request: &ReadRequest,
    slices: &[Range<usize>],
    each: &mut dyn FnMut(Batch) -> Result<(), E>,
) -> Result<u64, E> {
    let mut writer = BatchWriter::new(request, each);
    let wanted: Vec<&str> = request.wanted_of_file().collect();
    parquet::read(path, &ReadRequest { wanted: &wanted, ..*request }, slices, &mut writer)?;
    writer.finish()
}

/// SHA-256 and size of a file, as [`FileSummary`] has them.
///
/// # Errors
///
/// A file that cannot be opened or is empty.
pub(crate) fn digest_of(path: &Path) -> Result<(String, u64), ReadError> {
    RawFile::open(path)?.finish()
}

/// Positions of the wanted columns among a file's; the first that is missing or there twice is the problem.
fn positions(columns: &[String], wanted: &[&str]) -> Result<Vec<usize>, ReadProblem> {
    wanted
        .iter()
        .map(|name| {
            let mut found = columns.iter().enumerate().filter(|(_, column)| column == name);
            match (found.next(), found.next()) {
                (Some((position, _)), None) => Ok(position),
                (Some(_), Some(_)) => Err(ReadProblem::DuplicateColumn { column: (*name).into() }),
                (None, _) => Err(ReadProblem::MissingColumn {
                    column: (*name).into(),
                    columns: columns.to_vec(),
                    hint: None,
                }),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_known_without_the_rows() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text, expected) in [
            ("a.csv", " b ,a\n1,2\n", ["b", "a"]),
            ("a.tsv", "b\ta\n", ["b", "a"]),
            ("a.ndjson", "{\"b\": 1}\n{\"b\": 1, \"a\": 1}\n", ["b", "a"]),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            assert_eq!(columns_of(&path, &ReadOptions::default()).unwrap(), expected, "{name}");
        }
    }

    #[test]
    fn what_the_receiver_returns_ends_the_reading() {
        #[derive(Debug)]
        enum Stop {
            Enough,
            Read,
        }
        impl From<ReadError> for Stop {
            fn from(_: ReadError) -> Self {
                Stop::Read
            }
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, format!("a\n{}\"", "1\n".repeat(99_999))).unwrap();
        let options = ReadOptions::default();
        let request =
            ReadRequest { wanted: &["a"], whole_rows: false, options: &options, partitions: &[] };
        let mut batches = 0;
        let mut each = |batch: Batch| {
            batches += 1;
            let mut whole = Vec::new();
            batch.row_bytes(1, &mut whole);
            assert!(whole.is_empty(), "nobody asked for it");
            if batches == 2 { Err(Stop::Enough) } else { Ok(()) }
        };
        assert!(matches!(read_file(&path, &request, &mut each), Err(Stop::Enough)));
        assert_eq!(batches, 2);
        let all = read_file(&path, &request, &mut |_| Ok(()));
        assert!(matches!(all, Err(Stop::Read)), "the quote is never closed");
    }
}
