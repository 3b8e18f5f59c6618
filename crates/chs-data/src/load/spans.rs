//! Spans of time (subscriptions, contracts) and the ends that no span follows.

use chs_panel::Span;
use jiff::civil::Date;

use crate::load::history::{OutcomeRows, SourceRows};
use crate::load::outcomes::follow_up;
use crate::load::table::Run;
use crate::project::Outcome;
use crate::time::{Micros, NEVER, day_of, midnight_after, plus};

/// Spans of one account that are at most `grace` apart, as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MergedSpan {
    /// Start of the first.
    pub start: Micros,
    /// Latest end; [`NEVER`] where one is open.
    pub end: Micros,
}

/// Merge spans (start, end) of one account; a span may start up to `grace` after the end before it.
pub fn merge_spans(mut spans: Vec<(Micros, Micros)>, grace: Span) -> Vec<MergedSpan> {
    spans.sort_unstable();
    let mut merged: Vec<MergedSpan> = Vec::new();
    for (start, end) in spans {
        match merged.last_mut() {
            Some(last) if last.end == NEVER || start <= plus(last.end, grace) => {
                last.end = last.end.max(end);
            }
            _ => merged.push(MergedSpan { start, end }),
        }
    }
    merged
}

/// Spans (start, end) per account, as finally known: superseded rows are left out.
pub(crate) fn spans_of_accounts(
    rows: &SourceRows,
    [start, end]: [&str; 2],
    accounts: usize,
    counts: impl Fn(usize) -> bool,
) -> Vec<Vec<(Micros, Micros)>> {
    let mut spans = vec![Vec::new(); accounts];
    let (Some(starts), Some(ends)) = (rows.times.get(start), rows.times.get(end)) else {
        return spans;
    };
    for row in (0..rows.len()).filter(|row| counts(*row)) {
        if let Some(start) = starts[row] {
            spans[rows.account[row] as usize].push((start, ends[row].unwrap_or(NEVER)));
        }
    }
    spans
}

/// Each end without a successor within `grace`, known at end + grace, if that is within follow-up; a
/// later end is the term of a running contract.
pub(super) fn outcomes_of_spans(
    run: &Run<'_>,
    outcome: &Outcome,
    rows: &SourceRows,
    names: [&str; 2],
    grace: Span,
) -> OutcomeRows {
    let mut outcomes = OutcomeRows::default();
    let latest_start = rows.times.get(names[0]).and_then(|starts| starts.iter().flatten().max());
    follow_up(run, outcome, latest_start.map(|start| day_of(*start)), &mut outcomes);
    let Some(until) = outcomes.follow_up_end.map(|day: Date| midnight_after(day)) else {
        return outcomes;
    };
    let accounts = rows.account.iter().max().map_or(0, |account| *account as usize + 1);
    let spans = spans_of_accounts(rows, names, accounts, |row| rows.superseded(row) == NEVER);
    for (account, spans) in (0_u32..).zip(spans) {
        for span in merge_spans(spans, grace) {
            let known = if span.end == NEVER { NEVER } else { plus(span.end, grace) };
            if known < until {
                outcomes.account.push(account);
                outcomes.at.push(span.end);
                outcomes.known.push(known);
            }
        }
    }
    outcomes
}

#[cfg(test)]
mod tests {
    use chs_panel::Span;

    use super::{MergedSpan, merge_spans};
    use crate::time::{DAY, NEVER};

    #[test]
    fn spans_within_grace_are_one() {
        let days = |start: i64, end: i64| (start * DAY, end * DAY);
        let merged =
            merge_spans(vec![days(40, 60), days(0, 30), days(37, 38), days(70, 80)], Span::days(7));
        let expected =
            [MergedSpan { start: 0, end: 60 * DAY }, MergedSpan { start: 70 * DAY, end: 80 * DAY }];
        assert_eq!(merged, expected);
        let open = merge_spans(vec![(0, NEVER), days(5, 6), days(900, 901)], Span::days(0));
        assert_eq!(open, [MergedSpan { start: 0, end: NEVER }]);
    }
}
