//! Tables as text: CSV and newline-delimited JSON.

use std::io::{self, Write};

use serde_json::{Map, Value};

use crate::table::{CsvStyle, Table, Values};

/// Writes a table as CSV: a header, then one line per row. Empty cells are empty, dates are
/// `2024-05-31`, times `2024-05-31T14:05:00`, an infinite number is `inf`. Cells are quoted where
/// they must be.
///
/// # Errors
///
/// What the writer returns.
pub fn write_csv(table: &Table, style: CsvStyle, mut out: impl Write) -> io::Result<()> {
    if style.bom {
        out.write_all("\u{feff}".as_bytes())?;
    }
    let terminator = if style.crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
    let mut writer = csv::WriterBuilder::new()
        .delimiter(style.delimiter)
        .terminator(terminator)
        .from_writer(out);
    writer.write_record(table.columns.iter().map(|column| column.name))?;
    for row in 0..table.rows() {
        let cells = table.columns.iter().map(|column| csv_cell(&column.values, row));
        writer.write_record(cells.map(Option::unwrap_or_default))?;
    }
    writer.flush()
}

fn csv_cell(values: &Values, row: usize) -> Option<String> {
    match values {
        Values::Text(cells) => cells.get(row)?.clone(),
        Values::Integer(cells) => cells.get(row)?.map(|cell| cell.to_string()),
        Values::Decimal { values, places } => {
            values.get(row)?.map(|cell| format!("{cell:.*}", usize::from(*places)))
        }
        Values::Date(cells) => cells.get(row)?.map(|cell| cell.to_string()),
        Values::DateTime(cells) => cells.get(row)?.map(|cell| cell.to_string()),
    }
}

/// Writes a table as newline-delimited JSON: one object per row, keys in column order. Empty cells
/// are `null`, dates and times text as in CSV, an infinite number the text `inf`.
///
/// # Errors
///
/// What the writer returns.
pub fn write_ndjson(table: &Table, mut out: impl Write) -> io::Result<()> {
    for row in 0..table.rows() {
        let cells = table.columns.iter();
        let object: Map<String, Value> = cells
            .map(|column| {
                let cell = json_cell(&column.values, row).unwrap_or(Value::Null);
                (column.name.to_owned(), cell)
            })
            .collect();
        serde_json::to_writer(&mut out, &object)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

fn json_cell(values: &Values, row: usize) -> Option<Value> {
    match values {
        Values::Integer(cells) => (*cells.get(row)?).map(Value::from),
        Values::Decimal { values, .. } => {
            let number = (*values.get(row)?)?;
            Some(if number.is_finite() { number.into() } else { number.to_string().into() })
        }
        Values::Text(_) | Values::Date(_) | Values::DateTime(_) => {
            csv_cell(values, row).map(Value::from)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use jiff::civil::date;

    use super::*;
    use crate::table::{Column, Format};

    fn table() -> Table {
        let day = date(2024, 5, 31);
        let decimal = Values::Decimal { values: vec![Some(1.5), Some(f64::INFINITY)], places: 2 };
        let column = |name, values| Column { name, values };
        Table {
            name: "t",
            file_name: "t.csv",
            format: Format::Csv(CsvStyle::PLAIN),
            columns: vec![
                column("who", Values::Text(vec![Some("Okafor, \"Ada\"".into()), None])),
                column("n", Values::Integer(vec![None, Some(-3)])),
                column("x", decimal),
                column("on", Values::Date(vec![Some(day), None])),
                column("at", Values::DateTime(vec![None, Some(day.at(14, 5, 0, 0))])),
            ],
            planted: BTreeMap::new(),
        }
    }

    fn csv(style: CsvStyle) -> String {
        let mut bytes = Vec::new();
        write_csv(&table(), style, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn csv_quotes_only_where_it_must() {
        assert_eq!(
            csv(CsvStyle::PLAIN),
            "who,n,x,on,at\n\"Okafor, \"\"Ada\"\"\",,1.50,2024-05-31,\n,-3,inf,,2024-05-31T14:05:00\n"
        );
    }

    #[test]
    fn csv_follows_its_style() {
        let text = csv(CsvStyle { bom: true, crlf: true, delimiter: b';' });
        assert!(text.starts_with("\u{feff}who;n;x;on;at\r\n"), "{text}");
        assert!(text.ends_with(";-3;inf;;2024-05-31T14:05:00\r\n"), "{text}");
    }

    #[test]
    fn ndjson_keeps_types_and_order() {
        let mut bytes = Vec::new();
        write_ndjson(&table(), &mut bytes).unwrap();
        assert_eq!(
            String::from_utf8(bytes).unwrap(),
            "{\"who\":\"Okafor, \\\"Ada\\\"\",\"n\":null,\"x\":1.5,\"on\":\"2024-05-31\",\"at\":null}\n\
             {\"who\":null,\"n\":-3,\"x\":\"inf\",\"on\":null,\"at\":\"2024-05-31T14:05:00\"}\n"
        );
    }
}
