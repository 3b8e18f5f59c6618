//! Parquet: checked for completeness first, then read a few row groups at a time.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use polars::prelude::{
    AnyValue, ArrowDataType, ArrowSchema, DataFrame, DataType, ParquetReader, PolarsResult,
    SerReader, Series, TimeUnit, TimeZone,
};

use super::arrow::date;
use super::batch::{BatchWriter, Column, append_cell};
use super::error::{ReadError, ReadProblem};
use super::{Cell, ReadOptions, ReadRequest, positions};

/// Row groups are read together up to about this many rows; a larger group is read as a whole.
const ROWS_AT_ONCE: usize = 1 << 16;

/// Typed columns are handed on in batches of so many rows, which fit the cache.
const BATCH: usize = 1 << 14;

/// Both ends of a Parquet file.
const MAGIC: &[u8; 4] = b"PAR1";

/// Names of the columns.
pub(super) fn columns(path: &Path) -> Result<Vec<String>, ReadError> {
    let mut reader = open(path)?;
    let schema = guarded(path, || reader.schema())?;
    Ok(schema.iter_names().map(ToString::to_string).collect())
}

/// Ranges of rows that can be read apart: whole row groups, few enough of them to be held in memory.
pub(super) fn slices(path: &Path) -> Result<Vec<Range<usize>>, ReadError> {
    let mut reader = open(path)?;
    let metadata = guarded(path, || reader.get_metadata().cloned())?;
    let mut groups = Vec::new();
    for group in &metadata.row_groups {
        groups.push(group.num_rows());
    }
    let mut first = 0;
    let slice = |length| {
        first += length;
        first - length..first
    };
    Ok(together(&groups).into_iter().map(slice).collect())
}

/// Reads the rows of some slices.
pub(super) fn read<E: From<ReadError>>(
    path: &Path,
    request: &ReadRequest,
    slices: &[Range<usize>],
    writer: &mut BatchWriter<E>,
) -> Result<(), E> {
    let mut reader = open(path)?;
    let schema = guarded(path, || reader.schema())?;
    let metadata = guarded(path, || reader.get_metadata().cloned())?;
    let projection = Projection::new(path, &schema, request)?;
    for slice in slices {
        let (first, length) = (slice.start, slice.len());
        let mut reader = open(path)?;
        reader.set_metadata(metadata.clone());
        let reader = reader
            .with_columns(Some(projection.columns.clone()))
            .with_slice(Some((first, length)))
            .set_rechunk(true);
        let frame = guarded(path, || reader.finish())?;
        if frame.height() != length && !projection.columns.is_empty() {
            let detail = format!("{} rows where its footer says {length}", frame.height());
            return Err(ReadError::new(path, ReadProblem::Parquet { detail }).into());
        }
        projection.rows(&frame, (first, length), writer)?;
    }
    Ok(())
}

/// Runs a step of the Parquet reader, which meets some kinds of damage with a panic.
fn guarded<T>(path: &Path, step: impl FnOnce() -> PolarsResult<T>) -> Result<T, ReadError> {
    let damaged = |detail| ReadError::new(path, ReadProblem::Parquet { detail });
    match catch_unwind(AssertUnwindSafe(step)) {
        Ok(outcome) => outcome.map_err(|error| damaged(error.to_string())),
        Err(_) => Err(damaged("its footer or its pages are damaged".into())),
    }
}

/// Opens a file that is complete.
fn open(path: &Path) -> Result<ParquetReader<File>, ReadError> {
    let refuse = |error: &io::Error| ReadError::io(path, error);
    let mut file = File::open(path).map_err(|error| refuse(&error))?;
    check_ends(&mut file)
        .map_err(|error| refuse(&error))?
        .map_err(|problem| ReadError::new(path, problem))?;
    Ok(ParquetReader::new(file))
}

/// Between the magic words lie the data, the footer and, in four bytes, the footer's length.
fn check_ends(file: &mut File) -> io::Result<Result<(), ReadProblem>> {
    const SMALLEST: u64 = 12;
    let length = file.metadata()?.len();
    let mut start = Vec::new();
    file.take(4).read_to_end(&mut start)?;
    if !start.is_empty() && !MAGIC.starts_with(&start) {
        return Ok(Err(ReadProblem::NotParquet));
    }
    let cut = Ok(Err(ReadProblem::CutOff { expected: "the footer `PAR1` at its end" }));
    if length < SMALLEST {
        return cut;
    }
    let mut end = [0; 8];
    file.seek(SeekFrom::End(-8))?;
    file.read_exact(&mut end)?;
    file.rewind()?;
    let [a, b, c, d, magic @ ..] = end;
    let footer = u64::from(u32::from_le_bytes([a, b, c, d]));
    if &magic != MAGIC || footer + SMALLEST > length { cut } else { Ok(Ok(())) }
}

/// Lengths of the slices to read: row groups that follow each other, together.
fn together(groups: &[usize]) -> Vec<usize> {
    let mut slices: Vec<usize> = Vec::new();
    for &rows in groups.iter().filter(|rows| **rows > 0) {
        match slices.last_mut() {
            Some(last) if last.saturating_add(rows) <= ROWS_AT_ONCE => *last += rows,
            _ => slices.push(rows),
        }
    }
    slices
}

/// The columns that are read, in the order of the file, and where the wanted ones are among them.
struct Projection<'a> {
    path: &'a Path,
    request: &'a ReadRequest<'a>,
    columns: Vec<String>,
    wanted: Vec<usize>,
}

impl<'a> Projection<'a> {
    /// For whole rows all columns that have cells are read: one that has none cannot be wanted, so it
    /// need not tell apart rows that differ in it alone.
    fn new(
        path: &'a Path,
        schema: &ArrowSchema,
        request: &'a ReadRequest<'a>,
    ) -> Result<Projection<'a>, ReadError> {
        let names: Vec<String> = schema.iter_names().map(ToString::to_string).collect();
        let wanted =
            positions(&names, request.wanted).map_err(|problem| ReadError::new(path, problem))?;
        let kinds: Vec<&ArrowDataType> = schema.iter_values().map(|field| &field.dtype).collect();
        if let Some(&at) = wanted.iter().find(|at| !has_cells(kinds[**at])) {
            let kind = format!("{:?}", kinds[at]);
            // Its name alone: what it is made of would bury the message.
            let kind = kind.split('(').next().unwrap_or(&kind).to_owned();
            let column = names[at].clone();
            return Err(ReadError::new(path, ReadProblem::UnsupportedType { column, kind }));
        }
        let read: Vec<usize> = (0..names.len())
            .filter(|at| wanted.contains(at) || (request.whole_rows && has_cells(kinds[*at])))
            .collect();
        let columns = read.iter().map(|at| names[*at].clone()).collect();
        let wanted =
            wanted.iter().filter_map(|at| read.iter().position(|column| column == at)).collect();
        Ok(Projection { path, request, columns, wanted })
    }

    /// Hands on the rows of a frame that start at `first`, counted from 0.
    fn rows<E: From<ReadError>>(
        &self,
        frame: &DataFrame,
        (first, length): (usize, usize),
        writer: &mut BatchWriter<E>,
    ) -> Result<(), E> {
        if !self.request.whole_rows && self.request.partitions.is_empty() {
            for start in (0..length).step_by(BATCH) {
                let rows = BATCH.min(length - start);
                let part = frame.slice(i64::try_from(start).unwrap_or(i64::MAX), rows);
                let column = |at: &usize| self.typed(&part, &self.columns[*at]);
                let columns = self.wanted.iter().map(column).collect::<Result<_, _>>()?;
                writer.columns((first + start) as u64 + 1, rows, columns)?;
            }
            return Ok(());
        }
        let mut columns = Vec::new();
        for name in &self.columns {
            let column = guarded(self.path, || frame.column(name))?;
            columns.push(column.as_materialized_series().iter());
        }
        let mut texts = vec![String::new(); columns.len()];
        let mut whole = Vec::new();
        for row in first..first + length {
            let cells: Vec<Cell> = columns
                .iter_mut()
                .zip(&mut texts)
                .map(|(values, text)| {
                    cell(values.next().unwrap_or(AnyValue::Null), text, self.request.options)
                })
                .collect();
            whole.clear();
            let compared: &[Cell] = if self.request.whole_rows { &cells } else { &[] };
            for cell in compared {
                append_cell(*cell, &mut whole);
            }
            let wanted: Vec<Cell> = self.wanted.iter().map(|at| cells[*at]).collect();
            writer.row(row as u64 + 1, &wanted, &whole)?;
        }
        Ok(())
    }
}

impl Projection<'_> {
    /// A column of a frame; cell by cell only where its type has no column of its own.
    fn typed(&self, frame: &DataFrame, name: &str) -> Result<Column, ReadError> {
        let options = self.request.options;
        guarded(self.path, || typed(frame.column(name)?.as_materialized_series(), options))
    }
}

fn typed(series: &Series, options: &ReadOptions) -> PolarsResult<Column> {
    Ok(match series.dtype() {
        DataType::Int8
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::UInt8
        | DataType::UInt16
        | DataType::UInt32 => Column::Integers(series.cast(&DataType::Int64)?.i64()?.clone()),
        DataType::Float32 | DataType::Float64 => {
            Column::Floats(series.cast(&DataType::Float64)?.f64()?.clone())
        }
        DataType::Datetime(TimeUnit::Microseconds, zone) => {
            let micros = series.datetime()?.physical().clone();
            Column::Times { micros, zoned: zone.is_some() }
        }
        DataType::String if options.null.is_none() => Column::Texts(series.str()?.clone()),
        _ => {
            let (mut column, mut text) = (Column::default(), String::new());
            for value in series.iter() {
                column.push(cell(value, &mut text, options));
            }
            column
        }
    })
}

fn has_cells(kind: &ArrowDataType) -> bool {
    match kind {
        ArrowDataType::Null
        | ArrowDataType::Boolean
        | ArrowDataType::Int8
        | ArrowDataType::Int16
        | ArrowDataType::Int32
        | ArrowDataType::Int64
        | ArrowDataType::UInt8
        | ArrowDataType::UInt16
        | ArrowDataType::UInt32
        | ArrowDataType::UInt64
        | ArrowDataType::Float32
        | ArrowDataType::Float64
        | ArrowDataType::Date32
        | ArrowDataType::Date64
        | ArrowDataType::Decimal(..)
        | ArrowDataType::Utf8
        | ArrowDataType::LargeUtf8
        | ArrowDataType::Utf8View => true,
        // A zone of no known name cannot be read; its instants could be, were the name left out.
        ArrowDataType::Timestamp(_, zone) => TimeZone::opt_try_new(zone.clone()).is_ok(),
        ArrowDataType::Dictionary(_, values, _) => has_cells(values),
        _ => false,
    }
}

/// The cell of a value; one that has to be written as text is written to `text`.
fn cell<'a>(value: AnyValue<'a>, text: &'a mut String, options: &ReadOptions) -> Cell<'a> {
    let cell = match value {
        AnyValue::Boolean(value) => return Cell::Flag(value),
        AnyValue::Int8(value) => return Cell::Integer(value.into()),
        AnyValue::Int16(value) => return Cell::Integer(value.into()),
        AnyValue::Int32(value) => return Cell::Integer(value.into()),
        AnyValue::Int64(value) => return Cell::Integer(value),
        AnyValue::UInt8(value) => return Cell::Integer(value.into()),
        AnyValue::UInt16(value) => return Cell::Integer(value.into()),
        AnyValue::UInt32(value) => return Cell::Integer(value.into()),
        AnyValue::Float32(value) => return Cell::Float(value.into()),
        AnyValue::Float64(value) => return Cell::Float(value),
        AnyValue::UInt64(value) => match i64::try_from(value) {
            Ok(value) => return Cell::Integer(value),
            Err(_) => value.to_string(),
        },
        AnyValue::Date(days) => match date(days) {
            Some(date) => return Cell::Date(date),
            None => format!("{days} days after 1970-01-01"),
        },
        AnyValue::Datetime(value, unit, zone) => match micros(value, unit) {
            Some(micros) => return Cell::DateTime { micros, zoned: zone.is_some() },
            None => format!("{value} ms after 1970-01-01"),
        },
        AnyValue::Decimal(value, _, scale) => decimal(value, scale),
        AnyValue::String(value) => {
            return if options.is_null(value.as_bytes()) { Cell::Null } else { Cell::Text(value) };
        }
        other => match other.get_str() {
            Some(value) => value.to_owned(),
            None => return Cell::Null,
        },
    };
    *text = cell;
    if options.is_null(text.as_bytes()) { Cell::Null } else { Cell::Text(text) }
}

fn micros(value: i64, unit: TimeUnit) -> Option<i64> {
    match unit {
        TimeUnit::Milliseconds => value.checked_mul(1_000),
        TimeUnit::Microseconds => Some(value),
        TimeUnit::Nanoseconds => Some(value.div_euclid(1_000)),
    }
}

/// The exact text of `value / 10^scale`, with `scale` decimals.
fn decimal(value: i128, scale: usize) -> String {
    let sign = if value < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, decimals) = digits.split_at(digits.len() - scale);
    let point = if scale == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{decimals}")
}

#[cfg(test)]
mod tests {
    use polars::prelude::{
        ArrowTimeUnit, Categories, Column, DataType, IntoSeries, ListChunked, NamedFrom,
        ParquetWriter,
    };

    use super::super::check;
    use super::*;

    /// A Parquet file of these columns, in row groups of this many rows.
    fn written(columns: Vec<Series>, group: usize) -> Vec<u8> {
        let columns: Vec<Column> = columns.into_iter().map(Column::from).collect();
        let mut frame = DataFrame::new_infer_height(columns).unwrap();
        let mut bytes = Vec::new();
        let writer = ParquetWriter::new(&mut bytes).with_row_group_size(Some(group));
        writer.finish(&mut frame).unwrap();
        bytes
    }

    fn read(bytes: &[u8], wanted: &str) -> Result<check::Read, ReadError> {
        check::read("a.parquet", bytes, wanted, &ReadOptions::default())
    }

    /// The cells and the whole rows of one column.
    fn check(series: &Series, cells: &[&str], whole: &[&[u8]]) {
        let series = series.clone().with_name("a".into());
        let read = read(&written(vec![series], 2), "a").unwrap();
        let expected: Vec<String> =
            (1..).zip(cells).map(|(row, c)| format!("{row}: {c}")).collect();
        assert_eq!(read.rows, expected);
        assert_eq!(read.whole, whole);
    }

    #[test]
    fn numbers_texts_and_truth_values_have_cells() {
        let numbers = Series::new("a".into(), [Some(1_i64), None]);
        for kind in [
            DataType::Int8,
            DataType::Int16,
            DataType::Int32,
            DataType::Int64,
            DataType::UInt8,
            DataType::UInt16,
            DataType::UInt32,
            DataType::UInt64,
        ] {
            check(&numbers.cast(&kind).unwrap(), &["1", "null"], &[b"\x011\0", b"\0"]);
        }
        let large = Series::new("a".into(), [u64::MAX]);
        check(&large, &["\"18446744073709551615\""], &[b"\x0118446744073709551615\0"]);
        let floats = Series::new("a".into(), [Some(0.5), Some(f64::NAN), None, Some(-1e-7)]);
        let whole: [&[u8]; 4] = [b"\x010.5\0", b"\0", b"\0", b"\x01-0.0000001\0"];
        check(&floats, &["0.5", "null", "null", "-1e-7"], &whole);
        check(&Series::new("a".into(), [0.25_f32]), &["0.25"], &[b"\x010.25\0"]);
        check(&Series::new("a".into(), [true]), &["true"], &[b"\x01true\0"]);
        let texts = Series::new("a".into(), [Some("x"), Some(""), None]);
        check(&texts, &["\"x\"", "null", "null"], &[b"\x01x\0", b"\0", b"\0"]);
        let categories = DataType::from_categories(Categories::global());
        let texts = texts.cast(&categories).unwrap();
        check(&texts, &["\"x\"", "null", "null"], &[b"\x01x\0", b"\0", b"\0"]);
        check(&Series::full_null("a".into(), 1, &DataType::Null), &["null"], &[b"\0"]);
    }

    #[test]
    fn days_and_times_have_cells() {
        let days = Series::new("a".into(), [19_782_i32, i32::MAX]).cast(&DataType::Date).unwrap();
        let far = "2147483647 days after 1970-01-01";
        let whole = format!("\x01{far}\0");
        let cells = ["2024-02-29", &format!("{far:?}")];
        check(&days, &cells, &[b"\x012024-02-29\0", whole.as_bytes()]);
        let whole: &[u8] = b"\x011969-12-31T23:59:59.999Z\0";
        for (unit, value) in [
            (TimeUnit::Milliseconds, -1_i64),
            (TimeUnit::Microseconds, -1_000),
            (TimeUnit::Nanoseconds, -999_001),
        ] {
            for (zone, cell) in [(None, "-1000us"), (Some(TimeZone::UTC), "-1000Z")] {
                let times = Series::new("a".into(), [value]);
                check(&times.cast(&DataType::Datetime(unit, zone)).unwrap(), &[cell], &[whole]);
            }
        }
        let times = Series::new("a".into(), [i64::MAX]);
        let times = times.cast(&DataType::Datetime(TimeUnit::Milliseconds, None)).unwrap();
        let far = "9223372036854775807 ms after 1970-01-01";
        check(&times, &[&format!("{far:?}")], &[format!("\x01{far}\0").as_bytes()]);
    }

    #[test]
    fn decimals_keep_every_digit() {
        let amounts =
            Series::new("a".into(), [12.5, -0.07]).cast(&DataType::Decimal(9, 2)).unwrap();
        check(&amounts, &["\"12.50\"", "\"-0.07\""], &[b"\x0112.50\0", b"\x01-0.07\0"]);
        assert_eq!(decimal(-5, 0), "-5");
        assert_eq!(decimal(i128::MIN, 38), "-1.70141183460469231731687303715884105728");
        assert_eq!(decimal(7, 3), "0.007");
    }

    #[test]
    fn columns_are_picked_and_row_groups_follow_each_other() {
        let numbers: Vec<i64> = (0..200_000).collect();
        let more: Vec<i64> = numbers.iter().map(|number| -number).collect();
        let columns = vec![
            Series::new("a".into(), &numbers),
            Series::new("b".into(), &more),
            Series::new("c".into(), vec!["x"; numbers.len()]),
        ];
        let bytes = written(columns, 30_000);
        let read = read(&bytes, "b a").unwrap();
        let expected = numbers.iter().map(|number| format!("{}: {} {number}", number + 1, -number));
        assert!(read.rows.iter().eq(&expected.collect::<Vec<_>>()));
        assert_eq!(read.whole[7], b"\x017\0\x01-7\0\x01x\0");
        let summary = read.summary.unwrap();
        assert_eq!((summary.rows_read, summary.bytes), (200_000, bytes.len() as u64));
    }

    #[test]
    fn small_row_groups_are_read_together() {
        assert_eq!(together(&[3, 0, 4, 65_529, 1, 100_000, 2]), [65_536, 1, 100_000, 2]);
    }

    #[test]
    fn a_table_without_rows_still_has_columns() {
        let bytes = written(vec![Series::new("a".into(), [0_i64; 0])], 9);
        assert!(read(&bytes, "a").unwrap().rows.is_empty());
        let error = read(&bytes, "aa").unwrap_err();
        assert!(error.to_string().ends_with("no column `aa`; the file has `a`"), "{error}");
        assert_eq!(error.remedy(), "did you mean `a`?");
    }

    #[test]
    fn a_type_without_cells_is_refused_only_if_wanted() {
        let list: ListChunked = [Some(Series::new("".into(), [1_i64]))].into_iter().collect();
        let list = list.into_series().with_name("l".into());
        let span = Series::new("s".into(), [1_i64])
            .cast(&DataType::Duration(TimeUnit::Microseconds))
            .unwrap();
        let bytes = written(vec![list, Series::new("a".into(), [1_i64]), span], 9);
        let read_a = read(&bytes, "a").unwrap();
        assert_eq!((read_a.rows, read_a.whole), (vec!["1: 1".into()], vec![b"\x011\0".to_vec()]));
        for (name, kind) in [("l", "LargeList"), ("s", "Duration")] {
            let error = read(&bytes, name).unwrap_err();
            let text = error.to_string();
            assert!(text.contains(&format!("column `{name}` has the type {kind}, ")), "{text}");
            assert!(error.remedy().contains("leave it out"));
        }
    }

    #[test]
    fn a_time_zone_of_no_known_name_has_no_cells() {
        let times = |zone: &str| ArrowDataType::Timestamp(ArrowTimeUnit::Second, Some(zone.into()));
        assert!(has_cells(&times("Europe/Berlin")) && has_cells(&times("+02:00")));
        assert!(!has_cells(&times("Nowhere/Land")));
    }

    #[test]
    fn a_half_written_file_is_told_from_one_of_another_kind() {
        let bytes = written(vec![Series::new("a".into(), [1_i64, 2, 3])], 9);
        for length in [1, 4, 11, bytes.len() / 2, bytes.len() - 1] {
            let error = read(&bytes[..length], "a").unwrap_err();
            let text = error.to_string();
            assert!(text.contains("cut off or still being written"), "{length}: {text}");
            assert!(text.contains("`PAR1`"), "{text}");
            assert!(error.remedy().contains("write it again"));
        }
        let without_data = [&bytes[..4], &bytes[bytes.len() - 8..]].concat();
        let error = read(&without_data, "a").unwrap_err();
        assert!(matches!(error.problem, ReadProblem::CutOff { .. }), "{error}");
        let error = read(b"a,b\n1,2\n3,4\n5,6\n", "a").unwrap_err();
        assert!(matches!(error.problem, ReadProblem::NotParquet), "{error}");
    }

    #[test]
    fn damage_is_an_error_or_passes_but_never_panics() {
        let bytes = written(vec![Series::new("a".into(), [Some(1_i64), None, Some(3)])], 9);
        let refused = (4..bytes.len() - 8).filter(|at| {
            let mut damaged = bytes.clone();
            damaged[*at] ^= 0xff;
            read(&damaged, "a").is_err()
        });
        assert!(refused.count() > 20);
    }
}
