//! Columns -> Parquet, the same bytes for the same columns on every run and any number of threads.

use std::io::Write;

use jiff::civil::{Date, DateTime};
use polars::prelude::{
    Column, DataFrame, DataType, Float64Chunked, IntoColumn, IntoSeries, NamedFrom,
    NewChunkedArray, ParquetCompression, ParquetWriter, PolarsError, Series, StatisticsOptions,
    TimeUnit,
};
use rayon::prelude::*;

use crate::time::{day_number, micros};

/// Rows per row group; fixed, so that the bytes do not follow the number of threads.
const ROW_GROUP: usize = 131_072;

/// A column to write.
#[derive(Clone, Debug)]
pub enum OutputColumn<'a> {
    /// Texts.
    Text(Vec<Option<&'a str>>),
    /// Days, as date32.
    Date(Vec<Option<Date>>),
    /// Civil times, as timestamps in microseconds without zone.
    DateTime(Vec<Option<DateTime>>),
    /// Doubles; NaN is written as null.
    Number(Vec<f64>),
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
/// # Errors
///
/// [`WriteError`]: the target cannot be written, or the columns differ in length or share a name.
pub fn write_parquet(
    columns: Vec<(String, OutputColumn<'_>)>,
    target: &mut impl Write,
) -> Result<(), WriteError> {
    let columns: Vec<Column> = columns
        .into_par_iter()
        .map(|(name, column)| series(&name, column))
        .collect::<Result<_, _>>()?;
    let rows = columns.first().map_or(0, Column::len);
    let mut frame = DataFrame::new(rows, columns)?;
    ParquetWriter::new(target)
        .with_compression(ParquetCompression::Zstd(None))
        .with_statistics(StatisticsOptions::default())
        .with_row_group_size(Some(ROW_GROUP))
        .finish(&mut frame)?;
    Ok(())
}

fn series(name: &str, column: OutputColumn<'_>) -> Result<Column, PolarsError> {
    let name = name.into();
    let series = match column {
        OutputColumn::Text(values) => Series::new(name, values),
        OutputColumn::Number(values) if values.iter().any(|value| value.is_nan()) => {
            let cells = values.into_iter().map(|value| Some(value).filter(|value| !value.is_nan()));
            Float64Chunked::from_iter_options(name, cells).into_series()
        }
        OutputColumn::Number(values) => Float64Chunked::from_vec(name, values).into_series(),
        OutputColumn::Integer(values) => Series::new(name, values),
        OutputColumn::Small(values) => Series::new(name, values),
        OutputColumn::Date(values) => {
            let days = values
                .into_iter()
                .map(|day| day.and_then(|day| i32::try_from(day_number(day)).ok()));
            Series::new(name, days.collect::<Vec<_>>()).cast(&DataType::Date)?
        }
        OutputColumn::DateTime(values) => {
            let micros: Vec<Option<i64>> =
                values.into_iter().map(|time| time.map(micros)).collect();
            Series::new(name, micros).cast(&DataType::Datetime(TimeUnit::Microseconds, None))?
        }
    };
    Ok(series.into_column())
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
                ("score".to_owned(), OutputColumn::Number(vec![0.1, f64::NAN])),
                ("label".to_owned(), OutputColumn::Small(vec![Some(1), None])),
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
