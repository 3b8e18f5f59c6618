//! Who is at risk at a snapshot: started, and not known to have ended.

use chs_panel::Span;

use crate::load::{History, merge_spans};
use crate::project::{OutcomeOrigin, Project};
use crate::replay::grid::Grid;
use crate::time::{Micros, NEVER, plus};

/// Outcomes by which an account that ended is alive again.
const REACTIVATION: &str = "reactivation";

/// Whether each account is at risk at each snapshot, account by account.
pub(super) fn at_risk(project: &Project, history: &History, grid: &Grid) -> Vec<bool> {
    let accounts = history.accounts.ids.len();
    let ends = ends_of_accounts(project, history, accounts);
    let returns = returns_of_accounts(project, history, accounts);
    let mut cells = Vec::with_capacity(accounts * grid.len());
    for account in 0..accounts {
        for instant in grid.instants() {
            let started = history.accounts.starts[account].iter().any(|start| start < instant);
            cells.push(started && !has_ended(&ends[account], &returns[account], *instant));
        }
    }
    for (outcome, plan) in project.outcomes.iter().enumerate() {
        if let OutcomeOrigin::Spans { source, start, end, grace } = &plan.origin
            && project.is_terminal(outcome)
        {
            let names = [start, end].map(|name| name.value.as_str());
            let known = KnownSpans::new(history, *source, names, accounts);
            for (cell, alive) in cells.iter_mut().enumerate() {
                *alive = *alive
                    && !known.has_ended(
                        cell / grid.len(),
                        grid.instants()[cell % grid.len()],
                        *grace,
                    );
            }
        }
    }
    cells
}

/// Terminal outcomes (date, known) per account, apart from spans.
fn ends_of_accounts(
    project: &Project,
    history: &History,
    accounts: usize,
) -> Vec<Vec<(Micros, Micros)>> {
    let mut ends = vec![Vec::new(); accounts];
    for (outcome, plan) in project.outcomes.iter().enumerate() {
        if matches!(plan.origin, OutcomeOrigin::Spans { .. }) || !project.is_terminal(outcome) {
            continue;
        }
        let rows = &history.outcomes[outcome];
        for ((account, at), known) in rows.account.iter().zip(&rows.at).zip(&rows.known) {
            ends[*account as usize].push((*at, *known));
        }
    }
    ends
}

/// Dates (date, known) at which an account that ended is alive again.
fn returns_of_accounts(
    project: &Project,
    history: &History,
    accounts: usize,
) -> Vec<Vec<(Micros, Micros)>> {
    let starts = history.accounts.starts.iter();
    let mut returns: Vec<Vec<(Micros, Micros)>> =
        starts.map(|starts| starts.iter().map(|start| (*start, *start)).collect()).collect();
    returns.resize(accounts, Vec::new());
    if let Some(outcome) = project.outcome_index(REACTIVATION) {
        let rows = &history.outcomes[outcome];
        for ((account, at), known) in rows.account.iter().zip(&rows.at).zip(&rows.known) {
            returns[*account as usize].push((*at, *known));
        }
    }
    returns
}

/// The last end that is known stands, unless a return that is known came after it.
fn has_ended(ends: &[(Micros, Micros)], returns: &[(Micros, Micros)], instant: Micros) -> bool {
    let last = |dates: &[(Micros, Micros)]| {
        dates.iter().filter(|(_, known)| *known < instant).map(|(at, _)| *at).max()
    };
    match (
        last(ends),
        returns.iter().filter(|(at, known)| at.max(known) < &instant).map(|(at, _)| *at).max(),
    ) {
        (None, _) => false,
        (Some(end), Some(back)) => back <= end,
        (Some(_), None) => true,
    }
}

/// Spans per account with the knowledge of their rows.
struct KnownSpans {
    spans: Vec<Vec<KnownSpan>>,
}

struct KnownSpan {
    start: Micros,
    end: Micros,
    known: Micros,
    superseded: Micros,
}

impl KnownSpans {
    fn new(history: &History, source: usize, names: [&str; 2], accounts: usize) -> Self {
        let rows = &history.sources[source];
        let mut spans: Vec<Vec<KnownSpan>> = (0..accounts).map(|_| Vec::new()).collect();
        let [Some(starts), Some(ends)] = names.map(|name| rows.times.get(name)) else {
            return Self { spans };
        };
        for row in 0..rows.len() {
            let Some(start) = starts[row] else { continue };
            let (end, known, superseded) =
                (ends[row].unwrap_or(NEVER), rows.known[row], rows.superseded[row]);
            spans[rows.account[row] as usize].push(KnownSpan { start, end, known, superseded });
        }
        Self { spans }
    }

    /// Whether the last span known at the instant is over, its grace included.
    fn has_ended(&self, account: usize, instant: Micros, grace: Span) -> bool {
        let counts = |span: &&KnownSpan| {
            span.known < instant && instant <= span.superseded && span.start < instant
        };
        let known: Vec<(Micros, Micros)> =
            self.spans[account].iter().filter(counts).map(|span| (span.start, span.end)).collect();
        let last = merge_spans(known, grace).last().map(|span| span.end);
        last.is_some_and(|end| end != NEVER && plus(end, grace) < instant)
    }
}
