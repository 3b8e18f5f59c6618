//! Rows of a source.

use std::collections::{BTreeMap, HashMap};

use crate::load::accounts::AccountIndex;
use crate::load::columns::{ColumnBuilder, WordsBuilder};
use crate::load::error::LoadError;
use crate::load::history::{Column, SourceRows};
use crate::load::row_account::{Reason, Reject, TableAccount};
use crate::load::sheet::{Rejected, Sheet};
use crate::load::table::{Columns, Run, TableRequest, read_table, settle};
use crate::load::uses::{Uses, uses};
use crate::load::versions::resolve_versions;
use crate::project::{AccountKey, Source};
use crate::time::{Micros, NEVER, plus};

/// How the key of a row becomes an account.
pub(super) enum KeyMap<'a> {
    /// The ids of the accounts table.
    Accounts(&'a AccountIndex),
    /// New ids become accounts (`accounts.from`).
    Open,
    /// Keys of another source.
    Via(HashMap<String, Link>),
}

/// Where a key of another source leads.
pub(super) struct Link {
    /// `None` where it leads to several accounts.
    pub(super) account: Option<u32>,
    /// The earliest event of the key in the other source.
    pub(super) since: Micros,
}

/// Rows of a source, with ids in place of account indices where the source makes the accounts.
pub(super) struct LoadedSource {
    pub(super) rows: SourceRows,
    /// The ids that `rows.account` points to, where the map was [`KeyMap::Open`].
    pub(super) ids: Vec<String>,
    pub(super) account: TableAccount,
    pub(super) rejects: Vec<Reject>,
}

/// Numbers of a source's columns in its sheet.
struct SourceColumns {
    key: usize,
    at: usize,
    created: Option<usize>,
    superseded: Option<usize>,
    record_id: Option<usize>,
    /// Names with their numbers, each list ascending by name.
    cells: Vec<(String, usize)>,
    numbers: Vec<(String, usize)>,
    times: Vec<(String, usize)>,
    /// Places of start and end among `times`.
    spans: Vec<[usize; 2]>,
}

fn number_columns(source: &Source, uses: &Uses) -> (Columns, SourceColumns) {
    let mut columns = Columns::default();
    let key = match &source.key {
        AccountKey::Column(name) | AccountKey::Via { on: name, .. } => name,
    };
    let mut number = |name: &crate::project::Name| columns.number(&name.value, name.span.clone());
    let (key, at) = (number(key), number(&source.at));
    let created = source.created.as_ref().map(&mut number);
    let superseded = source.superseded.as_ref().map(&mut number);
    let record_id = source.record_id.as_ref().map(&mut number);
    let mut numbered = |list: &[(String, std::ops::Range<usize>)]| -> BTreeMap<String, usize> {
        list.iter().map(|(name, span)| (name.clone(), columns.number(name, span.clone()))).collect()
    };
    let numbers = numbered(&uses.numbers);
    let mut cells = numbered(&uses.cells);
    cells.retain(|name, _| !numbers.contains_key(name));
    let [cells, numbers, times] =
        [cells, numbers, numbered(&uses.times)].map(|named| named.into_iter().collect::<Vec<_>>());
    let place = |name: &String| times.iter().position(|(known, _)| known == name);
    let spans = uses.spans.iter().filter_map(|[start, end]| Some([place(start)?, place(end)?]));
    let spans = spans.collect();
    (
        columns,
        SourceColumns { key, at, created, superseded, record_id, cells, numbers, times, spans },
    )
}

/// A part of a source: the accepted rows of one batch, or of all.
#[derive(Default)]
struct Part {
    /// Account per row; where ids become accounts, the number of its id among `ids`.
    account: Vec<u32>,
    ids: WordsBuilder,
    at: Vec<Micros>,
    known: Vec<Micros>,
    known_by_event: Vec<bool>,
    superseded: Vec<Micros>,
    record_id: WordsBuilder,
    /// Columns in the order of [`SourceColumns`].
    cells: Vec<ColumnBuilder>,
    numbers: Vec<Vec<f64>>,
    times: Vec<Vec<Option<Micros>>>,
    row_bytes: Vec<Box<[u8]>>,
    /// File and line, where duplicates may have to be reported.
    places: Vec<(String, u64)>,
    /// Rows before the first row of their key in the source that they go through.
    before_link: u64,
    /// Numbers and times of the row at hand, until it is accepted.
    row_numbers: Vec<f64>,
    row_times: Vec<Option<Micros>>,
}

impl Part {
    fn new(columns: &SourceColumns) -> Self {
        Self {
            cells: columns.cells.iter().map(|_| ColumnBuilder::default()).collect(),
            numbers: vec![Vec::new(); columns.numbers.len()],
            times: vec![Vec::new(); columns.times.len()],
            ..Self::default()
        }
    }
}

/// Read a source.
pub(super) fn load_source(
    run: &Run<'_>,
    index: usize,
    keys: &KeyMap<'_>,
) -> Result<LoadedSource, LoadError> {
    let source = &run.project.sources[index];
    let uses = uses(run.project, index, source);
    uses.check(run.project)?;
    let (columns, numbers) = number_columns(source, &uses);
    let request = TableRequest {
        name: &source.name.value,
        key: format!("sources.{}", source.name.value),
        table: &source.table,
        time_zone: source.time_zone.as_ref().map(|zone| zone.value.as_str()),
        columns: columns.list,
        whole_rows: uses.whole_rows,
    };
    let mut read = read_table(&run.base, &request, |sheet| {
        let mut part = Part::new(&numbers);
        for row in 0..sheet.batch.rows() {
            // A rejected row has been noted by the sheet.
            let _ = add_row(
                &mut part,
                sheet,
                row,
                &Reading { source, columns: &numbers, keys, whole_rows: uses.whole_rows },
            );
        }
        part
    })?;
    let part = merge(std::mem::take(&mut read.parts), &numbers);
    read.account.before_link = part.before_link;
    let (mut rows, ids, places) = finish(part, source, numbers);
    if source.record_id.is_some() {
        let versions = resolve_versions(&mut rows, source, &places);
        read.account.corrected = versions.corrected;
        read.rejects.extend(versions.duplicates);
    }
    settle(&request, &mut read)?;
    if read.account.used == 0 && matches!(keys, KeyMap::Open) {
        let (files, needed) =
            (source.table.origin.shown(), "the accounts are taken from it".to_owned());
        return Err(LoadError::NoRows { table: source.name.value.clone(), files, needed });
    }
    Ok(LoadedSource { rows, ids, account: read.account, rejects: read.rejects })
}

struct Reading<'a> {
    source: &'a Source,
    columns: &'a SourceColumns,
    keys: &'a KeyMap<'a>,
    whole_rows: bool,
}

/// Convert one row; checks stand in the order in which their reasons are named.
fn add_row(
    part: &mut Part,
    sheet: &mut Sheet<'_>,
    row: usize,
    reading: &Reading<'_>,
) -> Result<(), Rejected> {
    let Reading { source, columns, keys, whole_rows } = reading;
    let (account, since) = account_of(sheet, row, columns.key, keys)?;
    let at = sheet.time(row, columns.at)?;
    let created = optional(sheet, row, columns.created)?;
    let superseded = optional(sheet, row, columns.superseded)?;
    part.row_numbers.clear();
    for (_, column) in &columns.numbers {
        part.row_numbers.push(sheet.number(row, *column)?);
    }
    part.row_times.clear();
    for (_, column) in &columns.times {
        part.row_times.push(sheet.optional_time(row, *column)?);
    }
    for [start, end] in &columns.spans {
        if let (Some(from), Some(to)) = (part.row_times[*start], part.row_times[*end])
            && to < from
        {
            return Err(sheet.reject(row, columns.times[*end].1, Reason::EndsBeforeStart));
        }
    }
    let record = match columns.record_id {
        Some(column) => Some(sheet.id(row, column)?.into_owned()),
        None => None,
    };
    let known = created.unwrap_or_else(|| source.blind_spot.map_or(at, |spot| plus(at, spot)));
    sheet.before_as_of(row, columns.at, at)?;
    sheet.before_as_of(row, columns.created.unwrap_or(columns.at), known)?;
    for (builder, (_, column)) in part.cells.iter_mut().zip(&columns.cells) {
        builder.push(sheet.batch.cell(*column, row), || comparable_text(sheet, row, *column));
    }
    part.before_link += u64::from(since.is_some_and(|since| at < since));
    part.account.push(match account {
        Some(account) => account,
        // Only an accepted row makes an account.
        None => part.ids.code(&sheet.id(row, columns.key)?),
    });
    part.at.push(at);
    if columns.created.is_some() || source.blind_spot.is_some() {
        part.known.push(known);
    }
    if columns.created.is_some() {
        part.known_by_event.push(created.is_none());
    }
    if columns.superseded.is_some() || columns.record_id.is_some() {
        part.superseded.push(superseded.unwrap_or(NEVER));
    }
    for (column, number) in part.numbers.iter_mut().zip(&part.row_numbers) {
        column.push(*number);
    }
    for (column, time) in part.times.iter_mut().zip(&part.row_times) {
        column.push(*time);
    }
    if record.is_some() {
        part.record_id.push(record.as_deref());
        part.places.push((sheet.file.to_owned(), sheet.batch.line(row)));
    }
    if *whole_rows {
        let mut bytes = Vec::new();
        sheet.batch.row_bytes(row, &mut bytes);
        part.row_bytes.push(bytes.into_boxed_slice());
    }
    Ok(())
}

/// The account that the key of a row leads to, `None` where it makes one, and since when that is so where
/// it goes through another source.
fn account_of(
    sheet: &mut Sheet<'_>,
    row: usize,
    column: usize,
    keys: &KeyMap<'_>,
) -> Result<(Option<u32>, Option<Micros>), Rejected> {
    let reason = {
        let key = sheet.id(row, column)?;
        match keys {
            KeyMap::Open => return Ok((None, None)),
            KeyMap::Accounts(index) => match index.get(&key) {
                Some(account) => return Ok((Some(account), None)),
                None => Reason::UnknownAccount,
            },
            KeyMap::Via(map) => match map.get(key.as_ref()) {
                Some(Link { account: Some(account), since }) => {
                    return Ok((Some(*account), Some(*since)));
                }
                Some(Link { account: None, .. }) => Reason::AmbiguousKey,
                None => Reason::UnknownAccount,
            },
        }
    };
    Err(sheet.reject(row, column, reason))
}

fn optional(
    sheet: &mut Sheet<'_>,
    row: usize,
    column: Option<usize>,
) -> Result<Option<Micros>, Rejected> {
    column.map_or(Ok(None), |column| sheet.optional_time(row, column))
}

/// The text of a cell; numbers with a decimal comma are written with a point, so that expressions read them.
fn comparable_text<'a>(
    sheet: &'a Sheet<'_>,
    row: usize,
    column: usize,
) -> Option<std::borrow::Cow<'a, str>> {
    let text = sheet.text(row, column)?;
    if sheet.contract.decimal == '.' {
        return Some(text);
    }
    match crate::load::sheet::parse_number(&text, sheet.contract.decimal) {
        Some(number) => Some(std::borrow::Cow::Owned(number.to_string())),
        None => Some(text),
    }
}

fn merge(parts: Vec<Part>, columns: &SourceColumns) -> Part {
    let mut whole = Part::new(columns);
    for part in parts {
        let numbers_of_ids = whole.ids.codes_of(&part.ids);
        if numbers_of_ids.is_empty() {
            whole.account.extend(part.account);
        } else {
            let number = |account: u32| numbers_of_ids.get(account as usize).copied();
            whole.account.extend(part.account.into_iter().filter_map(number));
        }
        whole.at.extend(part.at);
        whole.known.extend(part.known);
        whole.known_by_event.extend(part.known_by_event);
        whole.superseded.extend(part.superseded);
        whole.record_id.append(part.record_id);
        whole.row_bytes.extend(part.row_bytes);
        whole.places.extend(part.places);
        whole.before_link += part.before_link;
        for (column, own) in whole.cells.iter_mut().zip(part.cells) {
            column.append(own);
        }
        for (column, own) in whole.numbers.iter_mut().zip(part.numbers) {
            column.extend(own);
        }
        for (column, own) in whole.times.iter_mut().zip(part.times) {
            column.extend(own);
        }
    }
    whole
}

/// The rows, the ids that became accounts in order of first appearance, and the place of each row.
fn finish(
    part: Part,
    source: &Source,
    columns: SourceColumns,
) -> (SourceRows, Vec<String>, Vec<(String, u64)>) {
    let cells = columns.cells.into_iter().zip(part.cells);
    let cells = cells.map(|((name, _), builder)| (name, builder.finish()));
    let numbers = columns.numbers.into_iter().zip(part.numbers);
    let numbers = numbers.map(|((name, _), numbers)| (name, Column::Numbers(numbers)));
    let times = columns.times.into_iter().zip(part.times);
    let rows = SourceRows {
        account: part.account,
        starts: Vec::new(),
        at: part.at,
        known: part.known,
        known_by_event: part.known_by_event,
        superseded: part.superseded,
        record_id: source.record_id.as_ref().map(|_| part.record_id.finish()),
        columns: cells.chain(numbers).collect(),
        times: times.map(|((name, _), times)| (name, times)).collect(),
        row_bytes: part.row_bytes,
    };
    (rows, part.ids.finish().words, part.places)
}
