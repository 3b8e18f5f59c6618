//! The snapshots and the runs of snapshots in which a row counts.

use std::ops::Range;

use chs_panel::Span;
use jiff::civil::Date;

use crate::load::History;
use crate::project::Snapshots;
use crate::time::{Micros, day_of, grid_day, midnight_after, minus};

/// More snapshots than this are refused: a daily grid over a century has fewer.
const MAX_SNAPSHOTS: u32 = 40_000;

/// The days of the snapshots, ascending, and the instants at which they are taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    days: Vec<Date>,
    instants: Vec<Micros>,
}

impl Grid {
    /// The grid of a project over a history; without `from` and `to` it runs over the month ends from
    /// the earliest to the latest event of any source. No snapshot lies after `--as-of`.
    pub fn new(snapshots: &Snapshots, history: &History) -> Self {
        let events = || history.sources.iter().flat_map(|source| source.at.iter().copied());
        let first = || events().min().map(|at| day_of(at).last_of_month());
        let last = || events().max().map(day_of);
        let (Some(from), Some(to)) = (snapshots.from.or_else(first), snapshots.to.or_else(last))
        else {
            return Self { days: Vec::new(), instants: Vec::new() };
        };
        let to = history.as_of.map_or(to, |as_of| as_of.min(to));
        let days: Vec<Date> = (0..MAX_SNAPSHOTS)
            .map_while(|step| grid_day(from, snapshots.every, step))
            .take_while(|day| *day <= to)
            .collect();
        let instants = days.iter().map(|day| midnight_after(*day)).collect();
        Self { days, instants }
    }

    /// Days of the snapshots.
    pub fn days(&self) -> &[Date] {
        &self.days
    }

    /// Instants of the snapshots: the end of each day.
    pub fn instants(&self) -> &[Micros] {
        &self.instants
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
        let latest = at.max(known);
        self.instants.partition_point(|instant| *instant <= latest)
    }
}

/// Bounds of a window at every snapshot: rows with `lower <= event < upper` are in it. Both ascend, so a
/// row is in the windows of one run of consecutive snapshots.
pub(super) struct Bounds {
    lower: Vec<Micros>,
    upper: Vec<Micros>,
}

impl Bounds {
    /// A window of `length` (all of the past where absent) that ends `shift` before the snapshot.
    pub(super) fn new(grid: &Grid, length: Option<Span>, shift: Span) -> Self {
        let upper: Vec<Micros> =
            grid.instants.iter().map(|instant| minus(*instant, shift)).collect();
        let lower = upper
            .iter()
            .map(|upper| length.map_or(Micros::MIN, |length| minus(*upper, length)))
            .collect();
        Self { lower, upper }
    }

    /// The snapshots in which a row counts.
    pub(super) fn run(
        &self,
        grid: &Grid,
        at: Micros,
        known: Micros,
        superseded: Micros,
    ) -> Range<usize> {
        let first = self.upper.partition_point(|upper| *upper <= at);
        let first = first.max(grid.instants.partition_point(|instant| *instant <= known));
        let end = self.lower.partition_point(|lower| *lower <= at);
        let end = end.min(grid.instants.partition_point(|instant| *instant <= superseded));
        first..end.max(first)
    }
}
