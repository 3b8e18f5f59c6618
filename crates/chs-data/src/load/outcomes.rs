//! Outcomes and recorded scores.

use std::collections::BTreeMap;

use chs_toml::nearest;
use jiff::civil::Date;

use crate::load::account_index::AccountIndex;
use crate::load::columns::WordsBuilder;
use crate::load::error::LoadError;
use crate::load::history::{OutcomeRows, RecordedRows};
use crate::load::row_account::{KindAccount, LoadReport, Reason};
use crate::load::sheet::{Rejected, Sheet};
use crate::load::table::{Columns, Run, TableRequest, read_table, settle};
use crate::project::{FileTable, KindFilter, Name, Outcome, RecordedScore};
use crate::time::{Micros, NEVER, day_of};

/// An outcome table as `chs.toml` describes it.
pub(super) struct OutcomeTable<'a> {
    /// Index into the outcomes of the project.
    pub(super) index: usize,
    pub(super) outcome: &'a Outcome,
    pub(super) table: &'a FileTable,
    pub(super) id: &'a Name,
    pub(super) at: &'a Name,
    pub(super) known: Option<&'a Name>,
    pub(super) kind: Option<&'a KindFilter>,
}

/// Read an outcome table.
pub(super) fn load_outcomes(
    run: &Run<'_>,
    table: &OutcomeTable<'_>,
    accounts: &AccountIndex,
    report: &mut LoadReport,
) -> Result<OutcomeRows, LoadError> {
    let mut columns = Columns::default();
    let id = columns.number(&table.id.value, table.id.span.clone());
    let at = columns.number(&table.at.value, table.at.span.clone());
    let known = table.known.map(|name| columns.number(&name.value, name.span.clone()));
    let kind = table.kind.map(|kind| KindColumn {
        column: columns.number(&kind.column.value, kind.column.span.clone()),
        keep: kept_words(run, kind, table.index),
        decides: run.project.decisions(table.index).next().is_some(),
    });
    let numbers = OutcomeColumns { id, at, known, kind };
    let request = request(&table.outcome.name, "outcomes", table.table, columns);
    let mut read = read_table(&run.base, &request, |part: &mut Vec<_>, sheet| {
        for row in 0..sheet.batch.rows() {
            part.extend(outcome_row(sheet, row, accounts, &numbers).ok());
        }
    })?;
    settle(&mut read);
    if read.account.read == 0 {
        let needed = format!(
            "without `{}` there is nothing to hold a score against",
            table.outcome.name.value
        );
        return Err(LoadError::NoRows {
            table: request.key,
            files: table.table.origin.shown(),
            needed,
            as_of: None,
        });
    }
    report.tables.push(read.account);
    report.rejects.extend(read.rejects);
    let rows: Vec<OutcomeRow> = std::mem::take(&mut read.parts).into_iter().flatten().collect();
    if let (Some(filter), Some(kind)) = (table.kind, &numbers.kind) {
        let name = &table.outcome.name.value;
        report.kinds.push(kind_account((name, &filter.column.value), &kind.keep, &rows));
    }
    // A row of another kind still tells how far the table reaches, an open decision does not.
    let reached = rows.iter().filter(|row| row.known != NEVER).map(|row| row.at.min(row.known));
    let latest = reached.max().map(day_of);
    let mut outcomes = OutcomeRows::default();
    let mut kinds = WordsBuilder::default();
    for row in rows {
        let Some(account) = row.account else { continue };
        outcomes.account.push(account);
        outcomes.at.push(row.at);
        outcomes.known.push(row.known);
        kinds.push(row.kind.as_deref());
    }
    outcomes.kind = numbers.kind.is_some_and(|kind| kind.decides).then(|| kinds.finish());
    follow_up(run, table.outcome, latest, &mut outcomes);
    Ok(outcomes)
}

/// How often each word that counts stands there, and whether others are nearly one that does not.
fn kind_account(
    (outcome, column): (&str, &str),
    keep: &[String],
    rows: &[OutcomeRow],
) -> KindAccount {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for word in rows.iter().filter_map(|row| row.kind.as_deref()) {
        *counts.entry(word).or_default() += 1;
    }
    let words: Vec<(String, u64)> =
        keep.iter().map(|word| (word.clone(), counts.remove(word.as_str()).unwrap_or(0))).collect();
    let absent = || words.iter().filter(|(_, rows)| *rows == 0).map(|(word, _)| word.as_str());
    let near = counts.iter().filter(|(word, _)| nearest(word, absent()).is_some());
    KindAccount {
        outcome: outcome.to_owned(),
        column: column.to_owned(),
        others: counts.values().sum(),
        near: near.map(|(_, rows)| rows).sum(),
        words,
    }
}

/// The words of a kind that count: as declared, else those of the decisions about the outcome.
fn kept_words(run: &Run<'_>, kind: &KindFilter, outcome: usize) -> Vec<String> {
    let decided = || {
        let words = run.project.decisions(outcome);
        words.flat_map(|words| words.lost.iter().chain(&words.kept).cloned()).collect()
    };
    kind.keep.clone().unwrap_or_else(decided)
}

/// Numbers of the columns of an outcome table in its sheet.
struct OutcomeColumns {
    id: usize,
    at: usize,
    known: Option<usize>,
    kind: Option<KindColumn>,
}

struct KindColumn {
    column: usize,
    /// The words that count.
    keep: Vec<String>,
    /// Whether decisions are made of it, which are open while the kind is null.
    decides: bool,
}

struct OutcomeRow {
    /// None where the kind is not kept.
    account: Option<u32>,
    at: Micros,
    /// [`NEVER`] while a decision is open.
    known: Micros,
    kind: Option<String>,
}

/// Convert one row; checks stand in the order in which their reasons are named.
fn outcome_row(
    sheet: &mut Sheet<'_>,
    row: usize,
    accounts: &AccountIndex,
    columns: &OutcomeColumns,
) -> Result<OutcomeRow, Rejected> {
    let kind = columns.kind.as_ref().and_then(|kind| sheet.text(row, kind.column));
    let kind = kind.map(|word| word.trim().to_owned()).filter(|word| !word.is_empty());
    let is_open = kind.is_none() && columns.kind.as_ref().is_some_and(|kind| kind.decides);
    if !is_open {
        let known = columns.known.and_then(|column| sheet.peek(row, column));
        let known = known.or_else(|| sheet.peek(row, columns.at));
        sheet.before_as_of(row, columns.at, known)?;
    }
    let account = account_of(sheet, row, columns.id, accounts)?;
    let at = sheet.time(row, columns.at)?;
    if is_open {
        return Ok(OutcomeRow { account: Some(account), at, known: NEVER, kind });
    }
    let known = match columns.known {
        Some(column) => sheet.optional_time(row, column)?.unwrap_or(at),
        None => at,
    };
    if let Some(KindColumn { column, keep, .. }) = &columns.kind
        && !kind.as_ref().is_some_and(|word| keep.contains(word))
    {
        sheet.reject(row, *column, Reason::OtherKind);
        return Ok(OutcomeRow { account: None, at, known, kind });
    }
    Ok(OutcomeRow { account: Some(account), at, known, kind })
}

fn account_of(
    sheet: &mut Sheet<'_>,
    row: usize,
    column: usize,
    accounts: &AccountIndex,
) -> Result<u32, Rejected> {
    let id = sheet.id(row, column)?;
    let reason = match accounts.get(&id) {
        Some(account) => return Ok(account),
        None => accounts.reason(&id),
    };
    drop(id);
    Err(sheet.reject(row, column, reason))
}

/// Outcomes from a date column of the accounts table.
pub(super) fn outcomes_of_accounts(
    run: &Run<'_>,
    outcome: &Outcome,
    (column, known): (&Name, Option<&Name>),
    dates: &BTreeMap<String, Vec<Option<Micros>>>,
) -> OutcomeRows {
    let mut outcomes = OutcomeRows::default();
    let none = Vec::new();
    let at = dates.get(&column.value).unwrap_or(&none);
    let known = known.and_then(|name| dates.get(&name.value));
    let mut latest: Option<Micros> = None;
    for ((account, happened), index) in (0_u32..).zip(at).zip(0..) {
        let Some(happened) = happened else { continue };
        let known_at =
            known.and_then(|known| known.get(index).copied().flatten()).unwrap_or(*happened);
        if run.base.as_of.is_some_and(|end| known_at >= end) {
            continue;
        }
        latest = latest.max(Some(known_at.min(*happened)));
        outcomes.account.push(account);
        outcomes.at.push(*happened);
        outcomes.known.push(known_at);
    }
    follow_up(run, outcome, latest.map(day_of), &mut outcomes);
    outcomes
}

/// Follow-up end: declared, else the latest day seen; never later than `--as-of`.
pub(super) fn follow_up(
    run: &Run<'_>,
    outcome: &Outcome,
    latest: Option<Date>,
    rows: &mut OutcomeRows,
) {
    let cap = run.base.as_of.map(|end| day_of(end - 1));
    let capped = |day: Date| cap.map_or(day, |cap| cap.min(day));
    rows.follow_up_declared = outcome.complete_until.is_some();
    rows.follow_up_end = outcome.complete_until.or(latest).map(capped);
}

/// Read a recorded score.
pub(super) fn load_recorded(
    run: &Run<'_>,
    recorded: &RecordedScore,
    accounts: &AccountIndex,
    report: &mut LoadReport,
) -> Result<RecordedRows, LoadError> {
    let mut columns = Columns::default();
    let id = columns.number(&recorded.id.value, recorded.id.span.clone());
    let at = columns.number(&recorded.at.value, recorded.at.span.clone());
    let score = columns.number(&recorded.score.value, recorded.score.span.clone());
    let mut request = request(&recorded.name, "recorded_scores", &recorded.table, columns);
    request.whole_rows = true;
    let mut read = read_table(&run.base, &request, |part: &mut RecordedPart, sheet| {
        for row in 0..sheet.batch.rows() {
            // A rejected row has been noted by the sheet.
            let _ = recorded_row(part, sheet, row, (recorded, accounts, [id, at, score]));
        }
    })?;
    settle(&mut read);
    let mut rows = RecordedRows::default();
    for part in std::mem::take(&mut read.parts) {
        rows.account.extend(part.rows.account);
        rows.at.extend(part.rows.at);
        rows.score.extend(part.rows.score);
        rows.row_bytes.extend(part.rows.row_bytes);
        read.account.unmapped += part.unmapped;
    }
    report.tables.push(read.account);
    report.rejects.extend(read.rejects);
    Ok(rows)
}

#[derive(Default)]
struct RecordedPart {
    rows: RecordedRows,
    unmapped: u64,
}

fn recorded_row(
    part: &mut RecordedPart,
    sheet: &mut Sheet<'_>,
    row: usize,
    (recorded, accounts, [id, at, column]): (&RecordedScore, &AccountIndex, [usize; 3]),
) -> Result<(), Rejected> {
    sheet.before_as_of(row, at, sheet.peek(row, at))?;
    let account = account_of(sheet, row, id, accounts)?;
    let stood = sheet.time(row, at)?;
    let score = if recorded.words.is_empty() {
        sheet.number(row, column)?
    } else {
        let word = sheet.text(row, column).map(|word| word.trim().to_owned());
        let found =
            word.as_ref().and_then(|word| recorded.words.iter().find(|(known, _)| known == word));
        part.unmapped += u64::from(word.is_some() && found.is_none());
        found.map_or(f64::NAN, |(_, score)| *score)
    };
    let mut bytes = Vec::new();
    sheet.batch.row_bytes(row, &mut bytes);
    part.rows.account.push(account);
    part.rows.at.push(stood);
    part.rows.score.push(score);
    part.rows.row_bytes.push(bytes.into_boxed_slice());
    Ok(())
}

fn request<'a>(
    name: &'a Name,
    section: &str,
    table: &'a FileTable,
    columns: Columns,
) -> TableRequest<'a> {
    TableRequest {
        name: &name.value,
        key: format!("{section}.{}", name.value),
        table,
        time_zone: None,
        columns: columns.list,
        whole_rows: false,
    }
}
