//! The scorecard: components, indicators, weights, missing policies, bands.

use crate::band::{Action, Band, Bands};
use crate::component::{Component, Indicator};
use crate::health_score::HealthScore;
use crate::normalisation::Normalisation;
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
    pub fn fit(&self) -> Fit {
        self.fit
    }

    /// What it asks of a release.
    pub fn gates(&self) -> Gates {
        self.gates
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

    /// Whether an indicator is a percentile that is not frozen yet: until then nothing has a score.
    pub fn needs_reference(&self) -> bool {
        self.indicators()
            .any(|indicator| matches!(indicator.normalisation, Normalisation::Percentile(_)))
    }
}
