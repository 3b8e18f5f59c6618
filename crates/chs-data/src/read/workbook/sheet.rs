//! The names of the sheets, the texts that they share, and the rows of one.

use super::ReadProblem;
use super::moment::Epoch;
use super::xml::{Step, Xml, damaged};

/// Columns that a sheet can have.
const WIDEST: usize = 16_384;

/// A sheet as the workbook names it.
pub(super) struct SheetName {
    pub(super) name: String,
    /// How the workbook calls its part.
    pub(super) id: String,
}

/// The sheets in their order, and how days are counted.
pub(super) fn sheets(mut workbook: Xml) -> Result<(Vec<SheetName>, Epoch), ReadProblem> {
    let (mut sheets, mut epoch) = (Vec::new(), Epoch::Of1900);
    while let Some(step) = workbook.next()? {
        let Step::Open(element) = step else { continue };
        match element.name() {
            "sheet" => sheets.push(SheetName {
                name: element.attribute("name")?.unwrap_or_default(),
                id: element.attribute("r:id")?.unwrap_or_default(),
            }),
            "workbookPr" => {
                let since_1904 = element.attribute("date1904")?;
                if matches!(since_1904.as_deref(), Some("1" | "true")) {
                    epoch = Epoch::Of1904;
                }
            }
            _ => {}
        }
    }
    Ok((sheets, epoch))
}

/// The texts that cells refer to by number, in order; how they are to be spoken is passed over.
pub(super) fn texts(mut part: Xml) -> Result<Vec<String>, ReadProblem> {
    let mut texts: Vec<String> = Vec::new();
    let (mut in_text, mut spoken) = (false, false);
    while let Some(step) = part.next()? {
        match step {
            Step::Open(element) => match element.name() {
                "si" => texts.push(String::new()),
                "t" => in_text = !spoken,
                "rPh" => spoken = true,
                _ => {}
            },
            Step::Close(name) => match name.as_str() {
                "t" => in_text = false,
                "rPh" => spoken = false,
                _ => {}
            },
            Step::Text(text) => {
                if let Some(last) = texts.last_mut().filter(|_| in_text) {
                    last.push_str(&text);
                }
            }
        }
    }
    Ok(texts)
}

/// A cell as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Text(String),
    /// A text of the workbook, by its number.
    Shared(usize),
    Flag(bool),
    Number {
        number: f64,
        /// A format of the workbook, by its number.
        format: usize,
    },
}

/// The rows of a sheet.
pub(super) struct Rows<'a> {
    xml: Xml<'a>,
    line: u64,
    column: usize,
    values: Vec<Value>,
    cell: StoredCell,
}

/// A cell while it is read.
#[derive(Default)]
struct StoredCell {
    kind: String,
    format: usize,
    text: String,
    in_text: bool,
    spoken: bool,
}

impl<'a> Rows<'a> {
    pub(super) fn new(xml: Xml<'a>) -> Rows<'a> {
        Rows { xml, line: 0, column: 0, values: Vec::new(), cell: StoredCell::default() }
    }

    /// The next row that is stored: its number in the sheet, from 1, and its cells up to the last one.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &[Value])>, ReadProblem> {
        while let Some(step) = self.xml.next()? {
            match step {
                Step::Open(element) => match element.name() {
                    "row" => {
                        let number = element.attribute("r")?.and_then(|text| text.parse().ok());
                        self.line = number.unwrap_or(self.line + 1);
                        self.column = 0;
                        self.values.clear();
                    }
                    "c" => {
                        let place = element.attribute("r")?;
                        let place = place.as_deref().and_then(column_of);
                        self.column = place.unwrap_or(self.column);
                        let format = element.attribute("s")?.and_then(|text| text.parse().ok());
                        let kind = element.attribute("t")?.unwrap_or_default();
                        let format = format.unwrap_or_default();
                        self.cell = StoredCell { kind, format, ..StoredCell::default() };
                    }
                    "v" | "t" => self.cell.in_text = !self.cell.spoken,
                    "rPh" => self.cell.spoken = true,
                    _ => {}
                },
                Step::Text(text) if self.cell.in_text => self.cell.text.push_str(&text),
                Step::Text(_) => {}
                Step::Close(name) => match name.as_str() {
                    "v" | "t" => self.cell.in_text = false,
                    "rPh" => self.cell.spoken = false,
                    "c" => {
                        std::mem::take(&mut self.cell).put(&mut self.values, self.column)?;
                        self.column += 1;
                    }
                    "row" => return Ok(Some((self.line, &self.values))),
                    _ => {}
                },
            }
        }
        Ok(None)
    }
}

impl StoredCell {
    /// Puts the cell where its column says; those before it that are not stored are null.
    fn put(self, values: &mut Vec<Value>, column: usize) -> Result<(), ReadProblem> {
        if column >= WIDEST {
            return Err(damaged("a row is wider than a sheet can be"));
        }
        values.resize(column, Value::Null);
        values.push(self.value()?);
        Ok(())
    }

    fn value(self) -> Result<Value, ReadProblem> {
        let text = self.text;
        Ok(match self.kind.as_str() {
            "s" => {
                Value::Shared(text.trim().parse().map_err(|_| damaged("a cell refers to no text"))?)
            }
            "b" => Value::Flag(text.trim() == "1"),
            // Typed in, computed, a date in ISO 8601, or the name of an error such as #N/A.
            "inlineStr" | "str" | "d" | "e" => Value::Text(text),
            _ if text.is_empty() => Value::Null,
            _ => Value::Number {
                number: text.trim().parse().map_err(|_| damaged("a cell holds no number"))?,
                format: self.format,
            },
        })
    }
}

/// Column of a cell such as `BC12`, from 0.
fn column_of(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic);
    let number = letters.fold(0_usize, |number, letter| {
        let digit = usize::from(letter.to_ascii_uppercase() - b'A') + 1;
        number.saturating_mul(26).saturating_add(digit)
    });
    number.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use super::column_of;

    #[test]
    fn columns_are_numbered_by_letters() {
        let check = |place, expected| assert_eq!(column_of(place), expected, "{place}");
        check("A1", Some(0));
        check("Z9", Some(25));
        check("AA1", Some(26));
        check("XFD1048576", Some(16_383));
        check("7", None);
    }
}
