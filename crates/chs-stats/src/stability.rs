//! Whether a distribution has moved.

use crate::calibration_curve::equal_mass_bins;
use crate::distributions::chi_square_quantile;
use crate::sum::exact_sum;

/// Below this index a distribution counts as stable by the rule of thumb.
const STABLE_BELOW: f64 = 0.1;
/// From this index on it counts as moved by the rule of thumb.
const MOVED_FROM: f64 = 0.25;

/// The population stability index (PSI) of a distribution against a reference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StabilityIndex {
    /// Sum over bins of (q - p) ln(q / p), in nats, not below 0.
    pub index: f64,
    /// What the index exceeds with probability 1 - level when nothing has moved and the rows of each
    /// side are independent: `chi2(level, bins - 1) x (1/n + 1/m)`.
    pub critical_value: f64,
    /// Bins with rows on either side.
    pub bins: usize,
}

/// The rule of thumb for a stability index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shift {
    /// Below 0.1.
    Stable,
    /// From 0.1 to below 0.25.
    Moving,
    /// From 0.25 on.
    Moved,
}

impl StabilityIndex {
    /// The rule of thumb, which does not know how many rows there are.
    pub fn shift(&self) -> Shift {
        match self.index {
            index if index < STABLE_BELOW => Shift::Stable,
            index if index < MOVED_FROM => Shift::Moving,
            _ => Shift::Moved,
        }
    }

    /// Whether the index is larger than chance makes it.
    pub fn is_beyond_chance(&self) -> bool {
        self.index > self.critical_value
    }
}

/// Stability index of the rows per bin in `current` against those in `reference`; O(bins).
///
/// A bin that is empty on one side counts half a row there, so that the index stays finite; one that
/// is empty on both is left out. `None` with fewer than two bins, or without rows on a side.
///
/// Source: Yurdakul 2018, "Statistical properties of population stability index".
///
/// # Panics
/// When the two differ in length.
pub fn population_stability(
    reference: &[u64],
    current: &[u64],
    level: f64,
) -> Option<StabilityIndex> {
    assert_eq!(reference.len(), current.len(), "the same bins on both sides");
    let (n, m) = (reference.iter().sum::<u64>() as f64, current.iter().sum::<u64>() as f64);
    let used = || reference.iter().zip(current).filter(|(before, now)| *before + *now > 0);
    let bins = used().count();
    if n <= 0.0 || m <= 0.0 || bins < 2 {
        return None;
    }
    let share = |rows: u64, all: f64| (rows as f64).max(0.5) / all;
    let index = exact_sum(used().map(|(&before, &now)| {
        let (p, q) = (share(before, n), share(now, m));
        (q - p) * (q / p).ln()
    }));
    let critical_value = chi_square_quantile(level, (bins - 1) as f64) * (1.0 / n + 1.0 / m);
    Some(StabilityIndex { index, critical_value, bins })
}

/// Stability index of values, over at most `bins` bins of about equal mass in the reference.
///
/// Rows of equal value share a bin ([`equal_mass_bins`]); each bin ends at its highest reference
/// value, and the last one takes whatever lies above. `None` as in [`population_stability`].
/// O(n log n).
///
/// # Panics
/// Without bins.
pub fn population_stability_of_values(
    reference: &[f64],
    current: &[f64],
    bins: usize,
    level: f64,
) -> Option<StabilityIndex> {
    let mut ends = vec![f64::NEG_INFINITY; bins];
    let mut before = vec![0; bins];
    for (&value, bin) in reference.iter().zip(equal_mass_bins(reference, bins)) {
        ends[bin] = ends[bin].max(value);
        before[bin] += 1;
    }
    // A bin without rows ends nowhere: it takes nothing.
    let ends: Vec<(usize, f64)> =
        ends.into_iter().enumerate().filter(|(bin, _)| before[*bin] > 0).collect();
    let mut now = vec![0; bins];
    for value in current {
        let place = ends.partition_point(|(_, end)| end < value).min(ends.len().max(1) - 1);
        let (bin, _) = ends.get(place)?;
        now[*bin] += 1;
    }
    population_stability(&before, &now, level)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_by_hand() {
        let found = population_stability(&[50, 50, 0], &[60, 40, 0], 0.95).unwrap();
        let expected = 0.1 * 1.2_f64.ln() - 0.1 * 0.8_f64.ln();
        assert!((found.index - expected).abs() < 1e-15);
        assert_eq!(found.bins, 2);
        // chi2(0.95, 1) = 3.841459
        assert!((found.critical_value - 3.841_458_820_694_124 * 0.02).abs() < 1e-12);
        assert!(found.shift() == Shift::Stable && !found.is_beyond_chance());
    }

    #[test]
    fn an_empty_bin_counts_half_a_row() {
        let found = population_stability(&[50, 50], &[100, 0], 0.95).unwrap();
        let expected = 0.5 * 2.0_f64.ln() + (0.005 - 0.5) * 0.01_f64.ln();
        assert!((found.index - expected).abs() < 1e-14);
        assert!(found.shift() == Shift::Moved && found.is_beyond_chance());
    }

    #[test]
    fn too_little_is_none() {
        assert_eq!(population_stability(&[], &[], 0.95), None);
        assert_eq!(population_stability(&[3, 0], &[9, 0], 0.95), None);
        assert_eq!(population_stability(&[3, 2], &[0, 0], 0.95), None);
        assert_eq!(population_stability_of_values(&[], &[1.0], 10, 0.95), None);
        assert_eq!(population_stability_of_values(&[1.0, 2.0], &[], 10, 0.95), None);
        assert_eq!(population_stability_of_values(&[1.0; 9], &[1.0; 9], 10, 0.95), None);
    }

    #[test]
    fn values_fall_into_the_bins_of_the_reference() {
        let reference: Vec<f64> = (0..100).map(f64::from).collect();
        let same = population_stability_of_values(&reference, &reference, 10, 0.95).unwrap();
        assert!(same.index.abs() < 1e-300 && same.bins == 10);
        // Everything above the highest reference value: the last bin.
        let above = population_stability_of_values(&reference, &[1e3; 100], 10, 0.95).unwrap();
        let counts = [0, 0, 0, 0, 0, 0, 0, 0, 0, 100];
        assert_eq!(Some(above), population_stability(&[10; 10], &counts, 0.95));
        let between = population_stability_of_values(&reference, &[9.5; 100], 10, 0.95).unwrap();
        let counts = [0, 100, 0, 0, 0, 0, 0, 0, 0, 0];
        assert_eq!(Some(between), population_stability(&[10; 10], &counts, 0.95));
    }

    /// The index moves beyond chance in about 5 % of the draws from one distribution.
    #[test]
    fn the_critical_value_is_one() {
        use rand::RngExt as _;
        use rand_chacha::rand_core::SeedableRng as _;
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(3);
        let mut draw = |rows: usize| {
            let mut counts = [0_u64; 8];
            (0..rows).for_each(|_| counts[random.random_range(0..8_usize)] += 1);
            counts
        };
        let beyond = (0..1000).filter(|_| {
            let found = population_stability(&draw(400), &draw(700), 0.95);
            found.is_some_and(|found| found.is_beyond_chance())
        });
        let beyond = beyond.count();
        assert!((35..=65).contains(&beyond), "{beyond}");
    }
}
