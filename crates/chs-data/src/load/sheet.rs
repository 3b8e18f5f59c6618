//! A batch of rows on its way into typed columns: cells are converted, rows that break the contract noted.

use std::borrow::Cow;

use crate::load::row_account::{Reason, Reject};
use crate::read::{Batch, Cell};
use crate::time::{Clock, Micros, civil, end_of};

/// 1900-01-01, before which no event is believed.
const YEAR_1900: Micros = -2_208_988_800_000_000;

/// Where a table's rows are rejected to, and how its cells are read.
pub(super) struct Contract<'a> {
    pub(super) table: &'a str,
    pub(super) columns: &'a [String],
    pub(super) clock: &'a Clock,
    pub(super) decimal: char,
    /// First instant that is not read.
    pub(super) as_of: Option<Micros>,
}

/// A batch under a contract.
pub(super) struct Sheet<'a> {
    pub(super) contract: &'a Contract<'a>,
    pub(super) file: &'a str,
    pub(super) batch: &'a Batch,
    pub(super) rejects: &'a mut Vec<Reject>,
    pub(super) after_as_of: &'a mut u64,
    pub(super) other_kind: &'a mut u64,
    /// Rows of the batch that were not known before the end of `--as-of`.
    pub(super) later: Vec<usize>,
}

/// A row that is not used; the sheet has noted it.
pub(super) struct Rejected;

impl Sheet<'_> {
    pub(super) fn reject(&mut self, row: usize, column: usize, reason: Reason) -> Rejected {
        match reason {
            Reason::AfterAsOf => {
                *self.after_as_of += 1;
                self.later.push(row);
            }
            Reason::OtherKind => *self.other_kind += 1,
            _ => {
                let value = text_of(self.batch.cell(column, row)).unwrap_or_default().into_owned();
                let reject = Reject {
                    table: self.contract.table.to_owned(),
                    file: self.file.to_owned(),
                    line: self.batch.line(row),
                    column: self.contract.columns.get(column).cloned().unwrap_or_default(),
                    value,
                    reason,
                };
                self.rejects.push(reject);
            }
        }
        Rejected
    }

    /// Rows that could not be split into cells.
    pub(super) fn reject_broken(&mut self) {
        for broken in self.batch.broken() {
            let reason = match broken.reason {
                "not_utf8" => Reason::NotUtf8,
                "bad_json" => Reason::BadJson,
                _ => Reason::WrongNumberOfFields,
            };
            self.rejects.push(Reject {
                table: self.contract.table.to_owned(),
                file: self.file.to_owned(),
                line: broken.line,
                column: String::new(),
                value: broken.detail.clone(),
                reason,
            });
        }
    }

    /// An id: trimmed text; `17850.0`, as spreadsheets write 17850, is 17850.
    pub(super) fn id(&mut self, row: usize, column: usize) -> Result<Cow<'_, str>, Rejected> {
        // Two look-ups keep the borrow of the batch apart from that of the rejects.
        if id_of(self.batch.cell(column, row)).is_none() {
            return Err(self.reject(row, column, Reason::NullKey));
        }
        Ok(id_of(self.batch.cell(column, row)).unwrap_or_default())
    }

    /// A time that has to be there, not before 1900.
    pub(super) fn time(&mut self, row: usize, column: usize) -> Result<Micros, Rejected> {
        match self.optional_time(row, column)? {
            Some(time) => Ok(time),
            None => Err(self.reject(row, column, Reason::MissingDate)),
        }
    }

    /// A time that may be null, not before 1900.
    pub(super) fn optional_time(
        &mut self,
        row: usize,
        column: usize,
    ) -> Result<Option<Micros>, Rejected> {
        self.read_time(row, column).map_err(|reason| self.reject(row, column, reason))
    }

    /// A time as it stands there, which may be null.
    fn read_time(&self, row: usize, column: usize) -> Result<Option<Micros>, Reason> {
        let clock = self.contract.clock;
        let parsed = match self.batch.cell(column, row) {
            Cell::Null => return Ok(None),
            Cell::Date(date) => Some(end_of(date)),
            Cell::DateTime { micros, zoned } => clock.micros(micros, zoned),
            Cell::Text(text) => match text.trim() {
                "" => return Ok(None),
                text => clock.parse(text),
            },
            Cell::Integer(number) => clock.parse(&number.to_string()),
            Cell::Float(_) | Cell::Flag(_) => None,
        };
        match parsed {
            Some(time) if time < YEAR_1900 => Err(Reason::Before1900),
            Some(time) => Ok(Some(time)),
            None => Err(Reason::BadDate),
        }
    }

    /// A time, where it can be read.
    pub(super) fn peek(&self, row: usize, column: usize) -> Option<Micros> {
        self.read_time(row, column).ok().flatten()
    }

    /// A time that has to lie before the end of `--as-of`; whether anything else breaks the contract in a
    /// row that was known later is no matter.
    pub(super) fn before_as_of(
        &mut self,
        row: usize,
        column: usize,
        time: impl Into<Option<Micros>>,
    ) -> Result<(), Rejected> {
        match (self.contract.as_of, time.into()) {
            (Some(end), Some(time)) if time >= end => {
                Err(self.reject(row, column, Reason::AfterAsOf))
            }
            _ => Ok(()),
        }
    }

    /// A finite number that may be null (NaN).
    pub(super) fn number(&mut self, row: usize, column: usize) -> Result<f64, Rejected> {
        let number = match self.batch.cell(column, row) {
            Cell::Null => return Ok(f64::NAN),
            Cell::Integer(number) => Some(number as f64),
            Cell::Float(number) => Some(number),
            Cell::Flag(flag) => Some(f64::from(u8::from(flag))),
            Cell::Text(text) if text.trim().is_empty() => return Ok(f64::NAN),
            Cell::Text(text) => parse_number(text, self.contract.decimal),
            Cell::Date(_) | Cell::DateTime { .. } => None,
        };
        match number {
            Some(number) if number.is_infinite() => {
                Err(self.reject(row, column, Reason::InfiniteValue))
            }
            Some(number) => Ok(number),
            None => Err(self.reject(row, column, Reason::NotANumber)),
        }
    }

    /// A value per row, read of those that are still `live`; a row that is rejected is no longer.
    pub(super) fn each<T: Clone>(
        &mut self,
        live: &mut [bool],
        dead: &T,
        read: impl Fn(&mut Self, usize) -> Result<T, Rejected>,
    ) -> Vec<T> {
        let value = |(row, live): (usize, &mut bool)| {
            if !*live {
                return dead.clone();
            }
            read(self, row).unwrap_or_else(|_| {
                *live = false;
                dead.clone()
            })
        };
        live.iter_mut().enumerate().map(value).collect()
    }

    /// [`Self::time`] of each live row.
    pub(super) fn times(&mut self, live: &mut [bool], column: usize) -> Vec<Micros> {
        let clock = self.contract.clock;
        let is_plain = |micros: &i64| *micros >= YEAR_1900 && clock.keeps(*micros);
        match self.batch.times(column) {
            // Nearly always nothing has to be converted.
            Some(times) if times.iter().all(is_plain) => times.to_vec(),
            _ => self.each(live, &0, |sheet, row| sheet.time(row, column)),
        }
    }

    /// [`Self::optional_time`] of each live row.
    pub(super) fn optional_times(
        &mut self,
        live: &mut [bool],
        column: usize,
    ) -> Vec<Option<Micros>> {
        self.each(live, &None, |sheet, row| sheet.optional_time(row, column))
    }

    /// [`Self::number`] of each live row.
    pub(super) fn numbers(&mut self, live: &mut [bool], column: usize) -> Vec<f64> {
        match self.batch.floats(column) {
            Some(numbers) if !numbers.iter().any(|number| number.is_infinite()) => numbers.to_vec(),
            _ => self.each(live, &f64::NAN, |sheet, row| sheet.number(row, column)),
        }
    }

    /// A cell as text, untrimmed; numbers in their shortest form.
    pub(super) fn text(&self, row: usize, column: usize) -> Option<Cow<'_, str>> {
        text_of(self.batch.cell(column, row))
    }
}

/// A number as people write it, with their decimal sign.
pub(crate) fn parse_number(text: &str, decimal: char) -> Option<f64> {
    let text = text.trim();
    if decimal == '.' {
        return text.parse().ok();
    }
    // A point parts thousands there, and is never a decimal sign.
    let whole = text.split(decimal).next().unwrap_or_default();
    let mut groups = whole.trim_start_matches(['+', '-']).split('.');
    let first = groups.next().unwrap_or_default();
    let is_parted = whole.contains('.');
    if text.matches('.').count() != whole.matches('.').count()
        || (is_parted && !(1..=3).contains(&first.len()))
        || groups.any(|group| group.len() != 3 || !group.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return None;
    }
    text.replace('.', "").replace(decimal, ".").parse().ok()
}

pub(crate) fn id_of(cell: Cell<'_>) -> Option<Cow<'_, str>> {
    match cell {
        Cell::Text(text) => {
            let text = text.trim();
            let whole = text
                .strip_suffix(".0")
                .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
            let id = whole.filter(|digits| !digits.is_empty()).unwrap_or(text);
            (!id.is_empty()).then_some(Cow::Borrowed(id))
        }
        Cell::Float(number) if number.is_nan() => None,
        other => text_of(other),
    }
}

pub(crate) fn text_of(cell: Cell<'_>) -> Option<Cow<'_, str>> {
    match cell {
        Cell::Null => None,
        Cell::Text(text) => Some(Cow::Borrowed(text)),
        Cell::Integer(number) => Some(Cow::Owned(number.to_string())),
        Cell::Float(number) => Some(Cow::Owned(number.to_string())),
        Cell::Flag(flag) => Some(Cow::Borrowed(if flag { "true" } else { "false" })),
        Cell::Date(date) => Some(Cow::Owned(date.to_string())),
        Cell::DateTime { micros, .. } => Some(Cow::Owned(civil(micros).to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::{Cell, id_of, parse_number};

    #[test]
    fn ids_survive_spreadsheets() {
        let id = |text| id_of(Cell::Text(text)).map(std::borrow::Cow::into_owned);
        assert_eq!(id(" 17850.0 ").as_deref(), Some("17850"));
        assert_eq!(id("00042").as_deref(), Some("00042"));
        assert_eq!(id("v1.0").as_deref(), Some("v1.0"));
        assert_eq!(id(".0").as_deref(), Some(".0"));
        assert_eq!(id("  "), None);
        assert_eq!(id_of(Cell::Float(17850.0)).as_deref(), Some("17850"));
        assert_eq!(id_of(Cell::Float(f64::NAN)), None);
    }

    #[test]
    fn decimal_signs_are_read_as_declared() {
        assert_eq!(parse_number("1234.5", '.'), Some(1234.5));
        assert_eq!(parse_number("1.234,5", ','), Some(1234.5));
        assert_eq!(parse_number("1,5", '.'), None);
        assert_eq!(parse_number("-1.234.567,8", ','), Some(-1_234_567.8));
        for unclear in ["1.5", "1.2345", "1234.567", ".5", "1..5", "1,5.0", "1.234,5.678"] {
            assert_eq!(parse_number(unclear, ','), None, "{unclear}");
        }
    }
}
