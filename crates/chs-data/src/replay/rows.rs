//! The rows of a panel, and what is computed account by account on its way into them.

use std::ops::Range;
use std::sync::OnceLock;

use rayon::prelude::*;

use crate::load::{AccountTable, History, SourceRows};
use crate::replay::grid::Grid;
use crate::replay::measure::Measured;

/// Accounts of a block have about this many rows of sources together, so that all verbs find them in the
/// cache ...
const SOURCE_ROWS: usize = 16_384;

/// ... and are no more than this.
const MOST_ACCOUNTS: usize = 256;

/// The cells that are rows of a panel, by snapshot and account.
pub(super) struct Rows {
    /// Account index per row.
    pub(super) account: Vec<u32>,
    /// First row of each snapshot, and the number of rows.
    starts: Vec<usize>,
    /// Once somebody has asked for them.
    versions: OnceLock<Vec<Option<usize>>>,
}

impl Rows {
    /// The cells (account by account) for which `is_row` holds.
    pub(super) fn new(accounts: usize, snapshots: usize, is_row: impl Fn(usize) -> bool) -> Self {
        let mut rows = Self { account: Vec::new(), starts: vec![0], versions: OnceLock::new() };
        for snapshot in 0..snapshots {
            let is_row = |own: &(usize, u32)| is_row(own.0 * snapshots + snapshot);
            rows.account.extend((0..accounts).zip(0..).filter(is_row).map(|(_, account)| account));
            rows.starts.push(rows.account.len());
        }
        rows
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.account.len()
    }

    /// Number of snapshots.
    fn snapshots(&self) -> usize {
        self.starts.len() - 1
    }

    /// Rows of each snapshot.
    pub(super) fn of_snapshots(&self) -> impl Iterator<Item = Range<usize>> + Clone {
        self.starts.windows(2).map(|bounds| bounds[0]..bounds[1])
    }

    /// Account and snapshot of each row.
    pub(super) fn places(&self) -> impl Iterator<Item = (usize, usize)> + Clone {
        self.of_snapshots().enumerate().flat_map(|(snapshot, rows)| {
            self.account[rows].iter().map(move |account| (*account as usize, snapshot))
        })
    }

    /// The cell of each row.
    pub(super) fn cells(&self) -> impl Iterator<Item = usize> + Clone {
        let snapshots = self.snapshots();
        self.places().map(move |(account, snapshot)| account * snapshots + snapshot)
    }

    /// The version of its account's attributes per row.
    pub(super) fn versions(&self, accounts: &AccountTable, grid: &Grid) -> &[Option<usize>] {
        let version = |(account, snapshot): (usize, usize)| {
            accounts.version(account, grid.instants()[snapshot])
        };
        self.versions.get_or_init(|| self.places().map(version).collect())
    }

    /// Index per row into the ids of the accounts that have a row, and those ids.
    pub(super) fn present_accounts(&self, ids: &[String]) -> (Vec<u32>, Vec<String>) {
        let mut present = vec![false; ids.len()];
        for account in &self.account {
            present[*account as usize] = true;
        }
        let mut number = vec![0_u32; ids.len()];
        let mut kept = Vec::new();
        for (account, id) in ids.iter().enumerate().filter(|(account, _)| present[*account]) {
            number[account] = u32::try_from(kept.len()).unwrap_or(u32::MAX);
            kept.push(id.clone());
        }
        (self.account.iter().map(|account| number[*account as usize]).collect(), kept)
    }

    /// The columns of the measures, in the order of the rows.
    ///
    /// Blocks of accounts are taken on all cores, each by all measures in turn.
    pub(super) fn fill<T: Copy + Default + Send + Sync>(
        &self,
        blocks: &[Range<usize>],
        measures: &[Measured<'_, T>],
    ) -> Vec<Vec<T>> {
        let number = measures.iter().map(|measure| measure.columns).sum();
        let mut columns: Vec<Vec<T>> = Vec::new();
        columns.resize_with(number, || vec![T::default(); self.len()]);
        let lengths: Vec<usize> = self
            .of_snapshots()
            .flat_map(|rows| blocks.iter().map(move |block| self.of_block(&rows, block).len()))
            .collect();
        // Per block and column the place of its rows at each snapshot.
        let mut places: Vec<Vec<Vec<&mut [T]>>> =
            blocks.iter().map(|_| (0..number).map(|_| Vec::new()).collect()).collect();
        for (place, column) in columns.iter_mut().enumerate() {
            let mut rest = column.as_mut_slice();
            for (length, block) in lengths.iter().zip((0..blocks.len()).cycle()) {
                let (own, later) = rest.split_at_mut(*length);
                places[block][place].push(own);
                rest = later;
            }
        }
        places.into_par_iter().zip(blocks).for_each(|(places, block)| {
            let cells = measures.iter().flat_map(|measure| (measure.cells)(block.clone()));
            for (cells, places) in cells.zip(places) {
                self.put(block, &cells, places);
            }
        });
        columns
    }

    /// Cells of a block to their places at each snapshot.
    fn put<T: Copy>(&self, block: &Range<usize>, cells: &[T], places: Vec<&mut [T]>) {
        let snapshots = self.snapshots();
        for ((snapshot, rows), place) in self.of_snapshots().enumerate().zip(places) {
            let accounts = &self.account[self.of_block(&rows, block)];
            for (value, account) in place.iter_mut().zip(accounts) {
                *value = cells[(*account as usize - block.start) * snapshots + snapshot];
            }
        }
    }

    /// Rows of a block's accounts among those of a snapshot.
    fn of_block(&self, rows: &Range<usize>, block: &Range<usize>) -> Range<usize> {
        let accounts = &self.account[rows.clone()];
        let until = |end: usize| accounts.partition_point(|account| (*account as usize) < end);
        rows.start + until(block.start)..rows.start + until(block.end)
    }
}

/// All accounts in blocks that follow each other.
pub(super) fn blocks(history: &History) -> Vec<Range<usize>> {
    let accounts = history.accounts.ids.len();
    let rows = history.sources.iter().map(SourceRows::len).max().unwrap_or(0);
    let of_account = rows.div_ceil(accounts.max(1)).max(1);
    let size = (SOURCE_ROWS / of_account).clamp(1, MOST_ACCOUNTS);
    (0..accounts).step_by(size).map(|first| first..accounts.min(first + size)).collect()
}
