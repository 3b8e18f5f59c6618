//! Rows of a source.

use std::collections::{BTreeMap, HashMap};

use crate::load::accounts::AccountIndex;
use crate::load::columns::{ColumnBuilder, WordsBuilder};
use crate::load::error::LoadError;
use crate::load::history::{Column, SourceRows};
use crate::load::row_account::{Reason, Reject, TableAccount};
use crate::load::sheet::{Rejected, Sheet, id_of};
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
    let reading = Reading { source, columns: &numbers, keys, whole_rows: uses.whole_rows };
    let mut read = read_table(&run.base, &request, |sheet| convert(sheet, &reading))?;
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

/// Convert a batch column by column; checks stand in the order in which their reasons are named.
fn convert(sheet: &mut Sheet<'_>, reading: &Reading<'_>) -> Part {
    let Reading { source, columns, .. } = reading;
    let mut live = vec![true; sheet.batch.rows()];
    let (account, before_link) = accounts(sheet, &mut live, reading);
    let at = sheet.times(&mut live, columns.at);
    let mut optional =
        |column: Option<usize>| column.map(|column| sheet.optional_times(&mut live, column));
    let (created, superseded) = (optional(columns.created), optional(columns.superseded));
    let numbers =
        columns.numbers.iter().map(|(_, column)| sheet.numbers(&mut live, *column)).collect();
    let times: Vec<_> =
        columns.times.iter().map(|(_, column)| sheet.optional_times(&mut live, *column)).collect();
    for [start, end] in &columns.spans {
        sheet.each(&mut live, &(), |sheet, row| match (times[*start][row], times[*end][row]) {
            (Some(from), Some(to)) if to < from => {
                Err(sheet.reject(row, columns.times[*end].1, Reason::EndsBeforeStart))
            }
            _ => Ok(()),
        });
    }
    if let Some(column) = columns.record_id {
        sheet.each(&mut live, &(), |sheet, row| sheet.id(row, column).map(drop));
    }
    let by_event = |at: Micros| source.blind_spot.map_or(at, |spot| plus(at, spot));
    let known_of = |row: usize| {
        created.as_ref().and_then(|created| created[row]).unwrap_or_else(|| by_event(at[row]))
    };
    if sheet.contract.as_of.is_some() {
        sheet.each(&mut live, &(), |sheet, row| {
            sheet.before_as_of(row, columns.at, at[row])?;
            sheet.before_as_of(row, columns.created.unwrap_or(columns.at), known_of(row))
        });
    }
    let rows = || (0..at.len()).filter(|row| live[*row]);
    let is_late = created.is_some() || source.blind_spot.is_some();
    let before = |row: &usize| before_link.get(*row).is_some_and(|since| at[*row] < *since);
    let mut part = Part {
        known: if is_late { rows().map(known_of).collect() } else { Vec::new() },
        known_by_event: created
            .as_ref()
            .map_or_else(Vec::new, |created| rows().map(|row| created[row].is_none()).collect()),
        before_link: rows().filter(before).count() as u64,
        ..Part::default()
    };
    let ends = superseded.unwrap_or_else(|| match columns.record_id {
        Some(_) => vec![None; live.len()],
        None => Vec::new(),
    });
    part.superseded = kept(ends, &live).into_iter().map(|end| end.unwrap_or(NEVER)).collect();
    part.numbers = each_kept(numbers, &live);
    part.times = each_kept(times, &live);
    add_texts(&mut part, sheet, &live, reading);
    part.at = kept(at, &live);
    if !matches!(reading.keys, KeyMap::Open) {
        part.account = kept(account, &live);
    }
    part
}

/// The values of rows that are live.
fn kept<T>(mut values: Vec<T>, live: &[bool]) -> Vec<T> {
    if live.contains(&false) {
        let mut live = live.iter();
        values.retain(|_| live.next().is_some_and(|live| *live));
    }
    values
}

fn each_kept<T>(columns: Vec<Vec<T>>, live: &[bool]) -> Vec<Vec<T>> {
    columns.into_iter().map(|values| kept(values, live)).collect()
}

/// What is text in a row, or tells where it stands: only accepted rows have it.
fn add_texts(part: &mut Part, sheet: &mut Sheet<'_>, live: &[bool], reading: &Reading<'_>) {
    let columns = reading.columns;
    let rows = || (0..live.len()).filter(|row| live[*row]);
    for (_, column) in &columns.cells {
        let mut builder = ColumnBuilder::default();
        match sheet.batch.texts(*column) {
            Some(texts) if sheet.contract.decimal == '.' => {
                let own = texts.zip(live).filter(|(_, live)| **live);
                builder.push_texts(own.map(|(text, _)| text));
            }
            _ => rows().for_each(|row| {
                let text = || comparable_text(sheet, row, *column);
                builder.push(sheet.batch.cell(*column, row), text);
            }),
        }
        part.cells.push(builder);
    }
    for row in rows() {
        if matches!(reading.keys, KeyMap::Open)
            && let Ok(id) = sheet.id(row, columns.key)
        {
            part.account.push(part.ids.code(&id));
        }
        if let Some(column) = columns.record_id {
            let record = id_of(sheet.batch.cell(column, row));
            part.record_id.push(record.as_deref());
            part.places.push((sheet.file.to_owned(), sheet.batch.line(row)));
        }
        if reading.whole_rows {
            let mut bytes = Vec::new();
            sheet.batch.row_bytes(row, &mut bytes);
            part.row_bytes.push(bytes.into_boxed_slice());
        }
    }
}

/// The account of each live row, and since when its key leads to it where it goes through another source;
/// no account where ids make them.
fn accounts(
    sheet: &mut Sheet<'_>,
    live: &mut [bool],
    Reading { columns, keys, .. }: &Reading<'_>,
) -> (Vec<u32>, Vec<Micros>) {
    let column = columns.key;
    let account = |sheet: &mut Sheet<'_>, row: usize| account_of(sheet, row, column, keys);
    match keys {
        KeyMap::Via(_) => {
            let found = sheet.each(live, &(None, None), account).into_iter();
            found
                .map(|(account, since)| (account.unwrap_or(0), since.unwrap_or(Micros::MIN)))
                .unzip()
        }
        KeyMap::Open | KeyMap::Accounts(_) => {
            let account = |sheet: &mut Sheet<'_>, row: usize| {
                account(sheet, row).map(|(account, _)| account.unwrap_or(0))
            };
            (sheet.each(live, &0, account), Vec::new())
        }
    }
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

/// All parts as one. The memory of each is given back as soon as it has been copied.
fn merge(parts: Vec<Part>, columns: &SourceColumns) -> Part {
    let rows = parts.iter().map(|part| part.at.len()).sum();
    let mut whole = Part {
        cells: columns.cells.iter().map(|_| ColumnBuilder::default()).collect(),
        numbers: columns.numbers.iter().map(|_| Vec::with_capacity(rows)).collect(),
        times: columns.times.iter().map(|_| Vec::with_capacity(rows)).collect(),
        account: Vec::with_capacity(rows),
        at: Vec::with_capacity(rows),
        ..Part::default()
    };
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
