//! How rows compare with those of the other label, summed by account.

use crate::Observations;
use crate::rank_order::RankOrder;

/// Comparisons in which the rows of one account take part.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Comparisons {
    pub(crate) all: u64,
    pub(crate) concordant_doubled: u64,
}

/// Comparisons of every account's rows, those with label 0 first.
pub(crate) struct ByClass {
    pub(crate) comparisons: Vec<[Comparisons; 2]>,
    pub(crate) pairs: u64,
    pub(crate) concordant_doubled: u64,
}

impl ByClass {
    /// Over all pairs; `None` without one.
    pub(crate) fn of(observations: &Observations) -> Option<Self> {
        observations.assert_equal_lengths();
        Self::within(&[RankOrder::new(observations.predictor)], observations)
    }

    /// Over the pairs of each stratum; `None` without one.
    pub(crate) fn within(strata: &[RankOrder], observations: &Observations) -> Option<Self> {
        let clusters = observations.cluster.iter().max().map_or(0, |&last| last as usize + 1);
        let mut comparisons = vec![[Comparisons::default(); 2]; clusters];
        let pairs: u64 =
            strata.iter().map(|order| compare_within(order, observations, &mut comparisons)).sum();
        // Every pair was counted from each side.
        let concordant_doubled = comparisons.iter().map(|own| own[1].concordant_doubled).sum();
        (pairs > 0).then_some(Self { comparisons, pairs, concordant_doubled })
    }

    /// With C twice the concordant and K all comparisons, P pairs and S twice the concordant pairs,
    /// the influence is `(C P - S K) / (2 P^2)`: one rounding of exact integers.
    pub(crate) fn influence(&self, of: Comparisons) -> f64 {
        let pairs = self.pairs as f64;
        let pull = i128::from(of.concordant_doubled) * i128::from(self.pairs)
            - i128::from(self.concordant_doubled) * i128::from(of.all);
        pull as f64 / (2.0 * pairs * pairs)
    }

    /// Each account's influence, through its rows of label 0 and of label 1.
    pub(crate) fn influences(&self) -> Vec<[f64; 2]> {
        self.comparisons.iter().map(|own| own.map(|own| self.influence(own))).collect()
    }
}

/// Adds each row's comparisons within one order to its account; returns the number of pairs.
fn compare_within(
    order: &RankOrder,
    observations: &Observations,
    comparisons: &mut [[Comparisons; 2]],
) -> u64 {
    let count = |rows: &[usize]| {
        let positives = rows.iter().filter(|&&row| observations.label[row]).count();
        (positives as u64, (rows.len() - positives) as u64)
    };
    let (positives, negatives) =
        order.groups().map(count).fold((0, 0), |sum, group| (sum.0 + group.0, sum.1 + group.1));
    let (mut positives_below, mut negatives_below) = (0, 0);
    for group in order.groups() {
        let (tied_positives, tied_negatives) = count(group);
        let positives_above = positives - positives_below - tied_positives;
        let of_negative = (positives, 2 * positives_above + tied_positives);
        let of_positive = (negatives, 2 * negatives_below + tied_negatives);
        for &row in group {
            let label = observations.label[row];
            let (all, concordant_doubled) = if label { of_positive } else { of_negative };
            let own = &mut comparisons[observations.cluster[row] as usize][usize::from(label)];
            own.all += all;
            own.concordant_doubled += concordant_doubled;
        }
        positives_below += tied_positives;
        negatives_below += tied_negatives;
    }
    positives * negatives
}
