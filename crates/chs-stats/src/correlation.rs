//! How two columns move together.

use crate::RankOrder;
use crate::sum::exact_sum;

/// Pearson's correlation of finite columns with row `i` counted `weights[i]` times.
///
/// `None` where a column does not vary, or without two rows. O(n).
///
/// # Panics
/// When the columns differ in length.
pub fn pearson(first: &[f64], second: &[f64], weights: &[u32]) -> Option<f64> {
    assert_eq!(first.len(), second.len(), "two values per row");
    assert_eq!(first.len(), weights.len(), "one weight per row");
    let used = || (0..first.len()).filter(|&row| weights[row] > 0);
    let rows = weights.iter().map(|&weight| u64::from(weight)).sum::<u64>() as f64;
    let weighted = |term: &dyn Fn(usize) -> f64| {
        exact_sum(used().map(|row| f64::from(weights[row]) * term(row)))
    };
    let (centre, other) = (weighted(&|row| first[row]) / rows, weighted(&|row| second[row]) / rows);
    let shared = weighted(&|row| (first[row] - centre) * (second[row] - other));
    let spread = |values: &[f64], centre: f64| {
        // A constant's mean may miss it by rounding: what varies is looked for in the values.
        let mut seen = used().map(|row| values[row] + 0.0);
        let one = seen.next()?;
        seen.any(|value| value.total_cmp(&one).is_ne())
            .then(|| weighted(&|row| (values[row] - centre) * (values[row] - centre)))
    };
    let both = spread(first, centre)?.sqrt() * spread(second, other)?.sqrt();
    (both > 0.0).then(|| (shared / both).clamp(-1.0, 1.0))
}

/// Spearman's rank correlation from two orders of the same rows, with row `i` counted `weights[i]`
/// times: Pearson's correlation of the midranks. `None` where a column does not vary. O(n).
///
/// Reference: `scipy.stats.spearmanr`.
///
/// # Panics
/// When the orders and the weights differ in length.
pub fn spearman(first: &RankOrder, second: &RankOrder, weights: &[u32]) -> Option<f64> {
    pearson(&midranks(first, weights), &midranks(second, weights), weights)
}

/// Middle rank of each row among the weighted rows, from 1.
fn midranks(order: &RankOrder, weights: &[u32]) -> Vec<f64> {
    let mut ranks = vec![0.0; weights.len()];
    let mut before = 0;
    for group in order.groups() {
        let here: u64 = group.iter().map(|&row| u64::from(weights[row])).sum();
        for &row in group {
            ranks[row] = (2 * before + here + 1) as f64 / 2.0;
        }
        before += here;
    }
    ranks
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spearman_of(first: &[f64], second: &[f64], weights: &[u32]) -> Option<f64> {
        spearman(&RankOrder::new(first), &RankOrder::new(second), weights)
    }

    #[test]
    fn correlations_by_hand() {
        let (x, y) = ([1.0, 2.0, 3.0, 4.0], [1.0, 8.0, 27.0, 64.0]);
        assert!((spearman_of(&x, &y, &[1; 4]).unwrap() - 1.0).abs() < 1e-15);
        let falling = y.map(|y| -y);
        assert!((spearman_of(&x, &falling, &[1; 4]).unwrap() + 1.0).abs() < 1e-15);
        // Ranks 1.5 1.5 3 against 1 2 3.
        let tied = spearman_of(&[5.0, 5.0, 9.0], &[0.1, 0.2, 0.3], &[1; 3]).unwrap();
        assert!((tied - 0.75_f64.sqrt()).abs() < 1e-15);
        assert_eq!(pearson(&[0.1; 3], &x[..3], &[1; 3]), None);
        assert_eq!(pearson(&[], &[], &[]), None);
        assert_eq!(pearson(&x, &y, &[0, 1, 0, 0]), None);
    }

    proptest! {
        #[test]
        fn weights_are_copies_and_monotone_maps_keep_the_ranks(
            rows in prop::collection::vec((0..9_i32, 0..9_i32, 0..4_u32), 1..40),
        ) {
            let x: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
            let y: Vec<f64> = rows.iter().map(|row| f64::from(row.1)).collect();
            let weights: Vec<u32> = rows.iter().map(|row| row.2).collect();
            let copies = |values: &[f64]| -> Vec<f64> {
                let repeat = |i: usize| std::iter::repeat_n(values[i], weights[i] as usize);
                (0..rows.len()).rev().flat_map(repeat).collect()
            };
            let (many_x, many_y) = (copies(&x), copies(&y));
            let ones = vec![1; many_x.len()];
            let close = |a: Option<f64>, b: Option<f64>| match (a, b) {
                (Some(a), Some(b)) => (a - b).abs() < 1e-12,
                (a, b) => a.is_none() && b.is_none(),
            };
            prop_assert!(close(pearson(&x, &y, &weights), pearson(&many_x, &many_y, &ones)));
            let found = spearman_of(&x, &y, &weights);
            prop_assert!(close(found, spearman_of(&many_x, &many_y, &ones)));
            let curved: Vec<f64> = x.iter().map(|x| x.exp()).collect();
            prop_assert_eq!(found, spearman_of(&curved, &y, &weights));
        }
    }
}
