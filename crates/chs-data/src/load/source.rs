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
    cells: BTreeMap<String, usize>,
    numbers: BTreeMap<String, usize>,
    times: BTreeMap<String, usize>,
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
    let times = numbered(&uses.times);
    let place = |name: &String| times.keys().position(|known| known == name);
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
    keys: WordsBuilder,
    at: Vec<Micros>,
    known: Vec<Micros>,
    known_by_event: Vec<bool>,
    superseded: Vec<Micros>,
    record_id: WordsBuilder,
    cells: BTreeMap<String, ColumnBuilder>,
    numbers: BTreeMap<String, Vec<f64>>,
    times: BTreeMap<String, Vec<Option<Micros>>>,
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
        let mut part = Part::default();
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
    let (mut rows, ids, places) = finish(part, source, keys);
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
    let (key, since) = account_key(sheet, row, columns.key, keys)?;
    let at = sheet.time(row, columns.at)?;
    let created = optional(sheet, row, columns.created)?;
    let superseded = optional(sheet, row, columns.superseded)?;
    let mut numbers = Vec::with_capacity(columns.numbers.len());
    for column in columns.numbers.values() {
        numbers.push(sheet.number(row, *column)?);
    }
    let mut times = Vec::with_capacity(columns.times.len());
    for column in columns.times.values() {
        times.push(sheet.optional_time(row, *column)?);
    }
    for [start, end] in &columns.spans {
        if let (Some(from), Some(to)) = (times[*start], times[*end])
            && to < from
        {
            let column = columns.times.values().nth(*end).copied().unwrap_or(columns.at);
            return Err(sheet.reject(row, column, Reason::EndsBeforeStart));
        }
    }
    let record = match columns.record_id {
        Some(column) => Some(sheet.id(row, column)?.into_owned()),
        None => None,
    };
    let known = created.unwrap_or_else(|| source.blind_spot.map_or(at, |spot| plus(at, spot)));
    sheet.before_as_of(row, columns.at, at)?;
    sheet.before_as_of(row, columns.created.unwrap_or(columns.at), known)?;
    for (name, column) in &columns.cells {
        let cell = sheet.batch.cell(*column, row);
        let text = comparable_text(sheet, row, *column);
        part.cells.entry(name.clone()).or_default().push(cell, text.as_deref());
    }
    part.before_link += u64::from(since.is_some_and(|since| at < since));
    part.keys.push(Some(&key));
    part.at.push(at);
    part.known.push(known);
    part.known_by_event.push(created.is_none());
    part.superseded.push(superseded.unwrap_or(NEVER));
    for (name, number) in columns.numbers.keys().zip(numbers) {
        part.numbers.entry(name.clone()).or_default().push(number);
    }
    for (name, time) in columns.times.keys().zip(times) {
        part.times.entry(name.clone()).or_default().push(time);
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

/// The key of a row that leads to an account, and since when that is so where it goes through another
/// source.
fn account_key(
    sheet: &mut Sheet<'_>,
    row: usize,
    column: usize,
    keys: &KeyMap<'_>,
) -> Result<(String, Option<Micros>), Rejected> {
    let key = sheet.id(row, column)?.into_owned();
    let reason = match keys {
        KeyMap::Open => return Ok((key, None)),
        KeyMap::Accounts(index) if index.get(&key).is_some() => return Ok((key, None)),
        KeyMap::Accounts(_) => Reason::UnknownAccount,
        KeyMap::Via(map) => match map.get(&key) {
            Some(Link { account: Some(_), since }) => return Ok((key, Some(*since))),
            Some(Link { account: None, .. }) => Reason::AmbiguousKey,
            None => Reason::UnknownAccount,
        },
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
    let mut whole = Part::default();
    for name in columns.cells.keys() {
        whole.cells.entry(name.clone()).or_default();
    }
    for name in columns.numbers.keys() {
        whole.numbers.entry(name.clone()).or_default();
    }
    for name in columns.times.keys() {
        whole.times.entry(name.clone()).or_default();
    }
    for part in parts {
        whole.keys.append(part.keys);
        whole.at.extend(part.at);
        whole.known.extend(part.known);
        whole.known_by_event.extend(part.known_by_event);
        whole.superseded.extend(part.superseded);
        whole.record_id.append(part.record_id);
        whole.row_bytes.extend(part.row_bytes);
        whole.places.extend(part.places);
        whole.before_link += part.before_link;
        for (name, column) in part.cells {
            whole.cells.entry(name).or_default().append(column);
        }
        for (name, column) in part.numbers {
            whole.numbers.entry(name).or_default().extend(column);
        }
        for (name, column) in part.times {
            whole.times.entry(name).or_default().extend(column);
        }
    }
    whole
}

/// Keys become account indices; of an open map, indices into the keys in order of first appearance.
fn finish(
    part: Part,
    source: &Source,
    keys: &KeyMap<'_>,
) -> (SourceRows, Vec<String>, Vec<(String, u64)>) {
    let key_words = part.keys.finish();
    let of_word: Vec<u32> = match keys {
        KeyMap::Open => (0_u32..).take(key_words.words.len()).collect(),
        KeyMap::Accounts(index) => {
            key_words.words.iter().map(|word| index.get(word).unwrap_or(0)).collect()
        }
        KeyMap::Via(map) => key_words
            .words
            .iter()
            .map(|word| map.get(word).and_then(|link| link.account).unwrap_or(0))
            .collect(),
    };
    let account =
        key_words.codes.iter().map(|code| code.map_or(0, |code| of_word[code as usize])).collect();
    let mut columns: BTreeMap<String, Column> =
        part.cells.into_iter().map(|(name, builder)| (name, builder.finish())).collect();
    columns
        .extend(part.numbers.into_iter().map(|(name, numbers)| (name, Column::Numbers(numbers))));
    let rows = SourceRows {
        account,
        at: part.at,
        known: part.known,
        known_by_event: part.known_by_event,
        superseded: part.superseded,
        record_id: source.record_id.as_ref().map(|_| part.record_id.finish()),
        columns,
        times: part.times,
        row_bytes: part.row_bytes,
    };
    let ids = if matches!(keys, KeyMap::Open) { key_words.words } else { Vec::new() };
    (rows, ids, part.places)
}
