//! A ready panel: a table with a row per account, or per account and day.

use std::path::Path;

use chs_panel::{IndicatorValues, Named, NumberColumn, UNDATED, WordColumn};
use jiff::civil::Date;

use crate::load::columns::{ColumnBuilder, WordsBuilder};
use crate::load::error::LoadError;
use crate::load::history::{Column, Words};
use crate::load::row_account::{LoadReport, Reason, Reject};
use crate::load::sheet::{Rejected, Sheet, parse_number};
use crate::load::table::{
    Base, Columns, TableRead, TableRequest, held_against, read_table, settle,
};
use crate::project::{LabelWords, Name, PanelAnswer, PanelProject, PanelTime};
use crate::time::{Micros, day_of, end_of, midnight_after};

/// Name of the table in reports.
pub(crate) const PANEL_TABLE: &str = "panel";

/// The accepted rows of a ready panel, by day and account.
#[derive(Clone, Debug, Default)]
pub struct PanelTable {
    /// Distinct account ids, ascending by bytes.
    pub accounts: Vec<String>,
    /// Index into `accounts` per row.
    pub account: Vec<u32>,
    /// Day per row; [`UNDATED`] in a cross-section.
    pub day: Vec<Date>,
    /// Categories to report by.
    pub segments: Vec<Named<WordColumn>>,
    /// Revenue at stake.
    pub value: Option<NumberColumn>,
    /// Indicators in declared order.
    pub indicators: Vec<Named<IndicatorValues>>,
    /// What the table says of the outcome, per row.
    pub answers: Vec<Answer>,
    /// Nothing known at the end of this day or later was read.
    pub as_of: Option<Date>,
}

/// What a row says of the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Label 1 or 0, `None` where the cell is empty.
    Label(Option<bool>),
    /// When the account's outcome was, `None` where there was none.
    Outcome(Option<Micros>),
}

/// Read the table of a ready panel, below `data_dir`.
///
/// A column of indicators is one of numbers where most of its values are numbers, and then a row with
/// another value is rejected; else it is one of words. Blank cells are missing. Of rows with one account
/// and day the smallest stays.
///
/// # Errors
///
/// [`LoadError`]: a column or file that is not there, a broken file, too many rows that break the
/// contract, no row at all, or an `as_of` for a cross-section, which has no time.
pub fn load_panel(
    project: &PanelProject,
    data_dir: &Path,
    as_of: Option<Date>,
) -> Result<(PanelTable, LoadReport), LoadError> {
    let base = Base {
        file: &project.file,
        text: &project.text,
        time_zone: &project.time_zone,
        data_dir,
        as_of: as_of.map(midnight_after),
    };
    if let (Some(day), PanelTime::CrossSection(_)) = (as_of, &project.label.time) {
        let message = format!("a cross-section has no time, so that nothing in it is as of {day}");
        let help = "leave the day out, or name the column of the rows' day as `as_of`".to_owned();
        return Err(base.mistake(project.id.span.clone(), message, Some(help)).into());
    }
    let (columns, numbers) = number_columns(project);
    let request = TableRequest {
        name: PANEL_TABLE,
        key: PANEL_TABLE.to_owned(),
        table: &project.table,
        time_zone: None,
        columns: columns.list,
        whole_rows: true,
    };
    let mut read = read_table(&base, &request, |part: &mut Part, sheet| {
        part.fit(&numbers);
        for row in 0..sheet.batch.rows() {
            // A rejected row has been noted by the sheet.
            let _ = add_row(part, sheet, row, &numbers);
        }
    })?;
    let mut whole = Part::default();
    whole.fit(&numbers);
    for part in std::mem::take(&mut read.parts) {
        whole.append(part);
    }
    let mut table = assemble(project, whole, &mut read);
    settle(&mut read);
    let after = read.account.rejected.contains_key(&Reason::AfterAsOf);
    let mut report =
        LoadReport { tables: vec![read.account], rejects: read.rejects, ..LoadReport::default() };
    held_against([(PANEL_TABLE, request.key.clone(), project.table.max_rejected)], &report)?;
    if table.account.is_empty() {
        let (files, needed) = (project.table.origin.shown(), "there is nobody to score".into());
        let as_of = as_of.filter(|_| after);
        return Err(LoadError::NoRows { table: request.key, files, needed, as_of });
    }
    table.as_of = as_of;
    report.rejects.sort();
    Ok((table, report))
}

/// Numbers of the columns in the sheet.
struct PanelColumns<'a> {
    id: usize,
    day: Option<usize>,
    segments: Vec<usize>,
    value: Option<usize>,
    indicators: Vec<usize>,
    answer: AnswerColumn<'a>,
}

/// The column of the answer.
enum AnswerColumn<'a> {
    Words(usize, &'a LabelWords),
    Date(usize),
}

fn number_columns(project: &PanelProject) -> (Columns, PanelColumns<'_>) {
    let mut columns = Columns::default();
    let mut number = |name: &Name| columns.number(&name.value, name.span.clone());
    let id = number(&project.id);
    let (as_of, words) = match &project.label.time {
        PanelTime::CrossSection(words) => (None, Ok(words)),
        PanelTime::Snapshots { as_of, answer, .. } => match answer {
            PanelAnswer::Words(words) => (Some(as_of), Ok(words)),
            PanelAnswer::OutcomeDate { column, .. } => (Some(as_of), Err(column)),
        },
    };
    let day = as_of.map(&mut number);
    let answer = match words {
        Ok(words) => AnswerColumn::Words(number(&words.column), words),
        Err(column) => AnswerColumn::Date(number(column)),
    };
    let numbers = PanelColumns {
        id,
        day,
        segments: project.segments.iter().map(&mut number).collect(),
        value: project.value.as_ref().map(&mut number),
        indicators: project.indicators.iter().map(&mut number).collect(),
        answer,
    };
    (columns, numbers)
}

/// Accepted rows of one piece, or of all.
#[derive(Default)]
struct Part {
    ids: WordsBuilder,
    day: Vec<Date>,
    segments: Vec<WordsBuilder>,
    value: Vec<f64>,
    indicators: Vec<ColumnBuilder>,
    answers: Vec<Answer>,
    row_bytes: Vec<Box<[u8]>>,
    /// File and line.
    places: Vec<(String, u64)>,
    decimal: char,
}

impl Part {
    /// As many columns as there are.
    fn fit(&mut self, columns: &PanelColumns<'_>) {
        self.segments.resize_with(columns.segments.len(), WordsBuilder::default);
        self.indicators.resize_with(columns.indicators.len(), ColumnBuilder::default);
    }

    fn append(&mut self, other: Self) {
        self.ids.append(other.ids);
        self.day.extend(other.day);
        for (own, other) in self.segments.iter_mut().zip(other.segments) {
            own.append(other);
        }
        self.value.extend(other.value);
        for (own, other) in self.indicators.iter_mut().zip(other.indicators) {
            own.append(other);
        }
        self.answers.extend(other.answers);
        self.row_bytes.extend(other.row_bytes);
        self.places.extend(other.places);
        self.decimal = other.decimal;
    }
}

/// Convert one row; checks stand in the order in which their reasons are named.
fn add_row(
    part: &mut Part,
    sheet: &mut Sheet<'_>,
    row: usize,
    columns: &PanelColumns<'_>,
) -> Result<(), Rejected> {
    let id = sheet.id(row, columns.id)?.into_owned();
    let day = match columns.day {
        Some(column) => {
            let day = day_of(sheet.time(row, column)?);
            sheet.before_as_of(row, column, end_of(day))?;
            day
        }
        None => UNDATED,
    };
    let value = columns.value.map_or(Ok(f64::NAN), |column| sheet.number(row, column))?;
    let answer = answer(sheet, row, &columns.answer)?;
    part.ids.push(Some(&id));
    part.day.push(day);
    part.value.push(value);
    part.answers.push(answer);
    for (segment, column) in part.segments.iter_mut().zip(&columns.segments) {
        segment.push(trimmed(sheet, row, *column).as_deref());
    }
    for (indicator, column) in part.indicators.iter_mut().zip(&columns.indicators) {
        indicator.push(sheet.batch.cell(*column, row), || trimmed(sheet, row, *column));
    }
    let mut bytes = Vec::new();
    sheet.batch.row_bytes(row, &mut bytes);
    part.row_bytes.push(bytes.into_boxed_slice());
    part.places.push((sheet.file.to_owned(), sheet.batch.line(row)));
    part.decimal = sheet.contract.decimal;
    Ok(())
}

fn answer(
    sheet: &mut Sheet<'_>,
    row: usize,
    column: &AnswerColumn<'_>,
) -> Result<Answer, Rejected> {
    match column {
        AnswerColumn::Date(column) => {
            let time = sheet.optional_time(row, *column)?;
            let is_read = |time: &Micros| sheet.contract.as_of.is_none_or(|end| *time < end);
            Ok(Answer::Outcome(time.filter(is_read)))
        }
        AnswerColumn::Words(column, words) => match trimmed(sheet, row, *column) {
            None => Ok(Answer::Label(None)),
            Some(word) if words.positive.contains(&word) => Ok(Answer::Label(Some(true))),
            Some(word) if words.negative.contains(&word) => Ok(Answer::Label(Some(false))),
            Some(_) => Err(sheet.reject(row, *column, Reason::NotALabel)),
        },
    }
}

/// A cell as text; blank is null.
fn trimmed(sheet: &Sheet<'_>, row: usize, column: usize) -> Option<String> {
    let text = sheet.text(row, column)?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Decide which columns are numbers, set rows aside that contradict or stand twice, sort the others.
fn assemble(project: &PanelProject, part: Part, read: &mut TableRead<Part>) -> PanelTable {
    let ids = part.ids.finish();
    let builders = part.indicators.into_iter();
    let columns: Vec<IndicatorColumn> =
        builders.map(|column| IndicatorColumn::new(column.finish(), part.decimal)).collect();
    let rows = Rows {
        project,
        ids: &ids,
        day: &part.day,
        row_bytes: &part.row_bytes,
        places: &part.places,
    };
    let kept = rows.kept(&columns, &mut read.rejects);
    let mut accounts: Vec<String> = kept.iter().map(|row| rows.id(*row).to_owned()).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let place = |row: &usize| accounts.binary_search_by(|known| known.as_str().cmp(rows.id(*row)));
    let account = kept.iter().filter_map(|row| u32::try_from(place(row).ok()?).ok()).collect();
    let segments = project.segments.iter().zip(part.segments).map(|(name, words)| {
        let words = words.finish();
        let column = WordColumn::from_words(kept.iter().map(|row| words.get(*row)));
        Named { name: name.value.clone(), column }
    });
    let indicators = project
        .indicators
        .iter()
        .zip(&columns)
        .map(|(name, column)| Named { name: name.value.clone(), column: column.pick(&kept) });
    let value = |row: &usize| part.value[*row];
    PanelTable {
        account,
        day: kept.iter().map(|row| part.day[*row]).collect(),
        segments: segments.collect(),
        value: project.value.as_ref().map(|_| NumberColumn::new(kept.iter().map(value).collect())),
        indicators: indicators.collect(),
        answers: kept.iter().map(|row| part.answers[*row]).collect(),
        accounts,
        as_of: None,
    }
}

/// What orders rows, and where they stand.
struct Rows<'a> {
    project: &'a PanelProject,
    ids: &'a Words,
    day: &'a [Date],
    row_bytes: &'a [Box<[u8]>],
    places: &'a [(String, u64)],
}

impl Rows<'_> {
    fn id(&self, row: usize) -> &str {
        self.ids.get(row).unwrap_or_default()
    }

    /// The rows that stay, by day and account.
    fn kept(&self, columns: &[IndicatorColumn], rejects: &mut Vec<Reject>) -> Vec<usize> {
        let mut seen = vec![false; self.day.len()];
        let columns = columns.iter().zip(&self.project.indicators);
        let faults = columns
            .flat_map(|(column, name)| column.faults().iter().map(move |fault| (name, fault)));
        for (name, (row, value, reason)) in faults {
            // The first failing column names the reason.
            if !std::mem::replace(&mut seen[*row], true) {
                rejects.push(self.reject(*row, &name.value, (value, *reason)));
            }
        }
        let mut kept: Vec<usize> = (0..self.day.len()).filter(|row| !seen[*row]).collect();
        let key = |row: usize| (self.day[row], self.id(row), &self.row_bytes[row]);
        kept.sort_by(|a, b| key(*a).cmp(&key(*b)));
        kept.dedup_by(|row, first| {
            let same = self.day[*row] == self.day[*first] && self.id(*row) == self.id(*first);
            if same {
                let column = &self.project.id.value;
                rejects.push(self.reject(*row, column, (self.id(*row), Reason::Duplicate)));
            }
            same
        });
        kept
    }

    fn reject(&self, row: usize, column: &str, (value, reason): (&str, Reason)) -> Reject {
        let (file, line) = self.places[row].clone();
        Reject {
            table: PANEL_TABLE.to_owned(),
            file,
            line,
            column: column.to_owned(),
            value: value.to_owned(),
            reason,
        }
    }
}

/// A row, its value, and why it is none of its column.
type Fault = (usize, String, Reason);

/// A column of an indicator, once all of its values are known.
enum IndicatorColumn {
    Numbers { values: Vec<f64>, faults: Vec<Fault> },
    Words(Words),
}

impl IndicatorColumn {
    fn new(column: Column, decimal: char) -> Self {
        let words = match column {
            Column::Numbers(values) => {
                let texts =
                    values.iter().map(|value| value.is_infinite().then(|| value.to_string()));
                let faults = texts
                    .enumerate()
                    .filter_map(|(row, text)| Some((row, text?, Reason::InfiniteValue)));
                let faults = faults.collect();
                return Self::Numbers { values, faults };
            }
            Column::Words(words) => words,
        };
        let parsed: Vec<Option<f64>> =
            words.words.iter().map(|word| parse_number(word, decimal)).collect();
        let (mut values, mut faults) = (Vec::with_capacity(words.codes.len()), Vec::new());
        for (row, code) in words.codes.iter().enumerate() {
            let value = code.place().map(|place| parsed[place]);
            values.push(value.flatten().unwrap_or(f64::NAN));
            let reason = match value {
                Some(None) => Reason::NotANumber,
                Some(Some(number)) if number.is_infinite() => Reason::InfiniteValue,
                _ => continue,
            };
            faults.push((row, words.get(row).unwrap_or_default().to_owned(), reason));
        }
        let present = words.codes.iter().filter(|code| code.place().is_some()).count();
        if 2 * faults.len() < present.max(1) {
            Self::Numbers { values, faults }
        } else {
            Self::Words(words)
        }
    }

    fn faults(&self) -> &[Fault] {
        match self {
            Self::Numbers { faults, .. } => faults,
            Self::Words(_) => &[],
        }
    }

    fn pick(&self, rows: &[usize]) -> IndicatorValues {
        match self {
            Self::Numbers { values, .. } => {
                let picked = rows.iter().map(|row| values[*row]).collect();
                IndicatorValues::Numbers(NumberColumn::new(picked))
            }
            Self::Words(words) => {
                let picked = rows.iter().map(|row| words.get(*row));
                IndicatorValues::Words(WordColumn::from_words(picked))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::IndicatorColumn;
    use crate::load::columns::ColumnBuilder;
    use crate::load::row_account::Reason;
    use crate::read::Cell;

    fn column(cells: &[Option<&str>]) -> IndicatorColumn {
        let mut builder = ColumnBuilder::default();
        for cell in cells {
            builder.push(cell.map_or(Cell::Null, Cell::Text), || *cell);
        }
        IndicatorColumn::new(builder.finish(), '.')
    }

    #[test]
    fn a_column_is_what_most_of_its_values_are() {
        let numbers = column(&[Some("1"), None, Some("2.5"), Some("n/a")]);
        assert_eq!(numbers.faults(), [(3, "n/a".to_owned(), Reason::NotANumber)]);
        let values = numbers.pick(&[2, 1, 0]);
        assert_eq!(values.numbers().unwrap().get(0), Some(2.5));
        assert!(values.is_missing(1));
        let words = column(&[Some("1"), Some("2"), Some("one"), Some("two")]);
        assert!(words.faults().is_empty() && words.pick(&[0]).numbers().is_none());
        assert!(column(&[None, None]).pick(&[0]).numbers().is_some());
    }

    #[test]
    fn infinite_values_are_rejected() {
        let infinite = column(&[Some("1"), Some("2"), Some("inf")]);
        assert_eq!(infinite.faults(), [(2, "inf".to_owned(), Reason::InfiniteValue)]);
    }
}
