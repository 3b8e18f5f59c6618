//! Sums in which the order of the rows never shows.

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
    let mut sum = WideSum::default();
    for term in terms {
        sum.add(term);
    }
    sum.value()
}

/// A sum in an order that is the same for every order of the rows (that of a sorted column, or of the
/// accounts), with what rounding takes carried along: as good as twice the digits, in a few steps.
///
/// Source: Knuth's error-free sum of two, as in Ogita, Rump & Oishi 2005, "Accurate sum and dot product".
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct OrderedSum {
    total: f64,
    lost: f64,
}

impl OrderedSum {
    /// Adds one finite term.
    #[inline]
    pub(crate) fn add(&mut self, term: f64) {
        let total = self.total + term;
        let added = total - self.total;
        self.lost += (self.total - (total - added)) + (term - added);
        self.total = total;
    }

    /// The total.
    pub(crate) fn value(&self) -> f64 {
        self.total + self.lost
    }
}

/// Sum of finite terms whose order is that of accounts or sorted values, not of the rows: what rounding
/// takes is carried along. Empty: 0.
pub fn ordered_sum(terms: impl IntoIterator<Item = f64>) -> f64 {
    let mut sum = OrderedSum::default();
    for term in terms {
        sum.add(term);
    }
    sum.value()
}

/// Terms whose exponents share their upper six bits are summed as integers in one place.
const PLACES: usize = 64;
/// Binary digits by which two places differ.
const PLACE_BITS: u8 = 32;

/// The same sum as [`ExactSum`], in less time for many terms, but in a kilobyte.
///
/// A term is its 53-bit mantissa shifted by the lower five bits of its exponent, hence below 2^84: an
/// i128 holds the sum of 2^43 of them exactly (Neal 2015, "Fast exact summation using small and large
/// superaccumulators").
#[derive(Debug, Clone)]
pub(crate) struct WideSum {
    places: [i128; PLACES],
    /// What a caller's overflow leaves: infinite or NaN, else 0.
    not_finite: f64,
}

impl Default for WideSum {
    fn default() -> Self {
        Self { places: [0; PLACES], not_finite: 0.0 }
    }
}

impl WideSum {
    /// Adds one term; one that is not finite makes the total infinite or NaN.
    #[inline]
    pub(crate) fn add(&mut self, term: f64) {
        if !term.is_finite() {
            self.not_finite += term;
            return;
        }
        let bits = term.to_bits();
        let stored = ((bits >> 52) & 0x7ff) as usize;
        let fraction = bits & ((1 << 52) - 1);
        // Below the normal numbers there is no leading one, and the exponent is that of the smallest.
        let (mantissa, exponent) =
            if stored == 0 { (fraction, 1) } else { (fraction | 1 << 52, stored) };
        let shifted = i128::from(mantissa) << (exponent % usize::from(PLACE_BITS));
        let place = &mut self.places[exponent / usize::from(PLACE_BITS)];
        *place += if term.is_sign_negative() { -shifted } else { shifted };
    }

    /// The total, rounded once (half to even).
    pub(crate) fn value(&self) -> f64 {
        if !self.not_finite.is_finite() {
            return self.not_finite;
        }
        let mut sum = ExactSum::default();
        // A mantissa's last bit stands for 2^(exponent - 1075); what lies below 2^-1074 is zero.
        let mut lowest = -1075;
        for &total in &self.places {
            let sign = if total < 0 { -1.0 } else { 1.0 };
            let (mut rest, mut exponent) = (total.unsigned_abs(), lowest);
            while rest > 0 {
                let piece = sign * (rest & ((1 << 52) - 1)) as f64;
                // In two steps: the power itself may be too small for an f64.
                let half = exponent / 2;
                sum.add(piece * 2.0_f64.powi(half) * 2.0_f64.powi(exponent - half));
                rest >>= 52;
                exponent += 52;
            }
            lowest += i32::from(PLACE_BITS);
        }
        sum.value()
    }
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

    #[test]
    fn the_ends_of_the_range_are_summed_too() {
        let smallest = f64::from_bits(1);
        let third = smallest * 3.0;
        assert_eq!(exact_sum([smallest, third, -smallest]).to_bits(), third.to_bits());
        let large = f64::MAX / 4.0;
        assert_eq!(exact_sum([large, smallest, large]).to_bits(), (f64::MAX / 2.0).to_bits());
        assert_eq!(exact_sum([large, smallest, -large]).to_bits(), smallest.to_bits());
        assert_eq!(exact_sum([f64::MIN_POSITIVE, -smallest]).to_bits(), (1 << 52) - 1);
        assert!(exact_sum([1.0, f64::NEG_INFINITY]) < f64::MIN);
        assert!(exact_sum([f64::INFINITY, 1.0, f64::NEG_INFINITY]).is_nan());
    }

    proptest! {
        #[test]
        fn an_ordered_sum_loses_what_lies_below_twice_the_digits(
            terms in prop::collection::vec((-1.0..1.0_f64, -30..30_i32), 0..60),
        ) {
            let terms: Vec<f64> = terms.into_iter().map(|(m, e)| m * 2.0_f64.powi(e)).collect();
            let size: f64 = terms.iter().map(|term| term.abs()).sum();
            let exact = exact_sum(terms.iter().copied());
            let near = f64::EPSILON * exact.abs() + 1e-29 * size;
            prop_assert!((ordered_sum(terms) - exact).abs() <= near);
        }

        /// The wide sum and that of parts round the same total.
        #[test]
        fn both_sums_are_one(
            terms in prop::collection::vec((-1.0..1.0_f64, -1000..1000_i32), 0..40),
            near in prop::collection::vec((-1.0..1.0_f64, -3..3_i32), 0..40),
        ) {
            let mut parts = ExactSum::default();
            let terms = terms.into_iter().chain(near).map(|(m, e)| m * 2.0_f64.powi(e));
            let terms: Vec<f64> = terms.collect();
            for &term in &terms {
                parts.add(term);
            }
            prop_assert_eq!((exact_sum(terms) + 0.0).to_bits(), (parts.value() + 0.0).to_bits());
        }

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
