//! At most so many indicators, by backward elimination.
//!
//! "At most k weights above zero" is not convex, so that no certificate says that another set of k is not
//! better: from the optimum with all indicators the one whose loss costs least, the others fitted again, is
//! held at zero, and so on.

use rayon::prelude::*;

use crate::EstimatorError;
use crate::cone::Shares;
use crate::solve::{Problem, Solution};

/// What is left after an elimination.
#[derive(Clone, Debug)]
pub(crate) struct Elimination {
    /// With a share of zero for each indicator that was left out.
    pub(crate) shares: Shares,
    pub(crate) solution: Solution,
    /// Indices in the order in which they left, each with the objective that this cost, in nats.
    pub(crate) removed: Vec<(usize, f64)>,
}

/// Leaves out indicators one by one until at most `most` have a weight, or the shares allow no fewer.
/// O(k^2) fits where k are to leave.
pub(crate) fn eliminate(
    problem: &Problem<'_>,
    shares: &Shares,
    solution: Solution,
    most: usize,
) -> Result<Elimination, EstimatorError> {
    let mut left = Elimination { shares: shares.clone(), solution, removed: Vec::new() };
    while left.solution.indicators() > most {
        let Some((index, next)) = cheapest(problem, &left)? else { break };
        left.removed.push((index, next.objective - left.solution.objective));
        left.shares = left.shares.with_fixed(index, 0.0);
        left.solution = next;
    }
    Ok(left)
}

/// The indicator whose loss raises the objective least, with the fit of the others; none where no weight
/// is left without any of them.
fn cheapest(
    problem: &Problem<'_>,
    from: &Elimination,
) -> Result<Option<(usize, Solution)>, EstimatorError> {
    let coefficients = &from.solution.coefficients;
    let weighed: Vec<usize> =
        (0..coefficients.len()).filter(|own| coefficients[*own] > 0.0).collect();
    let without = |index: &usize| {
        let cone = from.shares.with_fixed(*index, 0.0).cone(coefficients.len());
        let solution = Problem { cone: &cone, ..*problem }.solve_near(&from.solution)?;
        Ok((*index, solution))
    };
    let fits: Vec<(usize, Solution)> =
        weighed.par_iter().map(without).collect::<Result<_, EstimatorError>>()?;
    let left = fits.into_iter().filter(|(_, own)| own.indicators() > 0);
    Ok(left.min_by(|left, right| left.1.objective.total_cmp(&right.1.objective)))
}

#[cfg(test)]
mod tests {
    use super::eliminate;
    use crate::cone::{ShareBound, Shares};
    use crate::rows::Rows;
    use crate::solve::Problem;

    /// Four columns without anything in common, and labels that follow the first most, the third least.
    fn rows() -> Rows {
        let mut state = 20_260_101_u64;
        let mut uniform = || {
            state = 16_807 * state % 2_147_483_647;
            state as f64 / 2_147_483_647.0
        };
        let values: Vec<f64> = (0..3_600).map(|_| uniform()).collect();
        let effects = [4.0, 2.5, 0.8, 1.6];
        let label: Vec<bool> = (values.chunks(4))
            .map(|row| {
                let linear: f64 = row.iter().zip(effects).map(|(x, b)| b * (x - 0.5)).sum();
                uniform() < 1.0 / (1.0 + (-linear).exp())
            })
            .collect();
        Rows::new(4, &values, &label, &[1.0; 900]).unwrap()
    }

    #[test]
    fn the_weakest_leave_first_and_what_is_left_is_the_best_pair() {
        let (rows, shares) = (rows(), Shares::default());
        let cone = shares.cone(4);
        let problem = Problem { rows: &rows, cone: &cone, prior: &[1.0; 4], lambda: 1e-4 };
        let solution = problem.solve(None).unwrap();
        let left = eliminate(&problem, &shares, solution.clone(), 2).unwrap();
        assert_eq!(left.removed.iter().map(|own| own.0).collect::<Vec<_>>(), [2, 3]);
        assert!(left.removed.iter().all(|own| own.1 > 0.0));
        assert_eq!(left.solution.indicators(), 2);
        assert!(left.solution.certificate.residual < 1e-8);
        for pair in [[0, 2], [0, 3], [1, 2], [1, 3], [2, 3]] {
            let others = (0..4).filter(|index| !pair.contains(index));
            let shares = others.fold(Shares::default(), |own, index| own.with_fixed(index, 0.0));
            let cone = shares.cone(4);
            let other = Problem { cone: &cone, ..problem }.solve(None).unwrap();
            assert!(other.objective > left.solution.objective, "{pair:?}");
        }
        let all = eliminate(&problem, &shares, solution, 4).unwrap();
        assert!(all.removed.is_empty());
    }

    #[test]
    fn an_indicator_whose_share_is_asked_for_can_be_the_last() {
        let rows = rows();
        let bounds = vec![ShareBound { members: vec![2, 3], at_least: 0.3, at_most: 1.0 }];
        let shares = Shares { bounds, orders: Vec::new() };
        let cone = shares.cone(4);
        let problem = Problem { rows: &rows, cone: &cone, prior: &[1.0; 4], lambda: 1e-4 };
        let solution = problem.solve(None).unwrap();
        let left = eliminate(&problem, &shares, solution, 1).unwrap();
        let weighed = left.solution.coefficients.iter().position(|own| *own > 0.0);
        assert_eq!((left.solution.indicators(), weighed), (1, Some(3)));
    }
}
