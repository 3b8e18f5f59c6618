//! The area under the ROC curve, its account-clustered error, and the difference of two.

use crate::interval::{Difference, Interval, normal_quantile, two_sided_quantile};
use crate::ranking::{RankOrder, StratifiedOrder};
use crate::sum::exact_sum;

/// Rows to be ranked: three columns of equal length.
#[derive(Debug, Clone, Copy)]
pub struct Observations<'a> {
    /// Finite; a higher value announces label 1.
    pub predictor: &'a [f64],
    /// What happened.
    pub label: &'a [bool],
    /// Dense index of the row's account.
    pub cluster: &'a [u32],
}

/// An AUC with its account-clustered variance.
#[derive(Debug, Clone, PartialEq)]
pub struct Auc {
    /// Probability that a positive ranks above a negative, ties one half: 0.5 is chance.
    pub estimate: f64,
    /// Sum of the squared influences; no finite-sample factor.
    pub variance: f64,
    /// Each account's pull on the estimate, by cluster index up to the highest one present
    /// (0 for an index without rows). They sum to 0.
    pub influence: Vec<f64>,
}

impl Auc {
    /// Square root of the variance.
    pub fn standard_error(&self) -> f64 {
        self.variance.sqrt()
    }

    /// Interval of the given level, symmetric on the logit scale, hence inside (0, 1).
    ///
    /// `None` at an AUC of exactly 0 or 1, and where the variance is 0.
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let estimate = self.estimate;
        if !(estimate > 0.0 && estimate < 1.0 && self.variance > 0.0) {
            return None;
        }
        let centre = (estimate / (1.0 - estimate)).ln();
        let half =
            two_sided_quantile(level) * self.standard_error() / (estimate * (1.0 - estimate));
        let back = |logit: f64| 1.0 / (1.0 + (-logit).exp());
        Some(Interval { lower: back(centre - half), upper: back(centre + half) })
    }
}

/// AUC over all pairs of a positive and a negative row, with account-clustered variance.
///
/// With `V10_i` the share of negatives that positive i outranks (ties one half), `V01_j` the share
/// of positives that outrank negative j, M positives and N negatives, the influence of an account
/// is the sum of its `(V10_i - theta) / M` and `(V01_j - theta) / N`. `None` when there is one class
/// only. O(n log n).
///
/// Reference: infinitesimal jackknife, R `survival::concordance(y ~ x, cluster = id)`.
///
/// # Panics
/// When the columns differ in length.
pub fn auc_pooled(observations: &Observations) -> Option<Auc> {
    observations.assert_equal_lengths();
    auc_over(&[RankOrder::new(observations.predictor)], observations)
}

/// AUC over the pairs within a stratum (a snapshot), with account-clustered variance.
///
/// `theta = sum(M_s N_s theta_s) / P` with `P = sum(M_s N_s)`; a stratum with one class drops out.
/// Positive i of stratum s contributes `N_s (V10_i - theta) / P` to its account's influence,
/// negative j `M_s (V01_j - theta) / P`. `None` when no stratum has both classes. O(n log n).
///
/// Reference: R `survival::concordance(y ~ x + strata(s), cluster = id)`.
///
/// # Panics
/// When the columns differ in length.
pub fn auc_within(observations: &Observations, stratum: &[u32]) -> Option<Auc> {
    observations.assert_equal_lengths();
    auc_over(StratifiedOrder::new(observations.predictor, stratum).strata(), observations)
}

/// Difference `a - b` of two AUCs over the same rows, from their influences: what the two scores
/// have in common cancels.
///
/// `None` where the difference does not vary (one score against itself).
///
/// Reference: R `vcov(survival::concordance(f1, f2, cluster = id))`.
///
/// # Panics
/// When the two were not computed over the same accounts.
pub fn auc_difference(a: &Auc, b: &Auc, level: f64) -> Option<Difference> {
    assert_eq!(a.influence.len(), b.influence.len(), "both over the same rows");
    let squares = a.influence.iter().zip(&b.influence).map(|(a, b)| (a - b) * (a - b));
    Difference::new(a.estimate - b.estimate, exact_sum(squares).sqrt(), level)
}

/// Smallest distance of an AUC from 0.5 that a two-sided test at `1 - level` finds with the given
/// power, in AUC points.
///
/// `(z_level + z_power) x sqrt((M + N + 1) / (12 M N))` for M positives and N negatives (effective
/// numbers may be fractions): the variance at an AUC of 0.5 of Hanley and `McNeil` (1982). `None`
/// where a class has less than one row, or where not even a perfect score would be found.
pub fn minimum_detectable_auc(
    positives: f64,
    negatives: f64,
    level: f64,
    power: f64,
) -> Option<f64> {
    if !(positives >= 1.0 && negatives >= 1.0) {
        return None;
    }
    let variance = (positives + negatives + 1.0) / (12.0 * positives * negatives);
    let distance = (two_sided_quantile(level) + normal_quantile(power)) * variance.sqrt();
    (distance <= 0.5).then_some(distance)
}

impl Observations<'_> {
    fn assert_equal_lengths(&self) {
        assert_eq!(self.predictor.len(), self.label.len(), "one label per predictor");
        assert_eq!(self.predictor.len(), self.cluster.len(), "one cluster per predictor");
    }
}

/// Comparisons in which the rows of one account take part.
#[derive(Debug, Clone, Copy, Default)]
struct Comparisons {
    all: u64,
    concordant_doubled: u64,
}

/// With C twice the concordant and K all comparisons of an account, P pairs and S twice the
/// concordant pairs, its influence is `(C P - S K) / (2 P^2)`: one rounding of exact integers.
fn auc_over(strata: &[RankOrder], observations: &Observations) -> Option<Auc> {
    let clusters = observations.cluster.iter().max().map_or(0, |&last| last as usize + 1);
    let mut comparisons = vec![Comparisons::default(); clusters];
    let mut pairs: u64 = 0;
    for order in strata {
        pairs += compare_within(order, observations, &mut comparisons);
    }
    if pairs == 0 {
        return None;
    }
    // Every pair was counted twice, once from each side.
    let concordant_doubled = comparisons.iter().map(|c| c.concordant_doubled).sum::<u64>() / 2;
    let scale = 2.0 * pairs as f64 * pairs as f64;
    let influence: Vec<f64> = comparisons
        .iter()
        .map(|account| {
            let pull = i128::from(account.concordant_doubled) * i128::from(pairs)
                - i128::from(concordant_doubled) * i128::from(account.all);
            pull as f64 / scale
        })
        .collect();
    Some(Auc {
        estimate: concordant_doubled as f64 / (2 * pairs) as f64,
        variance: exact_sum(influence.iter().map(|value| value * value)),
        influence,
    })
}

/// Adds each row's comparisons within one order to its account; returns the number of pairs.
fn compare_within(
    order: &RankOrder,
    observations: &Observations,
    comparisons: &mut [Comparisons],
) -> u64 {
    let of_class = |rows: &[usize], class: bool| {
        rows.iter().filter(|&&row| observations.label[row] == class).count() as u64
    };
    let count = |class: bool| order.groups().map(|rows| of_class(rows, class)).sum::<u64>();
    let (positives, negatives) = (count(true), count(false));
    let (mut positives_below, mut negatives_below) = (0, 0);
    for group in order.groups() {
        let (tied_positives, tied_negatives) = (of_class(group, true), of_class(group, false));
        let positives_above = positives - positives_below - tied_positives;
        for &row in group {
            let account = &mut comparisons[observations.cluster[row] as usize];
            if observations.label[row] {
                account.all += negatives;
                account.concordant_doubled += 2 * negatives_below + tied_negatives;
            } else {
                account.all += positives;
                account.concordant_doubled += 2 * positives_above + tied_positives;
            }
        }
        positives_below += tied_positives;
        negatives_below += tied_negatives;
    }
    positives * negatives
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone)]
    struct Rows {
        predictor: Vec<f64>,
        label: Vec<bool>,
        cluster: Vec<u32>,
        stratum: Vec<u32>,
    }

    impl Rows {
        fn observations(&self) -> Observations<'_> {
            Observations { predictor: &self.predictor, label: &self.label, cluster: &self.cluster }
        }

        fn pick(&self, order: &[usize]) -> Self {
            Self {
                predictor: order.iter().map(|&row| self.predictor[row]).collect(),
                label: order.iter().map(|&row| self.label[row]).collect(),
                cluster: order.iter().map(|&row| self.cluster[row]).collect(),
                stratum: order.iter().map(|&row| self.stratum[row]).collect(),
            }
        }
    }

    fn rows() -> impl Strategy<Value = Rows> {
        prop::collection::vec((-6..6_i32, any::<bool>(), 0..7_u32, 0..4_u32), 0..45).prop_map(
            |rows| Rows {
                predictor: rows.iter().map(|row| f64::from(row.0) / 4.0).collect(),
                label: rows.iter().map(|row| row.1).collect(),
                cluster: rows.iter().map(|row| row.2).collect(),
                stratum: rows.iter().map(|row| row.3).collect(),
            },
        )
    }

    /// The definition, pair by pair.
    fn slow_twin(rows: &Rows) -> Option<(f64, Vec<f64>)> {
        let n = rows.label.len();
        let mut scored = Vec::new();
        for i in (0..n).filter(|&i| rows.label[i]) {
            for j in (0..n).filter(|&j| !rows.label[j] && rows.stratum[i] == rows.stratum[j]) {
                let order = rows.predictor[i].partial_cmp(&rows.predictor[j]).unwrap();
                scored.push((i, j, f64::from(order as i8 + 1) / 2.0));
            }
        }
        if scored.is_empty() {
            return None;
        }
        let pairs = scored.len() as f64;
        let theta = scored.iter().map(|pair| pair.2).sum::<f64>() / pairs;
        let clusters = rows.cluster.iter().max().map_or(0, |&last| last as usize + 1);
        let mut influence = vec![0.0; clusters];
        for (i, j, value) in scored {
            influence[rows.cluster[i] as usize] += (value - theta) / pairs;
            influence[rows.cluster[j] as usize] += (value - theta) / pairs;
        }
        Some((theta, influence))
    }

    fn equals_twin(fast: Option<&Auc>, slow: Option<(f64, Vec<f64>)>) -> bool {
        match (fast, slow) {
            (Some(fast), Some((theta, influence))) => {
                (fast.estimate - theta).abs() < 1e-14
                    && fast.influence.len() == influence.len()
                    && fast.influence.iter().zip(influence).all(|(a, b)| (a - b).abs() < 1e-14)
                    && (fast.influence.iter().map(|i| i * i).sum::<f64>() - fast.variance).abs()
                        < 1e-14
            }
            (None, None) => true,
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn fast_equals_slow(rows in rows()) {
            let within = auc_within(&rows.observations(), &rows.stratum);
            prop_assert!(equals_twin(within.as_ref(), slow_twin(&rows)));
            let one = Rows { stratum: vec![0; rows.label.len()], ..rows.clone() };
            prop_assert!(equals_twin(auc_pooled(&rows.observations()).as_ref(), slow_twin(&one)));
        }

        #[test]
        fn a_monotone_map_changes_nothing_and_a_turn_mirrors(rows in rows()) {
            let auc = auc_within(&rows.observations(), &rows.stratum);
            let map = |f: fn(f64) -> f64| Rows {
                predictor: rows.predictor.iter().map(|&x| f(x)).collect(),
                ..rows.clone()
            };
            let mapped = map(|x| x.exp() * 3.0 - 7.0);
            prop_assert_eq!(&auc_within(&mapped.observations(), &rows.stratum), &auc);
            let turned = map(|x| -x);
            let turned = auc_within(&turned.observations(), &rows.stratum);
            prop_assert_eq!(auc.is_some(), turned.is_some());
            if let (Some(auc), Some(turned)) = (auc, turned) {
                prop_assert!((auc.estimate + turned.estimate - 1.0).abs() < 1e-15);
                prop_assert!((auc.variance - turned.variance).abs() < 1e-15);
            }
        }

        #[test]
        fn row_order_leaves_no_trace(rows in rows(), seed in any::<u64>()) {
            let mut order: Vec<usize> = (0..rows.label.len()).collect();
            order.sort_by_key(|&row| (row as u64 + 1).wrapping_mul(seed | 1));
            let shuffled = rows.pick(&order);
            prop_assert_eq!(
                auc_within(&rows.observations(), &rows.stratum),
                auc_within(&shuffled.observations(), &shuffled.stratum)
            );
            prop_assert_eq!(auc_pooled(&rows.observations()), auc_pooled(&shuffled.observations()));
        }

        #[test]
        fn twice_the_accounts_halve_the_variance(rows in rows()) {
            let n = rows.label.len();
            let mut doubled = rows.pick(&(0..n).chain(0..n).collect::<Vec<_>>());
            for cluster in &mut doubled.cluster[n..] {
                *cluster += 7;
            }
            let once = auc_within(&rows.observations(), &rows.stratum);
            let twice = auc_within(&doubled.observations(), &doubled.stratum);
            prop_assert_eq!(once.is_some(), twice.is_some());
            if let (Some(once), Some(twice)) = (once, twice) {
                prop_assert!((once.estimate - twice.estimate).abs() < 1e-15);
                prop_assert!((once.variance / 2.0 - twice.variance).abs() < 1e-15);
            }
        }

        #[test]
        fn copies_within_an_account_change_nothing(rows in rows()) {
            let n = rows.label.len();
            let doubled = rows.pick(&(0..n).chain(0..n).collect::<Vec<_>>());
            let once = auc_pooled(&rows.observations());
            let twice = auc_pooled(&doubled.observations());
            prop_assert_eq!(once.is_some(), twice.is_some());
            if let (Some(once), Some(twice)) = (once, twice) {
                prop_assert!((once.estimate - twice.estimate).abs() < 1e-15);
                prop_assert!((once.variance - twice.variance).abs() < 1e-15);
            }
        }
    }

    fn observations<'a>(
        predictor: &'a [f64],
        label: &'a [bool],
        cluster: &'a [u32],
    ) -> Observations<'a> {
        Observations { predictor, label, cluster }
    }

    #[test]
    fn all_ties_are_chance_and_a_perfect_score_has_no_interval() {
        let label = [true, false, true, false];
        let tied = auc_pooled(&observations(&[3.0; 4], &label, &[0, 1, 2, 3])).unwrap();
        assert_eq!((tied.estimate, tied.variance), (0.5, 0.0));
        assert_eq!(tied.interval(0.95), None);
        let perfect =
            auc_pooled(&observations(&[4.0, 1.0, 3.0, 2.0], &label, &[0, 1, 2, 3])).unwrap();
        assert_eq!((perfect.estimate, perfect.interval(0.95)), (1.0, None));
    }

    #[test]
    fn one_class_is_undefined() {
        assert_eq!(auc_pooled(&observations(&[1.0, 2.0], &[true, true], &[0, 1])), None);
        assert_eq!(auc_pooled(&observations(&[], &[], &[])), None);
        let split = observations(&[1.0, 2.0], &[true, false], &[0, 1]);
        assert_eq!(auc_within(&split, &[0, 1]), None);
    }

    #[test]
    fn the_logit_interval_stays_inside_and_is_wider_towards_the_middle() {
        let auc = Auc { estimate: 0.9, variance: 0.0036, influence: vec![] };
        let interval = auc.interval(0.95).unwrap();
        // logit(0.9) = ln 9; half = z * 0.06 / 0.09
        let half = 1.959_963_984_540_054 * 0.06 / 0.09;
        assert!((interval.lower - 1.0 / (1.0 + (half - 9.0_f64.ln()).exp())).abs() < 1e-14);
        assert!((interval.upper - 1.0 / (1.0 + (-half - 9.0_f64.ln()).exp())).abs() < 1e-14);
        assert!(interval.upper < 1.0 && 0.9 - interval.lower > interval.upper - 0.9);
    }

    #[test]
    fn a_score_against_itself_has_no_difference_to_test() {
        let label = [true, false, true, false];
        let auc = auc_pooled(&observations(&[1.0, 0.0, 2.0, 1.5], &label, &[0, 1, 2, 3])).unwrap();
        assert_eq!(auc_difference(&auc, &auc, 0.95), None);
    }

    #[test]
    fn the_smallest_difference_that_can_be_found() {
        let distance = minimum_detectable_auc(50.0, 450.0, 0.95, 0.8).unwrap();
        let expected = (1.959_963_984_540_054 + 0.841_621_233_572_914_2)
            * (501.0_f64 / (12.0 * 50.0 * 450.0)).sqrt();
        assert!((distance - expected).abs() < 1e-12);
        assert_eq!(minimum_detectable_auc(0.0, 450.0, 0.95, 0.8), None);
        assert_eq!(minimum_detectable_auc(1.0, 3.0, 0.95, 0.8), None);
    }
}
