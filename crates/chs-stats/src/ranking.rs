//! Figures of an order of rows, sorted once and read under any row weights.
//!
//! A bootstrap replicate changes how often a row counts, never where it stands: one sort serves all
//! replicates. A weight k equals k copies of the row. All counts are integers, so that ties are
//! exact and no order of the rows shows.

/// Rows sorted by one predictor, with rows of equal predictor kept together.
#[derive(Debug, Clone)]
pub struct RankOrder {
    /// Row numbers, lowest predictor first.
    rows: Vec<usize>,
    /// End of each group of equal predictors within `rows`.
    ends: Vec<usize>,
}

/// Weighted numbers of positives (label 1) and negatives (label 0).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Classes {
    pub(crate) positives: u64,
    pub(crate) negatives: u64,
}

/// Pairs of a positive and a negative, and twice those ranked rightly (a tie counts one half).
#[derive(Debug, Clone, Copy, Default)]
struct Pairs {
    all: u64,
    concordant_doubled: u64,
}

/// What the share of rows with the highest predictors holds.
struct Top {
    rows: f64,
    events: f64,
    rows_in_all: f64,
    events_in_all: f64,
}

impl RankOrder {
    /// Sorts finite predictors; O(n log n).
    pub fn new(predictor: &[f64]) -> Self {
        Self::of_rows(predictor, (0..predictor.len()).collect())
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

    /// AUC with row `i` counted `weights[i]` times; ties count one half.
    ///
    /// `None` when one class has no weight.
    ///
    /// # Panics
    /// When a column is shorter than the predictor.
    pub fn weighted_auc(&self, label: &[bool], weights: &[u32]) -> Option<f64> {
        self.pairs(label, weights).auc()
    }

    /// Average precision of label 1 with row `i` counted `weights[i]` times: the sum over distinct
    /// predictors, highest first, of the gain in recall times the precision reached; not
    /// interpolated (as scikit-learn's `average_precision_score`).
    ///
    /// `None` when label 1 has no weight.
    ///
    /// # Panics
    /// When a column is shorter than the predictor.
    pub fn weighted_average_precision(&self, label: &[bool], weights: &[u32]) -> Option<f64> {
        let mut reached = Classes::default();
        let mut area = crate::ExactSum::default();
        for group in self.groups().rev() {
            let here = Classes::of(group, label, weights);
            reached = reached + here;
            if here.positives > 0 {
                let precision = reached.positives as f64 / reached.all() as f64;
                area.add(here.positives as f64 * precision);
            }
        }
        (reached.positives > 0).then(|| area.value() / reached.positives as f64)
    }

    /// Lift of the top `share` of rows under weights, as [`lift_at`].
    ///
    /// # Panics
    /// When a column is shorter than the predictor.
    pub fn weighted_lift(&self, label: &[bool], weights: &[u32], share: f64) -> Option<f64> {
        let top = self.top(label, weights, share)?;
        Some((top.events / top.rows) / (top.events_in_all / top.rows_in_all))
    }

    /// Capture of the top `share` of rows under weights, as [`capture_at`].
    ///
    /// # Panics
    /// When a column is shorter than the predictor.
    pub fn weighted_capture(&self, label: &[bool], weights: &[u32], share: f64) -> Option<f64> {
        let top = self.top(label, weights, share)?;
        Some(top.events / top.events_in_all)
    }

    fn pairs(&self, label: &[bool], weights: &[u32]) -> Pairs {
        let mut below = Classes::default();
        let mut concordant_doubled = 0;
        for group in self.groups() {
            let here = Classes::of(group, label, weights);
            concordant_doubled += here.positives * (2 * below.negatives + here.negatives);
            below = below + here;
        }
        Pairs { all: below.positives * below.negatives, concordant_doubled }
    }

    fn top(&self, label: &[bool], weights: &[u32], share: f64) -> Option<Top> {
        let all = Classes::of(&self.rows, label, weights);
        if all.positives == 0 || !(share > 0.0 && share <= 1.0) {
            return None;
        }
        let wanted = rows_at(share, all.all());
        let mut left = wanted;
        let mut events = 0.0;
        for group in self.groups().rev() {
            let here = Classes::of(group, label, weights);
            if here.all() > left {
                // Tied at the cut: the group's rows count with their mean event rate.
                events += left as f64 * here.positives as f64 / here.all() as f64;
                break;
            }
            events += here.positives as f64;
            left -= here.all();
        }
        Some(Top {
            rows: wanted as f64,
            events,
            rows_in_all: all.all() as f64,
            events_in_all: all.positives as f64,
        })
    }
}

/// Rows sorted by one predictor within each stratum (a snapshot): no pair spans two strata.
#[derive(Debug, Clone)]
pub struct StratifiedOrder {
    strata: Vec<RankOrder>,
}

impl StratifiedOrder {
    /// Sorts finite predictors within strata; O(n log n).
    ///
    /// # Panics
    /// When the columns differ in length.
    pub fn new(predictor: &[f64], stratum: &[u32]) -> Self {
        assert_eq!(predictor.len(), stratum.len(), "one stratum per predictor");
        let mut rows: Vec<usize> = (0..predictor.len()).collect();
        rows.sort_by_key(|&row| stratum[row]);
        let strata = rows
            .chunk_by(|&left, &right| stratum[left] == stratum[right])
            .map(|rows| RankOrder::of_rows(predictor, rows.to_vec()))
            .collect();
        Self { strata }
    }

    /// The strata that have rows.
    pub(crate) fn strata(&self) -> &[RankOrder] {
        &self.strata
    }

    /// Within-stratum AUC with row `i` counted `weights[i]` times: each stratum weighs by its
    /// number of pairs, so that one with a single class drops out.
    ///
    /// `None` when no stratum has both classes.
    ///
    /// # Panics
    /// When a column is shorter than the predictor.
    pub fn weighted_auc(&self, label: &[bool], weights: &[u32]) -> Option<f64> {
        let mut sum = Pairs::default();
        for stratum in &self.strata {
            let pairs = stratum.pairs(label, weights);
            sum.all += pairs.all;
            sum.concordant_doubled += pairs.concordant_doubled;
        }
        sum.auc()
    }
}

/// Average precision of label 1, one threshold per distinct predictor, no interpolation.
///
/// `None` without a label 1. Reference: scikit-learn `average_precision_score`.
///
/// # Panics
/// When the columns differ in length.
pub fn average_precision(predictor: &[f64], label: &[bool]) -> Option<f64> {
    assert_eq!(predictor.len(), label.len(), "one label per predictor");
    RankOrder::new(predictor).weighted_average_precision(label, &vec![1; label.len()])
}

/// Lift at `share`: the event rate among the k = ceil(share x n) rows with the highest predictors
/// over the event rate of all rows. Rows tied at the cut count with their mean event rate.
///
/// `None` without an event, or with a share outside (0, 1].
///
/// # Panics
/// When the columns differ in length.
pub fn lift_at(predictor: &[f64], label: &[bool], share: f64) -> Option<f64> {
    assert_eq!(predictor.len(), label.len(), "one label per predictor");
    RankOrder::new(predictor).weighted_lift(label, &vec![1; label.len()], share)
}

/// Capture at `share`: the fraction of all events found among the k = ceil(share x n) rows with the
/// highest predictors. Rows tied at the cut count with their mean event rate.
///
/// `None` without an event, or with a share outside (0, 1].
///
/// # Panics
/// When the columns differ in length.
pub fn capture_at(predictor: &[f64], label: &[bool], share: f64) -> Option<f64> {
    assert_eq!(predictor.len(), label.len(), "one label per predictor");
    RankOrder::new(predictor).weighted_capture(label, &vec![1; label.len()], share)
}

impl Classes {
    fn of(rows: &[usize], label: &[bool], weights: &[u32]) -> Self {
        let mut classes = Self::default();
        for &row in rows {
            let weight = u64::from(weights[row]);
            if label[row] {
                classes.positives += weight;
            } else {
                classes.negatives += weight;
            }
        }
        classes
    }

    fn all(self) -> u64 {
        self.positives + self.negatives
    }
}

impl std::ops::Add for Classes {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            positives: self.positives + other.positives,
            negatives: self.negatives + other.negatives,
        }
    }
}

impl Pairs {
    fn auc(self) -> Option<f64> {
        (self.all > 0).then(|| self.concordant_doubled as f64 / (2 * self.all) as f64)
    }
}

/// ceil(share x rows), where a product that misses an integer only by rounding is that integer
/// (0.07 x 100 is 7.000000000000001).
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and the number of rows"
)]
pub(crate) fn rows_at(share: f64, rows: u64) -> u64 {
    let product = share * rows as f64;
    ((product * (1.0 - 1e-12)).ceil() as u64).clamp(1, rows)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tied_rows_at_the_cut_count_with_their_mean() {
        // Ten rows; the top 20 % is row 0 and one of the four tied rows, two of which are events.
        let predictor = [9.0, 5.0, 5.0, 5.0, 5.0, 1.0, 1.0, 1.0, 1.0, 0.0];
        let label = [true, true, false, true, false, false, false, true, false, false];
        assert!((capture_at(&predictor, &label, 0.2).unwrap() - 1.5 / 4.0).abs() < 1e-15);
        assert!((lift_at(&predictor, &label, 0.2).unwrap() - (1.5 / 2.0) / 0.4).abs() < 1e-15);
        assert!((lift_at(&predictor, &label, 1.0).unwrap() - 1.0).abs() < 1e-15);
    }

    #[test]
    fn undefined_is_none() {
        assert_eq!(average_precision(&[1.0, 2.0], &[false, false]), None);
        assert_eq!(lift_at(&[1.0, 2.0], &[false, false], 0.5), None);
        assert_eq!(lift_at(&[1.0, 2.0], &[true, false], 0.0), None);
        assert_eq!(capture_at(&[1.0, 2.0], &[true, false], 1.5), None);
        assert_eq!(capture_at(&[], &[], 0.5), None);
        assert_eq!(RankOrder::new(&[1.0, 2.0]).weighted_auc(&[true, false], &[1, 0]), None);
    }

    #[test]
    fn share_of_rows_is_rounded_up_but_not_by_rounding_errors() {
        assert_eq!(rows_at(0.07, 100), 7);
        assert_eq!(rows_at(0.1, 30), 3);
        assert_eq!(rows_at(0.1, 31), 4);
        assert_eq!(rows_at(0.001, 10), 1);
        assert_eq!(rows_at(1.0, 10), 10);
    }

    #[test]
    fn negative_zero_ties_with_zero() {
        let auc = RankOrder::new(&[-0.0, 0.0]).weighted_auc(&[true, false], &[1, 1]);
        assert_eq!(auc, Some(0.5));
    }

    /// Rows repeated as often as their weight says.
    fn copies<T: Copy>(column: &[T], weights: &[u32]) -> Vec<T> {
        let repeated = |(&value, &weight): (&T, &u32)| std::iter::repeat_n(value, weight as usize);
        column.iter().zip(weights).flat_map(repeated).collect()
    }

    fn close(left: Option<f64>, right: Option<f64>) -> bool {
        match (left, right) {
            (Some(left), Some(right)) => (left - right).abs() < 1e-14,
            (None, None) => true,
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn a_weight_is_that_many_copies(
            rows in prop::collection::vec((0..8_i32, any::<bool>(), 0..3_u32, 0..4_u32), 0..40),
            share in 0.01..1.0_f64,
        ) {
            let predictor: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
            let label: Vec<bool> = rows.iter().map(|row| row.1).collect();
            let stratum: Vec<u32> = rows.iter().map(|row| row.2).collect();
            let weights: Vec<u32> = rows.iter().map(|row| row.3).collect();
            let (many, many_label) = (copies(&predictor, &weights), copies(&label, &weights));
            let ones = vec![1; many.len()];

            let order = RankOrder::new(&predictor);
            let many_order = RankOrder::new(&many);
            prop_assert!(close(
                order.weighted_auc(&label, &weights),
                many_order.weighted_auc(&many_label, &ones),
            ));
            prop_assert!(close(
                order.weighted_average_precision(&label, &weights),
                average_precision(&many, &many_label),
            ));
            prop_assert!(close(
                order.weighted_lift(&label, &weights, share),
                lift_at(&many, &many_label, share),
            ));
            prop_assert!(close(
                order.weighted_capture(&label, &weights, share),
                capture_at(&many, &many_label, share),
            ));
            let many_stratum = copies(&stratum, &weights);
            prop_assert!(close(
                StratifiedOrder::new(&predictor, &stratum).weighted_auc(&label, &weights),
                StratifiedOrder::new(&many, &many_stratum).weighted_auc(&many_label, &ones),
            ));
        }

        #[test]
        fn average_precision_equals_its_slow_twin(
            rows in prop::collection::vec((0..8_i32, any::<bool>()), 1..40),
        ) {
            let predictor: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
            let label: Vec<bool> = rows.iter().map(|row| row.1).collect();
            // Mean over positives of the precision at each one's own threshold.
            let count = |pass: &dyn Fn(&(i32, bool)) -> bool| rows.iter().filter(|row| pass(row)).count();
            let positives = count(&|row| row.1);
            let precisions = rows.iter().filter(|row| row.1).map(|at| {
                count(&|row| row.0 >= at.0 && row.1) as f64 / count(&|row| row.0 >= at.0) as f64
            });
            let slow = (positives > 0).then(|| precisions.sum::<f64>() / positives as f64);
            prop_assert!(close(average_precision(&predictor, &label), slow));
        }
    }
}
