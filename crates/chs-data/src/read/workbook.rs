//! Excel workbooks (xlsx): one sheet, its first row that holds anything being the header.
//!
//! A number is a number, a day or a time by the format of its cell, as Excel shows it: stored it is days
//! since 1900 or 1904. A formula is the value that was last computed. A row that holds nothing is passed
//! over, and so is what stands beside the columns of the header.

mod moment;
mod package;
mod sheet;
mod xml;

use std::path::Path;

use super::batch::{BatchWriter, append_cell};
use super::error::{ReadError, ReadProblem};
use super::{Cell, ReadOptions, ReadRequest, positions};
use moment::{Epoch, NumberFormat};
use package::Package;
use sheet::{Rows, Value};

/// Names of the columns, trimmed.
pub(super) fn columns(path: &Path, options: &ReadOptions) -> Result<Vec<String>, ReadError> {
    let bytes = std::fs::read(path).map_err(|error| ReadError::io(path, &error))?;
    let columns = || {
        let package = Package::open(&bytes)?;
        let book = Book::open(&package, options)?;
        book.header(&mut book.rows(&package)?)
    };
    columns().map_err(|problem| ReadError::new(path, problem))
}

/// Reads all rows.
pub(super) fn read<E: From<ReadError>>(
    path: &Path,
    request: &ReadRequest,
    writer: &mut BatchWriter<E>,
) -> Result<(), E> {
    let refuse = |problem| ReadError::new(path, problem);
    let bytes = std::fs::read(path).map_err(|error| ReadError::io(path, &error))?;
    let package = Package::open(&bytes).map_err(refuse)?;
    let book = Book::open(&package, request.options).map_err(refuse)?;
    let mut rows = book.rows(&package).map_err(refuse)?;
    let columns = book.header(&mut rows).map_err(refuse)?;
    let wanted = positions(&columns, request.wanted).map_err(refuse)?;
    let mut whole = Vec::new();
    while let Some((line, values)) = rows.next().map_err(refuse)? {
        let cell = |at: usize| {
            values.get(at).map_or(Cell::Null, |value| book.cell(value, request.options))
        };
        if (0..columns.len()).all(|at| cell(at) == Cell::Null) {
            continue;
        }
        whole.clear();
        if request.whole_rows {
            (0..columns.len()).for_each(|at| append_cell(cell(at), &mut whole));
        }
        let cells: Vec<Cell> = wanted.iter().map(|at| cell(*at)).collect();
        writer.row(line, &cells, &whole)?;
    }
    Ok(())
}

/// What is known of a workbook before its sheet is read.
struct Book {
    /// Name of the part that holds the sheet.
    sheet: String,
    /// Texts that cells refer to by number.
    texts: Vec<String>,
    /// Formats that cells refer to by number.
    formats: Vec<NumberFormat>,
    epoch: Epoch,
}

impl Book {
    fn open(package: &Package, options: &ReadOptions) -> Result<Book, ReadProblem> {
        let workbook = package.workbook()?;
        let (sheets, epoch) = sheet::sheets(package.require(&workbook)?)?;
        let chosen = match &options.sheet {
            None => sheets.first(),
            Some(name) => sheets.iter().find(|sheet| sheet.name == *name),
        };
        let Some(chosen) = chosen else {
            let sheet = options.sheet.clone().unwrap_or_default();
            let sheets = sheets.into_iter().map(|sheet| sheet.name).collect();
            return Err(ReadProblem::NoSheet { sheet, sheets });
        };
        let related = package.related(&workbook)?;
        let Some(sheet) = related.iter().find(|part| part.id == chosen.id) else {
            let detail = format!("the sheet `{}` is not in it", chosen.name);
            return Err(ReadProblem::Workbook { detail });
        };
        let of_kind = |kind: &str| related.iter().find(|part| part.kind.ends_with(kind));
        let texts = match of_kind("/sharedStrings") {
            Some(part) => sheet::texts(package.require(&part.target)?)?,
            None => Vec::new(),
        };
        let formats = match of_kind("/styles") {
            Some(part) => moment::formats(package.require(&part.target)?)?,
            None => Vec::new(),
        };
        Ok(Book { sheet: sheet.target.clone(), texts, formats, epoch })
    }

    fn rows<'a>(&self, package: &Package<'a>) -> Result<Rows<'a>, ReadProblem> {
        Ok(Rows::new(package.require(&self.sheet)?))
    }

    /// The first row that holds anything.
    fn header(&self, rows: &mut Rows) -> Result<Vec<String>, ReadProblem> {
        let options = ReadOptions::default();
        while let Some((_, values)) = rows.next()? {
            let mut names: Vec<String> = values
                .iter()
                .map(|value| match self.cell(value, &options) {
                    Cell::Null => String::new(),
                    Cell::Text(text) => text.trim().to_owned(),
                    Cell::Integer(number) => number.to_string(),
                    Cell::Float(number) => number.to_string(),
                    Cell::Flag(flag) => flag.to_string(),
                    Cell::Date(date) => date.to_string(),
                    Cell::DateTime { micros, .. } => micros.to_string(),
                })
                .collect();
            names.truncate(names.iter().rposition(|name| !name.is_empty()).map_or(0, |at| at + 1));
            if !names.is_empty() {
                return Ok(names);
            }
        }
        Err(ReadProblem::Empty { expected: "a header row in the sheet" })
    }

    fn cell<'a>(&'a self, value: &'a Value, options: &ReadOptions) -> Cell<'a> {
        let text = match value {
            Value::Null => return Cell::Null,
            Value::Flag(flag) => return Cell::Flag(*flag),
            Value::Number { number, format } => {
                let format = self.formats.get(*format).copied().unwrap_or(NumberFormat::Number);
                return moment::cell(*number, format, self.epoch);
            }
            Value::Shared(at) => match self.texts.get(*at) {
                Some(text) => text,
                None => return Cell::Null,
            },
            Value::Text(text) => text,
        };
        if options.is_null(text.as_bytes()) { Cell::Null } else { Cell::Text(text) }
    }
}

#[cfg(test)]
mod tests;
