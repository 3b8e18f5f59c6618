//! NDJSON: one object per line, its keys the columns.
//!
//! The columns are the keys of all objects, each at the earliest place that it has in any of them, equals
//! by name: so the order of the rows does not show. An absent key is null, a nested value its JSON text.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::batch::{BatchWriter, append_cell};
use super::error::{ReadError, ReadProblem};
use super::{BrokenRow, Cell, ReadOptions, ReadRequest, positions};

/// Keys of all objects, see above; lines that hold no object are passed over.
pub(super) fn columns(text: Box<dyn Read + '_>, path: &Path) -> Result<Vec<String>, ReadError> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut lines = Lines::new(text, path);
    while let Some((_, bytes)) = lines.next()? {
        let Ok(Keys(keys)) = serde_json::from_slice(bytes) else { continue };
        for (place, key) in keys.into_iter().enumerate() {
            let earliest = places.entry(key).or_insert(place);
            *earliest = place.min(*earliest);
        }
    }
    if lines.is_blank() {
        return Err(ReadError::new(path, ReadProblem::Empty { expected: "one object" }));
    }
    let mut keys: Vec<(usize, String)> =
        places.into_iter().map(|(key, place)| (place, key)).collect();
    keys.sort();
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}

/// Reads all rows of a file with these columns. One without any object has broken rows alone.
pub(super) fn read<E: From<ReadError>>(
    text: Box<dyn Read + '_>,
    path: &Path,
    columns: &[String],
    request: &ReadRequest,
    writer: &mut BatchWriter<E>,
) -> Result<(), E> {
    if !columns.is_empty() {
        positions(columns, request.wanted).map_err(|problem| ReadError::new(path, problem))?;
    }
    let mut lines = Lines::new(text, path);
    let mut whole = Vec::new();
    while let Some((line, bytes)) = lines.next()? {
        let object = match object(bytes) {
            Ok(object) => object,
            Err((reason, detail)) => {
                writer.broken(BrokenRow { line, reason, detail })?;
                continue;
            }
        };
        whole.clear();
        if request.whole_rows {
            for column in columns {
                append_cell(cell(&object, column, request.options), &mut whole);
            }
        }
        let cells: Vec<Cell> =
            request.wanted.iter().map(|key| cell(&object, key, request.options)).collect();
        writer.row(line, &cells, &whole)?;
    }
    Ok(())
}

fn object(bytes: &[u8]) -> Result<Map<String, Value>, (&'static str, String)> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| ("not_utf8", format!("byte {} of the line", error.valid_up_to() + 1)))?;
    let mut object: Map<String, Value> = serde_json::from_str(text)
        .map_err(|error| ("bad_json", format!("expected an object: {error}")))?;
    for value in object.values_mut() {
        // A whole number beyond 64 bits signed, such as a large id, keeps its digits as text.
        let as_text = match &*value {
            Value::Array(_) | Value::Object(_) => true,
            Value::Number(number) => number.is_u64() && !number.is_i64(),
            _ => false,
        };
        if as_text {
            *value = Value::String(value.to_string());
        }
    }
    Ok(object)
}

fn cell<'a>(object: &'a Map<String, Value>, key: &str, options: &ReadOptions) -> Cell<'a> {
    match object.get(key) {
        Some(Value::Bool(value)) => Cell::Flag(*value),
        Some(Value::Number(number)) => match number.as_i64() {
            Some(value) => Cell::Integer(value),
            None => number.as_f64().map_or(Cell::Null, Cell::Float),
        },
        Some(Value::String(text)) if !options.is_null(text.as_bytes()) => Cell::Text(text),
        _ => Cell::Null,
    }
}

/// The lines of a text that are not blank.
struct Lines<'a> {
    path: &'a Path,
    text: BufReader<Box<dyn Read + 'a>>,
    bytes: Vec<u8>,
    line: u64,
    found: u64,
}

impl<'a> Lines<'a> {
    fn new(text: Box<dyn Read + 'a>, path: &'a Path) -> Self {
        let text = BufReader::with_capacity(1 << 16, text);
        Lines { path, text, bytes: Vec::new(), line: 0, found: 0 }
    }

    /// The next one and its number, from 1.
    fn next(&mut self) -> Result<Option<(u64, &[u8])>, ReadError> {
        loop {
            self.bytes.clear();
            let count = self
                .text
                .read_until(b'\n', &mut self.bytes)
                .map_err(|error| ReadError::io(self.path, &error))?;
            if count == 0 {
                return Ok(None);
            }
            self.line += 1;
            if !self.bytes.trim_ascii().is_empty() {
                self.found += 1;
                return Ok(Some((self.line, self.bytes.trim_ascii())));
            }
        }
    }

    /// Whether no line so far held anything.
    fn is_blank(&self) -> bool {
        self.found == 0
    }
}

/// The keys of an object; its values are checked and forgotten.
struct Keys(Vec<String>);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Keys(Vec::new()))
    }
}

impl<'de> Visitor<'de> for Keys {
    type Value = Keys;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Keys, A::Error> {
        while let Some((key, IgnoredAny)) = map.next_entry()? {
            self.0.push(key);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;

    fn read(text: &[u8], wanted: &str) -> check::Read {
        check::read("a.ndjson", text, wanted, &ReadOptions::default()).unwrap()
    }

    #[test]
    fn every_kind_of_value_has_its_cell() {
        let text = br#"{"a": "x", "b": 1, "c": 1.5, "d": true, "e": null}
{"a": "", "b": 18446744073709551615, "c": 1e2, "d": [1, {"k": "v"}]}

  {"b": {}, "e": "0042"}"#;
        let read = read(text, "a b c d e");
        let expected = [
            r#"1: "x" 1 1.5 true null"#,
            r#"2: null "18446744073709551615" 100.0 "[1,{\"k\":\"v\"}]" null"#,
            r#"4: null "{}" null null "0042""#,
        ];
        assert_eq!(read.rows, expected);
        assert_eq!(read.whole[2], b"\0\x01{}\0\x010042\0\0\0");
    }

    #[test]
    fn the_order_of_the_rows_does_not_show_in_that_of_the_columns() {
        let check = |text: &str, expected: &[&str]| {
            assert_eq!(columns(Box::new(text.as_bytes()), Path::new("a")).unwrap(), expected);
        };
        check("{\"z\": 1, \"a\": 2}\n", &["z", "a"]);
        check("{\"z\": 1, \"a\": 2}\n{\"b\": 1, \"a\": 2, \"z\": 3}\n", &["b", "z", "a"]);
        check("{\"b\": 1, \"a\": 2, \"z\": 3}\n{\"z\": 1, \"a\": 2}\n", &["b", "z", "a"]);
        check("{\"k\": 1, \"cut\n{\"a\": 2}\n", &["a"]);
    }

    #[test]
    fn a_line_without_an_object_is_a_broken_row() {
        let read = read(b"{\"a\": 1}\n[1]\n{\"a\": \n{\"a\": \"\xff\"}\n{\"a\": 2}\n", "a");
        assert_eq!(read.rows, ["1: 1", "5: 2"]);
        assert!(read.broken[0].starts_with("2: bad_json: expected an object: "), "{read:?}");
        assert!(read.broken[1].starts_with("3: bad_json: "));
        assert_eq!(read.broken[2], "4: not_utf8: byte 8 of the line");
    }

    #[test]
    fn a_file_without_any_object_has_broken_rows_alone() {
        assert_eq!(read(b"a,b\n1,2\n", "a").broken.len(), 2);
    }

    #[test]
    fn texts_declared_as_null_are_null() {
        let options = ReadOptions { null: Some(vec!["n/a".into()]), ..Default::default() };
        let read =
            check::read("a.jsonl", b"{\"a\": \"n/a\", \"b\": \"\"}\n", "a b", &options).unwrap();
        assert_eq!(read.rows, ["1: null \"\""]);
    }

    #[test]
    fn blank_files_and_missing_keys_are_refused() {
        let options = ReadOptions::default();
        let error = check::read("a.ndjson", b"\n \n", "a", &options).unwrap_err();
        assert!(matches!(error.problem, ReadProblem::Empty { .. }), "{error}");
        let error = check::read("a.ndjson", b"{\"ab\": 1}\n", "ac", &options).unwrap_err();
        assert!(error.to_string().ends_with("no column `ac`; the file has `ab`"), "{error}");
        assert_eq!(error.remedy(), "did you mean `ab`?");
    }

    #[test]
    fn deep_nesting_is_a_broken_row() {
        let text = format!("{{\"a\": {}", "[".repeat(100_000));
        let read = check::read("a.ndjson", text.as_bytes(), "", &ReadOptions::default()).unwrap();
        assert_eq!(read.broken.len(), 1);
    }
}
