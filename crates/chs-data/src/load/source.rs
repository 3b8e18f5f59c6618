//! Rows of a source.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rayon::prelude::*;

use crate::load::account_index::AccountIndex;
use crate::load::columns::{ColumnBuilder, WordsBuilder};
use crate::load::error::LoadError;
use crate::load::history::{Column, SourceRows};
use crate::load::row_account::{Reason, Reject, TableAccount};
use crate::load::sheet::{Rejected, Sheet, id_of};
use crate::load::table::{Columns, Run, TableRequest, read_table, settle};
use crate::load::uses::{Uses, uses};
use crate::load::versions::resolve_versions;
use crate::project::{AccountKey, Source};
use crate::time::{Micros, NEVER, civil, plus};

/// How the key of a row becomes an account.
pub(super) enum KeyMap<'a> {
    /// The ids of the accounts table.
    Accounts(&'a AccountIndex),
    /// New ids become accounts (`accounts.from`).
    Open,
    /// Keys of another source.
    Via(Keys<'a>),
}

/// Keys of another source.
pub(super) struct Keys<'a> {
    pub(super) links: HashMap<String, Link>,
    /// Keys of its rows that were not known before the end of `--as-of`.
    pub(super) later: Option<&'a BTreeSet<String>>,
    /// How many accounts there are.
    pub(super) accounts: usize,
}

/// Where a key of another source leads.
pub(super) struct Link {
    /// `None` where it leads to several accounts.
    pub(super) account: Option<u32>,
    /// The earliest event of the key in the other source.
    pub(super) since: Micros,
}

/// Rows of a source.
pub(super) struct LoadedSource {
    pub(super) rows: SourceRows,
    /// The ids that `rows.account` points to, ascending, where the map was [`KeyMap::Open`].
    pub(super) ids: Vec<String>,
    pub(super) account: TableAccount,
    pub(super) rejects: Vec<Reject>,
    /// Column -> keys of its rows that were not known before the end of `--as-of`, of the columns through
    /// which accounts are found.
    pub(super) later: BTreeMap<String, BTreeSet<String>>,
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
    /// Columns of cells that are compared as dates.
    dated: Vec<usize>,
    /// Columns through which accounts are found.
    links: Vec<usize>,
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
    let dated = cells.iter().filter(|(name, _)| uses.is_dated(name, source));
    let dated = dated.map(|(_, column)| *column).collect();
    let links = uses.links.iter().filter_map(|name| cells.get(name).copied());
    let links = links.chain([key]).collect();
    // Where both are asked for, the text also tells the number.
    cells.retain(|name, _| !numbers.contains_key(name) || uses.texts.contains(name));
    let [cells, numbers, times] =
        [cells, numbers, numbered(&uses.times)].map(|named| named.into_iter().collect::<Vec<_>>());
    let place = |name: &String| times.iter().position(|(known, _)| known == name);
    let spans = uses.spans.iter().filter_map(|[start, end]| Some([place(start)?, place(end)?]));
    let spans = spans.collect();
    (
        columns,
        SourceColumns {
            key,
            at,
            created,
            superseded,
            record_id,
            cells,
            numbers,
            times,
            spans,
            dated,
            links,
        },
    )
}

/// A part of a source: the accepted rows of a piece of it.
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
    /// Keys of rows that were not known before the end of `--as-of`, by column.
    later: BTreeMap<usize, BTreeSet<String>>,
}

impl Part {
    /// As many columns as there are.
    fn fit(&mut self, columns: &SourceColumns) {
        self.cells.resize_with(columns.cells.len(), ColumnBuilder::default);
        self.numbers.resize_with(columns.numbers.len(), Vec::new);
        self.times.resize_with(columns.times.len(), Vec::new);
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
    uses.check(run.project, source)?;
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
    let mut read = read_table(&run.base, &request, |part, sheet| convert(part, sheet, &reading))?;
    read.account.before_link = read.parts.iter().map(|part: &Part| part.before_link).sum();
    let mut later: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (column, keys) in read.parts.iter_mut().flat_map(|part| std::mem::take(&mut part.later)) {
        later.entry(request.columns[column].value.clone()).or_default().extend(keys);
    }
    let parts = std::mem::take(&mut read.parts).into_iter();
    let (mut parts, ids): (Vec<SourceRows>, Vec<Vec<String>>) =
        parts.map(|part| finish(part, source, &numbers)).unzip();
    let (ids, accounts) = match keys {
        KeyMap::Accounts(index) => (Vec::new(), index.len()),
        KeyMap::Via(keys) => (Vec::new(), keys.accounts),
        KeyMap::Open => {
            let ids = number_ids(&mut parts, &ids);
            let accounts = ids.len();
            (ids, accounts)
        }
    };
    let mut rows = SourceRows::together(parts, accounts);
    if source.record_id.is_some() {
        let versions = resolve_versions(&mut rows, source);
        read.account.corrected = versions.corrected;
        read.rejects.extend(versions.duplicates);
    }
    settle(&mut read);
    Ok(LoadedSource { rows, ids, account: read.account, rejects: read.rejects, later })
}

struct Reading<'a> {
    source: &'a Source,
    columns: &'a SourceColumns,
    keys: &'a KeyMap<'a>,
    whole_rows: bool,
}

/// Convert a batch column by column; checks stand in the order in which their reasons are named.
fn convert(part: &mut Part, sheet: &mut Sheet<'_>, reading: &Reading<'_>) {
    let Reading { source, columns, .. } = reading;
    let mut live = vec![true; sheet.batch.rows()];
    let by_event = |at: Micros| source.blind_spot.map_or(at, |spot| plus(at, spot));
    if sheet.contract.as_of.is_some() {
        sheet.each(&mut live, &(), |sheet, row| {
            let at = sheet.peek(row, columns.at);
            let created = columns.created.and_then(|column| sheet.peek(row, column));
            sheet.before_as_of(row, columns.at, at)?;
            sheet.before_as_of(row, columns.at, created.or_else(|| at.map(by_event)))
        });
    }
    let (account, before_link) = accounts(sheet, &mut live, reading);
    let at = sheet.times(&mut live, columns.at);
    let mut optional =
        |column: Option<usize>| column.map(|column| sheet.optional_times(&mut live, column));
    let (created, superseded) = (optional(columns.created), optional(columns.superseded));
    let numbers: Vec<_> =
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
    let known_of = |row: usize| {
        created.as_ref().and_then(|created| created[row]).unwrap_or_else(|| by_event(at[row]))
    };
    for (row, column) in
        sheet.later.iter().flat_map(|row| columns.links.iter().map(move |column| (*row, *column)))
    {
        let key = id_of(sheet.batch.cell(column, row)).map(std::borrow::Cow::into_owned);
        part.later.entry(column).or_default().extend(key);
    }
    let rows = || (0..at.len()).filter(|row| live[*row]);
    let is_late = created.is_some() || source.blind_spot.is_some();
    let before = |row: &usize| before_link.get(*row).is_some_and(|since| at[*row] < *since);
    part.before_link += rows().filter(before).count() as u64;
    if is_late {
        part.known.extend(rows().map(known_of));
    }
    if let Some(created) = &created {
        part.known_by_event.extend(rows().map(|row| created[row].is_none()));
    }
    if superseded.is_some() || columns.record_id.is_some() {
        let end = |row: usize| superseded.as_ref().and_then(|ends| ends[row]).unwrap_or(NEVER);
        part.superseded.extend(rows().map(end));
    }
    add_texts(part, sheet, &live, reading);
    for (own, numbers) in part.numbers.iter_mut().zip(&numbers) {
        add_live(own, numbers, &live);
    }
    for (own, times) in part.times.iter_mut().zip(&times) {
        add_live(own, times, &live);
    }
    add_live(&mut part.at, &at, &live);
    if !matches!(reading.keys, KeyMap::Open) {
        add_live(&mut part.account, &account, &live);
    }
}

/// Add the values of rows that are live.
fn add_live<T: Copy>(own: &mut Vec<T>, values: &[T], live: &[bool]) {
    if live.contains(&false) {
        own.extend(values.iter().zip(live).filter(|(_, live)| **live).map(|(value, _)| *value));
    } else {
        own.extend_from_slice(values);
    }
}

/// What is text in a row, or tells where it stands: only accepted rows have it.
fn add_texts(part: &mut Part, sheet: &mut Sheet<'_>, live: &[bool], reading: &Reading<'_>) {
    let columns = reading.columns;
    let rows = || (0..live.len()).filter(|row| live[*row]);
    part.fit(columns);
    for ((_, column), builder) in columns.cells.iter().zip(&mut part.cells) {
        match sheet.batch.texts(*column) {
            Some(texts) if sheet.contract.decimal == '.' && !columns.dated.contains(column) => {
                let own = texts.zip(live).filter(|(_, live)| **live);
                builder.push_texts(own.map(|(text, _)| text));
            }
            _ => rows().for_each(|row| {
                let is_dated = columns.dated.contains(column);
                let date = is_dated.then(|| sheet.peek(row, *column)).flatten();
                let text = || match date {
                    Some(date) => Some(format!("{:.6}", civil(date)).into()),
                    None => comparable_text(sheet, row, *column),
                };
                builder.push(sheet.batch.cell(*column, row), text);
            }),
        }
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
        KeyMap::Via(..) => {
            let found = sheet.each(live, &(None, None), account).into_iter();
            found
                .map(|(account, since)| (account.unwrap_or(0), since.unwrap_or(Micros::MIN)))
                .unzip()
        }
        KeyMap::Open | KeyMap::Accounts(_) => {
            let account = |sheet: &mut Sheet<'_>, row: usize| {
                account(sheet, row).map(|(account, _)| account.unwrap_or(0))
            };
            // Nearly always an id stands there as accounts has it.
            let as_is = match (keys, sheet.batch.texts(column)) {
                (KeyMap::Accounts(index), Some(ids)) => index.get_all(ids),
                _ => Vec::new(),
            };
            let account = |sheet: &mut Sheet<'_>, row: usize| match as_is.get(row) {
                Some(Some(account)) => Ok(*account),
                _ => account(sheet, row),
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
                None => index.reason(&key),
            },
            KeyMap::Via(keys) => match keys.links.get(key.as_ref()) {
                Some(Link { account: Some(account), since }) => {
                    return Ok((Some(*account), Some(*since)));
                }
                Some(Link { account: None, .. }) => Reason::AmbiguousKey,
                None if keys.later.is_some_and(|later| later.contains(key.as_ref())) => {
                    Reason::AfterAsOf
                }
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
    if sheet.contract.decimal == '.' || !text.contains(['.', sheet.contract.decimal]) {
        return Some(text);
    }
    match crate::load::sheet::parse_number(&text, sheet.contract.decimal) {
        Some(number) => Some(std::borrow::Cow::Owned(number.to_string())),
        None => Some(text),
    }
}

/// The rows of a part, the ids that become accounts in the order of their numbers, and what was counted.
fn finish(mut part: Part, source: &Source, columns: &SourceColumns) -> (SourceRows, Vec<String>) {
    part.fit(columns);
    let cells = columns.cells.iter().zip(part.cells);
    let cells = cells.map(|((name, _), builder)| (name.clone(), builder.finish()));
    let numbers = columns.numbers.iter().zip(part.numbers);
    let numbers = numbers.map(|((name, _), numbers)| (name.clone(), Column::Numbers(numbers)));
    let times = columns.times.iter().zip(part.times);
    let rows = SourceRows {
        account: part.account,
        starts: Vec::new(),
        at: part.at,
        known: part.known,
        known_by_event: part.known_by_event,
        superseded: part.superseded,
        record_id: source.record_id.as_ref().map(|_| part.record_id.finish()),
        columns: numbers.chain(cells).collect(),
        times: times.map(|((name, _), times)| (name.clone(), times)).collect(),
        row_bytes: part.row_bytes,
        places: part.places,
    };
    (rows, part.ids.finish().words)
}

/// The ids of all parts, ascending, of which the rows get the numbers.
fn number_ids(parts: &mut [SourceRows], ids: &[Vec<String>]) -> Vec<String> {
    let mut all: Vec<&str> = ids.iter().flatten().map(String::as_str).collect();
    all.par_sort_unstable();
    all.dedup();
    parts.par_iter_mut().zip(ids).for_each(|(part, own)| {
        let number = |id: &String| all.partition_point(|known| *known < id.as_str());
        let numbers: Vec<u32> =
            own.iter().map(|id| u32::try_from(number(id)).unwrap_or(u32::MAX)).collect();
        part.account.iter_mut().for_each(|account| *account = numbers[*account as usize]);
    });
    all.into_iter().map(str::to_owned).collect()
}
