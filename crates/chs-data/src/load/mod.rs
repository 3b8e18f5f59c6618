//! Files -> typed history, with every row accounted for.

mod account_index;
mod accounts;
mod by_account;
mod columns;
mod error;
mod history;
mod levels;
mod outcomes;
mod ready_panel;
mod row_account;
mod sheet;
mod source;
mod spans;
mod table;
mod uses;
mod versions;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use chs_toml::Located;
use jiff::civil::Date;

use account_index::AccountIndex;
use accounts::{LoadedAccounts, load_accounts};
use outcomes::{OutcomeTable, load_outcomes, load_recorded, outcomes_of_accounts};
use source::{KeyMap, Link, LoadedSource, load_source};
use table::{Base, Run};

use crate::project::{
    AccountKey, AccountsOrigin, Measure, Outcome, OutcomeOrigin, Project, Reading, RowsVerb, Verb,
};
use crate::time::{Micros, midnight_after};

pub(crate) use ready_panel::PANEL_TABLE;

pub use error::{LoadError, TooManyRejected};
pub use history::{
    AccountTable, Code, Column, History, OutcomeRows, RecordedRows, SourceRows, Words,
};
pub(crate) use levels::last_moment;
pub use levels::{LevelChange, level_changes};
pub use ready_panel::{Answer, PanelTable, load_panel};
pub use row_account::{
    FileRead, FlagAccount, KindAccount, LoadReport, QueryAsked, Reason, Reject, TableAccount,
};
pub(crate) use sheet::{id_of, parse_number, text_of};
pub use spans::{MergedSpan, merge_spans};

/// Read everything that a project names, below `data_dir`.
///
/// Nothing known at the end of `as_of` or later is read. O(rows); memory is that of [`History`], the
/// files themselves are read in batches and in parallel.
///
/// # Errors
///
/// [`LoadError`]: a column or file that is not there, a broken file, too many rows that break the contract.
pub fn load(
    project: &Project,
    data_dir: &Path,
    as_of: Option<Date>,
) -> Result<(History, LoadReport), LoadError> {
    let base = Base {
        file: &project.file,
        text: &project.text,
        time_zone: &project.time_zone,
        data_dir,
        as_of: as_of.map(midnight_after),
    };
    let run = Run { project, base };
    let mut report = LoadReport::default();
    let loaded = load_accounts(&run, &outcome_columns(project), &mut report)?;
    let LoadedAccounts { mut accounts, dates, flags } = loaded.unwrap_or_default();
    let sources = load_sources(&run, &mut accounts, &mut report)?;
    let index = AccountIndex::new(&accounts.ids);
    let mut outcomes = Vec::with_capacity(project.outcomes.len());
    for (number, outcome) in project.outcomes.iter().enumerate() {
        outcomes.push(match &outcome.origin {
            OutcomeOrigin::Table { table, id, at, known, kind } => {
                let table = OutcomeTable {
                    index: number,
                    outcome,
                    table,
                    id,
                    at,
                    known: known.as_ref(),
                    kind: kind.as_ref(),
                };
                load_outcomes(&run, &table, &index, &mut report)?
            }
            OutcomeOrigin::AccountsColumn { column, known } => {
                outcomes_of_accounts(&run, outcome, (column, known.as_ref()), &dates)
            }
            OutcomeOrigin::Spans { source, start, end, grace } => {
                let names = [start, end].map(|name| name.value.as_str());
                spans::outcomes_of_spans(&run, outcome, &sources[*source], names, *grace)
            }
            OutcomeOrigin::Change { source, sum, direction, at_least } => {
                let (source, rows) = (&project.sources[*source], &sources[*source]);
                let changes = level_changes(source, rows, sum, (*direction, *at_least));
                levels::outcomes_of_changes(&run, outcome, rows, &changes)
            }
        });
    }
    let mut recorded_scores = Vec::with_capacity(project.recorded_scores.len());
    for recorded in &project.recorded_scores {
        recorded_scores.push(load_recorded(&run, recorded, &index, &mut report)?);
    }
    start_with_spans(project, &sources, &mut accounts);
    count_before_start(project, &accounts, &sources, &mut report);
    count_unmapped(project, &accounts, &sources, &mut report);
    report.flags = flag_accounts(project, &flags, &outcomes);
    report.rejects.sort();
    Ok((History { accounts, sources, outcomes, recorded_scores, as_of }, report))
}

/// Columns of the accounts table that outcomes come from.
fn outcome_columns(project: &Project) -> Vec<Located<String>> {
    let mut names: Vec<Located<String>> = Vec::new();
    for outcome in &project.outcomes {
        if let OutcomeOrigin::AccountsColumn { column, known } = &outcome.origin {
            names.extend(std::iter::once(column).chain(known).cloned());
        }
    }
    names.sort_by(|a, b| a.value.cmp(&b.value));
    names.dedup_by(|a, b| a.value == b.value);
    names
}

/// Sources in an order in which each finds its keys: the one that makes the accounts first, those that
/// go through another after it.
fn load_sources(
    run: &Run<'_>,
    accounts: &mut AccountTable,
    report: &mut LoadReport,
) -> Result<Vec<SourceRows>, LoadError> {
    let project = run.project;
    let mut loaded: Vec<Option<LoadedSource>> = project.sources.iter().map(|_| None).collect();
    if let AccountsOrigin::Source(name) = &project.accounts.origin
        && let Some(first) = project.source_index(&name.value)
    {
        if let AccountKey::Via { on, .. } = &project.sources[first].key {
            let message = "accounts cannot come from a source that goes through another";
            return Err(project
                .mistake(on.span.clone(), message, Some("give the source an `id`".into()))
                .into());
        }
        let mut source = load_source(run, first, &KeyMap::Open)?;
        found_accounts(accounts, &mut source);
        loaded[first] = Some(source);
    }
    let index = AccountIndex::new(&accounts.ids);
    loop {
        let before = loaded.iter().flatten().count();
        for number in 0..loaded.len() {
            if loaded[number].is_none()
                && let Some(keys) = key_map(project, number, &loaded, &index)
            {
                loaded[number] = Some(load_source(run, number, &keys)?);
            }
        }
        let after = loaded.iter().flatten().count();
        if after == loaded.len() {
            break;
        }
        if after == before {
            return Err(circle(project, &loaded));
        }
    }
    let mut rows = Vec::with_capacity(loaded.len());
    for source in loaded.into_iter().flatten() {
        report.tables.push(source.account);
        report.rejects.extend(source.rejects);
        rows.push(source.rows);
    }
    Ok(rows)
}

fn circle(project: &Project, loaded: &[Option<LoadedSource>]) -> LoadError {
    let waiting = project.sources.iter().zip(loaded).find(|(_, loaded)| loaded.is_none());
    let span = waiting.map_or(0..0, |(source, _)| source.name.span.clone());
    let message = "the sources go through each other in a circle; none leads to an account";
    LoadError::Project(project.mistake(span, message, Some("give one of them an `id`".into())))
}

/// The ids of a source become the accounts; each starts with its first row.
fn found_accounts(accounts: &mut AccountTable, source: &mut LoadedSource) {
    accounts.ids = std::mem::take(&mut source.ids);
    let first =
        |account: usize| source.rows.of_account(account).map(|row| source.rows.at[row]).min();
    accounts.starts =
        (0..accounts.ids.len()).map(|account| first(account).into_iter().collect()).collect();
}

/// How a source finds its accounts; `None` while the source it goes through is not loaded.
fn key_map<'a>(
    project: &Project,
    number: usize,
    loaded: &[Option<LoadedSource>],
    index: &'a AccountIndex,
) -> Option<KeyMap<'a>> {
    match &project.sources[number].key {
        AccountKey::Column(_) => Some(KeyMap::Accounts(index)),
        AccountKey::Via { source, on } => {
            let through = loaded[project.source_index(&source.value)?].as_ref()?;
            Some(KeyMap::Via(links_by_key(&through.rows, &on.value), index.len()))
        }
    }
}

/// Keys of a column -> where they lead.
fn links_by_key(rows: &SourceRows, on: &str) -> HashMap<String, Link> {
    let mut map: HashMap<String, Link> = HashMap::new();
    let Some(column) = rows.columns.get(on) else { return map };
    for (row, account) in rows.account.iter().enumerate() {
        let key = match column.cell(row) {
            crate::expression::Cell::Text(text) => text.trim().to_owned(),
            crate::expression::Cell::Number(number) => number.to_string(),
            crate::expression::Cell::Null => continue,
        };
        let since = rows.at[row];
        map.entry(key)
            .and_modify(|link| {
                link.account = link.account.filter(|known| known == account);
                link.since = link.since.min(since);
            })
            .or_insert(Link { account: Some(*account), since });
    }
    map
}

/// Without `start` in accounts the first span starts the account.
fn start_with_spans(project: &Project, sources: &[SourceRows], accounts: &mut AccountTable) {
    let started = matches!(
        &project.accounts.origin,
        AccountsOrigin::Table { start: Some(_), .. } | AccountsOrigin::Source(_)
    );
    if started {
        return;
    }
    for outcome in &project.outcomes {
        if let OutcomeOrigin::Spans { source, start, .. } = &outcome.origin
            && let Some(times) = sources[*source].times.get(&start.value)
        {
            for (account, time) in sources[*source].account.iter().zip(times) {
                let starts = &mut accounts.starts[*account as usize];
                starts.extend(time);
                starts.sort_unstable();
                starts.truncate(1);
            }
        }
    }
}

/// The flags of the accounts table held against the outcomes that they speak of.
fn flag_accounts(
    project: &Project,
    flags: &BTreeMap<String, Vec<bool>>,
    outcomes: &[OutcomeRows],
) -> Vec<FlagAccount> {
    let held = |(plan, rows): (&Outcome, &OutcomeRows)| {
        let column = plan.flag.as_ref()?;
        let flagged = flags.get(&column.value)?;
        let mut had = vec![false; flagged.len()];
        for row in rows.happened() {
            had[rows.account[row] as usize] = true;
        }
        let pairs = || flagged.iter().zip(&had);
        let count = |kind: fn(&(&bool, &bool)) -> bool| pairs().filter(kind).count() as u64;
        Some(FlagAccount {
            outcome: plan.name.value.clone(),
            column: column.value.clone(),
            both: count(|(flag, had)| **flag && **had),
            flag_only: count(|(flag, had)| **flag && !**had),
            outcome_only: count(|(flag, had)| !**flag && **had),
        })
    };
    project.outcomes.iter().zip(outcomes).filter_map(held).collect()
}

fn count_before_start(
    project: &Project,
    accounts: &AccountTable,
    sources: &[SourceRows],
    report: &mut LoadReport,
) {
    for (source, rows) in project.sources.iter().zip(sources) {
        let early = |(account, at): &(&u32, &Micros)| {
            accounts.starts[**account as usize].first().is_some_and(|start| *at < start)
        };
        let before_start = rows.account.iter().zip(&rows.at).filter(early).count() as u64;
        if let Some(table) = report.tables.iter_mut().find(|table| table.table == source.name.value)
        {
            table.before_start = before_start;
        }
    }
}

/// Words that the map of an indicator does not know.
fn count_unmapped(
    project: &Project,
    accounts: &AccountTable,
    sources: &[SourceRows],
    report: &mut LoadReport,
) {
    for indicator in &project.indicators {
        let (table, columns, column, reading) = match &indicator.verb {
            Verb::Attribute { column, reading } => {
                ("accounts", &accounts.attributes, column, reading)
            }
            Verb::Rows(RowsVerb {
                source,
                measure: Measure::Latest { column, reading, .. },
                ..
            }) => {
                let name = project.sources[*source].name.value.as_str();
                (name, &sources[*source].columns, column, reading)
            }
            _ => continue,
        };
        let (Reading::Mapped(_), Some(column)) = (reading, columns.get(&column.value)) else {
            continue;
        };
        let unknown =
            |row: &usize| column.word(*row).is_some_and(|word| reading.number_of(&word).is_none());
        let unmapped = (0..column.len()).filter(unknown).count() as u64;
        if let Some(table) = report.tables.iter_mut().find(|account| account.table == table) {
            table.unmapped += unmapped;
        }
    }
}
