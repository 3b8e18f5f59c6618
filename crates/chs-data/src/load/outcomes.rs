//! Outcomes and recorded scores.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::load::accounts::AccountIndex;
use crate::load::error::LoadError;
use crate::load::history::{OutcomeRows, RecordedRows};
use crate::load::row_account::{LoadReport, Reason};
use crate::load::sheet::{Rejected, Sheet};
use crate::load::table::{Columns, Run, TableRequest, read_table, settle};
use crate::project::{FileTable, KindFilter, Name, Outcome, RecordedScore};
use crate::time::{Micros, day_of};

/// An outcome table as `chs.toml` describes it.
pub(super) struct OutcomeTable<'a> {
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
    let kind = table
        .kind
        .map(|kind| (columns.number(&kind.column.value, kind.column.span.clone()), &kind.keep));
    let request = request(&table.outcome.name, "outcomes", table.table, columns);
    let mut read = read_table(&run.base, &request, |sheet| {
        let mut part = Vec::new();
        for row in 0..sheet.batch.rows() {
            part.extend(outcome_row(sheet, row, accounts, (id, at, known, kind)).ok());
        }
        part
    })?;
    settle(&request, &mut read)?;
    if read.account.read == 0 {
        let needed = format!(
            "without `{}` there is nothing to hold a score against",
            table.outcome.name.value
        );
        return Err(LoadError::NoRows {
            table: request.key,
            files: table.table.origin.shown(),
            needed,
        });
    }
    report.tables.push(read.account);
    report.rejects.extend(read.rejects);
    let mut outcomes = OutcomeRows::default();
    let mut latest: Option<Micros> = None;
    for (account, at, known) in std::mem::take(&mut read.parts).into_iter().flatten() {
        let Some(account) = account else {
            // A row of another kind still tells how far the table reaches.
            latest = latest.max(Some(at.min(known)));
            continue;
        };
        latest = latest.max(Some(at.min(known)));
        outcomes.account.push(account);
        outcomes.at.push(at);
        outcomes.known.push(known);
    }
    follow_up(run, table.outcome, latest.map(day_of), &mut outcomes);
    Ok(outcomes)
}

/// Numbers of the columns id, at, known, and of the kind with the words kept.
type OutcomeColumns<'a> = (usize, usize, Option<usize>, Option<(usize, &'a Vec<String>)>);

/// Account (none where the kind is not kept), date, and when it was known.
fn outcome_row(
    sheet: &mut Sheet<'_>,
    row: usize,
    accounts: &AccountIndex,
    (id, at, known, kind): OutcomeColumns<'_>,
) -> Result<(Option<u32>, Micros, Micros), Rejected> {
    let Some(account) = accounts.get(&sheet.id(row, id)?) else {
        return Err(sheet.reject(row, id, Reason::UnknownAccount));
    };
    let happened = sheet.time(row, at)?;
    let known_at = match known {
        Some(column) => sheet.optional_time(row, column)?.unwrap_or(happened),
        None => happened,
    };
    sheet.before_as_of(row, known.unwrap_or(at), known_at)?;
    if let Some((column, keep)) = kind {
        let word = sheet.text(row, column).map(|word| word.trim().to_owned());
        if !word.is_some_and(|word| keep.contains(&word)) {
            sheet.reject(row, column, Reason::OtherKind);
            return Ok((None, happened, known_at));
        }
    }
    Ok((Some(account), happened, known_at))
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
    let mut read = read_table(&run.base, &request, |sheet| {
        let mut part = RecordedPart::default();
        for row in 0..sheet.batch.rows() {
            // A rejected row has been noted by the sheet.
            let _ = recorded_row(&mut part, sheet, row, (recorded, accounts, [id, at, score]));
        }
        part
    })?;
    settle(&request, &mut read)?;
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
    let Some(account) = accounts.get(&sheet.id(row, id)?) else {
        return Err(sheet.reject(row, id, Reason::UnknownAccount));
    };
    let stood = sheet.time(row, at)?;
    sheet.before_as_of(row, at, stood)?;
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
