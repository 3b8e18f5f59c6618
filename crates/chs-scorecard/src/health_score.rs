//! The score itself: 0 to 100, higher is healthier.

use thiserror::Error;

/// A health score, 0 (poor) to 100 (good); never the other way round.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct HealthScore(f64);

/// A number that is no health score.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
#[error("score {value} is outside 0 to 100")]
pub struct ScoreOutOfRange {
    /// The number, possibly NaN.
    pub value: f64,
}

impl HealthScore {
    /// A score from a number that is one already.
    ///
    /// # Errors
    ///
    /// [`ScoreOutOfRange`] below 0, above 100 and for NaN.
    pub fn new(value: f64) -> Result<Self, ScoreOutOfRange> {
        if (0.0..=100.0).contains(&value) {
            Ok(Self(value))
        } else {
            Err(ScoreOutOfRange { value })
        }
    }

    /// The number, 0 to 100, unrounded.
    pub fn get(self) -> f64 {
        self.0
    }

    /// The score of a weighted sum, which rounding may have carried past an end.
    pub(crate) fn clamped(sum: f64) -> Self {
        Self(sum.clamp(0.0, 100.0))
    }
}

#[cfg(test)]
mod tests {
    use super::HealthScore;

    #[test]
    fn only_0_to_100_is_a_score() {
        for good in [0.0, 39.5, 100.0] {
            assert!(HealthScore::new(good).is_ok());
        }
        for bad in [-0.5, 100.0_f64.next_up(), f64::NAN, f64::INFINITY] {
            assert!(HealthScore::new(bad).is_err());
        }
        assert!(HealthScore::clamped(100.0_f64.next_up()) <= HealthScore(100.0));
    }
}
