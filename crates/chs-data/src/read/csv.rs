//! CSV and TSV: delimiter, header, rows.

use std::io::{Cursor, Read};
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder, Terminator};

use super::batch::{BatchWriter, append_text};
use super::error::{ReadError, ReadProblem};
use super::format::Kind;
use super::stream::head_of;
use super::{BrokenRow, Cell, ReadOptions, ReadRequest, positions};

/// Delimiters that are guessed, the likeliest first.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How far into the file its header line is looked for.
const HEAD_BYTES: u64 = 1 << 20;

/// A row put after the last one of the file. An open quote would swallow it: so it shows one.
const END: &[u8] = b"\x01end of file\x01";

/// Names of the columns, trimmed.
pub(super) fn columns(
    text: Box<dyn Read + '_>,
    path: &Path,
    kind: Kind,
    options: &ReadOptions,
) -> Result<Vec<String>, ReadError> {
    Ok(Table::open(text, path, kind, options)?.columns)
}

/// Reads all rows.
pub(super) fn read<E: From<ReadError>>(
    text: Box<dyn Read + '_>,
    path: &Path,
    kind: Kind,
    request: &ReadRequest,
    writer: &mut BatchWriter<E>,
) -> Result<(), E> {
    let mut table = Table::open(text, path, kind, request.options)?;
    let wanted = table.positions(request.wanted)?;
    let width = table.columns.len();
    let mut record = ByteRecord::new();
    let mut whole = Vec::new();
    while let Some(line) = table.next(&mut record)? {
        if record.len() != width {
            let detail = format!("{} fields, the header has {width}", record.len());
            writer.broken(BrokenRow { line, reason: "wrong_number_of_fields", detail })?;
            continue;
        }
        whole.clear();
        if request.whole_rows {
            append_record(&record, request.options, &mut whole);
        }
        let cells: Result<Vec<Cell>, usize> = wanted
            .iter()
            .map(|&field| cell(&record[field], request.options).ok_or(field))
            .collect();
        match cells {
            Ok(cells) => writer.row(line, &cells, &whole)?,
            Err(field) => {
                let detail = format!(
                    "column `{}` is not valid {}",
                    table.columns[field],
                    request.options.encoding.name()
                );
                writer.broken(BrokenRow { line, reason: "not_utf8", detail })?;
            }
        }
    }
    Ok(())
}

/// None where the text is not valid: bytes that are no UTF-8, or that decoding had to replace.
fn cell<'a>(field: &'a [u8], options: &ReadOptions) -> Option<Cell<'a>> {
    if options.is_null(field) {
        return Some(Cell::Null);
    }
    let text = std::str::from_utf8(field).ok()?;
    let replaced = options.encoding != encoding_rs::UTF_8 && text.contains('\u{fffd}');
    (!replaced).then_some(Cell::Text(text))
}

fn append_record(record: &ByteRecord, options: &ReadOptions, whole: &mut Vec<u8>) {
    for field in record {
        if options.is_null(field) { whole.push(0) } else { append_text(field, whole) }
    }
}

/// A file behind its header.
struct Table<'a> {
    path: &'a Path,
    rows: csv::Reader<Box<dyn Read + 'a>>,
    columns: Vec<String>,
    header_line: Vec<u8>,
    delimiter: u8,
    last_field: Vec<u8>,
}

impl<'a> Table<'a> {
    fn open(
        mut text: Box<dyn Read + 'a>,
        path: &'a Path,
        kind: Kind,
        options: &ReadOptions,
    ) -> Result<Table<'a>, ReadError> {
        let head = head_of(&mut text, HEAD_BYTES).map_err(|error| ReadError::io(path, &error))?;
        let header_line = first_line(&head).to_vec();
        let delimiter = delimiter(kind, options, &header_line)
            .map_err(|problem| ReadError::new(path, problem))?;
        let end = Cursor::new([b"\n", END].concat());
        let text: Box<dyn Read> = Box::new(Cursor::new(head).chain(text).chain(end));
        // Rows end at the line feed alone, so that lines are counted right; `next` takes a carriage
        // return before it off.
        let rows = builder(delimiter).terminator(Terminator::Any(b'\n')).from_reader(text);
        let mut table =
            Table { path, rows, columns: Vec::new(), header_line, delimiter, last_field: vec![] };
        let mut header = ByteRecord::new();
        if table.next(&mut header)?.is_none() {
            return Err(ReadError::new(path, ReadProblem::Empty { expected: "a header line" }));
        }
        table.columns = names(&header);
        Ok(table)
    }

    /// The next row that is not blank and the line it starts on; `None` after the last.
    fn next(&mut self, record: &mut ByteRecord) -> Result<Option<u64>, ReadError> {
        loop {
            let more = self.rows.read_byte_record(record).map_err(|error| match error.kind() {
                csv::ErrorKind::Io(error) => ReadError::io(self.path, error),
                _ => {
                    ReadError::new(self.path, ReadProblem::Unreadable { detail: error.to_string() })
                }
            })?;
            if !more || (record.len() == 1 && &record[0] == END) {
                return Ok(None);
            }
            let breaks = record.as_slice().split(|byte| *byte == b'\n').count() as u64 - 1;
            let line = self.rows.position().line() - breaks;
            if record.as_slice().ends_with(END) {
                return Err(ReadError::new(self.path, ReadProblem::UnclosedQuote { line }));
            }
            let blank = record.len() == 1 && &record[0] == b"\r";
            if !blank {
                self.strip_carriage_return(record);
                // The line feed that ends the row has been counted.
                return Ok(Some(line - 1));
            }
        }
    }

    fn strip_carriage_return(&mut self, record: &mut ByteRecord) {
        let last = record.len().saturating_sub(1);
        let Some(stripped) = record.get(last).and_then(|field| field.strip_suffix(b"\r")) else {
            return;
        };
        self.last_field.clear();
        self.last_field.extend_from_slice(stripped);
        record.truncate(last);
        record.push_field(&self.last_field);
    }

    fn positions(&self, wanted: &[&str]) -> Result<Vec<usize>, ReadError> {
        positions(&self.columns, wanted).map_err(|mut problem| {
            if let ReadProblem::MissingColumn { column, hint, .. } = &mut problem {
                *hint = self.hint(column);
            }
            ReadError::new(self.path, problem)
        })
    }

    /// Why a column may be missing, if not for a misspelt name: another delimiter, another encoding.
    fn hint(&self, missing: &str) -> Option<String> {
        let others = DELIMITERS.into_iter().filter(|other| *other != self.delimiter);
        let fitting = others.max_by_key(|other| {
            let fields = fields(&self.header_line, *other);
            // Ties go to the likelier delimiter.
            let rank = DELIMITERS.len() - DELIMITERS.iter().position(|d| d == other).unwrap_or(0);
            (fields.iter().any(|field| field == missing), fields.len(), rank)
        })?;
        let names = fields(&self.header_line, fitting);
        let set = format!("set `read = {{ delimiter = {:?} }}`", char::from(fitting).to_string());
        if let ([one], 2..) = (self.columns.as_slice(), names.len()) {
            return Some(format!("the header reads as one field `{one}`; {set}"));
        }
        if names.iter().any(|name| name == missing) {
            return Some(format!(
                "fields are split at {:?}; {set} if that is what splits them",
                char::from(self.delimiter)
            ));
        }
        std::str::from_utf8(&self.header_line).is_err().then(|| {
            "the header is not valid UTF-8; set `read = { encoding = \"windows-1252\" }`, or \
             whatever the file is written in"
                .to_owned()
        })
    }
}

fn builder(delimiter: u8) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(delimiter);
    builder
}

/// The first line that is not blank.
fn first_line(head: &[u8]) -> &[u8] {
    head.split(|byte| matches!(byte, b'\n' | b'\r')).find(|line| !line.is_empty()).unwrap_or(&[])
}

fn names(header: &ByteRecord) -> Vec<String> {
    header.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect()
}

/// The names of a header line, taken apart at a delimiter.
fn fields(header_line: &[u8], delimiter: u8) -> Vec<String> {
    let mut record = ByteRecord::new();
    // Reading from memory cannot fail.
    let _ = builder(delimiter).from_reader(header_line).read_byte_record(&mut record);
    names(&record)
}

fn delimiter(kind: Kind, options: &ReadOptions, header_line: &[u8]) -> Result<u8, ReadProblem> {
    match (options.delimiter, kind) {
        (Some(delimiter), _) if delimiter.is_ascii() => {
            u8::try_from(delimiter).map_err(|_| ReadProblem::Delimiter { delimiter })
        }
        (Some(delimiter), _) => Err(ReadProblem::Delimiter { delimiter }),
        (None, Kind::Tsv) => Ok(b'\t'),
        // The last of equals wins, hence the reversal.
        (None, _) => Ok(DELIMITERS
            .into_iter()
            .rev()
            .max_by_key(|delimiter| fields(header_line, *delimiter).len())
            .unwrap_or(b',')),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::check;
    use super::*;

    fn read(text: &[u8], wanted: &str) -> check::Read {
        check::read("a.csv", text, wanted, &ReadOptions::default()).unwrap()
    }

    fn refusal(name: &str, text: &[u8], wanted: &str, options: &ReadOptions) -> ReadError {
        check::read(name, text, wanted, options).unwrap_err()
    }

    #[test]
    fn cells_come_in_the_order_wanted_and_empty_is_null() {
        let read = read(b" id ,b,c\n1,,x\n2, y ,\"\"\n", "c id b");
        assert_eq!(read.rows, [r#"2: "x" "1" null"#, r#"3: null "2" " y ""#]);
        assert_eq!(read.whole, [&b"\x011\0\0\x01x\0"[..], b"\x012\0\x01 y \0\0"]);
        assert_eq!(read.summary.unwrap().bytes, 23);
    }

    #[test]
    fn lines_are_right_whatever_ends_them() {
        let expected = [r#"4: "1" "x\ny""#, r#"6: "2" "z""#, r#"8: "3" "q""#, r#"9: "4" null"#];
        let text = "\na,b\n\n1,\"x\ny\"\n2,z\n\n3,\"q\"\n4,\n";
        assert_eq!(read(text.as_bytes(), "a b").rows, expected);
        assert_eq!(read(text.trim_end().as_bytes(), "a b").rows, expected);
        let windows = text.replace('\n', "\r\n");
        let expected = expected.map(|row| row.replace("\\n", "\\r\\n"));
        assert_eq!(read(windows.as_bytes(), "a b").rows, expected);
        assert_eq!(read(format!("\u{feff}{windows}").as_bytes(), "a b").rows, expected);
    }

    #[test]
    fn quotes_hold_delimiters_breaks_and_quotes() {
        let read = read(b"a,b\n\"1,\"\"2\"\"\n\",5\" pipe\n", "a b");
        assert_eq!(read.rows, [r#"2: "1,\"2\"\n" "5\" pipe""#]);
    }

    #[test]
    fn ragged_rows_are_broken() {
        let read = read(b"a,b\n1\n1,2\n1,2,3\n", "a");
        assert_eq!(read.rows, [r#"3: "1""#]);
        let expected = [
            "2: wrong_number_of_fields: 1 fields, the header has 2",
            "4: wrong_number_of_fields: 3 fields, the header has 2",
        ];
        assert_eq!(read.broken, expected);
    }

    #[test]
    fn what_is_not_valid_breaks_a_row_where_it_is_wanted() {
        let text = b"a,b\n\xe4,1\n2,\xe4\n";
        assert_eq!(read(text, "a").broken, ["2: not_utf8: column `a` is not valid UTF-8"]);
        assert_eq!(read(text, "a").rows, [r#"3: "2""#]);
        let options = ReadOptions { encoding: encoding_rs::WINDOWS_1252, ..Default::default() };
        let decoded = check::read("a.csv", text, "a b", &options).unwrap();
        assert_eq!(decoded.rows, [r#"2: "ä" "1""#, r#"3: "2" "ä""#]);
        let options = ReadOptions { encoding: encoding_rs::SHIFT_JIS, ..Default::default() };
        let replaced = check::read("a.csv", b"a,b\n\xff,1\n", "a", &options).unwrap();
        assert_eq!(replaced.broken, ["2: not_utf8: column `a` is not valid Shift_JIS"]);
    }

    #[test]
    fn declared_nulls_replace_the_empty_text() {
        let null = Some(vec!["n/a".to_owned(), "-".to_owned()]);
        let options = ReadOptions { null, ..Default::default() };
        let read = check::read("a.csv", b"a,b,c\nn/a,,-\n", "a b c", &options).unwrap();
        assert_eq!(read.rows, [r#"2: null "" null"#]);
        assert_eq!(read.whole, [b"\0\x01\0\0"]);
    }

    #[test]
    fn the_delimiter_is_guessed_from_the_header() {
        for (text, name) in [
            ("a,b\n1,2\n", "a.csv"),
            ("a;b\n1;2\n", "a.csv"),
            ("a\tb\n1\t2\n", "a.csv"),
            ("a|b\n1|2\n", "a.csv"),
            ("a;\"c,d\";b\n1;x;2\n", "a.csv"),
            ("a\tb\tc,d,e,f\n1\t2\t3\n", "a.tsv"),
        ] {
            let read = check::read(name, text.as_bytes(), "a b", &ReadOptions::default()).unwrap();
            assert_eq!(read.rows, [r#"2: "1" "2""#], "{text}");
        }
        let tie = read(b"a,b;c\n1,2\n", "a b;c");
        assert_eq!(tie.rows.len() + tie.broken.len(), 1);
    }

    #[test]
    fn a_wrong_delimiter_is_told_from_a_misspelt_name() {
        let comma = ReadOptions { delimiter: Some(','), ..Default::default() };
        let text = b"id;at;n\n1;2024-01-01;3\n";
        let error = refusal("a.csv", text, "id at", &comma);
        assert!(error.to_string().ends_with("no column `id`; the file has `id;at;n`"), "{error}");
        let expected =
            "the header reads as one field `id;at;n`; set `read = { delimiter = \";\" }`";
        assert_eq!(error.remedy(), expected);
        assert_eq!(error.line(), Some(1));
        let error = refusal("a.csv", text, "idd", &ReadOptions::default());
        assert_eq!(error.remedy(), "did you mean `id`?");
        let guessed = refusal("a.csv", b"id;name, first, last;at\n", "at", &ReadOptions::default());
        assert!(guessed.remedy().contains("set `read = { delimiter = \";\" }`"), "{guessed:?}");
        let error = refusal("a.tsv", b"id,at\n", "id", &ReadOptions::default());
        assert!(error.remedy().contains("delimiter = \",\""), "{}", error.remedy());
        let error = refusal("a.csv", b"Stra\xdfe,b\n", "Straße", &ReadOptions::default());
        assert!(error.remedy().contains("encoding = \"windows-1252\""), "{}", error.remedy());
        let euro = ReadOptions { delimiter: Some('€'), ..Default::default() };
        let error = refusal("a.csv", b"a\n", "a", &euro);
        assert!(matches!(error.problem, ReadProblem::Delimiter { .. }));
        assert!(error.remedy().contains("declare one of"));
    }

    #[test]
    fn names_that_stand_twice_matter_only_if_wanted() {
        let text = b"a,b,b\n1,2,3\n";
        assert_eq!(read(text, "a").rows, [r#"2: "1""#]);
        let error = refusal("a.csv", text, "a b", &ReadOptions::default());
        assert!(error.to_string().contains("more than one column is called `b`"), "{error}");
        assert!(error.remedy().contains("rename"));
    }

    #[test]
    fn a_header_alone_is_a_table_without_rows_and_blank_is_refused() {
        assert!(read(b"a,b", "a").rows.is_empty());
        let error = refusal("a.csv", b"\n\r\n", "a", &ReadOptions::default());
        assert!(error.to_string().ends_with("expected at least a header line"), "{error}");
    }

    #[test]
    fn a_quote_that_is_never_closed_is_refused() {
        for (text, line) in [
            ("a,b\n1,2\n3,\"4\n5,6\n", 3),
            ("a,b\r\n1,2\r\n\"3,4\r\n5,6", 3),
            ("a,\"b\n1,2\n", 1),
            ("a,b\n1,\"2", 2),
        ] {
            let error = refusal("a.csv", text.as_bytes(), "", &ReadOptions::default());
            assert_eq!(error.line(), Some(line), "{text:?}: {error}");
            assert!(error.remedy().contains("close it"));
        }
    }

    proptest! {
        #[test]
        fn written_rows_are_read_back(
            rows in prop::collection::vec(prop::collection::vec("[a\", \n;ä]{0,4}x", 2), 0..9),
        ) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            writer.write_record(["a", "b"]).unwrap();
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let read = read(&writer.into_inner().unwrap(), "a b");
            let mut line = 2;
            for (row, read) in rows.iter().zip(&read.rows) {
                prop_assert_eq!(read, &format!("{line}: {:?} {:?}", row[0], row[1]));
                line += 1 + row.concat().matches('\n').count();
            }
            prop_assert_eq!(rows.len(), read.rows.len());
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(prop::sample::select(
            b"a,\"\n\r;\xe4\xef\xbb\xbf\x01 ".to_vec()), 1..40)) {
            let _ = check::read("a.csv", &bytes, "a", &ReadOptions::default());
        }
    }
}
