//! A table in memory, as it would have been exported, and the format of its file.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};

/// How a CSV file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CsvStyle {
    /// Starts with a UTF-8 byte order mark.
    pub bom: bool,
    /// Lines end with CR LF, else with LF.
    pub crlf: bool,
    /// Between two cells.
    pub delimiter: u8,
}

impl CsvStyle {
    /// No byte order mark, LF, comma.
    pub const PLAIN: Self = Self { bom: false, crlf: false, delimiter: b',' };
    /// As a spreadsheet on Windows saves it: byte order mark, CR LF, comma.
    pub const SPREADSHEET: Self = Self { bom: true, crlf: true, delimiter: b',' };
}

/// The format that a table's file name announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text for [`write_csv`](crate::write_csv).
    Csv(CsvStyle),
    /// The same, then gzip.
    CsvGzip(CsvStyle),
    /// Text for [`write_ndjson`](crate::write_ndjson), then gzip.
    NdjsonGzip,
    /// Parquet with zstd.
    ParquetZstd,
}

/// One table of a history.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Name of the source ("tickets").
    pub name: &'static str,
    /// Name of its file ("tickets.csv.gz").
    pub file_name: &'static str,
    /// Format of that file.
    pub format: Format,
    /// The columns, all of one length, in file order.
    pub columns: Vec<Column>,
    /// Dirty rows planted in this table: reason of rejection -> rows.
    pub planted: BTreeMap<&'static str, u64>,
}

impl Table {
    /// Number of rows, the planted ones included.
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// One column of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The header.
    pub name: &'static str,
    /// The cells, one per row.
    pub values: Values,
}

/// The cells of a column; `None` is an empty cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Text; dates with a planted mistake or an offset are text too.
    Text(Vec<Option<String>>),
    /// Whole numbers.
    Integer(Vec<Option<i64>>),
    /// Numbers that are already rounded to so many decimal places. A planted one may be infinite.
    Decimal {
        /// The numbers.
        values: Vec<Option<f64>>,
        /// Decimal places written to CSV.
        places: u8,
    },
    /// Days.
    Date(Vec<Option<Date>>),
    /// Civil times to the second.
    DateTime(Vec<Option<DateTime>>),
}

impl Values {
    /// Number of cells.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(cells) => cells.len(),
            Self::Integer(cells) => cells.len(),
            Self::Decimal { values, .. } => values.len(),
            Self::Date(cells) => cells.len(),
            Self::DateTime(cells) => cells.len(),
        }
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Column {
    pub(crate) fn text<R>(
        name: &'static str,
        rows: &[R],
        cell: impl Fn(&R) -> Option<String>,
    ) -> Self {
        Self { name, values: Values::Text(rows.iter().map(cell).collect()) }
    }

    pub(crate) fn integer<R>(
        name: &'static str,
        rows: &[R],
        cell: impl Fn(&R) -> Option<i64>,
    ) -> Self {
        Self { name, values: Values::Integer(rows.iter().map(cell).collect()) }
    }

    pub(crate) fn decimal<R>(
        name: &'static str,
        rows: &[R],
        places: u8,
        cell: impl Fn(&R) -> Option<f64>,
    ) -> Self {
        Self { name, values: Values::Decimal { values: rows.iter().map(cell).collect(), places } }
    }

    pub(crate) fn date<R>(
        name: &'static str,
        rows: &[R],
        cell: impl Fn(&R) -> Option<Date>,
    ) -> Self {
        Self { name, values: Values::Date(rows.iter().map(cell).collect()) }
    }

    pub(crate) fn date_time<R>(
        name: &'static str,
        rows: &[R],
        cell: impl Fn(&R) -> Option<DateTime>,
    ) -> Self {
        Self { name, values: Values::DateTime(rows.iter().map(cell).collect()) }
    }
}
