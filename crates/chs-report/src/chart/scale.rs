//! From values to places.

/// A stretch of values laid over a stretch of the drawing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) values: (f64, f64),
    pub(super) places: (f64, f64),
}

impl Scale {
    /// Where a value stands; outside values stand at the ends.
    pub(super) fn at(self, value: f64) -> f64 {
        let share = (value - self.values.0) / (self.values.1 - self.values.0);
        let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
        self.places.0 + share * (self.places.1 - self.places.0)
    }

    /// Round values between the ends, about five.
    pub(super) fn ticks(self) -> Vec<f64> {
        let (from, to) = self.values;
        let length = to - from;
        if !(length.is_finite() && length > 0.0) {
            return vec![from];
        }
        let decade = 10_f64.powf((length / 5.0).log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0]
            .into_iter()
            .map(|factor| factor * decade)
            .find(|step| length / step <= 6.0)
            .unwrap_or(length);
        let first = (from / step - 1e-9).ceil();
        (0..=10)
            .map(|number| (first + f64::from(number)) * step)
            .take_while(|tick| *tick <= to + 1e-9 * length)
            .collect()
    }
}

/// The smallest round value at or above a positive one; 1 for others.
pub(super) fn round_up(value: f64) -> f64 {
    if !(value.is_finite() && value > 0.0) {
        return 1.0;
    }
    let decade = 10_f64.powf(value.log10().floor());
    [1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0]
        .into_iter()
        .map(|factor| factor * decade)
        .find(|round| *round >= value * (1.0 - 1e-9))
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::{Scale, round_up};

    fn ticks(from: f64, to: f64) -> Vec<String> {
        let scale = Scale { values: (from, to), places: (0.0, 100.0) };
        scale.ticks().iter().map(|tick| format!("{tick:.2}")).collect()
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(ticks(0.4, 0.8), ["0.40", "0.50", "0.60", "0.70", "0.80"]);
        assert_eq!(ticks(0.0, 100.0), ["0.00", "20.00", "40.00", "60.00", "80.00", "100.00"]);
        assert_eq!(ticks(0.0, 0.2), ["0.00", "0.05", "0.10", "0.15", "0.20"]);
        assert_eq!(ticks(1.0, 1.0), ["1.00"]);
        assert_eq!(ticks(0.0, f64::NAN).len(), 1);
    }

    #[test]
    fn outside_values_stand_at_the_ends() {
        let scale = Scale { values: (0.0, 2.0), places: (10.0, 30.0) };
        let places = [-1.0, 1.0, 9.0, f64::NAN].map(|value| scale.at(value));
        assert_eq!(places.map(|place| format!("{place}")), ["10", "20", "30", "10"]);
        let empty = Scale { values: (1.0, 1.0), ..scale };
        assert!((empty.at(1.0) - 10.0).abs() < 1e-12);
    }

    #[test]
    fn ends_are_rounded_up() {
        let rounded = [0.195, 0.2, 1.2, 97.0, 0.0, f64::NAN].map(round_up);
        assert_eq!(
            rounded.map(|end| format!("{end:.2}")),
            ["0.20", "0.20", "1.50", "100.00", "1.00", "1.00"]
        );
    }
}
