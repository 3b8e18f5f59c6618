//! Levels, such as the recurring revenue of an account: what the rows of a source that are open at the end
//! of a day add up to, and the days on which that changes.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::load::history::{OutcomeRows, SourceRows};
use crate::load::outcomes::follow_up;
use crate::load::table::Run;
use crate::project::{Direction, LastDay, Outcome, ParsedExpression, Source};
use crate::replay::{exact_sum, row_values};
use crate::time::{DAY, Micros, NEVER, day_of, midnight_after};

/// A row as finally known.
#[derive(Clone, Copy)]
struct Open {
    row: usize,
    /// Day numbers: the first at whose end it is open, and the first at whose end it is not.
    from: i64,
    to: i64,
}

/// What adds up to the levels of accounts.
struct Level<'a> {
    rows: &'a SourceRows,
    values: Cow<'a, [f64]>,
    /// Per account, by event, record and value: the order in which doubles are added.
    of_account: Vec<Vec<Open>>,
}

impl<'a> Level<'a> {
    /// Rows that were superseded, or have no value, are left out.
    fn new(source: &Source, rows: &'a SourceRows, sum: &ParsedExpression) -> Self {
        let values = row_values(rows, &sum.expression);
        let ends = source.ended.as_ref().and_then(|name| rows.times.get(&name.value));
        let accounts = rows.account.iter().max().map_or(0, |account| *account as usize + 1);
        let mut of_account = vec![Vec::new(); accounts];
        let finally = |row: &usize| rows.superseded(*row) == NEVER && !values[*row].is_nan();
        for row in (0..rows.len()).filter(finally) {
            let end = ends.and_then(|ends| ends[row]).map_or(NEVER, |end| last_moment(end, source));
            let (from, to) = (rows.at[row].div_euclid(DAY), end.div_euclid(DAY));
            if from < to {
                of_account[rows.account[row] as usize].push(Open { row, from, to });
            }
        }
        let record = |row: usize| rows.record_id.as_ref().and_then(|words| words.get(row));
        for open in &mut of_account {
            open.sort_by(|a, b| {
                let key = |row: usize| (rows.at[row], record(row));
                key(a.row).cmp(&key(b.row)).then(values[a.row].total_cmp(&values[b.row]))
            });
        }
        Self { rows, values, of_account }
    }

    /// Day, level, and from when it was known, at the end of each day on which rows of the account begin
    /// or end, ascending; O(rows of the account squared).
    fn days(&self, open: &[Open]) -> impl Iterator<Item = (i64, f64, Micros)> {
        let days: BTreeSet<i64> = open.iter().flat_map(|row| [row.from, row.to]).collect();
        days.into_iter().map(move |day| {
            let counts = |row: &&Open| row.from <= day && day < row.to;
            let values = open.iter().filter(counts).map(|open| self.values[open.row]);
            let known = open.iter().filter(counts).map(|open| self.rows.known(open.row)).max();
            (day, exact_sum(values), known.unwrap_or(Micros::MIN))
        })
    }
}

/// An end that is a date alone is the last microsecond of its day; where that day lasts, it is the next.
pub(crate) fn last_moment(end: Micros, source: &Source) -> Micros {
    let is_date = end.rem_euclid(DAY) == DAY - 1;
    if is_date && source.last_day == LastDay::Lasts { end + 1 } else { end }
}

/// A change of the level of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LevelChange {
    /// Account index.
    pub account: u32,
    /// The end of the first day with the new level.
    pub at: Micros,
    /// From when it was known: when the rows of both levels were.
    pub known: Micros,
}

/// The days on which the level of an account, the sum over the rows that are open at the end of a day as
/// finally known, differs by `at_least` a share from the level before. Levels that are not positive are
/// passed over, so that an end is no contraction and a return no expansion.
pub fn level_changes(
    source: &Source,
    rows: &SourceRows,
    sum: &ParsedExpression,
    (direction, at_least): (Direction, f64),
) -> Vec<LevelChange> {
    let level = Level::new(source, rows, sum);
    let mut changes = Vec::new();
    for (account, open) in (0_u32..).zip(&level.of_account) {
        let mut before: Option<(f64, Micros)> = None;
        for (day, now, known) in level.days(open).filter(|(_, level, _)| *level > 0.0) {
            let Some((then, known_then)) = before.replace((now, known)) else { continue };
            let change = match direction {
                Direction::Decrease => then - now,
                Direction::Increase => now - then,
            };
            if change >= at_least * then {
                let at = (day + 1).saturating_mul(DAY) - 1;
                changes.push(LevelChange { account, at, known: at.max(known).max(known_then) });
            }
        }
    }
    changes
}

/// The changes within follow-up, which ends with the latest event unless declared; a later one is an
/// announcement.
pub(super) fn outcomes_of_changes(
    run: &Run<'_>,
    outcome: &Outcome,
    rows: &SourceRows,
    changes: &[LevelChange],
) -> OutcomeRows {
    let mut outcomes = OutcomeRows::default();
    let latest = rows.at.iter().max().map(|at| day_of(*at));
    follow_up(run, outcome, latest, &mut outcomes);
    let until = outcomes.follow_up_end.map_or(Micros::MIN, midnight_after);
    for change in changes.iter().filter(|change| change.at < until) {
        outcomes.account.push(change.account);
        outcomes.at.push(change.at);
        outcomes.known.push(change.known);
    }
    outcomes
}
