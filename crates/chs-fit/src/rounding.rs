//! From continuous weights to whole percents, and what that costs.

use crate::cone::Cone;
use crate::dense::{dot, solve_definite, times};
use crate::rows::Rows;
use crate::solve::{Problem, Solution};

/// Swaps that are tried exactly after the quadratic model has ranked them.
const TRIED: usize = 8;

/// Steps of a descent before it is given up.
const MOST_SWAPS: usize = 200;

/// Units of a weight that is written with six decimals.
const SIX_DECIMALS: u64 = 100_000_000;

/// Rounded weights.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Rounding {
    /// Percents that sum to 100.
    pub weights: Vec<f64>,
    /// Weights are multiples of this many percent; none where no such weights keep the share bounds and
    /// six decimals are kept instead.
    pub steps: Option<u32>,
    /// Objective of the rounded weights, intercept and slope fitted again, minus that of the continuous
    /// optimum, in nats; never below 0 up to the optimum's residual.
    pub cost: f64,
}

/// Whole weights near the optimum: largest remainder, then swaps of one step between two weights as long
/// as the objective falls. `shares` are the bounds that rounded weights have to keep.
pub(crate) fn round(
    problem: &Problem<'_>,
    solution: &Solution,
    shares: &Cone,
    steps: u32,
) -> Rounding {
    let rounder = Rounder::new(problem, solution, shares);
    let units = 100 / u64::from(steps.max(1));
    let mut current = rounder.feasible(largest_remainder(&solution.coefficients, units));
    let Some(mut at) = current.take() else {
        let weights = largest_remainder(&solution.coefficients, SIX_DECIMALS);
        let cost = rounder.exact(&weights) - solution.objective;
        return Rounding { weights: percents(&weights), steps: None, cost };
    };
    let mut value = rounder.exact(&at);
    for _ in 0..MOST_SWAPS {
        let better = rounder.ranked_swaps(&at).into_iter().take(TRIED).find_map(|swapped| {
            let there = rounder.exact(&swapped);
            (there < value).then_some((swapped, there))
        });
        let Some((swapped, there)) = better else { break };
        (at, value) = (swapped, there);
    }
    Rounding { weights: percents(&at), steps: Some(steps), cost: value - solution.objective }
}

/// Whole numbers in proportion to some values, summing to `units`; ties in declared order.
fn largest_remainder(values: &[f64], units: u64) -> Vec<u64> {
    let sum: f64 = values.iter().sum();
    let exact: Vec<f64> = values.iter().map(|value| value / sum * units as f64).collect();
    let mut whole: Vec<u64> = exact.iter().map(|value| floor(*value)).collect();
    let mut order: Vec<usize> = (0..values.len()).collect();
    let remainder = |index: usize| exact[index] - exact[index].floor();
    order.sort_by(|left, right| remainder(*right).total_cmp(&remainder(*left)));
    let missing = units.saturating_sub(whole.iter().sum());
    for index in order.into_iter().cycle().take(usize::try_from(missing).unwrap_or(0)) {
        whole[index] += 1;
    }
    whole
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of at most a hundred million units"
)]
fn floor(value: f64) -> u64 {
    value.floor().max(0.0) as u64
}

fn fractions(units: &[u64]) -> Vec<f64> {
    let sum: u64 = units.iter().sum();
    units.iter().map(|own| *own as f64 / sum as f64).collect()
}

fn percents(units: &[u64]) -> Vec<f64> {
    let sum: u64 = units.iter().sum();
    units.iter().map(|own| 100.0 * *own as f64 / sum as f64).collect()
}

struct Rounder<'a> {
    problem: &'a Problem<'a>,
    shares: &'a Cone,
    /// Intercept and coefficients of the optimum.
    optimum: Vec<f64>,
    gradient: Vec<f64>,
    hessian: Vec<Vec<f64>>,
}

impl<'a> Rounder<'a> {
    fn new(problem: &'a Problem<'a>, solution: &Solution, shares: &'a Cone) -> Self {
        let mut optimum = vec![solution.intercept];
        optimum.extend_from_slice(&solution.coefficients);
        let here = problem.expand(&optimum);
        Self { problem, shares, optimum, gradient: here.gradient, hessian: here.hessian }
    }

    /// Every swap of one step, the most promising one first.
    fn ranked_swaps(&self, at: &[u64]) -> Vec<Vec<u64>> {
        let mut swaps: Vec<(f64, Vec<u64>)> = (neighbours(at))
            .filter(|swapped| self.violation(swapped) <= 0.0)
            .map(|swapped| (self.approximate(&swapped), swapped))
            .collect();
        swaps.sort_by(|left, right| left.0.total_cmp(&right.0));
        swaps.into_iter().map(|(_, swapped)| swapped).collect()
    }

    /// The same weights, or the next ones that keep the shares; none where swaps do not lead there.
    fn feasible(&self, mut at: Vec<u64>) -> Option<Vec<u64>> {
        let mut outside = self.violation(&at);
        while outside > 0.0 {
            let key = |own: &Vec<u64>| (self.violation(own), self.approximate(own));
            let next = neighbours(&at).min_by(|left, right| {
                let (left, right) = (key(left), key(right));
                left.0.total_cmp(&right.0).then(left.1.total_cmp(&right.1))
            })?;
            let left = self.violation(&next);
            if left >= outside {
                return None;
            }
            (at, outside) = (next, left);
        }
        Some(at)
    }

    /// How far shares lie outside their bounds, in all; 0 within rounding.
    fn violation(&self, units: &[u64]) -> f64 {
        let fractions = fractions(units);
        let outside = self.shares.conditions.iter().map(|condition| {
            let value = dot(&condition.normal, &fractions);
            let outside = if condition.is_equality { value.abs() } else { -value };
            if outside > 1e-9 { outside } else { 0.0 }
        });
        outside.sum()
    }

    /// The objective of some weights by its expansion around the optimum, best intercept and slope.
    fn approximate(&self, units: &[u64]) -> f64 {
        let direction: Vec<f64> = std::iter::once(0.0).chain(fractions(units)).collect();
        let mut intercept = vec![0.0; direction.len()];
        intercept[0] = 1.0;
        // The step is `intercept * u + direction * v - optimum`, the optimum's intercept counted in u.
        let away: Vec<f64> = self
            .optimum
            .iter()
            .enumerate()
            .map(|(i, own)| if i == 0 { 0.0 } else { -own })
            .collect();
        let mut slope = times(&self.hessian, &away);
        crate::dense::add_scaled(&mut slope, 1.0, &self.gradient);
        let curved = [&intercept, &direction].map(|own| times(&self.hessian, own));
        let system: Vec<Vec<f64>> = [&intercept, &direction]
            .iter()
            .map(|own| curved.iter().map(|curved| dot(own, curved)).collect())
            .collect();
        let right = [-dot(&intercept, &slope), -dot(&direction, &slope)];
        let Some(best) = solve_definite(&system, &right) else { return f64::INFINITY };
        let mut step = away;
        crate::dense::add_scaled(&mut step, best[0], &intercept);
        crate::dense::add_scaled(&mut step, best[1], &direction);
        dot(&self.gradient, &step) + dot(&step, &times(&self.hessian, &step)) / 2.0
    }

    /// The objective of some weights with the best intercept and slope.
    fn exact(&self, units: &[u64]) -> f64 {
        let direction = fractions(units);
        let combined = self.problem.rows.combined(&direction);
        let slope: f64 = self.optimum[1..].iter().sum();
        profile(&combined, self.problem.penalty(&direction), [self.optimum[0], slope])
    }
}

/// Weights one step away.
fn neighbours(at: &[u64]) -> impl Iterator<Item = Vec<u64>> {
    let pairs = (0..at.len()).flat_map(move |from| (0..at.len()).map(move |to| (from, to)));
    pairs.filter(|(from, to)| from != to && at[*from] > 0).map(|(from, to)| {
        let mut swapped = at.to_vec();
        swapped[from] -= 1;
        swapped[to] += 1;
        swapped
    })
}

/// The smallest `loss(intercept + slope * column) + penalty * slope^2` over intercept and slope >= 0.
fn profile(column: &Rows, penalty: f64, start: [f64; 2]) -> f64 {
    let expand = |at: &[f64; 2]| {
        let mut here = column.expand(at);
        here.loss += penalty * at[1] * at[1];
        here.gradient[1] += 2.0 * penalty * at[1];
        here.hessian[1][1] += 2.0 * penalty;
        here
    };
    let mut at = start;
    let mut here = expand(&at);
    for _ in 0..50 {
        let Some(step) = solve_definite(&here.hessian, &here.gradient) else { break };
        let mut fraction = 1.0;
        let (to, there) = loop {
            let to = [at[0] - fraction * step[0], (at[1] - fraction * step[1]).max(0.0)];
            let there = expand(&to);
            if there.loss <= here.loss || fraction < 1e-9 {
                break (to, there);
            }
            fraction /= 2.0;
        };
        let gain = here.loss - there.loss;
        if gain < 0.0 {
            break;
        }
        (at, here) = (to, there);
        if gain < 1e-15 {
            break;
        }
    }
    here.loss
}

#[cfg(test)]
mod tests {
    use super::{largest_remainder, round};
    use crate::cone::{Cone, ShareBound};
    use crate::rows::Rows;
    use crate::solve::Problem;

    fn rows() -> Rows {
        let value = |row: usize, column: usize| {
            ((row * (7 + 4 * column) + 3 * column) % 101) as f64 / 100.0
        };
        let noise = |row: usize| ((row * 37) % 89) as f64 / 88.0;
        let values: Vec<f64> =
            (0..600).flat_map(|row| (0..3).map(move |c| value(row, c))).collect();
        let label: Vec<bool> = (0..600)
            .map(|row| 2.0 * value(row, 0) + value(row, 1) + 0.5 * value(row, 2) + noise(row) > 2.2)
            .collect();
        Rows::new(3, &values, &label, &[1.0; 600]).unwrap()
    }

    #[test]
    fn remainders_decide_and_ties_keep_declared_order() {
        assert_eq!(largest_remainder(&[1.0, 1.0, 1.0], 100), [34, 33, 33]);
        assert_eq!(largest_remainder(&[0.0, 3.0, 1.0], 10), [0, 8, 2]);
        assert_eq!(largest_remainder(&[2.06, 1.0, 0.94], 20), [10, 5, 5]);
    }

    #[test]
    fn no_swap_of_one_step_is_better() {
        let (rows, cone) = (rows(), Cone::new(3, &[]));
        let problem = Problem { rows: &rows, cone: &cone, prior: &[1.0; 3], lambda: 1e-3 };
        let solution = problem.solve(None).unwrap();
        for steps in [1, 5, 10] {
            let found = round(&problem, &solution, &cone, steps);
            let sum: f64 = found.weights.iter().sum();
            assert!((sum - 100.0).abs() < 1e-12 && found.cost >= -1e-12, "{found:?}");
            assert!(found.weights.iter().all(|own| own % f64::from(steps) < 1e-12), "{found:?}");
            let rounder = super::Rounder::new(&problem, &solution, &cone);
            let units: Vec<u64> = found
                .weights
                .iter()
                .map(|own| super::floor(own / f64::from(steps) + 0.5))
                .collect();
            let value = rounder.exact(&units);
            assert!((value - solution.objective - found.cost).abs() < 1e-15);
            let others: Vec<f64> =
                super::neighbours(&units).map(|other| rounder.exact(&other)).collect();
            assert!(others.iter().all(|other| *other >= value), "{value} {others:?}");
        }
    }

    #[test]
    fn shares_are_kept_or_six_decimals_are() {
        let rows = rows();
        let bound = |at_least, at_most| ShareBound { members: vec![2], at_least, at_most };
        let solve = |share: ShareBound, steps| {
            let cone = Cone::new(3, &[share]);
            let problem = Problem { rows: &rows, cone: &cone, prior: &[1.0; 3], lambda: 0.0 };
            let solution = problem.solve(None).unwrap();
            round(&problem, &solution, &cone, steps)
        };
        let kept = solve(bound(0.302, 0.33), 1);
        assert_eq!((kept.steps, kept.weights[2].to_bits()), (Some(1), 31.0_f64.to_bits()));
        let fixed = solve(bound(0.125, 0.125), 1);
        assert_eq!(fixed.steps, None);
        assert!((fixed.weights[2] - 12.5).abs() < 1e-6, "{fixed:?}");
        assert!((fixed.weights.iter().sum::<f64>() - 100.0).abs() < 1e-9);
    }
}
