//! Rows counted in cells, under weights per account.

use crate::sample::Sample;

/// The rows of a sample by account, each with the cell that it is counted in.
///
/// A replicate adds whole accounts, one after the other, and passes over those that were not drawn.
pub(crate) struct Tally {
    /// Cells of the rows, account by account.
    cells: Vec<u32>,
    /// Where the rows of each account end.
    ends: Vec<usize>,
    size: usize,
}

impl Tally {
    /// The cell of each row by its place in the sample; those from `size` on are not counted. O(rows).
    pub(crate) fn new(sample: &Sample, size: usize, cell: impl Fn(usize) -> usize) -> Self {
        let mut ends = vec![0_usize; sample.accounts];
        for account in &sample.cluster {
            if let Some(own) = ends.get_mut(*account as usize) {
                *own += 1;
            }
        }
        let mut start = 0;
        for own in &mut ends {
            // The place of the account's next row; it moves up to the end as the rows come.
            start += std::mem::replace(own, start);
        }
        let mut cells = vec![u32::MAX; sample.cluster.len()];
        for (row, account) in sample.cluster.iter().enumerate() {
            let Some(next) = ends.get_mut(*account as usize) else { continue };
            if let (Some(own), true) = (cells.get_mut(*next), cell(row) < size) {
                *own = u32::try_from(cell(row)).unwrap_or(u32::MAX);
            }
            *next += 1;
        }
        Self { cells, ends, size }
    }

    /// Rows per cell, every row of account c counted `weights[c]` times. O(rows).
    pub(crate) fn counts(&self, weights: &[u32]) -> Vec<u64> {
        let mut counts = vec![0; self.size];
        let mut start = 0;
        for (end, weight) in self.ends.iter().zip(weights) {
            let rows = start..*end;
            start = *end;
            if *weight == 0 {
                continue;
            }
            let cells = self.cells.get(rows).unwrap_or_default();
            for cell in cells.iter().filter(|cell| (**cell as usize) < self.size) {
                counts[*cell as usize] += u64::from(*weight);
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::Tally;
    use crate::sample::Sample;

    #[test]
    fn a_row_counts_in_its_cell_as_often_as_its_account() {
        let sample = Sample { cluster: vec![1, 0, 2, 1, 0], accounts: 3, ..Sample::default() };
        let cells = [2, 0, 1, 0, 9];
        let tally = Tally::new(&sample, 3, |row| cells[row]);
        assert_eq!(tally.counts(&[1; 3]), [2, 1, 1]);
        assert_eq!(tally.counts(&[3, 0, 2]), [3, 2, 0]);
    }
}
