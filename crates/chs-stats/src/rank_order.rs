//! Rows sorted by one predictor, rows of equal predictor together.

/// Rows sorted by one predictor, with rows of equal predictor kept together.
#[derive(Debug, Clone)]
pub struct RankOrder {
    /// Row numbers, lowest predictor first.
    rows: Vec<usize>,
    /// End of each group of equal predictors within `rows`.
    ends: Vec<usize>,
}

impl RankOrder {
    /// Sorts finite predictors; O(n log n).
    pub fn new(predictor: &[f64]) -> Self {
        Self::of_rows(predictor, (0..predictor.len()).collect())
    }

    /// One order per stratum that has rows: no pair spans two of them. O(n log n).
    ///
    /// # Panics
    /// When the columns differ in length.
    pub(crate) fn within(predictor: &[f64], stratum: &[u32]) -> Vec<Self> {
        assert_eq!(predictor.len(), stratum.len(), "one stratum per predictor");
        let mut rows: Vec<usize> = (0..predictor.len()).collect();
        rows.sort_by_key(|&row| stratum[row]);
        rows.chunk_by(|&left, &right| stratum[left] == stratum[right])
            .map(|rows| Self::of_rows(predictor, rows.to_vec()))
            .collect()
    }

    fn of_rows(predictor: &[f64], mut rows: Vec<usize>) -> Self {
        // Adding zero makes -0 and 0 the same key.
        let key = |row: usize| predictor[row] + 0.0;
        rows.sort_unstable_by(|&left, &right| key(left).total_cmp(&key(right)));
        let mut ends = Vec::new();
        for group in rows.chunk_by(|&left, &right| key(left).total_cmp(&key(right)).is_eq()) {
            ends.push(ends.last().copied().unwrap_or(0) + group.len());
        }
        Self { rows, ends }
    }

    /// Groups of rows with equal predictor, lowest first.
    pub(crate) fn groups(&self) -> impl DoubleEndedIterator<Item = &[usize]> {
        (0..self.ends.len()).map(|group| {
            let start = if group == 0 { 0 } else { self.ends[group - 1] };
            &self.rows[start..self.ends[group]]
        })
    }
}
