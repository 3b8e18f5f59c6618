//! The accounts: from a table, or the ids of a source.

use std::collections::{BTreeMap, HashMap};

use chs_panel::{Named, NumberColumn, WordColumn};
use chs_toml::Located;
use foldhash::fast::FixedState;

use crate::load::error::LoadError;
use crate::load::history::AccountTable;
use crate::load::row_account::{LoadReport, Reason, Reject};
use crate::load::sheet::{Rejected, Sheet};
use crate::load::table::{Columns, Run, TableRequest, read_table, settle};
use crate::project::{AccountsOrigin, FileTable};
use crate::time::Micros;

/// Account ids -> index into [`AccountTable::ids`].
pub(super) struct AccountIndex {
    index: HashMap<String, u32, FixedState>,
}

impl AccountIndex {
    pub(super) fn new(ids: &[String]) -> Self {
        let numbered = ids.iter().zip(0_u32..);
        Self { index: numbered.map(|(id, number)| (id.clone(), number)).collect() }
    }

    pub(super) fn get(&self, id: &str) -> Option<u32> {
        self.index.get(id).copied()
    }
}

/// Accounts of a table, with the columns of it that outcomes come from or are held against.
#[derive(Default)]
pub(super) struct LoadedAccounts {
    pub(super) accounts: AccountTable,
    /// Per column of dates: date per account.
    pub(super) dates: BTreeMap<String, Vec<Option<Micros>>>,
    /// Per column of flags: whether it is set, per account.
    pub(super) flags: BTreeMap<String, Vec<bool>>,
}

/// What sets a flag, whatever the case; every other cell leaves it unset.
const SET: [&str; 4] = ["1", "true", "yes", "y"];

/// One row of the accounts table.
struct AccountRow {
    id: String,
    start: Option<Micros>,
    segments: Vec<Option<String>>,
    value: f64,
    dates: Vec<Option<Micros>>,
    flags: Vec<bool>,
    bytes: Vec<u8>,
    file: String,
    line: u64,
}

/// Numbers of the columns of the accounts table in its sheet.
struct AccountColumns {
    id: usize,
    start: Option<usize>,
    segments: Vec<usize>,
    value: Option<usize>,
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
    let numbers = AccountColumns {
        id: columns.number(&id.value, id.span.clone()),
        start: start.as_ref().map(|name| columns.number(&name.value, name.span.clone())),
        segments: run
            .project
            .accounts
            .segments
            .iter()
            .map(|name| columns.number(&name.value, name.span.clone()))
            .collect(),
        value: run
            .project
            .accounts
            .value
            .as_ref()
            .map(|name| columns.number(&name.value, name.span.clone())),
        dates: dates.iter().map(|name| columns.number(&name.value, name.span.clone())).collect(),
        flags: flags(run).map(|name| columns.number(&name.value, name.span.clone())).collect(),
    };
    let request = request(table, columns);
    let mut read = read_table(&run.base, &request, |sheet| {
        (0..sheet.batch.rows())
            .filter_map(|row| account_row(sheet, row, &numbers).ok())
            .collect::<Vec<_>>()
    })?;
    let mut rows: Vec<AccountRow> = std::mem::take(&mut read.parts).into_iter().flatten().collect();
    rows.sort_by(|a, b| (&a.id, a.start, &a.bytes).cmp(&(&b.id, b.start, &b.bytes)));
    read.rejects.extend(drop_duplicates(&mut rows));
    settle(&request, &mut read)?;
    if rows.is_empty() {
        let needed = "every other table speaks about accounts".to_owned();
        return Err(LoadError::NoRows {
            table: "accounts".into(),
            files: table.origin.shown(),
            needed,
        });
    }
    report.tables.push(read.account);
    report.rejects.extend(read.rejects);
    Ok(Some(assemble(run, dates, &rows)))
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
    let value = match columns.value {
        Some(column) => sheet.number(row, column)?,
        None => f64::NAN,
    };
    let dates = columns
        .dates
        .iter()
        .map(|column| sheet.optional_time(row, *column))
        .collect::<Result<Vec<_>, _>>()?;
    let segments = columns
        .segments
        .iter()
        .map(|column| sheet.text(row, *column).map(|word| word.trim().to_owned()));
    let segments = segments.map(|word| word.filter(|word| !word.is_empty())).collect();
    let is_set = |column: &usize| {
        let word = sheet.text(row, *column).map(|word| word.trim().to_lowercase());
        word.is_some_and(|word| SET.contains(&word.as_str()))
    };
    let flags = columns.flags.iter().map(is_set).collect();
    let mut bytes = Vec::new();
    sheet.batch.row_bytes(row, &mut bytes);
    let (file, line) = (sheet.file.to_owned(), sheet.batch.line(row));
    Ok(AccountRow { id, start, segments, value, dates, flags, bytes, file, line })
}

/// Rows are sorted: of those with one id and start the smallest stays. Later starts are returns.
fn drop_duplicates(rows: &mut Vec<AccountRow>) -> Vec<Reject> {
    let mut rejects = Vec::new();
    rows.dedup_by(|row, kept| {
        let same = row.id == kept.id && row.start == kept.start;
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

/// Rows sorted by id and start -> a table with one entry per account; its attributes are those of the
/// latest start.
fn assemble(run: &Run<'_>, dates: &[Located<String>], rows: &[AccountRow]) -> LoadedAccounts {
    let groups: Vec<&[AccountRow]> = rows.chunk_by(|a, b| a.id == b.id).collect();
    let latest: Vec<&AccountRow> = groups.iter().filter_map(|group| group.last()).collect();
    let segment = |(index, name): (usize, &Located<String>)| Named {
        name: name.value.clone(),
        column: WordColumn::from_words(
            latest.iter().map(|row| row.segments.get(index).and_then(Option::as_deref)),
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
    let value = run.project.accounts.value.as_ref();
    LoadedAccounts {
        accounts: AccountTable {
            ids: latest.iter().map(|row| row.id.clone()).collect(),
            starts: groups
                .iter()
                .map(|group| group.iter().filter_map(|row| row.start).collect())
                .collect(),
            segments: run.project.accounts.segments.iter().enumerate().map(segment).collect(),
            value: value.map(|_| NumberColumn::new(latest.iter().map(|row| row.value).collect())),
        },
        dates: dates.iter().enumerate().map(date).collect(),
        flags: flags(run).enumerate().map(flag).collect(),
    }
}
