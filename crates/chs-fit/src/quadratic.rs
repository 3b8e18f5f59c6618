//! The small quadratic problem inside each Newton step.
//!
//! With the curvature factored, `H = L L'`, and `z = L' x`, the smallest point of the quadratic within the
//! cone is the projection of its free minimum on the cone in z. The multipliers of that projection solve a
//! least-squares problem with no unknown below zero, which the active-set method of Lawson and Hanson ends
//! after finitely many exchanges, also at the tip of the cone and where conditions depend on each other.
//! The problem with exactly the binding conditions held at zero is then solved in x, so that a weight that
//! is zero is zero, and the certificate of the whole fit reaches the precision of a double.
//!
//! Source: Lawson and Hanson, Solving Least Squares Problems (1974), chapter 23; Moreau (1962) for the
//! decomposition of a point into its projections on a cone and on its polar.

use crate::cone::{Condition, Cone};
use crate::dense::{Factor, Split, add_scaled, dot, largest, least_squares, solve_definite, times};

/// A pull that is smaller than this, relative to the target's length, is rounding.
const PULL: f64 = 1e-13;

/// Coefficients that lie below zero by less than this, relative to the largest, are zero.
const ZERO: f64 = 1e-12;

/// A convex quadratic around a point, over an intercept (free) and coefficients (within a cone).
pub(crate) struct Quadratic<'a> {
    pub(crate) cone: &'a Cone,
    /// The intercept first.
    pub(crate) point: &'a [f64],
    pub(crate) gradient: &'a [f64],
    pub(crate) hessian: &'a [Vec<f64>],
}

/// The quadratic problem was not solved; the words say why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotSolved(pub(crate) &'static str);

impl Quadratic<'_> {
    /// The point of the cone where the quadratic is smallest.
    pub(crate) fn minimum(&self) -> Result<Vec<f64>, NotSolved> {
        let factor = Factor::of(self.hessian)
            .ok_or(NotSolved("the curvature is not finite and positive"))?;
        let mut free = factor.times_transposed(self.point);
        add_scaled(&mut free, -1.0, &factor.solve_lower(self.gradient));
        let normals: Vec<Vec<f64>> = (self.cone.conditions.iter())
            .map(|condition| unit(&factor.solve_lower(&padded(condition))))
            .collect();
        let binding = self.binding(&normals, &free)?;
        let mut found =
            self.held(&binding).ok_or(NotSolved("the curvature vanishes along a condition"))?;
        let zero = ZERO * largest(&found[1..]);
        for value in &mut found[1..] {
            if *value < 0.0 && *value > -zero {
                *value = 0.0;
            }
        }
        Ok(found)
    }

    /// The conditions that hold the projection of the free minimum on the cone: the equalities, and those
    /// that push.
    fn binding(&self, normals: &[Vec<f64>], free: &[f64]) -> Result<Vec<usize>, NotSolved> {
        let target: Vec<f64> = free.iter().map(|value| -value).collect();
        let tolerance = PULL * dot(&target, &target).sqrt();
        let solve = |held: &[usize]| {
            let columns: Vec<&[f64]> =
                held.iter().map(|index| normals[*index].as_slice()).collect();
            least_squares(&columns, &target)
        };
        let mut held: Vec<usize> =
            (0..normals.len()).filter(|index| self.is_equality(*index)).collect();
        let mut multipliers = solve(&held);
        // Each exchange lowers the distance, so that no set of conditions comes twice.
        for _ in 0..10 * (normals.len() + 1) {
            let mut away = target.clone();
            for (index, multiplier) in held.iter().zip(&multipliers) {
                add_scaled(&mut away, -multiplier, &normals[*index]);
            }
            let mut pulls: Vec<(usize, f64)> = (0..normals.len())
                .filter(|index| !held.contains(index))
                .map(|index| (index, dot(&normals[index], &away)))
                .filter(|(_, pull)| *pull > tolerance)
                .collect();
            pulls.sort_by(|left, right| right.1.total_cmp(&left.1));
            let entered = pulls.iter().find_map(|(index, _)| {
                let wider = [held.as_slice(), &[*index]].concat();
                let solution = solve(&wider);
                // One that depends on those held cannot push, whatever rounding says of its pull.
                (solution[held.len()] > 0.0).then_some((wider, solution))
            });
            let Some((wider, solution)) = entered else { return Ok(held) };
            multipliers.push(0.0);
            (held, multipliers) = self.settled(wider, multipliers, solution, solve);
        }
        Err(NotSolved("the binding conditions were not found"))
    }

    /// Lets go of conditions that would have to pull, one by one, until all that are held push.
    fn settled(
        &self,
        mut held: Vec<usize>,
        mut multipliers: Vec<f64>,
        mut solution: Vec<f64>,
        solve: impl Fn(&[usize]) -> Vec<f64>,
    ) -> (Vec<usize>, Vec<f64>) {
        loop {
            let blocking = (0..held.len())
                .filter(|place| !self.is_equality(held[*place]) && solution[*place] <= 0.0)
                .map(|place| {
                    let from = multipliers[place];
                    (place, if from > 0.0 { from / (from - solution[place]) } else { 0.0 })
                })
                .min_by(|left, right| left.1.total_cmp(&right.1));
            let Some((place, fraction)) = blocking else { return (held, solution) };
            for (from, to) in multipliers.iter_mut().zip(&solution) {
                *from += fraction * (to - *from);
            }
            held.remove(place);
            multipliers.remove(place);
            solution = solve(&held);
        }
    }

    fn is_equality(&self, condition: usize) -> bool {
        self.cone.conditions[condition].is_equality
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
}

/// A condition with a place for the intercept.
fn padded(condition: &Condition) -> Vec<f64> {
    std::iter::once(0.0).chain(condition.normal.iter().copied()).collect()
}

/// A vector at length 1.
fn unit(vector: &[f64]) -> Vec<f64> {
    let length = dot(vector, vector).sqrt();
    vector.iter().map(|value| value / length).collect()
}

#[cfg(test)]
mod tests {
    use super::Quadratic;
    use crate::cone::{Cone, ShareBound};
    use crate::dense::{dot, times};

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

    /// Uniform in -1 to 1, from a state.
    fn draw(state: &mut u64) -> f64 {
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 11) as f64 / f64::from(1_u32 << 26) / f64::from(1_u32 << 26) - 1.0
    }

    /// A quadratic of three coefficients and a cone, coarse in part so that conditions meet.
    fn drawn(state: &mut u64) -> (Cone, Vec<f64>, Vec<f64>, Vec<Vec<f64>>) {
        let coarse = draw(state) > 0.0;
        let mut value = || if coarse { (2.0 * draw(state)).round() } else { draw(state) };
        let roots: Vec<Vec<f64>> = (0..5).map(|_| (0..4).map(|_| value()).collect()).collect();
        let mut hessian: Vec<Vec<f64>> = (0..4)
            .map(|row| {
                (0..4).map(|column| roots.iter().map(|r| r[row] * r[column]).sum()).collect()
            })
            .collect();
        for (index, line) in hessian.iter_mut().enumerate() {
            line[index] += 1e-3;
        }
        let gradient: Vec<f64> = (0..4).map(|_| value()).collect();
        let bounds = [(0.0, 0.3), (0.4, 0.4), (0.5, 0.9), (0.2, 0.4), (1.0 / 3.0, 1.0 / 3.0)];
        let mut share = |members: Vec<usize>| {
            let (at_least, at_most) = bounds[((draw(state) + 1.0) * 2.5) as usize % 5];
            ShareBound { members, at_least, at_most }
        };
        let shares = [share(vec![1]), share(vec![0]), share(vec![0, 2])];
        let used = ((draw(state) + 1.0) * 2.0) as usize % 4;
        let cone = Cone::new(3, &shares[..used]);
        let point =
            if coarse { vec![1.0, 0.0, 0.0, 0.0] } else { vec![draw(state), 0.0, 0.0, 0.0] };
        (cone, point, gradient, hessian)
    }

    #[test]
    fn the_minimum_is_the_best_of_all_sets_of_binding_conditions() {
        let mut state = 7;
        for _ in 0..600 {
            let (cone, point, gradient, hessian) = drawn(&mut state);
            let quadratic =
                Quadratic { cone: &cone, point: &point, gradient: &gradient, hessian: &hessian };
            let value = |there: &[f64]| {
                let step: Vec<f64> = there.iter().zip(&point).map(|(to, from)| to - from).collect();
                dot(&gradient, &step) + dot(&step, &times(&hessian, &step)) / 2.0
            };
            let equalities = cone.conditions.iter().filter(|own| own.is_equality).count();
            let inequalities = cone.conditions.len() - equalities;
            let best = (0..1_u32 << inequalities)
                .filter_map(|set| {
                    let held: Vec<usize> = (0..cone.conditions.len())
                        .filter(|index| *index >= inequalities || set & (1 << index) != 0)
                        .collect();
                    quadratic.held(&held)
                })
                .filter(|there| cone.contains(&there[1..], 1e-12))
                .map(|there| value(&there))
                .fold(f64::INFINITY, f64::min);
            let found = quadratic.minimum().unwrap();
            assert!(cone.contains(&found[1..], 1e-11), "{found:?} {cone:?}");
            assert!(value(&found) <= best + 1e-11, "{} {best} {cone:?}", value(&found));
        }
    }
}
