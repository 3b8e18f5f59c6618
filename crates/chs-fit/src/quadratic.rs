//! The small quadratic problem inside each Newton step.
//!
//! Clarabel, an interior-point method, finds which conditions bind; its solution lies a hair inside them.
//! The problem with exactly those held at zero is then solved by dense linear algebra, so that a weight
//! that is zero is zero, and the certificate of the whole fit reaches the precision of a double.

use clarabel::algebra::CscMatrix;
use clarabel::solver::{
    DefaultSettingsBuilder, DefaultSolver, IPSolver, NonnegativeConeT, SolverStatus, ZeroConeT,
};

use crate::cone::{Condition, Cone};
use crate::dense::{Split, add_scaled, dot, largest, solve_definite, times};

/// How far a point may lie outside a condition, relative to its size.
const FEASIBLE: f64 = 1e-12;

/// A multiplier below minus this, relative to the gradient, says that its condition should not bind.
const WRONG_SIGN: f64 = 1e-10;

/// A convex quadratic around a point, over an intercept (free) and coefficients (within a cone).
pub(crate) struct Quadratic<'a> {
    pub(crate) cone: &'a Cone,
    /// The intercept first.
    pub(crate) point: &'a [f64],
    pub(crate) gradient: &'a [f64],
    pub(crate) hessian: &'a [Vec<f64>],
}

/// The quadratic problem was not solved; the word is the solver's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotSolved(pub(crate) String);

impl Quadratic<'_> {
    /// The point of the cone where the quadratic is smallest.
    pub(crate) fn minimum(&self) -> Result<Vec<f64>, NotSolved> {
        let (point, mut binding) = self.interior_point()?;
        let conditions = &self.cone.conditions;
        for _ in 0..=2 * conditions.len() {
            let Some(candidate) = self.held(&binding) else { break };
            let slack = FEASIBLE * (1.0 + largest(&candidate[1..]));
            let violated = (0..conditions.len()).filter(|index| !binding.contains(index)).min_by(
                |left, right| {
                    let value = |index: usize| dot(&conditions[index].normal, &candidate[1..]);
                    value(*left).total_cmp(&value(*right))
                },
            );
            if let Some(index) = violated
                && dot(&conditions[index].normal, &candidate[1..]) < -slack
            {
                binding.push(index);
                continue;
            }
            match self.needless(&candidate, &binding) {
                Some(position) => {
                    binding.remove(position);
                }
                None => return Ok(candidate),
            }
        }
        Ok(point)
    }

    /// The smallest point with some conditions held at zero.
    fn held(&self, binding: &[usize]) -> Option<Vec<f64>> {
        let width = self.point.len();
        let rows: Vec<Vec<f64>> =
            binding.iter().map(|index| padded(&self.cone.conditions[*index])).collect();
        let split = Split::of(rows.iter().map(Vec::as_slice), width);
        let mut step = vec![0.0; width];
        for row in &split.span {
            add_scaled(&mut step, -dot(row, self.point), row);
        }
        let mut slope = times(self.hessian, &step);
        add_scaled(&mut slope, 1.0, self.gradient);
        let curved: Vec<Vec<f64>> =
            split.rest.iter().map(|direction| times(self.hessian, direction)).collect();
        let reduced: Vec<Vec<f64>> = split
            .rest
            .iter()
            .map(|left| curved.iter().map(|right| dot(left, right)).collect())
            .collect();
        let right: Vec<f64> = split.rest.iter().map(|direction| -dot(direction, &slope)).collect();
        for (direction, along) in split.rest.iter().zip(solve_definite(&reduced, &right)?) {
            add_scaled(&mut step, along, direction);
        }
        let mut found = self.point.to_vec();
        add_scaled(&mut found, 1.0, &step);
        for index in binding.iter().filter_map(|index| self.cone.conditions[*index].sign_of) {
            found[index + 1] = 0.0;
        }
        Some(found)
    }

    /// Position of the binding inequality whose multiplier has the wrong sign, the worst one.
    fn needless(&self, candidate: &[f64], binding: &[usize]) -> Option<usize> {
        let step: Vec<f64> = candidate.iter().zip(self.point).map(|(to, from)| to - from).collect();
        let mut slope = times(self.hessian, &step);
        add_scaled(&mut slope, 1.0, self.gradient);
        let normals: Vec<&[f64]> =
            binding.iter().map(|index| self.cone.conditions[*index].normal.as_slice()).collect();
        let gram: Vec<Vec<f64>> = normals
            .iter()
            .map(|left| normals.iter().map(|right| dot(left, right)).collect())
            .collect();
        let right: Vec<f64> = normals.iter().map(|normal| dot(normal, &slope[1..])).collect();
        // Where conditions depend on each other their multipliers are not unique: nothing to be said.
        let multipliers = solve_definite(&gram, &right)?;
        let scale = largest(self.gradient) + largest(&slope);
        (multipliers.iter().enumerate())
            .filter(|(position, _)| !self.cone.conditions[binding[*position]].is_equality)
            .min_by(|left, right| left.1.total_cmp(right.1))
            .filter(|(_, multiplier)| **multiplier < -WRONG_SIGN * scale)
            .map(|(position, _)| position)
    }

    /// A solution from inside, and the conditions that bind there.
    fn interior_point(&self) -> Result<(Vec<f64>, Vec<usize>), NotSolved> {
        let width = self.point.len();
        let scale = (0..width).map(|index| self.hessian[index][index]).fold(0.0, f64::max);
        if !(scale > 0.0 && scale.is_finite()) {
            return Err(NotSolved("the curvature is not finite".to_owned()));
        }
        let triangle: Vec<Vec<f64>> = (0..width)
            .map(|row| {
                let value =
                    |column| if row <= column { self.hessian[row][column] / scale } else { 0.0 };
                (0..width).map(value).collect()
            })
            .collect();
        let pulled = times(self.hessian, self.point);
        let linear: Vec<f64> =
            self.gradient.iter().zip(pulled).map(|(own, pull)| (own - pull) / scale).collect();
        let conditions = &self.cone.conditions;
        let rows: Vec<Vec<f64>> = conditions
            .iter()
            .map(|condition| padded(condition).iter().map(|value| -value).collect())
            .collect();
        let inequalities = conditions.iter().filter(|condition| !condition.is_equality).count();
        let cones = [
            NonnegativeConeT(inequalities),
            ZeroConeT(conditions.len().saturating_sub(inequalities)),
        ];
        let settings = DefaultSettingsBuilder::default()
            .verbose(false)
            .max_threads(1)
            .tol_gap_abs(1e-12)
            .tol_gap_rel(1e-12)
            .tol_feas(1e-12)
            .build()
            .map_err(|error| NotSolved(error.to_string()))?;
        let mut solver = DefaultSolver::new(
            &CscMatrix::from(&triangle),
            &linear,
            &CscMatrix::from(&rows),
            &vec![0.0; conditions.len()],
            &cones,
            settings,
        )
        .map_err(|error| NotSolved(error.to_string()))?;
        solver.solve();
        let solution = &solver.solution;
        let usable = matches!(
            solution.status,
            SolverStatus::Solved | SolverStatus::AlmostSolved | SolverStatus::InsufficientProgress
        );
        if !usable || !solution.x.iter().all(|value| value.is_finite()) {
            return Err(NotSolved(format!("{:?}", solution.status)));
        }
        let binding = (0..conditions.len())
            .filter(|index| {
                conditions[*index].is_equality || solution.s[*index] < solution.z[*index]
            })
            .collect();
        let mut point = solution.x.clone();
        for value in &mut point[1..] {
            *value = value.max(0.0);
        }
        Ok((point, binding))
    }
}

/// A condition with a place for the intercept.
fn padded(condition: &Condition) -> Vec<f64> {
    std::iter::once(0.0).chain(condition.normal.iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::Quadratic;
    use crate::cone::{Cone, ShareBound};

    fn projection(cone: &Cone, target: &[f64]) -> Vec<f64> {
        let hessian: Vec<Vec<f64>> = (0..target.len())
            .map(|row| (0..target.len()).map(|column| f64::from(u8::from(row == column))).collect())
            .collect();
        let gradient: Vec<f64> = target.iter().map(|value| -value).collect();
        let point = vec![0.0; target.len()];
        let quadratic = Quadratic { cone, point: &point, gradient: &gradient, hessian: &hessian };
        quadratic.minimum().unwrap()
    }

    fn close(found: &[f64], expected: &[f64]) {
        let near = found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-13);
        assert!(near, "{found:?} {expected:?}");
    }

    #[test]
    fn a_projection_on_signs_cuts_at_zero_exactly() {
        let cone = Cone::new(3, &[]);
        let found = projection(&cone, &[-5.0, 2.0, -1.0, 1e-9]);
        close(&found, &[-5.0, 2.0, 0.0, 1e-9]);
        assert!(found[2].to_bits() == 0);
    }

    #[test]
    fn a_projection_on_shares_lies_on_the_bound() {
        let share = |at_least, at_most| ShareBound { members: vec![0], at_least, at_most };
        // On the ray b0 = b1: the mean of both.
        close(&projection(&Cone::new(2, &[share(0.0, 0.5)]), &[0.0, 3.0, 1.0]), &[0.0, 2.0, 2.0]);
        close(&projection(&Cone::new(2, &[share(0.5, 0.5)]), &[0.0, 3.0, 1.0]), &[0.0, 2.0, 2.0]);
        close(&projection(&Cone::new(2, &[share(0.5, 0.5)]), &[1.0, -3.0, -1.0]), &[1.0, 0.0, 0.0]);
    }
}
