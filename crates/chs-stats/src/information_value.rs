//! How much an indicator tells of the outcome, in monotone bins.

use crate::calibration_curve::equal_mass_bins;
use crate::sum::exact_sum;

/// Bins that are put together into monotone ones.
const FINE_BINS: usize = 20;
/// Least share of the rows in a bin.
const LEAST_SHARE: f64 = 0.05;

/// The information value of an indicator and the bins that it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct InformationValue {
    /// Sum over bins of (share of events - share of others) x weight of evidence, in nats; 0 where
    /// one bin is all that is monotone.
    pub value: f64,
    /// The bins, lowest values first; their event rates rise, or they fall.
    pub bins: Vec<EvidenceBin>,
}

/// Rows of neighbouring values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EvidenceBin {
    /// Lowest value of its rows.
    pub lowest: f64,
    /// Highest value of its rows.
    pub highest: f64,
    /// Rows with label 1.
    pub events: u64,
    /// Rows with label 0.
    pub others: u64,
    /// ln(share of events / share of others): above 0 where label 1 is more common than overall.
    pub weight_of_evidence: f64,
}

/// Information value of finite values for the label, over the monotone bins that hold the most of it.
///
/// The rows are cut into twenty bins of equal mass ([`equal_mass_bins`]), and neighbours are put
/// together so that the event rates all rise or all fall, each bin has 5 % of the rows and both
/// labels, and the information value is the largest possible: exact dynamic programming over the
/// last bin, in each direction. Pooling adjacent violators would maximise the likelihood instead, and
/// could not keep to a least share. `None` when a label is missing. O(n log n + 20^3).
///
/// An indicator that says nothing has about `(bins - 1) x (1/events + 1/others)`, more with the
/// freedom to choose bins, and more still when rows share accounts: resample before believing a small
/// value ([`information`] on the bins found).
///
/// # Panics
/// When the columns differ in length.
pub fn information_value(values: &[f64], label: &[bool]) -> Option<InformationValue> {
    assert_eq!(values.len(), label.len(), "one label per value");
    let fine = fine_bins(values, label);
    let all = Counts::over(&fine);
    if all.events == 0 || all.others == 0 {
        return None;
    }
    let rising = best_binning(&fine, all, Counts::rate_is_below);
    let falling = best_binning(&fine, all, |below, above| above.rate_is_below(below));
    // Of two equally good ones the first: nothing but the order of the values decides.
    let best = if falling.value > rising.value { falling } else { rising };
    let bins: Vec<EvidenceBin> = best
        .cuts
        .windows(2)
        .map(|cut| {
            let own = &fine[cut[0]..cut[1]];
            let counts = Counts::over(own);
            EvidenceBin {
                lowest: own.first().map_or(f64::NAN, |bin| bin.lowest),
                highest: own.last().map_or(f64::NAN, |bin| bin.highest),
                events: counts.events,
                others: counts.others,
                weight_of_evidence: counts.weight_of_evidence(all),
            }
        })
        .collect();
    Some(InformationValue { value: best.value, bins })
}

/// Information value of bins that are given as (events, others), for instance the bins of
/// [`information_value`] under weights. A bin with one label counts half a row of the other. `None`
/// when a label is missing.
pub fn information(bins: &[(u64, u64)]) -> Option<f64> {
    let all = Counts {
        events: bins.iter().map(|bin| bin.0).sum(),
        others: bins.iter().map(|bin| bin.1).sum(),
    };
    let used = bins.iter().filter(|bin| bin.0 + bin.1 > 0);
    let terms = used.map(|&(events, others)| Counts { events, others }.information(all));
    (all.events > 0 && all.others > 0).then(|| exact_sum(terms))
}

/// A bin before it is put together with others.
struct FineBin {
    lowest: f64,
    highest: f64,
    counts: Counts,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    events: u64,
    others: u64,
}

impl Counts {
    fn over(bins: &[FineBin]) -> Self {
        bins.iter().fold(Self::default(), |sum, bin| sum.with(bin.counts))
    }

    fn with(self, other: Self) -> Self {
        Self { events: self.events + other.events, others: self.others + other.others }
    }

    fn rate_is_below(self, other: Self) -> bool {
        u128::from(self.events) * u128::from(other.others)
            < u128::from(other.events) * u128::from(self.others)
    }

    fn shares(self, all: Self) -> (f64, f64) {
        let share = |rows: u64, all: u64| (rows as f64).max(0.5) / all as f64;
        (share(self.events, all.events), share(self.others, all.others))
    }

    fn weight_of_evidence(self, all: Self) -> f64 {
        let (events, others) = self.shares(all);
        (events / others).ln()
    }

    fn information(self, all: Self) -> f64 {
        let (events, others) = self.shares(all);
        (events - others) * self.weight_of_evidence(all)
    }

    /// Whether it may stand as a bin.
    fn is_enough(self, all: Self) -> bool {
        let rows = |counts: Self| (counts.events + counts.others) as f64;
        self.events > 0 && self.others > 0 && rows(self) >= LEAST_SHARE * rows(all)
    }
}

/// The equal-mass bins that have rows.
fn fine_bins(values: &[f64], label: &[bool]) -> Vec<FineBin> {
    let mut bins: Vec<Option<FineBin>> = (0..FINE_BINS).map(|_| None).collect();
    for ((&value, &label), bin) in values.iter().zip(label).zip(equal_mass_bins(values, FINE_BINS))
    {
        let bin = bins[bin].get_or_insert_with(|| FineBin {
            lowest: value,
            highest: value,
            counts: Counts::default(),
        });
        bin.lowest = bin.lowest.min(value);
        bin.highest = bin.highest.max(value);
        bin.counts.events += u64::from(label);
        bin.counts.others += u64::from(!label);
    }
    bins.into_iter().flatten().collect()
}

/// Cuts between fine bins, from 0 to their number, and the information value of what lies between.
#[derive(Clone)]
struct Binning {
    cuts: Vec<usize>,
    value: f64,
}

/// The binning with the most information in which neighbours stand in the given order.
///
/// `best[i][j]` is the best one of the first `j` fine bins whose last bin starts at `i`: it extends the
/// best one that ends at `i` with a neighbour in order.
fn best_binning(
    fine: &[FineBin],
    all: Counts,
    in_order: impl Fn(Counts, Counts) -> bool,
) -> Binning {
    let n = fine.len();
    let counts = |from: usize, to: usize| Counts::over(&fine[from..to]);
    let mut best: Vec<Vec<Option<Binning>>> = vec![vec![None; n + 1]; n];
    for (start, end) in (1..=n).flat_map(|end| (0..end).map(move |start| (start, end))) {
        let own = counts(start, end);
        if !own.is_enough(all) {
            continue;
        }
        let start_of_all = (start == 0).then(|| Binning { cuts: vec![0], value: 0.0 });
        let before = (0..start).filter_map(|previous| {
            let found = best[previous][start].as_ref()?;
            in_order(counts(previous, start), own).then(|| found.clone())
        });
        best[start][end] =
            start_of_all.into_iter().chain(before).reduce(better).map(|mut binning| {
                binning.cuts.push(end);
                binning.value += own.information(all);
                binning
            });
    }
    let found = best.into_iter().filter_map(|mut by_end| by_end.swap_remove(n)).reduce(better);
    found.unwrap_or(Binning { cuts: vec![0, n], value: 0.0 })
}

/// The one with more information; of two equal ones the first, which has the fewer bins.
fn better(best: Binning, other: Binning) -> Binning {
    if other.value > best.value { other } else { best }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows() -> impl Strategy<Value = Vec<(i32, bool)>> {
        prop::collection::vec((0..12_i32, any::<bool>()), 2..80)
    }

    fn columns(rows: &[(i32, bool)]) -> (Vec<f64>, Vec<bool>) {
        rows.iter().map(|row| (f64::from(row.0) / 3.0, row.1)).unzip()
    }

    #[test]
    fn two_groups_by_hand() {
        // Value 1: 1 event of 4; value 2: 3 events of 4.
        let values = [1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0];
        let label = [true, false, false, false, true, true, true, false];
        let found = information_value(&values, &label).unwrap();
        assert!((found.value - 3.0_f64.ln()).abs() < 1e-15);
        let weights: Vec<f64> = found.bins.iter().map(|bin| bin.weight_of_evidence).collect();
        assert!((weights[0] + 3.0_f64.ln()).abs() < 1e-15 && weights.len() == 2);
        assert!((weights[0] + weights[1]).abs() < 1e-15);
        let counts: Vec<(u64, u64)> = found.bins.iter().map(|b| (b.events, b.others)).collect();
        assert!((information(&counts).unwrap() - found.value).abs() < 1e-15);
    }

    #[test]
    fn nothing_to_tell_is_zero_or_none() {
        assert_eq!(information_value(&[], &[]), None);
        assert_eq!(information_value(&[1.0, 2.0], &[true, true]), None);
        assert_eq!(information(&[(3, 0), (2, 0)]), None);
        let constant = information_value(&[1.0; 4], &[true, false, false, true]).unwrap();
        assert!(constant.value.abs() < 1e-300 && constant.bins.len() == 1);
        // Separated: no bin but the whole has both labels.
        let split = information_value(&[1.0, 2.0], &[true, false]).unwrap();
        assert!(split.value.abs() < 1e-300 && split.bins.len() == 1);
        assert!(information(&[(1, 0), (0, 1)]).unwrap() > 0.5);
    }

    /// All ways to cut, by brute force.
    fn slow_twin(fine: &[FineBin], all: Counts) -> f64 {
        let inner = fine.len() - 1;
        let mut best = 0.0_f64;
        for mask in 0..1_u32 << inner {
            let mut cuts: Vec<usize> = vec![0];
            cuts.extend((1..=inner).filter(|cut| mask >> (cut - 1) & 1 == 1));
            cuts.push(fine.len());
            let bins: Vec<Counts> =
                cuts.windows(2).map(|cut| Counts::over(&fine[cut[0]..cut[1]])).collect();
            let rising = bins.windows(2).all(|pair| pair[0].rate_is_below(pair[1]));
            let falling = bins.windows(2).all(|pair| pair[1].rate_is_below(pair[0]));
            if (rising || falling) && bins.iter().all(|bin| bin.is_enough(all)) {
                best = best.max(bins.iter().map(|bin| bin.information(all)).sum());
            }
        }
        best
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn it_is_the_best_of_all_monotone_binnings(rows in rows(), turn in 0..80_usize) {
            let (values, label) = columns(&rows);
            let Some(found) = information_value(&values, &label) else { return Ok(()) };
            let fine = fine_bins(&values, &label);
            prop_assert!((found.value - slow_twin(&fine, Counts::over(&fine))).abs() < 1e-12);
            prop_assert!(found.bins.windows(2).all(|pair| pair[0].highest < pair[1].lowest));
            let mut turned = rows.clone();
            turned.rotate_left(turn % rows.len());
            let (values, label) = columns(&turned);
            prop_assert_eq!(information_value(&values, &label), Some(found));
        }

        #[test]
        fn turning_the_values_round_changes_nothing_when_untied(
            label in prop::collection::vec(any::<bool>(), 20..60),
        ) {
            let values: Vec<f64> = (0_u32..).take(label.len()).map(f64::from).collect();
            let turned: Vec<f64> = values.iter().map(|value| -value.exp()).collect();
            let value = |values: &[f64]| information_value(values, &label).map(|iv| iv.value);
            // Bins are cut from below: their sizes are the same both ways only when n is a multiple.
            if label.len().is_multiple_of(FINE_BINS)
                && let (Some(one), Some(other)) = (value(&values), value(&turned))
            {
                prop_assert!((one - other).abs() < 1e-12);
            }
        }
    }
}
