//! Exact sums: the order of the terms never shows in the result.

/// A running sum that loses nothing and is rounded once, when it is read.
///
/// The total is held as parts that do not overlap, smallest first (Shewchuk 1997, "Adaptive
/// precision floating-point arithmetic"). [`ExactSum::value`] is the total correctly rounded to
/// the nearest f64, hence the same bits for every order of the terms. Terms are finite.
#[derive(Debug, Clone, Default)]
pub struct ExactSum {
    parts: Vec<f64>,
}

impl ExactSum {
    /// Adds one finite term.
    pub fn add(&mut self, term: f64) {
        let mut carried = term;
        let mut kept = 0;
        for index in 0..self.parts.len() {
            let part = self.parts[index];
            let (large, small) =
                if carried.abs() < part.abs() { (part, carried) } else { (carried, part) };
            carried = large + small;
            let lost = small - (carried - large);
            if lost != 0.0 {
                self.parts[kept] = lost;
                kept += 1;
            }
        }
        self.parts.truncate(kept);
        self.parts.push(carried);
    }

    /// The total, rounded once (half to even).
    pub fn value(&self) -> f64 {
        let mut parts = self.parts.iter().rev().copied();
        let mut total = parts.next().unwrap_or(0.0);
        let mut rest = 0.0;
        for part in parts.by_ref() {
            let before = total;
            total = before + part;
            rest = part - (total - before);
            if rest != 0.0 {
                break;
            }
        }
        // `rest` may be exactly half a unit of `total`; the next part then decides the direction.
        if let Some(next) = parts.next()
            && rest * next.signum() > 0.0
        {
            let doubled = rest * 2.0;
            let corrected = total + doubled;
            if (corrected - total).to_bits() == doubled.to_bits() {
                return corrected;
            }
        }
        total
    }
}

/// Sum of finite terms, correctly rounded: the same bits for every order. Empty: 0.
pub fn exact_sum(terms: impl IntoIterator<Item = f64>) -> f64 {
    let mut sum = ExactSum::default();
    for term in terms {
        sum.add(term);
    }
    sum.value()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_is_lost_to_cancellation() {
        assert_eq!(exact_sum([1e100, 1.0, -1e100, 1e-20]).to_bits(), 1.0_f64.to_bits());
        assert_eq!(exact_sum(std::iter::repeat_n(0.1, 10)).to_bits(), 1.0_f64.to_bits());
        assert_eq!(exact_sum([]).to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn a_tie_is_broken_by_what_lies_below_it() {
        let half_unit = f64::EPSILON / 2.0;
        let tiny = 1e-30;
        assert_eq!(exact_sum([1.0, half_unit]).to_bits(), 1.0_f64.to_bits());
        assert_eq!(exact_sum([1.0, half_unit, tiny]).to_bits(), (1.0 + f64::EPSILON).to_bits());
        assert_eq!(exact_sum([1.0, half_unit, -tiny]).to_bits(), 1.0_f64.to_bits());
    }

    proptest! {
        #[test]
        fn order_never_shows(
            terms in prop::collection::vec((-1.0..1.0_f64, -60..60_i32), 0..60),
            shift in 0..60_usize,
        ) {
            let mut terms: Vec<f64> = terms.into_iter().map(|(m, e)| m * 2.0_f64.powi(e)).collect();
            let forward = exact_sum(terms.iter().copied());
            let backward = exact_sum(terms.iter().rev().copied());
            let middle = shift.min(terms.len());
            terms.rotate_left(middle);
            let rotated = exact_sum(terms.iter().copied());
            prop_assert!(forward.total_cmp(&backward).is_eq() || forward.abs() + backward.abs() == 0.0);
            prop_assert!(forward.total_cmp(&rotated).is_eq() || forward.abs() + rotated.abs() == 0.0);
        }
    }
}
