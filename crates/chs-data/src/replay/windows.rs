//! Sums over several windows of the same rows, in one pass.
//!
//! Whatever a window's length, its ends lie on a few instants: an event is counted where it lies between
//! two of them, and a window is the difference of two running totals. Only rows that a snapshot saw later
//! than their event would have it, or that were superseded, are added window by window.

use crate::load::SourceRows;
use crate::replay::grid::{Bounds, Grid, Steps};
use crate::replay::window::{Amount, Entries, Observed, Sums};
use crate::time::NEVER;

/// Windows whose sums are wanted together.
pub(super) struct Windows {
    /// The ends of all windows at all snapshots.
    edges: Steps,
    windows: Vec<OneWindow>,
}

struct OneWindow {
    bounds: Bounds,
    /// Per snapshot how many edges lie at its lower end or before, and at its upper end or before.
    ends: Vec<[usize; 2]>,
}

impl Windows {
    pub(super) fn new(windows: Vec<Bounds>) -> Self {
        let mut edges: Vec<_> = windows.iter().flat_map(Bounds::ends).flatten().collect();
        edges.sort_unstable();
        edges.dedup();
        let edges = Steps::new(edges);
        let place = |end| edges.passed(end);
        let windows = windows.into_iter().map(|bounds| OneWindow {
            ends: bounds.ends().map(|ends| ends.map(place)).collect(),
            bounds,
        });
        Self { windows: windows.collect(), edges }
    }

    /// Per window the sums of the values (NaN where null) at each snapshot, of every row where no values
    /// are given.
    ///
    /// O(rows + accounts x (ends + windows x snapshots)), and the runs of late and superseded rows.
    pub(super) fn sums(&self, observed: &Observed<'_>, values: Option<&[f64]>) -> Vec<Sums> {
        let mut sums: Vec<Sums> =
            self.windows.iter().map(|_| Sums::with_capacity(observed.len())).collect();
        let mut tally = Tally::new(self.edges.len());
        for account in observed.accounts.clone() {
            self.count(observed, (account, values), &mut tally);
            for (window, sums) in self.windows.iter().zip(&mut sums) {
                window.push(observed, &tally, sums);
            }
        }
        let settled = |(sums, window): (Sums, &OneWindow)| {
            sums.settled(observed, observed.runs(&window.bounds), values)
        };
        sums.into_iter().zip(&self.windows).map(settled).collect()
    }

    /// Tally the rows of an account.
    fn count(
        &self,
        observed: &Observed<'_>,
        (account, values): (usize, Option<&[f64]>),
        tally: &mut Tally,
    ) {
        tally.clear();
        let rows = observed.rows;
        let are_in_time = rows.known.is_empty() && rows.superseded.is_empty();
        for row in rows.of_account(account).filter(|row| (observed.passes)(*row)) {
            let Some(amount) = Amount::of(row, values) else { continue };
            if are_in_time || is_in_time(rows, observed.grid, row) {
                tally.totals[self.edges.passed(rows.at[row])] += amount;
            } else {
                tally.others.push((row, amount));
            }
        }
        tally.cumulate();
    }
}

impl OneWindow {
    /// The amounts of an account at each snapshot.
    fn push(&self, observed: &Observed<'_>, tally: &Tally, sums: &mut Sums) {
        let own = |ends: &[usize; 2]| tally.between(*ends);
        if tally.others.is_empty() {
            return self.ends.iter().for_each(|ends| sums.push(own(ends)));
        }
        let (mut late, run) = (Entries::new(observed.grid.len()), observed.runs(&self.bounds));
        for (row, amount) in &tally.others {
            let run = run(*row);
            if !run.is_empty() {
                late.add(&run, *amount);
            }
        }
        late.cumulate(|snapshot, mut amount| {
            amount += own(&self.ends[snapshot]);
            sums.push(amount);
        });
    }
}

/// Whether each snapshot knows a row as soon as it lies before it, and for ever.
fn is_in_time(rows: &SourceRows, grid: &Grid, row: usize) -> bool {
    let (at, known) = (rows.at[row], rows.known(row));
    rows.superseded(row) == NEVER
        && (known <= at || grid.first_seen(at, known) == grid.first_seen(at, at))
}

/// What an account has between the edges.
struct Tally {
    /// Amounts between an edge and the next, later those before each edge.
    totals: Vec<Amount>,
    /// Rows that are not in it.
    others: Vec<(usize, Amount)>,
}

impl Tally {
    fn new(edges: usize) -> Self {
        Self { totals: vec![Amount::default(); edges + 1], others: Vec::new() }
    }

    fn clear(&mut self) {
        self.totals.fill(Amount::default());
        self.others.clear();
    }

    fn cumulate(&mut self) {
        let mut before = Amount::default();
        for total in &mut self.totals {
            let own = std::mem::replace(total, before);
            before += own;
        }
    }

    fn between(&self, [lower, upper]: [usize; 2]) -> Amount {
        let mut amount = self.totals[upper];
        amount -= self.totals[lower];
        amount
    }
}
