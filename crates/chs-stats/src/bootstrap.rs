//! Intervals by drawing whole accounts.

use std::collections::BTreeMap;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng as _;
use rayon::prelude::*;

use crate::distributions::{two_sided_t_quantile, upper_tail};
use crate::interval::{Interval, degrees_of_freedom};
use crate::sum::ordered_sum;

/// How many replicates are drawn, from which seed, for which interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bootstrap {
    /// Number of replicates; 1,000 is usual.
    pub replicates: usize,
    /// Seed of the whole bootstrap; replicate r uses stream r of it.
    pub seed: u64,
    /// Level of the interval, 0 < level < 1.
    pub level: f64,
}

/// The bootstrap's answer for one figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BootstrapInterval {
    /// Percentile limits over the replicates where the figure is defined; `None` when there are none.
    pub interval: Option<Interval>,
    /// Replicates in which the figure was undefined, left out of the limits.
    pub undefined: usize,
}

/// Percentile intervals of several figures from one cluster bootstrap.
///
/// Each replicate draws G accounts with replacement from the G that have rows. `statistic` gets how
/// often each row counts (all rows of an account alike) and returns its figures, always equally many
/// and in the same order; the result has one interval per figure. The limits are type-7 quantiles of
/// the defined replicates, at tails that know how few accounts there are: those of a normal variable
/// beyond `t sqrt(G / (G - 1))`, with t the quantile at the [`degrees_of_freedom`] that leaving out one
/// account at a time shows (Hesterberg 2015, "What teachers should know about the bootstrap", the expanded
/// percentile interval). With more accounts than replicates, where that would be most of the work and
/// hardly change a limit, the tails are the plain ones. Replicates run in parallel, each on its own `ChaCha8` stream, so that
/// threads never show; neither does the order of the rows, if it does not show in the statistic.
///
/// # Panics
/// When `statistic` returns fewer figures in a later replicate than in the first.
pub fn cluster_bootstrap(
    cluster: &[u32],
    plan: Bootstrap,
    statistic: impl Fn(&[u32]) -> Vec<Option<f64>> + Sync,
) -> Vec<BootstrapInterval> {
    let (position, accounts) = account_positions(cluster);
    let replicates = cluster_replicates(cluster, plan, &statistic);
    let figures =
        replicates.first().map_or_else(|| statistic(&vec![1; cluster.len()]).len(), Vec::len);
    let left_out = left_out(&position, accounts, plan.replicates, &statistic);
    (0..figures)
        .map(|figure| {
            let mut values: Vec<f64> =
                replicates.iter().filter_map(|replicate| replicate[figure]).collect();
            values.sort_by(f64::total_cmp);
            let without = left_out.iter().filter_map(|without| without[figure]);
            let tail = tail(&without.collect::<Vec<f64>>(), plan.level);
            let interval = (!values.is_empty()).then(|| Interval {
                lower: quantile(&values, tail),
                upper: quantile(&values, 1.0 - tail),
            });
            BootstrapInterval { interval, undefined: replicates.len() - values.len() }
        })
        .collect()
}

/// What `statistic` says of each replicate of a cluster bootstrap, in their order: what
/// [`cluster_bootstrap`] takes its limits from.
pub fn cluster_replicates<S: Send>(
    cluster: &[u32],
    plan: Bootstrap,
    statistic: impl Fn(&[u32]) -> S + Sync,
) -> Vec<S> {
    let (position, accounts) = account_positions(cluster);
    // One row per account, in order: the draws are the weights.
    let is_by_account = position.iter().enumerate().all(|(row, &account)| row == account);
    (0..plan.replicates)
        .into_par_iter()
        .map(|replicate| {
            let drawn = draw(accounts, plan.seed, replicate as u64);
            if is_by_account {
                return statistic(&drawn);
            }
            let weights: Vec<u32> = position.iter().map(|&account| drawn[account]).collect();
            statistic(&weights)
        })
        .collect()
}

/// The figures without each account in turn; none with more accounts than replicates.
fn left_out(
    position: &[usize],
    accounts: usize,
    replicates: usize,
    statistic: &(impl Fn(&[u32]) -> Vec<Option<f64>> + Sync),
) -> Vec<Vec<Option<f64>>> {
    if accounts > replicates {
        return Vec::new();
    }
    let without = |account| {
        let weights: Vec<u32> = position.iter().map(|own| u32::from(*own != account)).collect();
        statistic(&weights)
    };
    (0..accounts).into_par_iter().map(without).collect()
}

/// Share of the replicates beyond either limit, from the values of a figure without each account.
fn tail(without: &[f64], level: f64) -> f64 {
    let plain = (1.0 - level) / 2.0;
    let accounts = without.len() as f64;
    if accounts < 3.0 {
        return plain;
    }
    let mean = ordered_sum(without.iter().copied()) / accounts;
    let pulls: Vec<f64> = without.iter().map(|value| value - mean).collect();
    let t = two_sided_t_quantile(level, degrees_of_freedom(&pulls));
    upper_tail(t * (accounts / (accounts - 1.0)).sqrt()).min(plain)
}

/// Quantile of sorted values by linear interpolation between order statistics (R's type 7),
/// 0 <= p <= 1.
///
/// # Panics
/// Without values.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a position between 0 and the number of values"
)]
pub fn quantile(sorted: &[f64], p: f64) -> f64 {
    assert!(!sorted.is_empty(), "a quantile needs a value");
    let last = sorted.len() - 1;
    let position = last as f64 * p.clamp(0.0, 1.0);
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (position - below as f64) * (sorted[above] - sorted[below])
}

/// Each row's account among the accounts that have rows, and their number.
fn account_positions(cluster: &[u32]) -> (Vec<usize>, usize) {
    let mut positions: BTreeMap<u32, usize> = cluster.iter().map(|&index| (index, 0)).collect();
    for (number, position) in positions.values_mut().enumerate() {
        *position = number;
    }
    (cluster.iter().map(|index| positions[index]).collect(), positions.len())
}

/// How often each account is drawn.
fn draw(accounts: usize, seed: u64, replicate: u64) -> Vec<u32> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(replicate);
    let mut drawn = vec![0; accounts];
    for _ in 0..accounts {
        drawn[random.random_range(0..accounts)] += 1;
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: Bootstrap = Bootstrap { replicates: 400, seed: 7, level: 0.9 };

    fn mean(values: &[f64], weights: &[u32]) -> Option<f64> {
        let total: u32 = weights.iter().sum();
        let sum: f64 = values.iter().zip(weights).map(|(x, &w)| x * f64::from(w)).sum();
        (total > 0).then(|| sum / f64::from(total))
    }

    #[test]
    fn quantiles_are_type_7() {
        let values = [1.0, 2.0, 4.0, 8.0];
        for (p, expected) in [(0.0, 1.0), (0.25, 1.75), (0.5, 3.0), (0.9, 6.8), (1.0, 8.0)] {
            assert!((quantile(&values, p) - expected).abs() < 1e-15);
        }
        assert!((quantile(&[3.0], 0.7) - 3.0).abs() < 1e-15);
    }

    #[test]
    fn rows_of_an_account_count_alike_and_g_accounts_are_drawn() {
        let cluster = [5, 5, 2, 9, 2, 5];
        let shape = |weights: &[u32]| {
            let alike =
                weights[0] == weights[1] && weights[1] == weights[5] && weights[2] == weights[4];
            let drawn = weights[0] + weights[2] + weights[3];
            vec![Some(f64::from(alike)), Some(f64::from(drawn)), Some(f64::from(weights[3]))]
        };
        let found = cluster_bootstrap(&cluster, PLAN, shape);
        assert_eq!(found[0].interval, Some(Interval { lower: 1.0, upper: 1.0 }));
        assert_eq!(found[1].interval, Some(Interval { lower: 3.0, upper: 3.0 }));
        // Three accounts leave so few degrees of freedom that the limits are the extremes.
        assert_eq!(found[2].interval, Some(Interval { lower: 0.0, upper: 3.0 }));
    }

    #[test]
    fn tails_are_wider_for_few_accounts_and_plain_where_there_are_none() {
        let alike: Vec<f64> = (0..40).map(|i| f64::from(i % 2)).collect();
        let one: Vec<f64> = (0..40).map(|i| f64::from(u8::from(i == 0))).collect();
        // R: pnorm(-qt(0.975, 39) * sqrt(40 / 39))
        assert!((tail(&alike, 0.95) - 0.020_257_54).abs() < 1e-6, "{}", tail(&alike, 0.95));
        assert!(tail(&one, 0.95) < tail(&alike, 0.95));
        assert!((tail(&[], 0.95) - 0.025).abs() < 1e-15);
    }

    #[test]
    fn undefined_replicates_are_left_out_and_counted() {
        let some = cluster_bootstrap(&[0, 1, 2], PLAN, |weights| {
            vec![(weights[0] > 0).then_some(4.0), None]
        });
        assert_eq!(some[0].interval, Some(Interval { lower: 4.0, upper: 4.0 }));
        // An account is missed by (2/3)^3 = 30 % of the replicates.
        assert!(some[0].undefined > 80 && some[0].undefined < 160);
        assert_eq!(some[1], BootstrapInterval { interval: None, undefined: 400 });
    }

    #[test]
    fn no_rows_and_no_replicates_are_undefined() {
        let statistic = |weights: &[u32]| vec![mean(&[1.0; 4][..weights.len()], weights)];
        let no_rows = cluster_bootstrap(&[], PLAN, statistic);
        assert_eq!(no_rows, [BootstrapInterval { interval: None, undefined: 400 }]);
        let none = Bootstrap { replicates: 0, ..PLAN };
        let no_replicates = cluster_bootstrap(&[0, 1, 2, 3], none, statistic);
        assert_eq!(no_replicates, [BootstrapInterval { interval: None, undefined: 0 }]);
    }

    #[test]
    fn the_limits_of_a_mean_are_near_the_normal_ones_and_the_seed_decides() {
        let values: Vec<f64> = (0..200).map(f64::from).collect();
        let cluster: Vec<u32> = (0..200).collect();
        let statistic = |weights: &[u32]| vec![mean(&values, weights)];
        let found = cluster_bootstrap(&cluster, PLAN, statistic)[0].interval.unwrap();
        // Standard error 57.7 / sqrt(200) = 4.08, times 1.645.
        assert!((found.lower - (99.5 - 6.7)).abs() < 1.0);
        assert!((found.upper - (99.5 + 6.7)).abs() < 1.0);
        let other = Bootstrap { seed: 8, ..PLAN };
        assert_ne!(cluster_bootstrap(&cluster, other, statistic)[0].interval, Some(found));
    }

    #[test]
    fn neither_threads_nor_row_order_show() {
        let values = [3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0];
        let cluster = [0, 0, 1, 2, 2, 3, 4, 4];
        let run = |values: &[f64], cluster: &[u32]| {
            cluster_bootstrap(cluster, PLAN, |weights| vec![mean(values, weights)])
        };
        let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
        let many = rayon::ThreadPoolBuilder::new().num_threads(5).build().unwrap();
        let first = alone.install(|| run(&values, &cluster));
        assert_eq!(first, many.install(|| run(&values, &cluster)));
        let (mut backward, mut backward_cluster) = (values, cluster);
        backward.reverse();
        backward_cluster.reverse();
        assert_eq!(first, run(&backward, &backward_cluster));
    }
}
