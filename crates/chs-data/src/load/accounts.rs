//! The accounts: from a table, or the ids of a source.

use std::collections::{BTreeMap, BTreeSet};

use chs_panel::{Named, NumberColumn, WordColumn};
use chs_toml::Located;

use crate::load::columns::WordsBuilder;
use crate::load::error::LoadError;
use crate::load::history::{AccountTable, Column};
use crate::load::row_account::{LoadReport, Reason, Reject};
use crate::load::sheet::{Rejected, Sheet, id_of};
use crate::load::table::{Columns, Run, TableRequest, read_table, settle};
use crate::project::{AccountsOrigin, FileTable, Name, Project, Reading, Verb};
use crate::time::Micros;

/// Accounts of a table, with the columns of it that outcomes come from or are held against.
#[derive(Default)]
pub(super) struct LoadedAccounts {
    pub(super) accounts: AccountTable,
    /// Per column of dates: date per account.
    pub(super) dates: BTreeMap<String, Vec<Option<Micros>>>,
    /// Per column of flags: whether it is set, per account.
    pub(super) flags: BTreeMap<String, Vec<bool>>,
    /// Ids of rows that were not known before the end of `--as-of`.
    pub(super) later: BTreeSet<String>,
}

/// What sets a flag, whatever the case; every other cell leaves it unset.
const SET: [&str; 4] = ["1", "true", "yes", "y"];

/// One row of the accounts table.
struct AccountRow {
    id: String,
    start: Option<Micros>,
    /// From when the attributes hold; [`Micros::MIN`] where they always did.
    valid_from: Micros,
    segments: Vec<Option<String>>,
    value: f64,
    attributes: Vec<Attribute>,
    dates: Vec<Option<Micros>>,
    flags: Vec<bool>,
    bytes: Vec<u8>,
    file: String,
    line: u64,
}

/// A cell that an indicator reads.
enum Attribute {
    /// NaN where null.
    Number(f64),
    Word(Option<String>),
}

/// Numbers of the columns of the accounts table in its sheet.
struct AccountColumns {
    id: usize,
    start: Option<usize>,
    valid_from: Option<usize>,
    segments: Vec<usize>,
    value: Option<usize>,
    /// With whether cells have to be numbers.
    attributes: Vec<(usize, bool)>,
    dates: Vec<usize>,
    flags: Vec<usize>,
}

/// Read the accounts table; `dates` are its columns that outcomes come from.
pub(super) fn load_accounts(
    run: &Run<'_>,
    dates: &[Located<String>],
    report: &mut LoadReport,
) -> Result<Option<LoadedAccounts>, LoadError> {
    let AccountsOrigin::Table { table, id, start } = &run.project.accounts.origin else {
        return Ok(None);
    };
    let mut columns = Columns::default();
    let attributes = attributes(run.project);
    let mut number = |name: &Name| columns.number(&name.value, name.span.clone());
    let accounts = &run.project.accounts;
    let numbers = AccountColumns {
        id: number(id),
        start: start.as_ref().map(&mut number),
        valid_from: accounts.valid_from.as_ref().map(&mut number),
        segments: accounts.segments.iter().map(&mut number).collect(),
        value: accounts.value.as_ref().map(&mut number),
        attributes: attributes
            .values()
            .map(|attribute| (number(attribute.column), attribute.is_number))
            .collect(),
        dates: dates.iter().map(&mut number).collect(),
        flags: flags(run).map(&mut number).collect(),
    };
    let request = request(table, columns);
    let mut read = read_table(&run.base, &request, |(rows, later): &mut Part, sheet| {
        rows.extend(
            (0..sheet.batch.rows()).filter_map(|row| account_row(sheet, row, &numbers).ok()),
        );
        let id = |row: &usize| Some(id_of(sheet.batch.cell(numbers.id, *row))?.into_owned());
        later.extend(sheet.later.iter().filter_map(id));
    })?;
    let (rows, later): (Vec<_>, Vec<_>) = std::mem::take(&mut read.parts).into_iter().unzip();
    let mut rows: Vec<AccountRow> = rows.into_iter().flatten().collect();
    rows.sort_by(|a, b| a.key().cmp(&b.key()).then_with(|| a.bytes.cmp(&b.bytes)));
    read.rejects.extend(drop_duplicates(&mut rows));
    settle(&mut read);
    report.tables.push(read.account);
    report.rejects.extend(read.rejects);
    run.hold(report)?;
    if rows.is_empty() {
        return Err(LoadError::NoRows {
            table: "accounts".into(),
            files: table.origin.shown(),
            needed: "every other table speaks about accounts".to_owned(),
            as_of: run.base.last_day().filter(|_| !later.iter().all(BTreeSet::is_empty)),
        });
    }
    let later = later.into_iter().flatten().collect();
    Ok(Some(LoadedAccounts { later, ..assemble(run, dates, &rows) }))
}

/// Accepted rows of a piece, and the ids of those that were not known before the end of `--as-of`.
type Part = (Vec<AccountRow>, BTreeSet<String>);

impl AccountRow {
    /// What may stand once; of one account the last rules.
    fn key(&self) -> (&str, Micros, Option<Micros>) {
        (&self.id, self.valid_from, self.start)
    }
}

/// A column that indicators read.
struct AttributeColumn<'a> {
    column: &'a Name,
    /// Whether an indicator takes its cells for numbers.
    is_number: bool,
}

/// Columns that indicators read, by name.
fn attributes(project: &Project) -> BTreeMap<&str, AttributeColumn<'_>> {
    let mut columns = BTreeMap::new();
    for indicator in &project.indicators {
        let Verb::Attribute { column, reading } = &indicator.verb else { continue };
        let first = AttributeColumn { column, is_number: false };
        let attribute = columns.entry(column.value.as_str()).or_insert(first);
        attribute.is_number |= matches!(reading, Reading::Numbers);
    }
    columns
}

/// Columns of flags, in the order of their outcomes.
fn flags<'a>(run: &'a Run<'_>) -> impl Iterator<Item = &'a Located<String>> {
    run.project.outcomes.iter().filter_map(|outcome| outcome.flag.as_ref())
}

fn request(table: &FileTable, columns: Columns) -> TableRequest<'_> {
    TableRequest {
        name: "accounts",
        key: "accounts".to_owned(),
        table,
        time_zone: None,
        columns: columns.list,
        whole_rows: true,
    }
}

fn account_row(
    sheet: &mut Sheet<'_>,
    row: usize,
    columns: &AccountColumns,
) -> Result<AccountRow, Rejected> {
    let id = sheet.id(row, columns.id)?.into_owned();
    let start = match columns.start {
        Some(column) => {
            let start = sheet.time(row, column)?;
            sheet.before_as_of(row, column, start)?;
            Some(start)
        }
        None => None,
    };
    let valid_from = match columns.valid_from {
        Some(column) => {
            let since = sheet.optional_time(row, column)?.unwrap_or(Micros::MIN);
            sheet.before_as_of(row, column, since)?;
            since
        }
        None => Micros::MIN,
    };
    let value = match columns.value {
        Some(column) => sheet.number(row, column)?,
        None => f64::NAN,
    };
    let attributes = columns
        .attributes
        .iter()
        .map(|(column, is_number)| attribute(sheet, row, (*column, *is_number)))
        .collect::<Result<Vec<_>, _>>()?;
    let dates = columns
        .dates
        .iter()
        .map(|column| sheet.optional_time(row, *column))
        .collect::<Result<Vec<_>, _>>()?;
    let segments = columns.segments.iter().map(|column| word(sheet, row, *column)).collect();
    let is_set = |column: &usize| {
        let word = sheet.text(row, *column).map(|word| word.trim().to_lowercase());
        word.is_some_and(|word| SET.contains(&word.as_str()))
    };
    let flags = columns.flags.iter().map(is_set).collect();
    let mut bytes = Vec::new();
    sheet.batch.row_bytes(row, &mut bytes);
    let (file, line) = (sheet.file.to_owned(), sheet.batch.line(row));
    Ok(AccountRow {
        id,
        start,
        valid_from,
        segments,
        value,
        attributes,
        dates,
        flags,
        bytes,
        file,
        line,
    })
}

fn attribute(
    sheet: &mut Sheet<'_>,
    row: usize,
    (column, is_number): (usize, bool),
) -> Result<Attribute, Rejected> {
    if is_number {
        return sheet.number(row, column).map(Attribute::Number);
    }
    Ok(Attribute::Word(word(sheet, row, column)))
}

/// A trimmed text.
fn word(sheet: &Sheet<'_>, row: usize, column: usize) -> Option<String> {
    let word = sheet.text(row, column).map(|word| word.trim().to_owned());
    word.filter(|word| !word.is_empty())
}

/// Rows are sorted: of those with one id, date of validity and start the smallest stays. Later starts are
/// returns.
fn drop_duplicates(rows: &mut Vec<AccountRow>) -> Vec<Reject> {
    let mut rejects = Vec::new();
    rows.dedup_by(|row, kept| {
        let same = row.key() == kept.key();
        if same {
            rejects.push(Reject {
                table: "accounts".to_owned(),
                file: row.file.clone(),
                line: row.line,
                column: String::new(),
                value: row.id.clone(),
                reason: Reason::Duplicate,
            });
        }
        same
    });
    rejects
}

/// Rows sorted by id, validity and start -> a table with one entry per account. Without `valid_from`
/// its attributes are those of the latest start.
fn assemble(run: &Run<'_>, dates: &[Located<String>], rows: &[AccountRow]) -> LoadedAccounts {
    let accounts = &run.project.accounts;
    let groups: Vec<&[AccountRow]> = rows.chunk_by(|a, b| a.id == b.id).collect();
    let latest: Vec<&AccountRow> = groups.iter().filter_map(|group| group.last()).collect();
    let versions: Vec<(u32, &AccountRow)> = match accounts.valid_from {
        Some(_) => (0_u32..)
            .zip(&groups)
            .flat_map(|(account, group)| group.iter().map(move |row| (account, row)))
            .collect(),
        None => (0_u32..).zip(latest.iter().copied()).collect(),
    };
    let segment = |(index, name): (usize, &Located<String>)| Named {
        name: name.value.clone(),
        column: WordColumn::from_words(
            versions.iter().map(|(_, row)| row.segments.get(index).and_then(Option::as_deref)),
        ),
    };
    let date = |(index, name): (usize, &Located<String>)| {
        (
            name.value.clone(),
            latest.iter().map(|row| row.dates.get(index).copied().flatten()).collect(),
        )
    };
    let flag = |(index, name): (usize, &Located<String>)| {
        let set = latest.iter().map(|row| row.flags.get(index).copied().unwrap_or(false));
        (name.value.clone(), set.collect())
    };
    let attribute = |(index, name): (usize, &str)| {
        let cells = versions.iter().filter_map(|(_, row)| row.attributes.get(index));
        (name.to_owned(), attribute_column(cells))
    };
    let value = accounts.value.as_ref();
    LoadedAccounts {
        accounts: AccountTable {
            ids: latest.iter().map(|row| row.id.clone()).collect(),
            starts: groups.iter().map(|group| starts(group)).collect(),
            versions: versions.iter().map(|(account, row)| (*account, row.valid_from)).collect(),
            segments: accounts.segments.iter().enumerate().map(segment).collect(),
            value: value
                .map(|_| NumberColumn::new(versions.iter().map(|(_, row)| row.value).collect())),
            attributes: attributes(run.project).into_keys().enumerate().map(attribute).collect(),
        },
        dates: dates.iter().enumerate().map(date).collect(),
        flags: flags(run).enumerate().map(flag).collect(),
        later: BTreeSet::new(),
    }
}

/// The distinct starts of an account, ascending.
fn starts(group: &[AccountRow]) -> Vec<Micros> {
    let mut starts: Vec<Micros> = group.iter().filter_map(|row| row.start).collect();
    starts.sort_unstable();
    starts.dedup();
    starts
}

/// Cells of one column, which are all of one kind.
fn attribute_column<'a>(cells: impl Iterator<Item = &'a Attribute>) -> Column {
    let (mut numbers, mut words) = (Vec::new(), WordsBuilder::default());
    for cell in cells {
        match cell {
            Attribute::Number(number) => numbers.push(*number),
            Attribute::Word(word) => words.push(word.as_deref()),
        }
    }
    if numbers.is_empty() { Column::Words(words.finish()) } else { Column::Numbers(numbers) }
}
