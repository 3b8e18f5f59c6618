//! The scorecard: components, indicators, weights, missing policies, bands.

use crate::band::{Action, Band, Bands};
use crate::component::{Component, Indicator, Missing};
use crate::health_score::HealthScore;
use crate::normalisation::{Knots, Normalisation};
use crate::policy::{Fit, Gates};
use crate::trend::Trend;

/// What a person writes or a fitter learns: a sound scorecard, ready to score.
///
/// Weights are percents that sum to 100 (within 1e-9), indicator names are unique, bands cover 0 to
/// 100. Everything that has an order keeps the order in which it was declared.
#[derive(Clone, Debug, PartialEq)]
pub struct Scorecard {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) components: Vec<Component>,
    pub(crate) bands: Bands,
    pub(crate) trend: Trend,
    pub(crate) fit: Fit,
    pub(crate) gates: Gates,
}

impl Scorecard {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version, semver.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Components in declared order.
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// Indicators of all components, in declared order: the order of inputs and of results.
    pub fn indicators(&self) -> impl Iterator<Item = &Indicator> + Clone {
        self.components.iter().flat_map(|component| &component.indicators)
    }

    /// Percent of 100 per indicator, in declared order.
    pub fn weights(&self) -> Vec<f64> {
        self.indicators().map(|indicator| indicator.weight).collect()
    }

    /// Bands, lowest first.
    pub fn bands(&self) -> &[Band] {
        self.bands.as_slice()
    }

    /// Index of the band of an unrounded score; an edge belongs to the band above it.
    pub fn band_of(&self, score: HealthScore) -> usize {
        self.bands.of(score.get())
    }

    /// How its trend is read.
    pub fn trend(&self) -> &Trend {
        &self.trend
    }

    /// What it asks of the fitter.
    pub fn fit(&self) -> &Fit {
        &self.fit
    }

    /// What it asks of a release.
    pub fn gates(&self) -> &Gates {
        &self.gates
    }

    /// Every action with the band, component or indicator that calls for it.
    pub fn actions(&self) -> impl Iterator<Item = (&str, &Action)> {
        let bands = (self.bands().iter())
            .chain(self.components.iter().filter_map(Component::bands).flatten())
            .map(|band| (band.name.as_str(), &band.actions));
        let components = self
            .components
            .iter()
            .map(|component| (component.name.as_str(), &component.on_decline));
        let indicators =
            self.indicators().map(|indicator| (indicator.name.as_str(), &indicator.on_decline));
        bands
            .chain(components)
            .chain(indicators)
            .flat_map(|(caller, actions)| actions.iter().map(move |action| (caller, action)))
    }

    /// The baseline with the same normalisation and equal weights, named `NAME-equal-weights`.
    #[must_use]
    pub fn equal_weights(&self) -> Self {
        let weight = 100.0 / self.indicators().count() as f64;
        let mut equal = self.clone();
        equal.name.push_str("-equal-weights");
        for component in &mut equal.components {
            component.weight = weight * component.indicators.len() as f64;
            for indicator in &mut component.indicators {
                indicator.weight = weight;
            }
        }
        equal
    }

    /// The same scorecard under another name.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The same scorecard in another version; `None` where that is no semantic version.
    pub fn with_version(&self, version: &str) -> Option<Self> {
        crate::scorecard_toml::is_version(version)
            .then(|| Self { version: version.to_owned(), ..self.clone() })
    }

    /// The same scorecard with other weights: percents that sum to 100 (within 1e-9), one per indicator
    /// in declared order; `None` where they are no such weights.
    pub fn with_weights(&self, weights: &[f64]) -> Option<Self> {
        let sum: f64 = weights.iter().sum();
        let sound = weights.iter().all(|weight| (0.0..=100.0).contains(weight))
            && weights.len() == self.indicators().count()
            && (sum - 100.0).abs() <= 1e-9;
        let mut weighed = self.clone();
        let mut weights = weights.iter();
        for component in &mut weighed.components {
            for (indicator, weight) in component.indicators.iter_mut().zip(weights.by_ref()) {
                indicator.weight = *weight;
            }
            component.weight = component.indicators.iter().map(|indicator| indicator.weight).sum();
        }
        sound.then_some(weighed)
    }

    /// With other knots for some indicators, one entry per indicator in declared order; `None` where knots
    /// are unsound: not ascending, not finite, sub-scores outside of 0 to 100.
    pub fn with_knots(&self, points: &[Option<Vec<(f64, f64)>>]) -> Option<Self> {
        let mut changed = self.clone();
        let indicators =
            changed.components.iter_mut().flat_map(|component| &mut component.indicators);
        for (indicator, points) in indicators.zip(points) {
            let Some(points) = points else { continue };
            let knots = Knots::new(points.clone()).ok()?;
            indicator.normalisation = Normalisation::Knots(knots);
        }
        Some(changed)
    }

    /// The same scorecard with other lower edges of its bands, lowest first, the first one 0; `None`
    /// where they are not one increasing edge per band, below 100.
    pub fn with_band_edges(&self, edges: &[f64]) -> Option<Self> {
        let mut bands = self.bands().to_vec();
        for (band, edge) in bands.iter_mut().zip(edges) {
            band.from = *edge;
        }
        let bands = Bands::new(bands).filter(|_| edges.len() == self.bands().len())?;
        Some(Self { bands, ..self.clone() })
    }

    /// The same scorecard with one missing policy for all of its indicators.
    #[must_use]
    pub fn with_missing(&self, missing: Missing) -> Self {
        let mut scorecard = self.clone();
        let components = scorecard.components.iter_mut();
        for indicator in components.flat_map(|component| &mut component.indicators) {
            indicator.missing = missing;
        }
        scorecard
    }

    /// The same scorecard without some of its indicators, the others sharing their weight in proportion;
    /// `None` where nothing with a weight is left.
    pub fn without(&self, names: &[&str]) -> Option<Self> {
        let mut scorecard = self.clone();
        for component in &mut scorecard.components {
            component.indicators.retain(|indicator| !names.contains(&indicator.name.as_str()));
        }
        scorecard.components.retain(|component| !component.indicators.is_empty());
        let left: f64 = scorecard.weights().iter().sum();
        for component in &mut scorecard.components {
            for indicator in &mut component.indicators {
                indicator.weight *= 100.0 / left;
            }
            component.weight = component.indicators.iter().map(|indicator| indicator.weight).sum();
        }
        (left > 0.0).then_some(scorecard)
    }

    /// Whether an indicator is a percentile that is not frozen yet: until then nothing has a score.
    pub fn needs_reference(&self) -> bool {
        self.indicators()
            .any(|indicator| matches!(indicator.normalisation, Normalisation::Percentile(_)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Missing, Scorecard};

    fn scorecard() -> Scorecard {
        let text = r#"
            spec_version = 1
            name = "x"
            version = "1.0.0"
            [components.a]
            weight = 60
            indicators = [{ name = "a", poor = 0, good = 1 }, { name = "b", poor = 0, good = 1 }]
            [components.b]
            weight = 40
            indicators = [{ name = "c", poor = 0, good = 1 }]
        "#;
        Scorecard::from_toml("scorecard.toml", text).unwrap()
    }

    #[test]
    fn names_and_versions_are_replaced() {
        let renamed = scorecard().with_name("y").with_version("2.0.0-rc.1").unwrap();
        assert_eq!((renamed.name(), renamed.version()), ("y", "2.0.0-rc.1"));
        assert_eq!(renamed.weights(), scorecard().weights());
        assert!(scorecard().with_version("2").is_none());
    }

    #[test]
    fn weights_are_replaced_as_a_whole() {
        let weighed = scorecard().with_weights(&[10.0, 5.0, 85.0]).unwrap();
        assert_eq!(weighed.weights(), [10.0, 5.0, 85.0]);
        let components: Vec<f64> = weighed.components().iter().map(|own| own.weight).collect();
        assert_eq!(components, [15.0, 85.0]);
        for broken in [&[10.0, 90.0][..], &[10.0, 5.0, 84.0], &[-5.0, 5.0, 100.0], &[f64::NAN; 3]] {
            assert_eq!(scorecard().with_weights(broken), None, "{broken:?}");
        }
    }

    #[test]
    fn what_is_left_shares_the_weight_in_proportion() {
        let left = scorecard().without(&["b", "unknown"]).unwrap();
        let names: Vec<&str> = left.indicators().map(|own| own.name.as_str()).collect();
        assert_eq!(names, ["a", "c"]);
        // 30 and 40 of 70.
        for (found, expected) in left.weights().iter().zip([300.0 / 7.0, 400.0 / 7.0]) {
            assert!((found - expected).abs() < 1e-12);
        }
        let alone = scorecard().without(&["a", "b"]).unwrap();
        assert_eq!((alone.components().len(), alone.weights()), (1, vec![100.0]));
        assert_eq!(scorecard().without(&["a", "b", "c"]), None);
        let weighed = scorecard().with_weights(&[0.0, 0.0, 100.0]).unwrap();
        assert_eq!(weighed.without(&["c"]), None, "nothing with a weight");
    }

    #[test]
    fn a_missing_policy_is_set_for_all() {
        let filled = scorecard().with_missing(Missing::Score(50.0));
        assert!(filled.indicators().all(|own| own.missing == Missing::Score(50.0)));
        assert_eq!(filled.with_missing(Missing::Reweight), scorecard());
    }

    #[test]
    fn band_edges_are_replaced_as_a_whole() {
        let edged = scorecard().with_band_edges(&[0.0, 35.0, 80.0]).unwrap();
        let froms: Vec<f64> = edged.bands().iter().map(|band| band.from).collect();
        assert_eq!(froms, [0.0, 35.0, 80.0]);
        for broken in
            [&[0.0, 35.0][..], &[0.0, 35.0, 35.0], &[1.0, 2.0, 3.0], &[0.0, 1.0, 2.0, 3.0]]
        {
            assert_eq!(scorecard().with_band_edges(broken), None, "{broken:?}");
        }
    }
}
