//! What a history says of its rows and accounts beside the panel: evidence for who looks for leaks.

use chs_panel::{Named, Panel};

use crate::load::{Column, History, SourceRows};
use crate::project::{Project, Question};
use crate::time::{DAY, Micros, midnight_after};

/// Days before a snapshot in which a row shows that a source still speaks of an account.
pub const SPOKE_DAYS: i64 = 31;

/// A source beside the ends of accounts and the rows of the panel.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceEvidence {
    /// Its name.
    pub name: String,
    /// Whether it says when its rows became known: by `created` or `blind_spot`.
    pub tells_when_known: bool,
    /// Accounts that ended, of those that it holds.
    pub ended: usize,
    /// Those of them whose first row comes when the end was known, or after it.
    pub begun_at_end: usize,
    /// Per row of the panel whether the account has a row in the [`SPOKE_DAYS`] days before.
    pub spoke: Vec<bool>,
}

/// A column of numbers, and whose values are blank: missing or 0 in each row before the end.
#[derive(Clone, Debug, PartialEq)]
pub struct BlankAccounts {
    /// Source and column.
    pub column: Named<String>,
    /// Accounts with a row that ended.
    pub ended: usize,
    /// Blank ones of them.
    pub ended_blank: usize,
    /// Accounts with a row that did not end.
    pub others: usize,
    /// Blank ones of them.
    pub others_blank: usize,
}

/// Each source beside the ends of accounts and the rows of the panel; O(rows log rows).
pub fn source_evidence(project: &Project, history: &History, panel: &Panel) -> Vec<SourceEvidence> {
    let ends = first_ends(project, history);
    let owners = owners(history, panel);
    let evidence = |(plan, rows): (&crate::project::Source, &SourceRows)| {
        let times = times_of_accounts(rows, ends.len());
        let held = |account: &usize| ends[*account].is_some() && !times[*account].is_empty();
        let begun = |account: &usize| match (times[*account].first(), ends[*account]) {
            (Some(first), Some(end)) => *first >= end,
            _ => false,
        };
        let ended: Vec<usize> = (0..ends.len()).filter(held).collect();
        let spoke = |(row, account): (usize, &Option<usize>)| {
            let Some(times) = account.and_then(|account| times.get(account)) else { return false };
            let instant = midnight_after(panel.snapshot()[row]);
            let before = times.partition_point(|at| *at < instant);
            before > 0 && times[before - 1] >= instant - SPOKE_DAYS * DAY
        };
        SourceEvidence {
            name: plan.name.value.clone(),
            tells_when_known: plan.created.is_some() || plan.blind_spot.is_some(),
            ended: ended.len(),
            begun_at_end: ended.iter().filter(|account| begun(account)).count(),
            spoke: owners.iter().enumerate().map(spoke).collect(),
        }
    };
    project.sources.iter().zip(&history.sources).map(evidence).collect()
}

/// Each column of numbers of each source beside the ends of accounts; O(rows).
pub fn blank_accounts(project: &Project, history: &History) -> Vec<BlankAccounts> {
    let ends = first_ends(project, history);
    let mut found = Vec::new();
    for (plan, rows) in project.sources.iter().zip(&history.sources) {
        for (name, column) in &rows.columns {
            let Column::Numbers(numbers) = column else { continue };
            let blank = all_blank(rows, numbers, &ends);
            let count = |ended: bool, is_blank: &[bool]| {
                let pairs = blank.iter().zip(&ends).filter(|(_, end)| end.is_some() == ended);
                pairs.filter(|(blank, _)| blank.is_some_and(|own| is_blank.contains(&own))).count()
            };
            found.push(BlankAccounts {
                column: Named { name: plan.name.value.clone(), column: name.clone() },
                ended: count(true, &[true, false]),
                ended_blank: count(true, &[true]),
                others: count(false, &[true, false]),
                others_blank: count(false, &[true]),
            });
        }
    }
    found
}

/// Per account whether all numbers before its end are blank; `None` without a row before the end.
fn all_blank(rows: &SourceRows, numbers: &[f64], ends: &[Option<Micros>]) -> Vec<Option<bool>> {
    let mut blank: Vec<Option<bool>> = vec![None; ends.len()];
    for (row, account) in rows.account.iter().enumerate() {
        let account = *account as usize;
        if ends[account].is_none_or(|end| rows.at[row] < end) {
            let is_blank = numbers[row].is_nan() || numbers[row].abs() <= 0.0;
            blank[account] = Some(blank[account].unwrap_or(true) && is_blank);
        }
    }
    blank
}

/// Days from each row of the panel until the outcome of its first label came or was known, whichever was
/// first; `None` where none comes. Nothing where the label asks for no dated outcome. O(rows log rows).
pub fn days_to_outcome(
    project: &Project,
    history: &History,
    panel: &Panel,
) -> Option<Vec<Option<f64>>> {
    let outcome = match &project.labels.first()?.question {
        Question::Outcome { outcome, .. } | Question::Decision { outcome, .. } => *outcome,
        Question::Decline { .. } | Question::Inactive { .. } => return None,
    };
    let rows = history.outcomes.get(outcome)?;
    let mut times: Vec<Vec<(Micros, Micros)>> = vec![Vec::new(); history.accounts.ids.len()];
    for row in rows.happened() {
        times[rows.account[row] as usize].push((rows.at[row], rows.known[row]));
    }
    for times in &mut times {
        times.sort_unstable();
    }
    let days = |(row, account): (usize, &Option<usize>)| {
        let instant = midnight_after(panel.snapshot()[row]);
        let times = times.get((*account)?)?;
        let (at, known) = times.iter().find(|(at, _)| *at >= instant)?;
        Some((*at.min(known) - instant).max(0) as f64 / DAY as f64)
    };
    Some(owners(history, panel).iter().enumerate().map(days).collect())
}

/// When the first end of each account came or was known, whichever was first.
fn first_ends(project: &Project, history: &History) -> Vec<Option<Micros>> {
    let mut ends: Vec<Option<Micros>> = vec![None; history.accounts.ids.len()];
    for (index, outcome) in history.outcomes.iter().enumerate() {
        for row in outcome.happened().filter(|row| project.ends_account(index, outcome.kind(*row)))
        {
            let time = outcome.at[row].min(outcome.known[row]);
            let end = &mut ends[outcome.account[row] as usize];
            *end = Some(end.map_or(time, |end| end.min(time)));
        }
    }
    ends
}

/// Index of the account in the history, per row of the panel.
fn owners(history: &History, panel: &Panel) -> Vec<Option<usize>> {
    let index = |id: &String| history.accounts.ids.binary_search(id).ok();
    let indices: Vec<Option<usize>> = panel.accounts().iter().map(index).collect();
    panel
        .account()
        .iter()
        .map(|account| indices.get(*account as usize).copied().flatten())
        .collect()
}

/// Times of the rows of each account, ascending.
fn times_of_accounts(rows: &SourceRows, accounts: usize) -> Vec<Vec<Micros>> {
    let mut times = vec![Vec::new(); accounts];
    for (account, at) in rows.account.iter().zip(&rows.at) {
        times[*account as usize].push(*at);
    }
    for times in &mut times {
        times.sort_unstable();
    }
    times
}
