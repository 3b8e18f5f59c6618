//! The history in files.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, Date32Array, Decimal128Array, DictionaryArray, Float64Array, Int32Array, RecordBatch,
    StringArray, TimestampNanosecondArray, types::Int16Type,
};
use arrow_ipc::writer::{FileWriter, IpcWriteOptions, StreamWriter};
use jiff::civil::date;
use jiff::tz::{Offset, TimeZone};
use polars::prelude::{
    Column, DataFrame, DataType, IntoColumn, NamedFrom, ParquetWriter, PlSmallStr, Series, TimeUnit,
};

use super::history::{Table, Type, Value, accounts, events};
use crate::cli_project::Project;

/// Each table by what `text` makes of it.
fn write(project: &Project, extension: &str, text: impl Fn(&Table) -> Vec<u8>) {
    for table in [accounts(), events()] {
        let path = project.path(&format!("{}.{extension}", table.name));
        fs::write(path, text(&table)).unwrap();
    }
}

fn quoted(field: &str, delimiter: char) -> String {
    if field.contains([delimiter, '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

/// Delimited text, lines ended by `end`.
fn delimited(table: &Table, sign: char, end: &str, text: impl Fn(&Value) -> String) -> String {
    let line = |fields: Vec<String>| {
        let fields: Vec<String> = fields.iter().map(|field| quoted(field, sign)).collect();
        fields.join(&sign.to_string()) + end
    };
    let header = table.columns.iter().map(|(name, _)| (*name).to_owned()).collect();
    let rows = table.rows.iter().map(|row| line(row.iter().map(&text).collect()));
    std::iter::once(line(header)).chain(rows).collect()
}

pub(super) fn csv(project: &Project) {
    write(project, "csv", |table| delimited(table, ',', "\n", Value::text).into_bytes());
}

pub(super) fn gzip(project: &Project) {
    write(project, "csv.gz", |table| {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(delimited(table, ',', "\n", Value::text).as_bytes()).unwrap();
        packed.finish().unwrap()
    });
}

pub(super) fn tsv(project: &Project) {
    write(project, "tsv", |table| {
        let reversed: Vec<_> = table.rows.iter().rev().cloned().collect();
        let table = Table { rows: reversed, ..*table };
        let text = delimited(&table, '\t', "\n", Value::text);
        format!("\u{feff}{text}").into_bytes()
    });
}

/// As a German spreadsheet exports it; not the line breaks within a text, which stay as they are.
pub(super) fn german(project: &Project) {
    write(project, "csv", |table| {
        let text = delimited(table, ';', "\r\n", |value| match value {
            Value::Null => "n/a".to_owned(),
            Value::Amount(hundredths) if *hundredths >= 100_000 => {
                let (thousands, rest) = (hundredths / 100_000, hundredths % 100_000);
                format!("{thousands}.{:03},{:02}", rest / 100, rest % 100)
            }
            Value::Amount(hundredths) => format!("{},{:02}", hundredths / 100, hundredths % 100),
            Value::Day(day) => day.strftime("%d.%m.%Y").to_string(),
            Value::Time(time) => time.strftime("%d.%m.%Y %H:%M:%S").to_string(),
            other => other.text(),
        });
        encoding_rs::WINDOWS_1252.encode(&text).0.into_owned()
    });
}

/// The same instants, told in another zone by each row.
pub(super) fn zones(project: &Project) {
    write(project, "csv", |table| {
        let text = |value: &Value| match value {
            Value::Time(time) => {
                let offset = Offset::constant((time.second() % 5) - 2);
                let instant = TimeZone::UTC.to_timestamp(*time).unwrap();
                let local = offset.to_datetime(instant);
                match offset.seconds() / 3600 {
                    0 => format!("{local}Z"),
                    hours => format!("{local}{hours:+03}:00"),
                }
            }
            other => other.text(),
        };
        delimited(table, ',', "\n", text).into_bytes()
    });
}

fn json_lines(table: &Table) -> Vec<u8> {
    let mut lines = Vec::new();
    for row in &table.rows {
        let object: serde_json::Map<String, serde_json::Value> = table
            .columns
            .iter()
            .zip(row)
            .map(|((name, _), value)| {
                let value = match value {
                    Value::Null => serde_json::Value::Null,
                    Value::Integer(number) => (*number).into(),
                    Value::Amount(_) => value.number().unwrap().into(),
                    other => other.text().into(),
                };
                ((*name).to_owned(), value)
            })
            .collect();
        serde_json::to_writer(&mut lines, &object).unwrap();
        lines.push(b'\n');
    }
    lines
}

pub(super) fn ndjson(project: &Project) {
    write(project, "jsonl", json_lines);
}

pub(super) fn zstd(project: &Project) {
    write(project, "ndjson.zst", |table| zstd::encode_all(&json_lines(table)[..], 1).unwrap());
}

/// Days since 1970-01-01.
fn days(value: &Value) -> Option<i32> {
    let Value::Day(day) = value else { return None };
    Some(date(1970, 1, 1).until(*day).unwrap().get_days())
}

/// Microseconds since 1970-01-01.
fn micros(value: &Value) -> Option<i64> {
    let Value::Time(time) = value else { return None };
    Some(TimeZone::UTC.to_timestamp(*time).unwrap().as_microsecond())
}

fn text(value: &Value) -> Option<String> {
    let Value::Text(text) = value else { return None };
    Some(text.clone())
}

pub(super) fn parquet(project: &Project) {
    write(project, "parquet", parquet_bytes);
}

fn parquet_bytes(table: &Table) -> Vec<u8> {
    let column = |(at, (name, kind)): (usize, &(&str, Type))| -> Column {
        let name = PlSmallStr::from_str(name);
        let values = || table.rows.iter().map(|row| &row[at]);
        let series = match kind {
            Type::Text => Series::new(name, values().map(text).collect::<Vec<_>>()),
            Type::Integer | Type::Amount => {
                Series::new(name, values().map(Value::number).collect::<Vec<_>>())
            }
            Type::Day => {
                let days = Series::new(name, values().map(days).collect::<Vec<_>>());
                days.cast(&DataType::Date).unwrap()
            }
            Type::Time => {
                let micros = Series::new(name, values().map(micros).collect::<Vec<_>>());
                micros.cast(&DataType::Datetime(TimeUnit::Microseconds, None)).unwrap()
            }
        };
        series.into_column()
    };
    let columns = table.columns.iter().enumerate().map(column).collect();
    let mut frame = DataFrame::new_infer_height(columns).unwrap();
    let mut bytes = Vec::new();
    let writer = ParquetWriter::new(&mut bytes).with_row_group_size(Some(99));
    writer.finish(&mut frame).unwrap();
    bytes
}

/// Batches of a hundred rows: dictionaries, decimals and times in nanoseconds among their types.
fn batches(table: &Table) -> Vec<RecordBatch> {
    let columns = table.columns.iter().enumerate().map(|(at, (name, kind))| {
        let values = table.rows.iter().map(|row| &row[at]).collect::<Vec<_>>();
        (*name, array(name, *kind, &values), true)
    });
    let whole = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let rows = whole.num_rows();
    (0..rows).step_by(100).map(|first| whole.slice(first, 100.min(rows - first))).collect()
}

fn array(name: &str, kind: Type, values: &[&Value]) -> ArrayRef {
    let values = values.iter().copied();
    match kind {
        Type::Text if name == "kind" => {
            let texts: Vec<Option<String>> = values.map(text).collect();
            let words = texts.iter().map(Option::as_deref);
            Arc::new(words.collect::<DictionaryArray<Int16Type>>())
        }
        Type::Text => Arc::new(values.map(text).collect::<StringArray>()),
        Type::Integer => {
            let whole = |value: &Value| match value {
                Value::Integer(number) => i32::try_from(*number).ok(),
                _ => None,
            };
            Arc::new(values.map(whole).collect::<Int32Array>())
        }
        Type::Amount if name == "arr" => {
            Arc::new(values.map(Value::number).collect::<Float64Array>())
        }
        Type::Amount => {
            let hundredths = |value: &Value| match value {
                Value::Amount(hundredths) => Some(i128::from(*hundredths)),
                _ => None,
            };
            let decimals: Decimal128Array = values.map(hundredths).collect();
            Arc::new(decimals.with_precision_and_scale(9, 2).unwrap())
        }
        Type::Day => Arc::new(values.map(days).collect::<Date32Array>()),
        Type::Time => {
            let nanos = |value| micros(value).map(|micros| micros * 1_000);
            let times: TimestampNanosecondArray = values.map(nanos).collect();
            Arc::new(times.with_timezone("UTC"))
        }
    }
}

pub(super) fn arrow_file(project: &Project) {
    write(project, "arrow", |table| {
        let batches = batches(table);
        let options = IpcWriteOptions::default()
            .try_with_compression(Some(arrow_ipc::CompressionType::ZSTD))
            .unwrap();
        let mut bytes = Vec::new();
        let mut writer =
            FileWriter::try_new_with_options(&mut bytes, &batches[0].schema(), options).unwrap();
        for batch in &batches {
            writer.write(batch).unwrap();
        }
        writer.finish().unwrap();
        drop(writer);
        bytes
    });
}

pub(super) fn arrow_stream(project: &Project) {
    write(project, "arrows", |table| {
        let batches = batches(table);
        let mut bytes = Vec::new();
        let mut writer = StreamWriter::try_new(&mut bytes, &batches[0].schema()).unwrap();
        for batch in &batches {
            writer.write(batch).unwrap();
        }
        writer.finish().unwrap();
        drop(writer);
        bytes
    });
}

/// A folder per kind of event, whose file does not hold it.
pub(super) fn partitions(project: &Project) {
    csv(project);
    let mut folders: BTreeMap<String, Vec<Vec<Value>>> = BTreeMap::new();
    for mut row in events().rows {
        let kind = row.remove(2).text();
        let sign = |byte: u8| match byte {
            b'a'..=b'z' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        };
        let kind: Vec<String> = kind.bytes().map(sign).collect();
        folders.entry(kind.concat()).or_default().push(row);
    }
    let columns = &[
        ("account_id", Type::Text),
        ("at", Type::Time),
        ("minutes", Type::Amount),
        ("seats", Type::Integer),
    ];
    for (kind, rows) in folders {
        let folder = project.path(&format!("events/kind={kind}"));
        fs::create_dir_all(&folder).unwrap();
        let bytes = parquet_bytes(&Table { name: "events", columns, rows });
        fs::write(folder.join("part.parquet"), bytes).unwrap();
    }
}

/// One workbook with a sheet per table: texts shared and inline, days and times as serial numbers, a
/// blank line above the header and one below the last row.
pub(super) fn workbook(project: &Project) {
    let mut shared = Vec::new();
    let sheets = [accounts(), events()].map(|table| sheet(&table, &mut shared));
    let text = |text: &String| format!("<si><t xml:space=\"preserve\">{}</t></si>", xml(text));
    let texts = shared.iter().map(text).collect::<Vec<_>>().concat();
    let root = "http://schemas.openxmlformats.org";
    let main = format!("{root}/spreadsheetml/2006/main");
    let of = format!("{root}/officeDocument/2006/relationships");
    let related = |list: &[(&str, &str, &str)]| -> String {
        let one = |(id, kind, target): &(&str, &str, &str)| {
            format!("<Relationship Id=\"{id}\" Type=\"{of}/{kind}\" Target=\"{target}\"/>")
        };
        format!("<Relationships>{}</Relationships>", list.iter().map(one).collect::<String>())
    };
    let parts = [
        ("_rels/.rels", related(&[("r1", "officeDocument", "xl/workbook.xml")])),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{main}\" xmlns:r=\"{of}\"><sheets>\
                 <sheet name=\"Accounts\" sheetId=\"1\" r:id=\"a\"/>\
                 <sheet name=\"Events &amp; more\" sheetId=\"2\" r:id=\"b\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            related(&[
                ("b", "worksheet", "worksheets/two.xml"),
                ("a", "worksheet", "/xl/worksheets/one.xml"),
                ("s", "styles", "styles.xml"),
                ("t", "sharedStrings", "sharedStrings.xml"),
            ]),
        ),
        (
            "xl/styles.xml",
            "<styleSheet><numFmts><numFmt numFmtId=\"170\" formatCode=\"yyyy-mm-dd hh:mm:ss\"/>\
             </numFmts><cellStyleXfs><xf numFmtId=\"170\"/></cellStyleXfs><cellXfs>\
             <xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"170\"/></cellXfs></styleSheet>"
                .to_owned(),
        ),
        ("xl/sharedStrings.xml", format!("<sst xmlns=\"{main}\">{texts}</sst>")),
        ("xl/worksheets/one.xml", sheets[0].clone()),
        ("xl/worksheets/two.xml", sheets[1].clone()),
    ];
    fs::write(project.path("history.xlsx"), zipped(&parts)).unwrap();
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('é', "&#233;")
}

fn sheet(table: &Table, shared: &mut Vec<String>) -> String {
    let mut rows = vec!["<row r=\"1\"><c r=\"A1\"/></row>".to_owned()];
    let header = table.columns.iter().map(|(name, _)| Value::Text((*name).to_owned())).collect();
    for (at, row) in std::iter::once(&header).chain(&table.rows).enumerate() {
        let line = at + 2;
        let cells = row.iter().zip('B'..).map(|(value, letter)| {
            let place = format!("r=\"{letter}{line}\"");
            match value {
                Value::Null if line % 2 == 0 => String::new(),
                Value::Null => format!("<c {place} s=\"1\"/>"),
                Value::Text(text) if line % 3 == 0 => {
                    format!("<c {place} t=\"inlineStr\"><is><t>{}</t></is></c>", xml(text))
                }
                Value::Text(text) => {
                    let number = number_of(text, shared);
                    format!("<c {place} t=\"s\"><v>{number}</v></c>")
                }
                Value::Integer(_) | Value::Amount(_) => {
                    format!("<c {place}><f>1+1</f><v>{}</v></c>", value.text())
                }
                Value::Day(day) => format!("<c {place} s=\"1\"><v>{}</v></c>", serial(*day)),
                Value::Time(time) => {
                    let seconds = time.date().at(0, 0, 0, 0).until(*time).unwrap();
                    let seconds = seconds.total(jiff::Unit::Second).unwrap();
                    let number = f64::from(serial(time.date())) + seconds / 86_400.0;
                    format!("<c {place} s=\"2\"><v>{number}</v></c>")
                }
            }
        });
        rows.push(format!("<row r=\"{line}\">{}</row>", cells.collect::<String>()));
    }
    rows.push("<row><c s=\"1\"/></row>".to_owned());
    format!("<worksheet><sheetData>{}</sheetData></worksheet>", rows.concat())
}

/// Number of a shared text, added if it is new.
fn number_of(text: &str, shared: &mut Vec<String>) -> usize {
    if let Some(known) = shared.iter().position(|known| known == text) {
        return known;
    }
    shared.push(text.to_owned());
    shared.len() - 1
}

/// Days as Excel counts them.
fn serial(day: jiff::civil::Date) -> i32 {
    date(1899, 12, 30).until(day).unwrap().get_days()
}

/// A zip archive of these parts.
fn zipped(parts: &[(&str, String)]) -> Vec<u8> {
    let mut archive = rawzip::ZipArchiveWriter::new(Vec::new());
    for (name, text) in parts {
        let (mut entry, config) = archive
            .new_file(name)
            .compression_method(rawzip::CompressionMethod::DEFLATE)
            .start()
            .unwrap();
        let packed = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::fast());
        let mut writer = config.wrap(packed);
        writer.write_all(text.as_bytes()).unwrap();
        let (packed, descriptor) = writer.finish().unwrap();
        packed.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap()
}
