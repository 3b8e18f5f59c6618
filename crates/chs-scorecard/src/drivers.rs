//! Drivers: what a score, or a change of score, is made of.

use crate::score::{Scored, weighted};
use crate::scorecard::Scorecard;

/// One share of a score or of a change, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Driver {
    /// What it comes from.
    pub source: DriverSource,
    /// Points, never 0.
    pub points: f64,
}

/// Where a driver comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DriverSource {
    /// The indicator of this index.
    Indicator(usize),
    /// Indicators that appeared or went missing.
    Availability,
}

impl Scored {
    /// Contributions, largest first by size, ties in declared order, without those that are zero.
    ///
    /// They sum to the score minus that of the reference sub-scores (100 without training: points lost)
    /// within 1e-9; empty without a score.
    pub fn drivers(&self) -> Vec<Driver> {
        let indicators =
            self.contributions.iter().enumerate().filter_map(|(index, contribution)| {
                contribution.map(|points| Driver { source: DriverSource::Indicator(index), points })
            });
        by_size(indicators.collect())
    }
}

impl Scorecard {
    /// The change from `before` to `after` as drivers, which sum to it within 1e-9; none where a score is
    /// missing.
    ///
    /// Indicators that were observed at both dates, or filled in by their policy at both, carry the
    /// change of the score computed on them alone; `Availability` carries the rest.
    pub fn change(&self, before: &Scored, after: &Scored) -> Option<Vec<Driver>> {
        let total = after.score?.get() - before.score?.get();
        let both: Vec<Option<(f64, f64)>> = (before.sub_scores.iter().zip(&before.observed))
            .zip(after.sub_scores.iter().zip(&after.observed))
            .map(|(before, after)| if before.1 == after.1 { before.0.zip(*after.0) } else { None })
            .collect();
        let at = |pick: fn((f64, f64)) -> f64| {
            weighted(self.indicators(), both.iter().map(move |pair| pair.map(pick)))
        };
        let change = match (at(|pair| pair.0), at(|pair| pair.1)) {
            (Some(before), Some(after)) => after.get() - before.get(),
            _ => 0.0,
        };
        let weight = crate::score::available_weight(
            self.indicators(),
            both.iter().map(|pair| pair.map(|pair| pair.0)),
        );
        let mut drivers: Vec<Driver> = (self.indicators().zip(&both).enumerate())
            .filter_map(|(index, (indicator, pair))| {
                let (before, after) = (*pair)?;
                let points = indicator.weight / weight * (after - before);
                Some(Driver { source: DriverSource::Indicator(index), points })
            })
            .filter(|_| weight > 0.0)
            .collect();
        drivers.push(Driver { source: DriverSource::Availability, points: total - change });
        Some(by_size(drivers))
    }
}

fn by_size(mut drivers: Vec<Driver>) -> Vec<Driver> {
    drivers.retain(|driver| driver.points.abs() > 0.0);
    drivers.sort_by(|left, right| right.points.abs().total_cmp(&left.points.abs()));
    drivers
}

#[cfg(test)]
mod tests {
    use super::{Driver, DriverSource};
    use crate::{Input, Scorecard};

    fn scorecard() -> Scorecard {
        let text = r#"
            spec_version = 1
            name = "x"
            version = "1.0.0"
            [components.a]
            weight = 100
            indicators = [
              { name = "a", weight = 2, poor = 0, good = 100 },
              { name = "b", weight = 1, poor = 0, good = 100 },
              { name = "c", weight = 1, poor = 0, good = 100 },
              { name = "d", weight = 0, poor = 0, good = 100 },
            ]
        "#;
        Scorecard::from_toml("scorecard.toml", text).unwrap()
    }

    fn inputs(values: [f64; 4]) -> [Input<'static>; 4] {
        values.map(Input::Number)
    }

    fn shown(drivers: &[Driver]) -> Vec<(Option<usize>, f64)> {
        let index = |source| match source {
            DriverSource::Indicator(index) => Some(index),
            DriverSource::Availability => None,
        };
        drivers.iter().map(|driver| (index(driver.source), driver.points)).collect()
    }

    #[test]
    fn the_largest_comes_first_and_ties_keep_declared_order() {
        let scored = scorecard().score(&inputs([100.0, 60.0, 60.0, 0.0]));
        assert_eq!(shown(&scored.drivers()), [(Some(1), -10.0), (Some(2), -10.0)]);
        let scored = scorecard().score(&inputs([80.0, 0.0, 90.0, 0.0]));
        assert_eq!(shown(&scored.drivers()), [(Some(1), -25.0), (Some(0), -10.0), (Some(2), -2.5)]);
    }

    #[test]
    fn availability_carries_what_appeared_or_went_missing() {
        let scorecard = scorecard();
        let before = scorecard.score(&inputs([100.0, 50.0, 0.0, 0.0]));
        let after = scorecard.score(&inputs([100.0, 20.0, f64::NAN, 0.0]));
        // On a and b alone: 250/3 to 220/3, a fall of 10; in all 62.5 to 220/3.
        let change = scorecard.change(&before, &after).unwrap();
        let shown = shown(&change);
        assert_eq!((shown[0].0, shown[1].0, shown.len()), (None, Some(1), 2));
        assert!((shown[0].1 - (220.0 / 3.0 - 62.5 + 10.0)).abs() < 1e-9);
        assert!((shown[1].1 + 10.0).abs() < 1e-9);
    }

    #[test]
    fn nothing_in_common_leaves_availability_alone() {
        let scorecard = scorecard();
        let before = scorecard.score(&inputs([40.0, f64::NAN, f64::NAN, 7.0]));
        let after = scorecard.score(&inputs([f64::NAN, 70.0, f64::NAN, 9.0]));
        let change = scorecard.change(&before, &after).unwrap();
        assert_eq!(shown(&change), [(None, 30.0)]);
        let nothing = scorecard.score(&[]);
        assert!(scorecard.change(&before, &nothing).is_none());
    }
}
