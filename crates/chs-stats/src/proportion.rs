//! Event rates of groups of rows whose accounts occur many times.

use crate::distributions::{beta_quantile, two_sided_quantile, two_sided_t_quantile};
use crate::interval::{Difference, Interval, degrees_of_freedom};
use crate::sum::exact_sum;

/// Labels of a group of rows, with the account of each; equal lengths.
#[derive(Debug, Clone, Copy)]
pub struct LabelledRows<'a> {
    /// What happened.
    pub label: &'a [bool],
    /// Dense index of the row's account.
    pub cluster: &'a [u32],
}

/// An event rate with an interval that knows how many accounts stand behind the rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClusteredProportion {
    /// Rows with label 1.
    pub events: u64,
    /// Rows.
    pub n: u64,
    /// `events / n`.
    pub rate: f64,
    /// Clustered over binomial variance of the rate, at least 1.
    pub design_effect: f64,
    /// Jeffreys interval on the effective counts, with what few accounts leave open of the design effect.
    pub interval: Interval,
}

/// Jeffreys interval of a rate: quantiles of Beta(events + 1/2, n - events + 1/2), with a lower
/// limit of exactly 0 at no event and an upper limit of exactly 1 at all events.
///
/// The counts may be fractions (effective counts); `0 <= events <= n`. With n = 0 it is \[0, 1\].
pub fn jeffreys(events: f64, n: f64, level: f64) -> Interval {
    let misses = n - events;
    let quantile = |p: f64| beta_quantile(events + 0.5, misses + 0.5, p);
    let tail = (1.0 - level) / 2.0;
    Interval {
        lower: if events > 0.0 { quantile(tail) } else { 0.0 },
        upper: if misses > 0.0 { quantile(1.0 - tail) } else { 1.0 },
    }
}

/// Event rate with its account-clustered Jeffreys interval. `None` without rows.
///
/// The design effect is `d = G/(G-1) sum_c (e_c - r n_c)^2 / (n r (1 - r))` over the G accounts, for
/// `e_c` events in `n_c` rows of account c and the rate r; at least 1. Where it cannot be estimated
/// (no event, all events, one account) it is n / G: each account counts once. The interval is that of the
/// counts over `d (t / z)^2`, at least 1, with t the quantile at the accounts' [`degrees_of_freedom`] and z
/// the normal one.
///
/// # Panics
/// When the columns differ in length.
pub fn clustered_proportion(
    label: &[bool],
    cluster: &[u32],
    level: f64,
) -> Option<ClusteredProportion> {
    let rows = LabelledRows { label, cluster };
    let accounts = rows.accounts(rows.clusters());
    let all = Account::total(&accounts);
    if all.rows == 0 {
        return None;
    }
    let (events, n) = (all.events as f64, all.rows as f64);
    let present = accounts.iter().filter(|account| account.rows > 0).count() as f64;
    let pulls: Vec<f64> = accounts.iter().map(|account| account.pull(all)).collect();
    let spread = exact_sum(pulls.iter().map(|pull| pull * pull));
    // The variance of the rate over r (1 - r) / n, with everything in counts.
    let estimable = all.events > 0 && all.events < all.rows && present > 1.0;
    let (design_effect, effective) = if estimable {
        let found = present / (present - 1.0) * spread * n * n * n / (events * (n - events));
        let quantile = two_sided_t_quantile(level, degrees_of_freedom(&pulls));
        let widening = quantile / two_sided_quantile(level);
        (found.max(1.0), (found * widening * widening).max(1.0))
    } else {
        (n / present, n / present)
    };
    Some(ClusteredProportion {
        events: all.events,
        n: all.rows,
        rate: events / n,
        design_effect,
        interval: jeffreys(events / effective, n / effective, level),
    })
}

/// Difference of two event rates, `second - first`, where accounts may have rows in both groups.
///
/// Each account pulls with `sum(y - r2) / n2` over its rows in the second group minus
/// `sum(y - r1) / n1` over those in the first; the variance is `G/(G-1)` times the sum of squares,
/// over the G accounts of both groups. Student's t
/// at the pulls' [`degrees_of_freedom`]. `None` where a group is empty, with
/// one account in all, or where nothing varies.
///
/// Reference: R `sandwich::vcovCL(lm(y ~ group), type = "HC0", cadjust = TRUE)`.
///
/// # Panics
/// When the columns of a group differ in length.
pub fn proportion_difference(
    first: LabelledRows,
    second: LabelledRows,
    level: f64,
) -> Option<Difference> {
    let clusters = first.clusters().max(second.clusters());
    let (firsts, seconds) = (first.accounts(clusters), second.accounts(clusters));
    let (first, second) = (Account::total(&firsts), Account::total(&seconds));
    if first.rows == 0 || second.rows == 0 {
        return None;
    }
    let pairs = || firsts.iter().zip(&seconds);
    let present = pairs().filter(|(one, two)| one.rows + two.rows > 0).count() as f64;
    if present < 2.0 {
        return None;
    }
    let pulls: Vec<f64> = pairs().map(|(one, two)| two.pull(second) - one.pull(first)).collect();
    Difference::new(second.rate() - first.rate(), &pulls, present / (present - 1.0), level)
}

/// Counts of one account, or of all.
#[derive(Debug, Clone, Copy, Default)]
struct Account {
    events: u64,
    rows: u64,
}

impl LabelledRows<'_> {
    fn clusters(&self) -> usize {
        self.cluster.iter().max().map_or(0, |&last| last as usize + 1)
    }

    fn accounts(&self, clusters: usize) -> Vec<Account> {
        assert_eq!(self.label.len(), self.cluster.len(), "one cluster per label");
        let mut accounts = vec![Account::default(); clusters];
        for (&label, &cluster) in self.label.iter().zip(self.cluster) {
            let account = &mut accounts[cluster as usize];
            account.events += u64::from(label);
            account.rows += 1;
        }
        accounts
    }
}

impl Account {
    fn total(accounts: &[Self]) -> Self {
        accounts.iter().fold(Self::default(), |sum, account| Self {
            events: sum.events + account.events,
            rows: sum.rows + account.rows,
        })
    }

    fn rate(self) -> f64 {
        self.events as f64 / self.rows as f64
    }

    /// `(e_c - r n_c) / n`: integers until the division.
    fn pull(self, all: Self) -> f64 {
        let exact = i128::from(self.events) * i128::from(all.rows)
            - i128::from(all.events) * i128::from(self.rows);
        exact as f64 / (all.rows as f64 * all.rows as f64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_ends_are_exact() {
        let none = jeffreys(0.0, 20.0, 0.95);
        assert!(none.lower.to_bits() == 0 && none.upper > 0.0 && none.upper < 0.2);
        let all = jeffreys(20.0, 20.0, 0.95);
        assert!((all.upper - 1.0).to_bits() == 0 && (all.lower - (1.0 - none.upper)).abs() < 1e-12);
        assert_eq!(jeffreys(0.0, 0.0, 0.95), Interval { lower: 0.0, upper: 1.0 });
    }

    #[test]
    fn copies_of_accounts_do_not_narrow_the_interval() {
        let label = [true, false, false, true, false, false, false, false];
        let cluster = [0, 1, 2, 3, 4, 5, 6, 7];
        let once = clustered_proportion(&label, &cluster, 0.95).unwrap();
        let many_label: Vec<bool> = label.iter().copied().cycle().take(96).collect();
        let many_cluster: Vec<u32> = cluster.iter().copied().cycle().take(96).collect();
        let many = clustered_proportion(&many_label, &many_cluster, 0.95).unwrap();
        assert_eq!((many.events, many.n), (24, 96));
        assert!((many.design_effect - 12.0 * once.design_effect).abs() < 1e-12);
        assert!((many.interval.lower - once.interval.lower).abs() < 1e-12);
        assert!((many.interval.upper - once.interval.upper).abs() < 1e-12);
    }

    #[test]
    fn a_rate_without_events_counts_each_account_once() {
        let none = clustered_proportion(&[false; 12], &[0, 0, 0, 0, 1, 1, 1, 1, 9, 9, 9, 9], 0.95);
        let none = none.unwrap();
        assert!((none.design_effect - 4.0).abs() < 1e-15);
        assert_eq!(none.interval, jeffreys(0.0, 3.0, 0.95));
        let one = clustered_proportion(&[true, false], &[3, 3], 0.95).unwrap();
        assert!((one.design_effect - 2.0).abs() < 1e-15);
        assert_eq!(clustered_proportion(&[], &[], 0.95), None);
    }

    #[test]
    fn accounts_that_alternate_are_no_better_than_independent_rows() {
        let label = [true, false, true, false, true, false];
        let balanced = clustered_proportion(&label, &[0, 0, 1, 1, 2, 2], 0.95).unwrap();
        assert!((balanced.design_effect - 1.0).abs() < 1e-15);
        assert_eq!(balanced.interval, jeffreys(3.0, 6.0, 0.95));
    }

    #[test]
    fn a_difference_has_a_direction_and_needs_both_groups() {
        let low = LabelledRows {
            label: &[true, false, false, false, false, false],
            cluster: &[0, 1, 2, 3, 4, 5],
        };
        let high =
            LabelledRows { label: &[true, true, true, false, true], cluster: &[6, 7, 8, 9, 5] };
        let up = proportion_difference(low, high, 0.95).unwrap();
        assert!((up.estimate - (0.8 - 1.0 / 6.0)).abs() < 1e-15);
        assert!(up.p_value_above_zero() < 0.05);
        let down = proportion_difference(high, low, 0.95).unwrap();
        assert!((up.estimate + down.estimate).abs() < 1e-15);
        assert!((up.standard_error - down.standard_error).abs() < 1e-15);
        let empty = LabelledRows { label: &[], cluster: &[] };
        assert_eq!(proportion_difference(low, empty, 0.95), None);
        assert_eq!(proportion_difference(empty, low, 0.95), None);
        let alone = LabelledRows { label: &[true, false], cluster: &[2, 2] };
        assert_eq!(proportion_difference(alone, alone, 0.95), None);
    }

    proptest! {
        #[test]
        fn the_interval_encloses_the_rate_and_order_leaves_no_trace(
            rows in prop::collection::vec((any::<bool>(), 0..9_u32), 1..60),
        ) {
            let label: Vec<bool> = rows.iter().map(|row| row.0).collect();
            let cluster: Vec<u32> = rows.iter().map(|row| row.1).collect();
            let found = clustered_proportion(&label, &cluster, 0.95).unwrap();
            prop_assert!(found.design_effect >= 1.0);
            prop_assert!(found.interval.lower <= found.rate && found.rate <= found.interval.upper);
            let backward: (Vec<bool>, Vec<u32>) = rows.iter().rev().copied().unzip();
            prop_assert_eq!(clustered_proportion(&backward.0, &backward.1, 0.95), Some(found));
        }
    }
}
