//! What a fit is told, and what it refuses to start with.

use chs_backtest::BacktestError;
use chs_panel::Span;
use chs_scorecard::{FreezeError, ModelFault};
use jiff::civil::Date;

use crate::{EstimatorError, OldModel};

/// How a fit is run; steps, band edges, gates and waivers are the scorecard's.
#[derive(Clone, Debug, PartialEq)]
pub struct FitSettings {
    /// Name of the label; the panel's first where `None`.
    pub label: Option<String>,
    /// Seed of every random draw.
    pub seed: u64,
    /// Bootstrap replicates per figure of the evidence, at least 100.
    pub replicates: usize,
    /// Account resamples for the stability of the weights; 0 leaves it out.
    pub resamples: usize,
    /// Confidence level of every interval, between 0.5 and 1.
    pub level: f64,
    /// Where the weights come from.
    pub weights: Weights,
    /// What learns them.
    pub estimator: Estimator,
    /// Strength of the pull to the prior, on the scale of the mean log loss; chosen out of time where
    /// `None`. The reference estimator takes it as its ridge, 0 where `None`.
    pub lambda: Option<f64>,
    /// How much time at the end of the labelled history is held out for the gates; the later half of
    /// its snapshots where `None`.
    pub holdout: Option<Span>,
    /// Indicator that counts the days since the last activity, for the recency baseline.
    pub recency_indicator: Option<String>,
    /// Indicator that counts the days since the start, for the tenure baseline.
    pub tenure_indicator: Option<String>,
    /// Indicators of change, which are tried beside those of level.
    pub trend_indicators: Vec<String>,
    /// The model whose scorecard is fitted; none where it is a scorecard alone.
    pub old_model: Option<OldModel>,
    /// The day that the end of a waiver is held against; the last day of the panel and of the label's
    /// follow-up where `None`. A cross-section has no day: nothing ends there.
    pub as_of: Option<Date>,
}

/// Where the weights come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weights {
    /// Learned from the history, drawn to the prior's.
    #[default]
    Learned,
    /// The prior's as they are: only probability and evidence come from the history.
    Prior,
}

impl Weights {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Learned => "learned",
            Self::Prior => "prior",
        }
    }
}

/// What learns weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Estimator {
    /// Signs and shares kept, drawn to the prior.
    #[default]
    Constrained,
    /// `linfa-logistic`, without constraints or prior: the reference. Weights that come out below zero
    /// are a refusal.
    Logistic,
}

impl Estimator {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Constrained => "constrained",
            Self::Logistic => "logistic",
        }
    }
}

impl Default for FitSettings {
    fn default() -> Self {
        Self {
            label: None,
            seed: 1,
            replicates: 1_000,
            resamples: 200,
            level: 0.95,
            weights: Weights::Learned,
            estimator: Estimator::Constrained,
            lambda: None,
            holdout: None,
            recency_indicator: None,
            tenure_indicator: None,
            trend_indicators: Vec::new(),
            old_model: None,
            as_of: None,
        }
    }
}

impl FitSettings {
    pub(crate) fn of_the_backtest(&self) -> chs_backtest::Settings {
        chs_backtest::Settings {
            label: self.label.clone(),
            seed: self.seed,
            replicates: self.replicates,
            level: self.level,
            recency_indicator: self.recency_indicator.clone(),
            tenure_indicator: self.tenure_indicator.clone(),
            ..chs_backtest::Settings::default()
        }
    }

    /// What the backtest does not check itself.
    pub(crate) fn check(&self) -> Result<(), FitError> {
        let wrong = |name, expected| Err(FitError::Settings { name, expected });
        if self.lambda.is_some_and(|lambda| !(lambda >= 0.0 && lambda.is_finite())) {
            return wrong("lambda", "a finite number, 0 or more");
        }
        if self.holdout.is_some_and(Span::is_zero) {
            return wrong("holdout", "a span of some length, such as \"6mo\"");
        }
        Ok(())
    }
}

/// Why there is no fit. Weights that cannot be learned, or a gate that does not open, are none of these:
/// they are a refusal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FitError {
    /// A setting is out of range.
    #[error("setting `{name}` is out of range; expected {expected}")]
    Settings {
        /// Its name.
        name: &'static str,
        /// What is expected.
        expected: &'static str,
    },
    /// Panel, label and scorecard do not fit together.
    #[error(transparent)]
    Backtest(#[from] BacktestError),
    /// A percentile has nothing to rank against.
    #[error(transparent)]
    Freeze(#[from] FreezeError),
    /// The estimator gave up.
    #[error(transparent)]
    Estimator(EstimatorError),
    /// Scorecard, calibration and reference make no model.
    #[error(transparent)]
    Model(ModelFault),
}

#[cfg(test)]
mod tests {
    use super::{FitError, FitSettings};
    use chs_panel::Span;

    #[test]
    fn settings_out_of_range_are_named() {
        let name = |change: fn(&mut FitSettings)| {
            let mut settings = FitSettings::default();
            change(&mut settings);
            match settings.check() {
                Err(FitError::Settings { name, .. }) => name,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(name(|settings| settings.lambda = Some(-1.0)), "lambda");
        assert_eq!(name(|settings| settings.holdout = Some(Span::days(0))), "holdout");
        assert!(FitSettings::default().check().is_ok());
    }
}
