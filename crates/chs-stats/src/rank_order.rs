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

    fn of_rows(predictor: &[f64], rows: Vec<usize>) -> Self {
        // The keys beside the rows, so that a comparison stays where it is in memory. Adding zero makes
        // -0 and 0 the same key.
        let mut keyed: Vec<(i64, usize)> =
            rows.into_iter().map(|row| (rank_key(predictor[row] + 0.0), row)).collect();
        keyed.sort_unstable();
        let mut ends = Vec::new();
        for group in keyed.chunk_by(|left, right| left.0 == right.0) {
            ends.push(ends.last().copied().unwrap_or(0) + group.len());
        }
        Self { rows: keyed.into_iter().map(|(_, row)| row).collect(), ends }
    }

    /// Groups of rows with equal predictor, lowest first.
    pub(crate) fn groups(&self) -> impl DoubleEndedIterator<Item = &[usize]> {
        (0..self.ends.len()).map(|group| {
            let start = if group == 0 { 0 } else { self.ends[group - 1] };
            &self.rows[start..self.ends[group]]
        })
    }
}

/// A number that orders as [`f64::total_cmp`] does.
pub(crate) fn rank_key(value: f64) -> i64 {
    let bits = value.to_bits().cast_signed();
    // The magnitude of a negative number grows downwards.
    bits ^ ((bits >> 63).cast_unsigned() >> 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::rank_key;

    #[test]
    fn keys_order_as_the_numbers_do() {
        let rising = [f64::NEG_INFINITY, -2.5, -1e-300, -0.0, 0.0, 1e-300, 0.1, 3.0, f64::INFINITY];
        assert!(rising.windows(2).all(|pair| rank_key(pair[0]) < rank_key(pair[1])));
    }
}
