//! Files -> typed history, with every row accounted for.

mod account_index;
mod accounts;
mod by_account;
mod columns;
mod days;
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

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use chs_toml::Located;
use jiff::civil::Date;

use account_index::AccountIndex;
use accounts::{LoadedAccounts, load_accounts};
use outcomes::{OutcomeTable, load_outcomes, load_recorded, outcomes_of_accounts};
use source::{KeyMap, Keys, Link, LoadedSource, load_source};
use table::{Base, Run};

use crate::project::{
    AccountKey, AccountsOrigin, Measure, Outcome, OutcomeOrigin, Project, Reading, RowsVerb, Verb,
};
use crate::time::{Micros, NEVER, day_of, midnight_after};

pub(crate) use ready_panel::PANEL_TABLE;

pub use error::{LoadError, Refused, TooManyRejected};
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
    let LoadedAccounts { mut accounts, dates, flags, later } = loaded.unwrap_or_default();
    let (mut sources, index) = load_sources(&run, (&mut accounts, later), &mut report)?;
    forget_ends(&run, &mut sources);
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
    run.hold(&report)?;
    start_with_rows(project, &sources, &mut accounts);
    count_before_start(project, &accounts, &sources, &mut report);
    count_unmapped(project, &accounts, &sources, &mut report);
    report.flags = flag_accounts(project, &flags, &outcomes);
    report.rejects.sort();
    Ok((History { accounts, sources, outcomes, recorded_scores, as_of }, report))
}

/// A version whose end lies after everything that is read is the current one: many systems write a day
/// that never comes, and what was not known before the end of `--as-of` has not happened.
fn forget_ends(run: &Run<'_>, sources: &mut [SourceRows]) {
    if sources.iter().all(|rows| rows.superseded.is_empty()) {
        return;
    }
    let seen = sources.iter().flat_map(|rows| rows.at.iter().chain(&rows.known)).max();
    let declared = run.project.outcomes.iter().filter_map(|outcome| outcome.complete_until);
    let declared = declared.chain(run.project.snapshots.to).max().map(midnight_after);
    let seen = seen.map(|seen| midnight_after(day_of(*seen)));
    let Some(end) = run.base.as_of.or(seen.max(declared)) else { return };
    for superseded in sources.iter_mut().flat_map(|rows| &mut rows.superseded) {
        if *superseded >= end {
            *superseded = NEVER;
        }
    }
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
    (accounts, mut later): (&mut AccountTable, BTreeSet<String>),
    report: &mut LoadReport,
) -> Result<(Vec<SourceRows>, AccountIndex), LoadError> {
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
        let mut so_far = report.clone();
        so_far.tables.push(source.account.clone());
        so_far.rejects.extend_from_slice(&source.rejects);
        run.hold(&so_far)?;
        if source.account.used == 0 {
            let after = source.account.rejected.contains_key(&Reason::AfterAsOf);
            return Err(LoadError::NoRows {
                table: name.value.clone(),
                files: project.sources[first].table.origin.shown(),
                needed: "the accounts are taken from it".to_owned(),
                as_of: run.base.last_day().filter(|_| after),
            });
        }
        found_accounts(accounts, &mut source);
        if let AccountKey::Column(key) = &project.sources[first].key {
            later.extend(source.later.remove(&key.value).unwrap_or_default());
        }
        loaded[first] = Some(source);
    }
    let index = AccountIndex::new(&accounts.ids, later);
    loop {
        let before = loaded.iter().flatten().count();
        for number in 0..loaded.len() {
            let Some(keys) = key_map(project, number, &loaded, &index) else { continue };
            let source = load_source(run, number, &keys)?;
            loaded[number] = Some(source);
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
    Ok((rows, index))
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
    loaded: &'a [Option<LoadedSource>],
    index: &'a AccountIndex,
) -> Option<KeyMap<'a>> {
    if loaded[number].is_some() {
        return None;
    }
    match &project.sources[number].key {
        AccountKey::Column(_) => Some(KeyMap::Accounts(index)),
        AccountKey::Via { source, on } => {
            let through = loaded[project.source_index(&source.value)?].as_ref()?;
            Some(KeyMap::Via(Keys {
                links: links_by_key(&through.rows, &on.value),
                later: through.later.get(&on.value),
                accounts: index.len(),
            }))
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

/// Without `start` in accounts the first span starts the account; where no outcome comes from spans, its
/// first row in any source.
fn start_with_rows(project: &Project, sources: &[SourceRows], accounts: &mut AccountTable) {
    let AccountsOrigin::Table { start: None, .. } = &project.accounts.origin else { return };
    let spans = project.outcomes.iter().filter_map(|outcome| match &outcome.origin {
        OutcomeOrigin::Spans { source, start, .. } => {
            sources[*source].times.get(&start.value).map(|times| (*source, times))
        }
        _ => None,
    });
    let spans: Vec<(usize, &Vec<Option<Micros>>)> = spans.collect();
    let mut first = vec![NEVER; accounts.ids.len()];
    let mut began = |account: u32, time: Micros| {
        let first = &mut first[account as usize];
        *first = time.min(*first);
    };
    for (source, times) in &spans {
        let starts = sources[*source].account.iter().zip(*times);
        starts.for_each(|(account, start)| began(*account, start.unwrap_or(NEVER)));
    }
    for rows in sources.iter().filter(|_| spans.is_empty()) {
        rows.account.iter().zip(&rows.at).for_each(|(account, at)| began(*account, *at));
    }
    let started = |first: Micros| (first != NEVER).then_some(first).into_iter().collect();
    accounts.starts = first.into_iter().map(started).collect();
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
