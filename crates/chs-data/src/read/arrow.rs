//! Arrow's record batches, of a file or of a database, as rows of cells.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type,
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Schema, TimeUnit};
use jiff::Span;
use jiff::civil::Date;

use super::batch::{BatchWriter, append_cell};
use super::error::{ReadError, ReadProblem};
use super::{Cell, ReadOptions, ReadRequest, positions};

/// Milliseconds of a day.
const DAY_MILLIS: i64 = 86_400_000;

/// Which columns are read, and where the wanted ones are among them.
pub(super) struct Columns {
    /// Positions in the schema, in its order.
    read: Vec<usize>,
    /// Positions in `read`, in the order wanted.
    wanted: Vec<usize>,
    whole_rows: bool,
}

/// A row on its way: its number, the wanted cells, and all of them as [`super::Batch::row_bytes`] has it.
pub(super) struct Row<'r> {
    pub(super) line: u64,
    pub(super) cells: &'r [Cell<'r>],
    pub(super) whole: &'r [u8],
}

impl Columns {
    /// The wanted columns and, for whole rows, all others that have cells.
    pub(super) fn new(schema: &Schema, request: &ReadRequest) -> Result<Columns, ReadProblem> {
        let wanted = positions(&names(schema), request.wanted)?;
        if let Some(field) =
            wanted.iter().map(|at| schema.field(*at)).find(|field| !has_cells(field.data_type()))
        {
            let kind = format!("{:?}", field.data_type());
            // Its name alone: what it is made of would bury the message.
            let kind = kind.split(['(', ' ']).next().unwrap_or(&kind).to_owned();
            return Err(ReadProblem::UnsupportedType { column: field.name().clone(), kind });
        }
        let whole_rows = request.whole_rows;
        let is_read = |at: &usize| {
            wanted.contains(at) || (whole_rows && has_cells(schema.field(*at).data_type()))
        };
        let read: Vec<usize> = (0..schema.fields().len()).filter(is_read).collect();
        let place = |at: &usize| read.iter().position(|column| column == at);
        let wanted = wanted.iter().filter_map(place).collect();
        Ok(Columns { read, wanted, whole_rows })
    }

    /// Hands over the rows of a batch, the first of which is the `first` of all, from 1.
    pub(super) fn rows<E: From<ReadError>>(
        &self,
        batch: &RecordBatch,
        first: u64,
        options: &ReadOptions,
        each: &mut dyn FnMut(Row) -> Result<(), E>,
    ) -> Result<Result<(), E>, ArrowError> {
        let columns: Result<Vec<ArrayRef>, ArrowError> =
            self.read.iter().map(|at| plain(batch.column(*at))).collect();
        let columns = columns?;
        let mut texts = vec![String::new(); columns.len()];
        let mut whole = Vec::new();
        for (row, line) in (0..batch.num_rows()).zip(first..) {
            let cells: Vec<Cell> = columns
                .iter()
                .zip(&mut texts)
                .map(|(column, text)| cell(column, row, text, options))
                .collect();
            whole.clear();
            let compared: &[Cell] = if self.whole_rows { &cells } else { &[] };
            for cell in compared {
                append_cell(*cell, &mut whole);
            }
            let wanted: Vec<Cell> = self.wanted.iter().map(|at| cells[*at]).collect();
            if let Err(error) = each(Row { line, cells: &wanted, whole: &whole }) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }
}

/// Hands a row on as it is.
pub(super) fn to_writer<'w, E: From<ReadError>>(
    writer: &'w mut BatchWriter<'_, E>,
) -> impl FnMut(Row) -> Result<(), E> + 'w {
    |row| writer.row(row.line, row.cells, row.whole)
}

/// Names of the columns.
pub(super) fn names(schema: &Schema) -> Vec<String> {
    schema.fields().iter().map(|field| field.name().clone()).collect()
}

/// Bytes of a UUID, the only ones that are read: as text.
const UUID: i32 = 16;

fn has_cells(kind: &DataType) -> bool {
    match kind {
        DataType::Null
        | DataType::Boolean
        | DataType::Date32
        | DataType::Date64
        | DataType::Timestamp(..)
        | DataType::Utf8
        | DataType::LargeUtf8
        | DataType::Utf8View
        | DataType::FixedSizeBinary(UUID) => true,
        DataType::Dictionary(_, values) => has_cells(values),
        other => other.is_numeric(),
    }
}

/// A dictionary written out; any other column as it is.
fn plain(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    match column.as_any_dictionary_opt() {
        Some(words) => plain(&arrow_select::take::take(words.values(), words.keys(), None)?),
        None => Ok(column.clone()),
    }
}

/// The cell of a row; one that has to be written as text is written to `text`.
fn cell<'a>(
    column: &'a ArrayRef,
    row: usize,
    text: &'a mut String,
    options: &ReadOptions,
) -> Cell<'a> {
    if column.is_null(row) {
        return Cell::Null;
    }
    let written = match column.data_type() {
        DataType::Boolean => return Cell::Flag(column.as_boolean().value(row)),
        DataType::Int8 => {
            return Cell::Integer(column.as_primitive::<Int8Type>().value(row).into());
        }
        DataType::Int16 => {
            return Cell::Integer(column.as_primitive::<Int16Type>().value(row).into());
        }
        DataType::Int32 => {
            return Cell::Integer(column.as_primitive::<Int32Type>().value(row).into());
        }
        DataType::Int64 => return Cell::Integer(column.as_primitive::<Int64Type>().value(row)),
        DataType::UInt8 => {
            return Cell::Integer(column.as_primitive::<UInt8Type>().value(row).into());
        }
        DataType::UInt16 => {
            return Cell::Integer(column.as_primitive::<UInt16Type>().value(row).into());
        }
        DataType::UInt32 => {
            return Cell::Integer(column.as_primitive::<UInt32Type>().value(row).into());
        }
        DataType::UInt64 => {
            let value = column.as_primitive::<UInt64Type>().value(row);
            match i64::try_from(value) {
                Ok(value) => return Cell::Integer(value),
                Err(_) => value.to_string(),
            }
        }
        DataType::Float16 => {
            return Cell::Float(column.as_primitive::<Float16Type>().value(row).to_f64());
        }
        DataType::Float32 => {
            return Cell::Float(column.as_primitive::<Float32Type>().value(row).into());
        }
        DataType::Float64 => return Cell::Float(column.as_primitive::<Float64Type>().value(row)),
        DataType::Decimal32(..) => column.as_primitive::<Decimal32Type>().value_as_string(row),
        DataType::Decimal64(..) => column.as_primitive::<Decimal64Type>().value_as_string(row),
        DataType::Decimal128(..) => column.as_primitive::<Decimal128Type>().value_as_string(row),
        DataType::Decimal256(..) => column.as_primitive::<Decimal256Type>().value_as_string(row),
        DataType::Utf8 => return text_cell(column.as_string::<i32>().value(row), options),
        DataType::LargeUtf8 => return text_cell(column.as_string::<i64>().value(row), options),
        DataType::Utf8View => return text_cell(column.as_string_view().value(row), options),
        DataType::FixedSizeBinary(UUID) => uuid(column.as_fixed_size_binary().value(row)),
        _ => return time(column, row, text),
    };
    *text = written;
    text_cell(text, options)
}

fn text_cell<'a>(text: &'a str, options: &ReadOptions) -> Cell<'a> {
    if options.is_null(text.as_bytes()) { Cell::Null } else { Cell::Text(text) }
}

/// Days and times; one that no calendar has is written to `text`.
fn time<'a>(column: &'a ArrayRef, row: usize, text: &'a mut String) -> Cell<'a> {
    let day = match column.data_type() {
        DataType::Date32 => column.as_primitive::<Date32Type>().value(row),
        DataType::Date64 => {
            let days = column.as_primitive::<Date64Type>().value(row).div_euclid(DAY_MILLIS);
            i32::try_from(days).unwrap_or(i32::MAX)
        }
        DataType::Timestamp(unit, zone) => {
            let value = match unit {
                TimeUnit::Second => column.as_primitive::<TimestampSecondType>().value(row),
                TimeUnit::Millisecond => {
                    column.as_primitive::<TimestampMillisecondType>().value(row)
                }
                TimeUnit::Microsecond => {
                    column.as_primitive::<TimestampMicrosecondType>().value(row)
                }
                TimeUnit::Nanosecond => column.as_primitive::<TimestampNanosecondType>().value(row),
            };
            let zoned = zone.as_ref().is_some_and(|zone| !zone.is_empty());
            if let Some(micros) = micros(value, *unit) {
                return Cell::DateTime { micros, zoned };
            }
            *text = format!("{value} {unit:?}s after 1970-01-01");
            return Cell::Text(text);
        }
        _ => return Cell::Null,
    };
    if let Some(date) = date(day) {
        return Cell::Date(date);
    }
    *text = format!("{day} days after 1970-01-01");
    Cell::Text(text)
}

/// The day so many days after 1970-01-01.
pub(super) fn date(days: i32) -> Option<Date> {
    Date::constant(1970, 1, 1).checked_add(Span::new().try_days(days).ok()?).ok()
}

fn micros(value: i64, unit: TimeUnit) -> Option<i64> {
    match unit {
        TimeUnit::Second => value.checked_mul(1_000_000),
        TimeUnit::Millisecond => value.checked_mul(1_000),
        TimeUnit::Microsecond => Some(value),
        TimeUnit::Nanosecond => Some(value.div_euclid(1_000)),
    }
}

fn uuid(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(36);
    for (place, byte) in bytes.iter().enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let digits = [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16));
        text.extend(digits.into_iter().flatten());
    }
    text
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{
        BooleanArray, Date32Array, Date64Array, Decimal32Array, DictionaryArray,
        FixedSizeBinaryArray, Float32Array, Int8Array, LargeStringArray, ListArray, NullArray,
        StringArray, StringViewArray, TimestampMillisecondArray, TimestampNanosecondArray,
        TimestampSecondArray, UInt64Array,
    };

    use super::*;

    /// The cells of one column, and its whole rows.
    fn cells(column: ArrayRef, null: Option<&str>) -> Vec<String> {
        let null = null.map(|text| vec![text.to_owned()]);
        let options = ReadOptions { null, ..ReadOptions::default() };
        let batch = RecordBatch::try_from_iter_with_nullable([("a", column, true)]).unwrap();
        let request =
            ReadRequest { wanted: &["a"], whole_rows: true, options: &options, partitions: &[] };
        let columns = Columns::new(&batch.schema(), &request).unwrap();
        let mut found = Vec::new();
        let mut each = |row: Row| {
            let mut again = Vec::new();
            append_cell(row.cells[0], &mut again);
            assert_eq!(again, row.whole);
            found.push(format!("{}: {:?}", row.line, row.cells[0]));
            Ok::<(), ReadError>(())
        };
        columns.rows(&batch, 5, &options, &mut each).unwrap().unwrap();
        found
    }

    #[test]
    fn every_type_that_has_cells_has_the_right_one() {
        let check = |column: ArrayRef, expected: &str| {
            assert_eq!(cells(column, None), [format!("5: {expected}")]);
        };
        check(Arc::new(NullArray::new(1)), "Null");
        check(Arc::new(BooleanArray::from(vec![true])), "Flag(true)");
        check(Arc::new(Int8Array::from(vec![-1])), "Integer(-1)");
        check(Arc::new(UInt64Array::from(vec![7])), "Integer(7)");
        check(Arc::new(UInt64Array::from(vec![u64::MAX])), "Text(\"18446744073709551615\")");
        check(Arc::new(Float32Array::from(vec![0.25])), "Float(0.25)");
        check(Arc::new(LargeStringArray::from(vec!["ä"])), "Text(\"ä\")");
        check(
            Arc::new(StringViewArray::from(vec!["long enough to be out of line"])),
            "Text(\"long enough to be out of line\")",
        );
        check(Arc::new(Date32Array::from(vec![19_782])), "Date(2024-02-29)");
        check(
            Arc::new(Date32Array::from(vec![i32::MAX])),
            "Text(\"2147483647 days after 1970-01-01\")",
        );
        check(Arc::new(Date64Array::from(vec![-1])), "Date(1969-12-31)");
        let decimal = Decimal32Array::from(vec![-5]).with_precision_and_scale(5, 2).unwrap();
        check(Arc::new(decimal), "Text(\"-0.05\")");
        let bytes: Vec<u8> = (0..16).collect();
        let uuid = FixedSizeBinaryArray::try_from_iter([bytes].into_iter()).unwrap();
        check(Arc::new(uuid), "Text(\"00010203-0405-0607-0809-0a0b0c0d0e0f\")");
        let time =
            |micros: i64, zoned: bool| format!("DateTime {{ micros: {micros}, zoned: {zoned} }}");
        check(Arc::new(TimestampSecondArray::from(vec![-1])), &time(-1_000_000, false));
        check(
            Arc::new(TimestampMillisecondArray::from(vec![2]).with_timezone("")),
            &time(2_000, false),
        );
        check(
            Arc::new(TimestampNanosecondArray::from(vec![-1]).with_timezone("UTC")),
            &time(-1, true),
        );
        check(
            Arc::new(TimestampSecondArray::from(vec![i64::MAX])),
            "Text(\"9223372036854775807 Seconds after 1970-01-01\")",
        );
    }

    #[test]
    fn nulls_are_null_in_dictionaries_and_by_declaration_too() {
        let words: DictionaryArray<Int8Type> =
            [Some("x"), None, Some("n/a"), Some("x")].into_iter().collect();
        let expected = ["5: Text(\"x\")", "6: Null", "7: Null", "8: Text(\"x\")"];
        assert_eq!(cells(Arc::new(words), Some("n/a")), expected);
        assert_eq!(
            cells(Arc::new(StringArray::from(vec!["", "x"])), None),
            ["5: Null", "6: Text(\"x\")"]
        );
    }

    #[test]
    fn a_type_without_cells_is_refused_only_if_wanted() {
        let list = ListArray::from_iter_primitive::<Int8Type, _, _>([Some([Some(1)])]);
        let batch = RecordBatch::try_from_iter([
            ("l", Arc::new(list) as ArrayRef),
            ("a", Arc::new(Int8Array::from(vec![1]))),
        ])
        .unwrap();
        let options = ReadOptions::default();
        let columns = |wanted| {
            let request =
                ReadRequest { wanted, whole_rows: true, options: &options, partitions: &[] };
            Columns::new(&batch.schema(), &request)
        };
        assert_eq!(columns(&["a"]).unwrap().read, [1]);
        let problem = columns(&["a", "l"]).err().unwrap();
        assert!(problem.to_string().starts_with("column `l` has the type List, "), "{problem}");
        let problem = columns(&["b"]).err().unwrap();
        assert!(matches!(problem, ReadProblem::MissingColumn { .. }), "{problem}");
    }
}
