//! A bounded number of rows, as cells.

use jiff::civil::Date;
use polars::prelude::{Float64Chunked, Int64Chunked, StringChunked};

use super::{ReadError, ReadRequest};

/// One value of one row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell<'a> {
    /// No value. NaN reads as this, too.
    Null,
    /// Text as it stands in the file; may well hold a number or a date.
    Text(&'a str),
    /// A whole number of a typed file.
    Integer(i64),
    /// Any other number of a typed file, never NaN.
    Float(f64),
    /// A truth value of a typed file.
    Flag(bool),
    /// A day of a typed file.
    Date(Date),
    /// A time of a typed file.
    DateTime {
        /// Microseconds since 1970-01-01 00:00, in UTC if `zoned`, else of the civil calendar.
        micros: i64,
        /// Whether the column has a time zone.
        zoned: bool,
    },
}

/// A row that cannot be taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BrokenRow {
    /// Line on which the row starts, from 1.
    pub(crate) line: u64,
    /// `wrong_number_of_fields`, `not_utf8` or `bad_json`.
    pub(crate) reason: &'static str,
    /// What was found and expected.
    pub(crate) detail: String,
}

/// Rows of one file that follow each other; the broken ones stand apart.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    columns: Vec<Column>,
    lines: Vec<u64>,
    whole: Vec<u8>,
    whole_ends: Vec<usize>,
    broken: Vec<BrokenRow>,
}

impl Batch {
    /// Number of rows that are not broken.
    pub(crate) fn rows(&self) -> usize {
        self.lines.len()
    }

    /// The cell of a row in a column, which counts by the wanted ones.
    pub(crate) fn cell(&self, column: usize, row: usize) -> Cell<'_> {
        self.columns[column].cell(row)
    }

    /// A column of numbers of a typed file, if none is null.
    pub(crate) fn floats(&self, column: usize) -> Option<&[f64]> {
        match &self.columns[column] {
            Column::Floats(values) => values.cont_slice().ok(),
            _ => None,
        }
    }

    /// A column of times of a typed file, as [`Cell::DateTime`] has them, if none is null.
    pub(crate) fn times(&self, column: usize) -> Option<&[i64]> {
        match &self.columns[column] {
            Column::Times { micros, .. } => micros.cont_slice().ok(),
            _ => None,
        }
    }

    /// A column of texts of a typed file; the empty text is null.
    pub(crate) fn texts(&self, column: usize) -> Option<impl Iterator<Item = Option<&str>>> {
        match &self.columns[column] {
            Column::Texts(texts) => Some(texts.downcast_iter().flat_map(|array| array.iter())),
            _ => None,
        }
    }

    /// Line on which a row starts in a text file, number of the row in a workbook's sheet, a Parquet or
    /// Arrow file, or an answer; from 1.
    pub(crate) fn line(&self, row: usize) -> u64 {
        self.lines[row]
    }

    /// Broken rows among these.
    pub(crate) fn broken(&self) -> &[BrokenRow] {
        &self.broken
    }

    /// Appends the whole row, all columns of the file in its order: null as `00`, else `01 text 00`.
    ///
    /// Rows compare by these bytes as they do cell by cell as text, null first. Nothing is appended
    /// unless [`ReadRequest::whole_rows`] asked for it.
    pub(crate) fn row_bytes(&self, row: usize, out: &mut Vec<u8>) {
        let Some(&end) = self.whole_ends.get(row) else { return };
        let start = if row == 0 { 0 } else { self.whole_ends[row - 1] };
        out.extend_from_slice(&self.whole[start..end]);
    }
}

/// One column.
#[derive(Debug)]
pub(super) enum Column {
    /// Cells of any kind; their texts lie in one piece.
    Mixed { slots: Vec<Slot>, text: String },
    /// Whole numbers of a typed file.
    Integers(Int64Chunked),
    /// Other numbers of a typed file; NaN is null.
    Floats(Float64Chunked),
    /// Times of a typed file, as [`Cell::DateTime`] has them.
    Times { micros: Int64Chunked, zoned: bool },
    /// Texts of a typed file; the empty text is null.
    Texts(StringChunked),
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Slot {
    Null,
    Text { start: usize, end: usize },
    Integer(i64),
    Float(f64),
    Flag(bool),
    Date(Date),
    DateTime { micros: i64, zoned: bool },
}

impl Default for Column {
    fn default() -> Self {
        Self::Mixed { slots: Vec::new(), text: String::new() }
    }
}

impl Column {
    fn cell(&self, row: usize) -> Cell<'_> {
        match self {
            Self::Mixed { slots, text } => match slots[row] {
                Slot::Null => Cell::Null,
                Slot::Text { start, end } => Cell::Text(&text[start..end]),
                Slot::Integer(value) => Cell::Integer(value),
                Slot::Float(value) => Cell::Float(value),
                Slot::Flag(value) => Cell::Flag(value),
                Slot::Date(value) => Cell::Date(value),
                Slot::DateTime { micros, zoned } => Cell::DateTime { micros, zoned },
            },
            Self::Integers(values) => values.get(row).map_or(Cell::Null, Cell::Integer),
            Self::Floats(values) => match values.get(row) {
                Some(value) if !value.is_nan() => Cell::Float(value),
                _ => Cell::Null,
            },
            Self::Times { micros, zoned } => {
                let time = |micros| Cell::DateTime { micros, zoned: *zoned };
                micros.get(row).map_or(Cell::Null, time)
            }
            Self::Texts(texts) => match texts.get(row) {
                Some(text) if !text.is_empty() => Cell::Text(text),
                _ => Cell::Null,
            },
        }
    }

    /// The same cell in every row.
    fn repeated(cell: Cell, rows: usize) -> Column {
        let mut column = Column::default();
        for _ in 0..rows {
            column.push(cell);
        }
        column
    }

    /// Appends a cell to a mixed column.
    pub(super) fn push(&mut self, cell: Cell) {
        let Self::Mixed { slots, text } = self else { return };
        slots.push(match cell {
            Cell::Null => Slot::Null,
            Cell::Text(value) => {
                let start = text.len();
                text.push_str(value);
                Slot::Text { start, end: text.len() }
            }
            Cell::Integer(value) => Slot::Integer(value),
            Cell::Float(value) if value.is_nan() => Slot::Null,
            Cell::Float(value) => Slot::Float(value),
            Cell::Flag(value) => Slot::Flag(value),
            Cell::Date(value) => Slot::Date(value),
            Cell::DateTime { micros, zoned } => Slot::DateTime { micros, zoned },
        });
    }
}

/// Collects rows and hands each full batch to its receiver.
pub(super) struct BatchWriter<'a, E> {
    width: usize,
    whole_rows: bool,
    batch: Batch,
    bytes: usize,
    rows_read: u64,
    /// Per wanted column its cell where it stands in the path: the same in every row.
    fixed: Vec<Option<Cell<'a>>>,
    /// What the path adds to each whole row.
    fixed_bytes: Vec<u8>,
    each: &'a mut dyn FnMut(Batch) -> Result<(), E>,
}

impl<'a, E: From<ReadError>> BatchWriter<'a, E> {
    /// A batch ends at this many rows, the broken ones included ...
    const ROWS: usize = 8_192;
    /// ... or at this much text.
    const BYTES: usize = 8 << 20;

    pub(super) fn new(
        request: &ReadRequest<'a>,
        each: &'a mut dyn FnMut(Batch) -> Result<(), E>,
    ) -> Self {
        let width = request.wanted.len();
        let whole_rows = request.whole_rows;
        let in_path = |name: &&str| {
            let column = request.partitions.iter().find(|column| column.name == **name)?;
            Some(column.cell())
        };
        let fixed = request.wanted.iter().map(in_path).collect();
        let mut fixed_bytes = Vec::new();
        for column in request.partitions {
            append_cell(column.cell(), &mut fixed_bytes);
        }
        let batch = empty(width);
        BatchWriter { width, whole_rows, batch, bytes: 0, rows_read: 0, fixed, fixed_bytes, each }
    }

    /// Takes a row: one cell for each wanted column of the file, and the whole row as [`Batch::row_bytes`] has it.
    pub(super) fn row(&mut self, line: u64, cells: &[Cell], whole: &[u8]) -> Result<(), E> {
        let mut read = cells.iter().copied();
        for (column, fixed) in self.batch.columns.iter_mut().zip(&self.fixed) {
            let cell = fixed.or_else(|| read.next()).unwrap_or(Cell::Null);
            column.push(cell);
            if let Cell::Text(text) = cell {
                self.bytes += text.len();
            }
        }
        self.batch.lines.push(line);
        if self.whole_rows {
            self.bytes += whole.len();
            self.batch.whole.extend_from_slice(whole);
            self.batch.whole.extend_from_slice(&self.fixed_bytes);
            self.batch.whole_ends.push(self.batch.whole.len());
        }
        self.count()
    }

    /// Takes typed columns, one for each wanted column of the file, as a batch of its own: `rows` of them, the first at
    /// `line`.
    pub(super) fn columns(
        &mut self,
        line: u64,
        rows: usize,
        columns: Vec<Column>,
    ) -> Result<(), E> {
        self.flush()?;
        self.rows_read += rows as u64;
        let mut read = columns.into_iter();
        let columns = self.fixed.iter().map(|fixed| match fixed {
            Some(cell) => Column::repeated(*cell, rows),
            None => read.next().unwrap_or_default(),
        });
        let columns = columns.collect();
        (self.each)(Batch { columns, lines: (line..).take(rows).collect(), ..Batch::default() })
    }

    /// Takes a row that cannot be taken apart.
    pub(super) fn broken(&mut self, row: BrokenRow) -> Result<(), E> {
        self.batch.broken.push(row);
        self.count()
    }

    /// Hands over the rest; the number of rows taken.
    pub(super) fn finish(mut self) -> Result<u64, E> {
        self.flush()?;
        Ok(self.rows_read)
    }

    fn count(&mut self) -> Result<(), E> {
        self.rows_read += 1;
        let rows = self.batch.lines.len() + self.batch.broken.len();
        if rows >= Self::ROWS || self.bytes >= Self::BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), E> {
        let batch = std::mem::replace(&mut self.batch, empty(self.width));
        self.bytes = 0;
        if batch.lines.is_empty() && batch.broken.is_empty() {
            return Ok(());
        }
        (self.each)(batch)
    }
}

fn empty(width: usize) -> Batch {
    Batch { columns: (0..width).map(|_| Column::default()).collect(), ..Batch::default() }
}

/// Appends a cell in the form of [`Batch::row_bytes`].
pub(super) fn append_cell(cell: Cell, out: &mut Vec<u8>) {
    match cell {
        Cell::Null => out.push(0),
        Cell::Float(value) if value.is_nan() => out.push(0),
        Cell::Text(value) => append_text(value.as_bytes(), out),
        Cell::Integer(value) => append_text(value.to_string().as_bytes(), out),
        Cell::Float(value) => append_text(value.to_string().as_bytes(), out),
        Cell::Flag(value) => append_text(value.to_string().as_bytes(), out),
        Cell::Date(value) => append_text(value.to_string().as_bytes(), out),
        Cell::DateTime { micros, .. } => {
            // Beyond the years that a calendar has, the number serves as well.
            let text = jiff::Timestamp::from_microsecond(micros)
                .map_or_else(|_| micros.to_string(), |time| time.to_string());
            append_text(text.as_bytes(), out);
        }
    }
}

/// Appends a text, which need not be UTF-8, in the form of [`Batch::row_bytes`].
pub(super) fn append_text(text: &[u8], out: &mut Vec<u8>) {
    out.push(1);
    out.extend_from_slice(text);
    out.push(0);
}

#[cfg(test)]
mod tests {
    use super::super::ReadOptions;
    use super::*;

    const REQUEST: ReadRequest = ReadRequest {
        wanted: &["a"],
        whole_rows: true,
        options: &ReadOptions {
            delimiter: None,
            decimal: '.',
            date_formats: Vec::new(),
            encoding: encoding_rs::UTF_8,
            null: None,
            sheet: None,
        },
        partitions: &[],
    };

    /// Sizes (rows, broken rows) of the batches that come of `fill`, and the count of rows.
    fn sizes(
        fill: impl Fn(&mut BatchWriter<'_, ReadError>) -> Result<(), ReadError>,
    ) -> (Vec<(usize, usize)>, u64) {
        let mut sizes = Vec::new();
        let mut each = |batch: Batch| {
            sizes.push((batch.rows(), batch.broken().len()));
            Ok(())
        };
        let mut writer = BatchWriter::new(&REQUEST, &mut each);
        fill(&mut writer).unwrap();
        let rows = writer.finish().unwrap();
        (sizes, rows)
    }

    #[test]
    fn batches_are_bounded_in_rows_and_bytes() {
        let many = sizes(|writer| {
            (0..8_190).try_for_each(|line| writer.row(line, &[Cell::Integer(1)], b""))?;
            for line in 8_190..8_194 {
                writer.broken(BrokenRow { line, reason: "bad_json", detail: String::new() })?;
            }
            Ok(())
        });
        assert_eq!(many, (vec![(8_190, 2), (0, 2)], 8_194));
        let text = "x".repeat(3 << 20);
        let large =
            sizes(|writer| (0..4).try_for_each(|line| writer.row(line, &[Cell::Text(&text)], b"")));
        assert_eq!(large, (vec![(3, 0), (1, 0)], 4));
        let whole =
            sizes(|writer| (0..4).try_for_each(|line| writer.row(line, &[], text.as_bytes())));
        assert_eq!(whole, (vec![(3, 0), (1, 0)], 4));
        assert_eq!(sizes(|_| Ok(())), (vec![], 0));
    }

    #[test]
    fn a_cell_comes_back_as_it_was_put() {
        let cells = [
            Cell::Null,
            Cell::Text("ä"),
            Cell::Text(""),
            Cell::Integer(-1),
            Cell::Float(0.5),
            Cell::Flag(true),
            Cell::Date(Date::constant(2024, 2, 29)),
            Cell::DateTime { micros: -1, zoned: true },
            Cell::Text("z"),
        ];
        let mut column = Column::default();
        for cell in cells {
            column.push(cell);
        }
        column.push(Cell::Float(f64::NAN));
        let batch = Batch { columns: vec![column], ..Batch::default() };
        for (row, cell) in cells.iter().enumerate() {
            assert_eq!(batch.cell(0, row), *cell);
        }
        assert_eq!(batch.cell(0, cells.len()), Cell::Null);
    }

    #[test]
    fn whole_rows_are_the_texts_of_their_cells() {
        let check = |cell, expected: &[u8]| {
            let mut out = Vec::new();
            append_cell(cell, &mut out);
            assert_eq!(out, expected, "{cell:?}");
        };
        check(Cell::Null, b"\0");
        check(Cell::Float(f64::NAN), b"\0");
        check(Cell::Text("x"), b"\x01x\0");
        check(Cell::Integer(-7), b"\x01-7\0");
        check(Cell::Float(0.1), b"\x010.1\0");
        check(Cell::Flag(false), b"\x01false\0");
        check(Cell::Date(Date::constant(2024, 2, 29)), b"\x012024-02-29\0");
        check(Cell::DateTime { micros: 1, zoned: false }, b"\x011970-01-01T00:00:00.000001Z\0");
        check(Cell::DateTime { micros: i64::MAX, zoned: false }, b"\x019223372036854775807\0");
    }
}
