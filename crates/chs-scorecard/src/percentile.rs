//! Percentile normalisation: ranks against a reference distribution, frozen into knots.

use thiserror::Error;

use crate::normalisation::{Better, Knots, Normalisation};
use crate::scorecard::Scorecard;

/// Most knots of a frozen percentile: one per point of its scale, and the highest value.
const MOST_KNOTS: usize = 101;

/// Why percentiles cannot be frozen.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum FreezeError {
    /// No finite value to rank against.
    #[error(
        "indicator `{indicator}` has no value in the reference; a percentile needs at least one"
    )]
    NoReference {
        /// Name of the indicator.
        indicator: String,
    },
    /// The values span more than a double can hold.
    #[error("indicator `{indicator}` has reference values too far apart to interpolate between")]
    TooFarApart {
        /// Name of the indicator.
        indicator: String,
    },
}

impl Scorecard {
    /// The same scorecard with its percentiles turned into knots.
    ///
    /// `reference` holds the values of each indicator, in the order of [`Scorecard::indicators`]; those of
    /// other normalisations are not looked at, NaN and infinite values are passed over. A value of
    /// middle rank r among n gets the sub-score `1 + 99 (r - 1) / (n - 1)`, mirrored (`101 - y`) where
    /// lower is better; a single value gets 50.5. Above 101 distinct values, the first of each whole
    /// percentile and the highest become knots.
    ///
    /// # Errors
    ///
    /// [`FreezeError`] where an indicator has no finite value, or values too far apart.
    pub fn freeze(&self, reference: &[&[f64]]) -> Result<Scorecard, FreezeError> {
        let mut frozen = self.clone();
        let indicators =
            frozen.components.iter_mut().flat_map(|component| &mut component.indicators);
        for (index, indicator) in indicators.enumerate() {
            let Normalisation::Percentile(better) = indicator.normalisation else { continue };
            let points = ranks(reference.get(index).copied().unwrap_or_default(), better);
            let name = || indicator.name.clone();
            if points.is_empty() {
                return Err(FreezeError::NoReference { indicator: name() });
            }
            let knots =
                Knots::new(points).map_err(|_| FreezeError::TooFarApart { indicator: name() })?;
            indicator.normalisation = Normalisation::Knots(knots);
        }
        Ok(frozen)
    }
}

/// Distinct values, ascending, with their percentile.
fn ranks(values: &[f64], better: Better) -> Vec<(f64, f64)> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let mut points = Vec::new();
    let mut below = 0;
    for ties in sorted.chunk_by(|left, right| left >= right) {
        // Both zeros compare equal; the knot does not depend on which came first.
        let value = ties.first().copied().unwrap_or_default() + 0.0;
        let middle_rank = below as f64 + (ties.len() - 1) as f64 / 2.0;
        below += ties.len();
        let share = if sorted.len() > 1 { middle_rank / (sorted.len() - 1) as f64 } else { 0.5 };
        points.push((value, 1.0 + 99.0 * share));
    }
    if points.len() > MOST_KNOTS {
        thin(&mut points);
    }
    if better == Better::Lower {
        for (_, percentile) in &mut points {
            *percentile = 101.0 - *percentile;
        }
    }
    points
}

/// Keep the first point of each whole percentile, and the last point.
fn thin(points: &mut Vec<(f64, f64)>) {
    let last = points.last().copied();
    let mut reached = 0.0;
    points.retain(|(_, percentile)| {
        let first_of_its_percentile = percentile.floor() > reached;
        if first_of_its_percentile {
            reached = percentile.floor();
        }
        first_of_its_percentile
    });
    if points.last() != last.as_ref() {
        points.extend(last);
    }
}

#[cfg(test)]
mod tests {
    use super::{FreezeError, ranks};
    use crate::normalisation::Better;
    use crate::{Input, NoScore, Scorecard};

    const TEXT: &str = r#"
        spec_version = 1
        name = "x"
        version = "1.0.0"
        [components.a]
        weight = 100
        indicators = [{ name = "i", percentile = "lower_is_better" }]
    "#;

    #[test]
    fn ties_share_the_middle_rank() {
        let values = [5.0, 1.0, f64::NAN, 5.0, 9.0, 1.0, f64::INFINITY];
        let expected = [(1.0, 13.375), (5.0, 62.875), (9.0, 100.0)];
        assert_eq!(ranks(&values, Better::Higher), expected);
        let mirrored = [(1.0, 87.625), (5.0, 38.125), (9.0, 1.0)];
        assert_eq!(ranks(&values, Better::Lower), mirrored);
        assert_eq!(ranks(&[3.0], Better::Higher), [(3.0, 50.5)]);
        assert_eq!(ranks(&[-0.0, 0.0], Better::Higher)[0].0.to_bits(), 0.0_f64.to_bits());
    }

    #[test]
    fn many_values_become_one_knot_per_percentile() {
        let values: Vec<f64> = (0..1000).map(f64::from).collect();
        let points = ranks(&values, Better::Higher);
        assert_eq!(points.len(), 100);
        assert_eq!((points[0], points[99]), ((0.0, 1.0), (999.0, 100.0)));
        let gaps: Vec<f64> =
            (0..9).map(|gap| f64::from(gap) * 1e6).chain((0..200).map(f64::from)).collect();
        assert_eq!(ranks(&gaps, Better::Higher).last(), Some(&(8e6, 100.0)));
    }

    #[test]
    fn a_percentile_scores_only_once_it_is_frozen() {
        let scorecard = Scorecard::from_toml("scorecard.toml", TEXT).unwrap();
        let input = [Input::Number(5.0)];
        assert!(scorecard.needs_reference());
        assert_eq!(scorecard.score(&input).reason, Some(NoScore::NotFrozen));
        let frozen = scorecard.freeze(&[&[1.0, 5.0, 9.0]]).unwrap();
        assert!(!frozen.needs_reference());
        assert_eq!(frozen.score(&input).sub_scores, [Some(50.5)]);
    }

    #[test]
    fn an_indicator_without_usable_reference_is_named() {
        let scorecard = Scorecard::from_toml("scorecard.toml", TEXT).unwrap();
        let indicator = "i".to_owned();
        let none = FreezeError::NoReference { indicator: indicator.clone() };
        assert_eq!(scorecard.freeze(&[]), Err(none));
        assert_eq!(
            scorecard.freeze(&[&[-1e308, 1e308]]),
            Err(FreezeError::TooFarApart { indicator })
        );
    }
}
