//! The area under the ROC curve, its account-clustered error, and the difference of two.

use crate::comparisons::{ByClass, Comparisons};
use crate::distributions::{normal_quantile, two_sided_quantile, two_sided_t_quantile};
use crate::interval::{Difference, Interval, degrees_of_freedom};
use crate::rank_order::RankOrder;
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

    /// Interval of the given level, symmetric on the logit scale, hence inside (0, 1), with the t quantile
    /// at the influences' [`degrees_of_freedom`].
    ///
    /// `None` at an AUC of exactly 0 or 1, and where the variance is 0.
    pub fn interval(&self, level: f64) -> Option<Interval> {
        let estimate = self.estimate;
        if !(estimate > 0.0 && estimate < 1.0 && self.variance > 0.0) {
            return None;
        }
        let centre = (estimate / (1.0 - estimate)).ln();
        let quantile = two_sided_t_quantile(level, degrees_of_freedom(&self.influence));
        let half = quantile * self.standard_error() / (estimate * (1.0 - estimate));
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
    auc_over(&RankOrder::within(observations.predictor, stratum), observations)
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
    let pulls: Vec<f64> = a.influence.iter().zip(&b.influence).map(|(a, b)| a - b).collect();
    Difference::new(a.estimate - b.estimate, &pulls, 1.0, level)
}

/// Decline `reference - current` of the AUC from one set of rows to a later one, over the same
/// numbering of accounts: `S = (AUC_0 - AUC_t) / se` is estimate over standard error, and
/// [`Difference::p_value_above_zero`] its one-sided test.
///
/// Accounts with rows in both sets pull on both, so that the standard error comes from the
/// differences of each account's influences; an account of one set alone pulls on that side. `None`
/// where nothing varies.
///
/// Reference for the error of one AUC: R `survival::concordance(cluster = id)`.
pub fn auc_decline(reference: &Auc, current: &Auc, level: f64) -> Option<Difference> {
    let accounts = reference.influence.len().max(current.influence.len());
    let pull = |auc: &Auc, account: usize| auc.influence.get(account).copied().unwrap_or(0.0);
    let pulls: Vec<f64> =
        (0..accounts).map(|account| pull(reference, account) - pull(current, account)).collect();
    Difference::new(reference.estimate - current.estimate, &pulls, 1.0, level)
}

/// Covariance of the AUCs of two scores over the same rows, of accounts with rows of both labels:
/// Obuchowski's estimate, the variance where both are one score.
///
/// With the influence of an account in two parts, over its positive and its negative rows, it is the
/// sum of products of the positive parts times `I10 / (I10 - 1)`, of the negative parts times
/// `I01 / (I01 - 1)`, and of both cross products times `I / (I - 1)`, for `I10` accounts with a
/// positive row, `I01` with a negative one, and I in all. Unlike the variance of [`Auc`] it has these
/// small-sample factors. `None` with one class, or with fewer than two accounts for a factor.
/// O(n log n).
///
/// Source: Obuchowski 1997, "Nonparametric analysis of clustered ROC curve data". Equals `DeLong` (R
/// `pROC::cov`, `pROC::var`) when every account occurs once.
///
/// # Panics
/// When the columns differ in length, and when the two differ in labels or accounts.
pub fn auc_covariance_obuchowski(first: &Observations, second: &Observations) -> Option<f64> {
    assert!(
        first.label == second.label && first.cluster == second.cluster,
        "two scores of the same rows"
    );
    let (first, second) = (ByClass::of(first)?, ByClass::of(second)?);
    let factor = |is_counted: &dyn Fn(&[Comparisons; 2]) -> bool| {
        let accounts = first.comparisons.iter().filter(|own| is_counted(own)).count() as f64;
        (accounts > 1.0).then(|| accounts / (accounts - 1.0))
    };
    // A positive row takes part in as many comparisons as there are negatives, and at least one.
    let has = |class: usize| move |own: &[Comparisons; 2]| own[class].all > 0;
    let of_class = [factor(&has(0))?, factor(&has(1))?];
    let crossed = factor(&|own| own[0].all + own[1].all > 0)?;
    let (a, b) = (first.influences(), second.influences());
    let terms = a.iter().zip(&b).flat_map(|(a, b)| {
        let within = [0, 1].map(|class: usize| of_class[class] * a[class] * b[class]);
        within.into_iter().chain([crossed * a[0] * b[1], crossed * a[1] * b[0]])
    });
    Some(exact_sum(terms))
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
    pub(crate) fn assert_equal_lengths(&self) {
        assert_eq!(self.predictor.len(), self.label.len(), "one label per predictor");
        assert_eq!(self.predictor.len(), self.cluster.len(), "one cluster per predictor");
    }
}

fn auc_over(strata: &[RankOrder], observations: &Observations) -> Option<Auc> {
    let found = ByClass::within(strata, observations)?;
    let both = |own: &[Comparisons; 2]| Comparisons {
        all: own[0].all + own[1].all,
        concordant_doubled: own[0].concordant_doubled + own[1].concordant_doubled,
    };
    let influence: Vec<f64> =
        found.comparisons.iter().map(|own| found.influence(both(own))).collect();
    Some(Auc {
        estimate: found.concordant_doubled as f64 / (2 * found.pairs) as f64,
        variance: exact_sum(influence.iter().map(|value| value * value)),
        influence,
    })
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
    fn a_decline_needs_no_common_accounts_and_has_a_direction() {
        let at = |predictor: &[f64], cluster: &[u32]| {
            let label = [true, true, false, false, true, false];
            auc_pooled(&Observations { predictor, label: &label, cluster }).unwrap()
        };
        let before = at(&[5.0, 4.0, 1.0, 3.0, 2.0, 0.0], &[0, 1, 2, 3, 4, 5]);
        let apart = at(&[1.0, 4.0, 3.0, 5.0, 2.0, 0.0], &[6, 7, 8, 9, 10, 11]);
        let decline = auc_decline(&before, &apart, 0.95).unwrap();
        assert!((decline.estimate - (before.estimate - apart.estimate)).abs() < 1e-15);
        let variance = before.variance + apart.variance;
        assert!((decline.standard_error.powi(2) - variance).abs() < 1e-15);
        // The same accounts later: what they have in common cancels, as in a paired difference.
        let paired = at(&[1.0, 4.0, 3.0, 5.0, 2.0, 0.0], &[0, 1, 2, 3, 4, 5]);
        let decline = auc_decline(&before, &paired, 0.95);
        assert_eq!(decline, auc_difference(&before, &paired, 0.95));
        assert_eq!(auc_decline(&before, &before, 0.95), None);
    }

    #[test]
    fn small_sample_factors_need_two_accounts() {
        let rows = |label: &'static [bool], cluster: &'static [u32]| Observations {
            predictor: &[3.0, 2.0, 1.0, 0.0],
            label,
            cluster,
        };
        let found = |rows: Observations| auc_covariance_obuchowski(&rows, &rows);
        assert_eq!(found(rows(&[true, false, false, false], &[0, 1, 2, 3])), None);
        assert_eq!(found(rows(&[true, false, true, false], &[0, 0, 0, 0])), None);
        // Placements 1 and 1/2 of both classes about 3/4: 2 x (1/4)^2 / (2 x 1) of each class.
        let found = found(rows(&[true, false, true, false], &[0, 1, 2, 3])).unwrap();
        assert!((found - 2.0 / 16.0).abs() < 1e-15);
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
        // Accounts that pull alike: 36 degrees of freedom. R: qt(0.975, 36).
        let influence = (0..37).map(|i| if i % 2 == 0 { 0.01 } else { -0.01 }).collect();
        let auc = Auc { estimate: 0.9, variance: 0.0036, influence };
        let interval = auc.interval(0.95).unwrap();
        // logit(0.9) = ln 9; half = t * 0.06 / 0.09
        let half = 2.028_094_000_980_451 * 0.06 / 0.09;
        assert!((interval.lower - 1.0 / (1.0 + (half - 9.0_f64.ln()).exp())).abs() < 1e-9);
        assert!((interval.upper - 1.0 / (1.0 + (-half - 9.0_f64.ln()).exp())).abs() < 1e-9);
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
