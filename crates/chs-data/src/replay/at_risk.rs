//! Who is at risk at a snapshot: started, and not known to have ended.

use chs_panel::Span;

use crate::load::{History, SourceRows, merge_spans};
use crate::project::{OutcomeOrigin, Project};
use crate::replay::grid::{Grid, Taken};
use crate::time::{Micros, NEVER, plus};

/// Outcomes by which an account that ended is alive again.
const REACTIVATION: &str = "reactivation";

/// Whether each account is at risk at each snapshot that is taken of it, account by account.
///
/// The last end that is known stands, unless a return that is known came after it. Ends are terminal
/// outcomes and ends of spans; returns are starts, reactivations and starts of spans.
pub(super) fn at_risk(
    project: &Project,
    history: &History,
    (grid, taken): (&Grid, &Taken),
) -> Vec<bool> {
    let dates = dates_of_accounts(project, history);
    let spans = known_spans(project, history);
    let mut cells = Vec::with_capacity(dates.len() * grid.len());
    for (account, dates) in dates.iter().enumerate() {
        for instant in grid.instants() {
            if !taken.is_taken(cells.len()) {
                cells.push(false);
                continue;
            }
            let started = history.accounts.starts[account].iter().any(|start| start < instant);
            let mut last = dates.last(*instant);
            for spans in &spans {
                last = last.max(spans.last(account, *instant));
            }
            cells.push(started && !last.has_ended());
        }
    }
    cells
}

/// The last end and the last return that are known at an instant; [`Micros::MIN`] where there is none.
#[derive(Clone, Copy)]
struct Last {
    end: Micros,
    back: Micros,
}

impl Last {
    fn has_ended(self) -> bool {
        self.end > Micros::MIN && self.back <= self.end
    }

    fn max(self, other: Self) -> Self {
        Self { end: self.end.max(other.end), back: self.back.max(other.back) }
    }
}

/// Ends and returns (date, known) of an account, apart from spans.
#[derive(Clone, Default)]
struct Dates {
    ends: Vec<(Micros, Micros)>,
    returns: Vec<(Micros, Micros)>,
}

impl Dates {
    fn last(&self, instant: Micros) -> Last {
        let latest = |dates: &[(Micros, Micros)], counts: &dyn Fn(&(Micros, Micros)) -> bool| {
            dates.iter().filter(|date| counts(date)).map(|(at, _)| *at).max().unwrap_or(Micros::MIN)
        };
        Last {
            // Notice given ends the risk, though the end itself lies ahead.
            end: latest(&self.ends, &|(_, known)| *known < instant),
            back: latest(&self.returns, &|(at, known)| *at.max(known) < instant),
        }
    }
}

fn dates_of_accounts(project: &Project, history: &History) -> Vec<Dates> {
    let mut dates = vec![Dates::default(); history.accounts.ids.len()];
    for (dates, starts) in dates.iter_mut().zip(&history.accounts.starts) {
        dates.returns.extend(starts.iter().map(|start| (*start, *start)));
    }
    for (outcome, plan) in project.outcomes.iter().enumerate() {
        let returns = plan.name.value == REACTIVATION;
        let spans = matches!(plan.origin, OutcomeOrigin::Spans { .. });
        if spans || !(returns || project.is_terminal(outcome)) {
            continue;
        }
        let rows = &history.outcomes[outcome];
        for row in rows.happened() {
            let dates = &mut dates[rows.account[row] as usize];
            if returns {
                dates.returns.push((rows.at[row], rows.known[row]));
            } else if project.ends_account(outcome, rows.kind(row)) {
                dates.ends.push((rows.at[row], rows.known[row]));
            }
        }
    }
    dates
}

/// Rows of a source that hold spans, per account.
struct KnownSpans<'a> {
    rows: &'a SourceRows,
    starts: &'a [Option<Micros>],
    ends: &'a [Option<Micros>],
    of_account: Vec<Vec<usize>>,
    grace: Span,
}

/// The spans of each outcome that ends accounts.
fn known_spans<'a>(project: &'a Project, history: &'a History) -> Vec<KnownSpans<'a>> {
    let spans = |(outcome, plan): (usize, &'a crate::project::Outcome)| {
        let OutcomeOrigin::Spans { source, start, end, grace } = &plan.origin else { return None };
        if !project.is_terminal(outcome) {
            return None;
        }
        let rows = &history.sources[*source];
        let mut of_account = vec![Vec::new(); history.accounts.ids.len()];
        for (row, account) in rows.account.iter().enumerate() {
            of_account[*account as usize].push(row);
        }
        let (starts, ends) = (rows.times.get(&start.value)?, rows.times.get(&end.value)?);
        Some(KnownSpans { rows, starts, ends, of_account, grace: *grace })
    };
    project.outcomes.iter().enumerate().filter_map(spans).collect()
}

impl KnownSpans<'_> {
    /// The last start of a span, and the last end that is over, its grace included.
    fn last(&self, account: usize, instant: Micros) -> Last {
        let counts = |row: &&usize| {
            self.rows.known(**row) < instant && instant <= self.rows.superseded(**row)
        };
        let span = |row: &usize| Some((self.starts[*row]?, self.ends[*row].unwrap_or(NEVER)));
        let known = self.of_account[account].iter().filter(counts).filter_map(span);
        let spans = merge_spans(known.filter(|(start, _)| *start < instant).collect(), self.grace);
        let over = |end: &Micros| *end != NEVER && plus(*end, self.grace) < instant;
        let end = spans.iter().map(|span| span.end).filter(over).max();
        let back = spans.iter().map(|span| span.start).max();
        Last { end: end.unwrap_or(Micros::MIN), back: back.unwrap_or(Micros::MIN) }
    }
}
