//! The snapshots and the runs of snapshots in which a row counts.

use std::collections::BTreeSet;
use std::ops::Range;

use chs_panel::Span;
use jiff::civil::Date;

use crate::load::History;
use crate::project::{Anchor, Offset, Project, SnapshotDays, Snapshots};
use crate::time::{DAY, Micros, NEVER, day_of, grid_day, midnight_after, minus, offset_day, plus};

/// More snapshots than this are refused: a daily grid over a century has fewer.
const MAX_SNAPSHOTS: u32 = 40_000;

/// Steps further apart than this many days are searched instead of looked up.
const MOST_DAYS: i64 = 100_000;

/// The days of the snapshots, ascending, and the instants at which they are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    days: Vec<Date>,
    instants: Steps,
}

impl Grid {
    /// The days of a project's snapshots over a history, none after `--as-of`. Without `from` and `to` they
    /// run over the month ends from the earliest to the latest event of any source; anchored ones from the
    /// day of the earliest to that of the latest.
    ///
    /// Anchored snapshots differ between accounts: these are the days of any account, and [`Taken`] tells
    /// whose.
    pub fn new(project: &Project, history: &History) -> Self {
        let plan = &project.snapshots;
        let Some((from, to)) = range(plan, history) else { return Self::of(Vec::new()) };
        Self::of(match &plan.days {
            SnapshotDays::Every(every) => (0..MAX_SNAPSHOTS)
                .map_while(|step| grid_day(from, *every, step))
                .take_while(|day| *day <= to)
                .collect(),
            SnapshotDays::Anchored { anchor, offsets } => {
                let days = anchored_days(history, *anchor, offsets).map(|(_, day)| day);
                let days: BTreeSet<Date> = days.filter(|day| (from..=to).contains(day)).collect();
                days.into_iter().collect()
            }
        })
    }

    fn of(days: Vec<Date>) -> Self {
        let instants = days.iter().map(|day| midnight_after(*day)).collect();
        Self { days, instants: Steps::new(instants) }
    }

    /// The same snapshots, each as much later.
    pub(super) fn later(&self, spans: [Span; 2]) -> Self {
        let later = |instant: &Micros| spans.iter().fold(*instant, |at, span| plus(at, *span));
        let instants: Vec<Micros> = self.instants().iter().map(later).collect();
        let days = instants.iter().map(|instant| day_of(instant - 1)).collect();
        Self { days, instants: Steps::new(instants) }
    }

    /// Days of the snapshots.
    pub fn days(&self) -> &[Date] {
        &self.days
    }

    /// Instants of the snapshots: the end of each day.
    pub fn instants(&self) -> &[Micros] {
        &self.instants.instants
    }

    /// Number of snapshots.
    pub fn len(&self) -> usize {
        self.days.len()
    }

    /// Whether there is no snapshot.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// The first snapshot that sees an event which is known since `known`.
    pub(super) fn first_seen(&self, at: Micros, known: Micros) -> usize {
        self.instants.passed(at.max(known))
    }
}

/// First and last day that a snapshot may have.
fn range(plan: &Snapshots, history: &History) -> Option<(Date, Date)> {
    let days = if plan.from.is_some() && plan.to.is_some() { None } else { history.days() };
    let first = || {
        let day = *days.as_ref()?.start();
        let is_anchored = matches!(plan.days, SnapshotDays::Anchored { .. });
        Some(if is_anchored { day } else { day.last_of_month() })
    };
    let last = || days.as_ref().map(|days| *days.end());
    let (from, to) = (plan.from.or_else(first)?, plan.to.or_else(last)?);
    Some((from, history.as_of.map_or(to, |as_of| as_of.min(to))))
}

/// Account and day of every anchored snapshot, some more than once, in no particular order.
fn anchored_days(
    history: &History,
    anchor: Anchor,
    offsets: &[Offset],
) -> impl Iterator<Item = (u32, Date)> {
    let (accounts, dates, rows) = match anchor {
        Anchor::Outcome(outcome) => {
            let rows = &history.outcomes[outcome];
            (&rows.account, &rows.at, None)
        }
        Anchor::Source(source) => {
            let rows = &history.sources[source];
            (&rows.account, &rows.at, Some(rows))
        }
    };
    // Dates as finally known: a version that was superseded anchors nothing.
    let stands = move |row: &usize| rows.is_none_or(|rows| rows.superseded(*row) == NEVER);
    (0..dates.len()).filter(stands).flat_map(move |row| {
        let day = day_of(dates[row]);
        offsets.iter().filter_map(move |offset| Some((accounts[row], offset_day(day, *offset)?)))
    })
}

/// Which snapshots are taken of which account.
pub(super) struct Taken {
    /// Per account and snapshot; `None` where all are.
    cells: Option<Vec<bool>>,
}

impl Taken {
    /// The snapshots of each account on the grid of its project.
    pub(super) fn new(project: &Project, history: &History, grid: &Grid) -> Self {
        let SnapshotDays::Anchored { anchor, offsets } = &project.snapshots.days else {
            return Self { cells: None };
        };
        let mut cells = vec![false; history.accounts.ids.len() * grid.len()];
        for (account, day) in anchored_days(history, *anchor, offsets) {
            if let Ok(snapshot) = grid.days.binary_search(&day) {
                cells[account as usize * grid.len() + snapshot] = true;
            }
        }
        Self { cells: Some(cells) }
    }

    /// Whether the snapshot of a cell is taken.
    pub(super) fn is_taken(&self, cell: usize) -> bool {
        self.cells.as_ref().is_none_or(|cells| cells[cell])
    }
}

/// Ascending instants, of which it is told how many have passed at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Steps {
    instants: Vec<Micros>,
    first_day: i64,
    /// How many have passed on each day from the first; empty where one of them is not a midnight.
    passed: Vec<usize>,
}

impl Steps {
    pub(super) fn new(instants: Vec<Micros>) -> Self {
        let day = |instant: &Micros| instant.div_euclid(DAY);
        let (first_day, last_day) =
            (instants.first().map_or(0, day), instants.last().map_or(0, day));
        let is_short = last_day - first_day <= MOST_DAYS;
        let are_midnights = instants.iter().all(|instant| instant.rem_euclid(DAY) == 0);
        let passed = if is_short && are_midnights {
            let until = |day: i64| instants.partition_point(|instant| *instant <= day * DAY);
            (first_day..=last_day).map(until).collect()
        } else {
            Vec::new()
        };
        Self { instants, first_day, passed }
    }

    /// Number of instants.
    pub(super) fn len(&self) -> usize {
        self.instants.len()
    }

    /// How many lie at `at` or before.
    pub(super) fn passed(&self, at: Micros) -> usize {
        if self.passed.is_empty() {
            return self.instants.partition_point(|instant| *instant <= at);
        }
        match usize::try_from(at.div_euclid(DAY) - self.first_day) {
            Ok(day) => self.passed.get(day).copied().unwrap_or(self.instants.len()),
            Err(_) => 0,
        }
    }
}

/// Bounds of a window at every snapshot: rows with `lower <= event < upper` are in it. Both ascend, so a
/// row is in the windows of one run of consecutive snapshots.
pub(super) struct Bounds {
    /// `None` where the window has no lower end.
    lower: Option<Steps>,
    upper: Steps,
}

impl Bounds {
    /// A window of `length` (all of the past where absent) that ends `shift` before the snapshot.
    pub(super) fn new(grid: &Grid, length: Option<Span>, shift: Span) -> Self {
        let upper: Vec<Micros> =
            grid.instants().iter().map(|instant| minus(*instant, shift)).collect();
        let lower = length.map(|length| upper.iter().map(|upper| minus(*upper, length)).collect());
        Self { lower: lower.map(Steps::new), upper: Steps::new(upper) }
    }

    /// The part of a window from `far` to `near` before its upper end, each one civil subtraction.
    pub(super) fn part(grid: &Grid, shift: Span, [far, near]: [Span; 2]) -> Self {
        let end = |instant: &Micros| minus(*instant, shift);
        let before = |span| {
            Steps::new(grid.instants().iter().map(|instant| minus(end(instant), span)).collect())
        };
        Self { lower: Some(before(far)), upper: before(near) }
    }

    /// Lower and upper end at each snapshot.
    pub(super) fn ends(&self) -> impl Iterator<Item = [Micros; 2]> {
        let lower = |snapshot: usize| {
            self.lower.as_ref().map_or(Micros::MIN, |lower| lower.instants[snapshot])
        };
        self.upper
            .instants
            .iter()
            .enumerate()
            .map(move |(snapshot, upper)| [lower(snapshot), *upper])
    }

    /// The snapshots in which a row counts.
    pub(super) fn run(
        &self,
        grid: &Grid,
        at: Micros,
        known: Micros,
        superseded: Micros,
    ) -> Range<usize> {
        let mut first = self.upper.passed(at);
        // A window ends at its snapshot or before: what it contains is known by then, unless it came late.
        if known > at {
            first = first.max(grid.instants.passed(known));
        }
        let mut end = self.lower.as_ref().map_or(grid.len(), |lower| lower.passed(at));
        if superseded != NEVER {
            end = end.min(grid.instants.passed(superseded));
        }
        first..end.max(first)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DAY, Steps};

    proptest! {
        #[test]
        fn steps_are_told_as_by_searching(
            mut days in proptest::collection::vec(-50_i64..50, 0..12),
            hours in proptest::option::of(0_i64..24),
            at in -60 * DAY..60 * DAY,
        ) {
            days.sort_unstable();
            let hour = DAY / 24;
            let instants: Vec<i64> =
                days.iter().map(|day| day * DAY + hours.unwrap_or(0) * hour).collect();
            let steps = Steps::new(instants.clone());
            for at in instants.iter().flat_map(|own| [own - 1, *own, own + 1]).chain([at]) {
                prop_assert_eq!(steps.passed(at), instants.iter().filter(|own| **own <= at).count());
            }
        }
    }
}
