//! Columns -> Parquet, the same bytes for the same columns on every run and any number of threads.

use std::borrow::Cow;
use std::io::Write;
use std::ops::Range;

use jiff::civil::{Date, DateTime};
use polars::polars_utils::compression::ZstdLevel;
use polars::prelude::{
    ChunkTake, Column, DataFrame, DataType, Float64Chunked, IdxCa, IntoColumn, IntoSeries,
    NamedFrom, NewChunkedArray, ParquetCompression, ParquetWriter, PlSmallStr, PolarsError, Series,
    StatisticsOptions, StringChunked, TimeUnit,
};
use rayon::prelude::*;

use crate::time::{day_number, micros};

/// Rows per row group; fixed, so that the bytes do not follow the number of threads.
const ROW_GROUP: usize = 131_072;

/// Tables of numbers become a tenth smaller at the next levels, and are written in twice the time.
const ZSTD_LEVEL: i32 = 1;

/// A column to write.
#[derive(Clone, Debug)]
pub enum OutputColumn<'a> {
    /// Texts.
    Text(Vec<Option<&'a str>>),
    /// Texts of a small set: the set, and the place in it per row.
    Words(Vec<&'a str>, Cow<'a, [Option<u32>]>),
    /// Days, as date32.
    Date(Vec<Option<Date>>),
    /// Civil times, as timestamps in microseconds without zone.
    DateTime(Vec<Option<DateTime>>),
    /// Doubles; NaN is written as null.
    Number(Cow<'a, [f64]>),
    /// 64-bit whole numbers.
    Integer(Vec<Option<i64>>),
    /// 8-bit whole numbers.
    Small(Vec<Option<i8>>),
}

/// A Parquet file that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("write Parquet: {detail}")]
pub struct WriteError {
    detail: String,
}

impl From<PolarsError> for WriteError {
    fn from(error: PolarsError) -> Self {
        Self { detail: error.to_string() }
    }
}

/// Write columns of equal length as one Parquet file, compressed with zstd.
///
/// Row groups are encoded on all cores; beside the columns there is memory for two per core.
///
/// # Errors
///
/// [`WriteError`]: the target cannot be written, or the columns differ in length or share a name.
pub fn write_parquet(
    columns: Vec<(String, OutputColumn<'_>)>,
    target: &mut (impl Write + Send),
) -> Result<(), WriteError> {
    let rows = columns.first().map_or(0, |(_, column)| column.len());
    if let Some((name, column)) = columns.iter().find(|(_, column)| column.len() != rows) {
        let detail =
            format!("`{name}` has {} rows where the first column has {rows}", column.len());
        return Err(WriteError { detail });
    }
    let columns: Vec<Encoder<'_>> =
        columns.into_iter().map(|(name, column)| Encoder::new(name, column)).collect();
    let writer = ParquetWriter::new(target)
        .with_compression(ParquetCompression::Zstd(Some(ZstdLevel::try_new(ZSTD_LEVEL)?)))
        .with_statistics(StatisticsOptions::default())
        .batched(frame(&columns, 0..0)?.schema())?;
    let firsts: Vec<usize> = (0..rows).step_by(ROW_GROUP).collect();
    let encode = |first: &usize| {
        let frame = frame(&columns, *first..rows.min(first + ROW_GROUP))?;
        writer.encode_and_compress(&frame).collect::<Result<Vec<_>, PolarsError>>()
    };
    let mut encoded = Vec::new();
    for firsts in firsts.chunks(rayon::current_num_threads()) {
        // The groups before these are written meanwhile.
        let before = std::mem::take(&mut encoded);
        let (written, groups) = rayon::join(
            || writer.write_row_groups(before),
            || firsts.par_iter().map(encode).collect::<Result<Vec<_>, PolarsError>>(),
        );
        written?;
        encoded.extend(groups?.into_iter().flatten());
    }
    writer.write_row_groups(encoded)?;
    writer.finish()?;
    Ok(())
}

impl OutputColumn<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Text(values) => values.len(),
            Self::Words(_, codes) => codes.len(),
            Self::Date(values) => values.len(),
            Self::DateTime(values) => values.len(),
            Self::Number(values) => values.len(),
            Self::Integer(values) => values.len(),
            Self::Small(values) => values.len(),
        }
    }
}

/// A column on its way into row groups.
struct Encoder<'a> {
    name: String,
    column: OutputColumn<'a>,
    /// The set of [`OutputColumn::Words`].
    words: StringChunked,
}

impl<'a> Encoder<'a> {
    fn new(name: String, column: OutputColumn<'a>) -> Self {
        let words = match &column {
            OutputColumn::Words(words, _) => words.as_slice(),
            _ => &[],
        };
        let words = StringChunked::from_slice(name.as_str().into(), words);
        Self { name, column, words }
    }

    fn rows(&self, rows: Range<usize>) -> Result<Column, PolarsError> {
        let name = self.name.as_str().into();
        let series = match &self.column {
            OutputColumn::Text(values) => Series::new(name, &values[rows]),
            OutputColumn::Words(_, codes) => {
                let codes = IdxCa::from_iter_options(name, codes[rows].iter().copied());
                self.words.take(&codes)?.into_series()
            }
            OutputColumn::Number(values) => numbers(name, &values[rows]),
            OutputColumn::Integer(values) => Series::new(name, &values[rows]),
            OutputColumn::Small(values) => Series::new(name, &values[rows]),
            OutputColumn::Date(values) => {
                let number = |day: &Option<Date>| i32::try_from(day_number((*day)?)).ok();
                let days: Vec<Option<i32>> = values[rows].iter().map(number).collect();
                Series::new(name, days).cast(&DataType::Date)?
            }
            OutputColumn::DateTime(values) => {
                let micros: Vec<Option<i64>> =
                    values[rows].iter().map(|time| time.map(micros)).collect();
                Series::new(name, micros).cast(&DataType::Datetime(TimeUnit::Microseconds, None))?
            }
        };
        Ok(series.into_column())
    }
}

/// Doubles with NaN as null.
fn numbers(name: PlSmallStr, values: &[f64]) -> Series {
    if !values.iter().any(|value| value.is_nan()) {
        return Float64Chunked::from_slice(name, values).into_series();
    }
    let cells = values.iter().map(|value| Some(*value).filter(|value| !value.is_nan()));
    Float64Chunked::from_iter_options(name, cells).into_series()
}

/// Rows of the columns.
fn frame(columns: &[Encoder<'_>], rows: Range<usize>) -> Result<DataFrame, PolarsError> {
    let height = rows.len();
    let columns: Vec<Column> =
        columns.iter().map(|column| column.rows(rows.clone())).collect::<Result<_, _>>()?;
    DataFrame::new(height, columns)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{OutputColumn, write_parquet};

    #[test]
    fn the_same_columns_give_the_same_bytes() {
        let write = || {
            let columns = vec![
                ("id".to_owned(), OutputColumn::Text(vec![Some("a"), None])),
                ("day".to_owned(), OutputColumn::Date(vec![Some(date(2024, 2, 29)), None])),
                ("score".to_owned(), OutputColumn::Number(vec![0.1, f64::NAN].into())),
                ("label".to_owned(), OutputColumn::Small(vec![Some(1), None])),
                (
                    "state".to_owned(),
                    OutputColumn::Words(vec!["x", "y"], vec![Some(1), None].into()),
                ),
            ];
            let mut bytes = Vec::new();
            write_parquet(columns, &mut bytes).unwrap();
            bytes
        };
        let bytes = write();
        assert_eq!(bytes, write());
        assert_eq!((&bytes[..4], &bytes[bytes.len() - 4..]), (&b"PAR1"[..], &b"PAR1"[..]));
    }

    #[test]
    fn columns_of_other_lengths_are_refused() {
        let columns = vec![
            ("a".to_owned(), OutputColumn::Integer(vec![Some(1)])),
            ("b".to_owned(), OutputColumn::Integer(vec![])),
        ];
        assert!(write_parquet(columns, &mut Vec::new()).is_err());
    }
}
