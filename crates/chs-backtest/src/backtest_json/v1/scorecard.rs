//! A score under test: its figures, bands and calibration, as they stand in the file.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{CalibrationLevel, Life};

/// A score under test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scorecard {
    /// Its name.
    pub name: String,
    /// `scorecard`, `recorded` or `fitted`.
    pub kind: String,
    /// Version of the scorecard; null for a recorded score.
    pub version: Option<String>,
    /// How its probability was held out: `walk_forward`, or `account_folds` in a cross-section; null where no
    /// row has one.
    pub probability_source: Option<String>,
    /// How far the score reaches.
    pub coverage: Coverage,
    /// Figures: pooled, per snapshot, averaged over snapshots, per segment level, per band.
    pub metrics: Vec<Metric>,
    /// Bands from the lowest score to the highest; empty where the score has none.
    pub bands: Vec<Band>,
    /// Neighbouring bands held against each other.
    pub band_steps: Vec<BandStep>,
    /// Whether the event rate follows the bands: `yes`, `no`, `cannot_tell`; null without bands.
    pub monotone: Option<String>,
    /// Rows with a probability in ten bins by it, ascending, equal probabilities together; empty where
    /// they do not carry it.
    #[serde(default)]
    pub reliability: Vec<ReliabilityBin>,
    /// The monotone calibration curve that fits best; empty where the rows do not carry it.
    #[serde(default)]
    pub calibration_curve: Vec<CalibrationLevel>,
    /// Rows with a label in bins of five points, ascending; empty where a score lies outside 0 to 100.
    #[serde(default)]
    pub distribution: Vec<ScoreBin>,
    /// What the score said along the life of the accounts.
    #[serde(default)]
    pub life: Life,
}

/// How far a score reaches, over rows with label 0 or 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// Rows with a label.
    pub labelled: usize,
    /// Of those, rows with a score.
    pub scored: usize,
    /// Of those, rows with a probability.
    pub with_probability: usize,
    /// Mean share of weight that was available in scored rows; null for a recorded score.
    pub mean_weight: Option<f64>,
}

/// A figure of a slice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Metric {
    /// Lower snake case.
    pub name: String,
    /// Rows it speaks of; empty for all.
    pub slice: BTreeMap<String, String>,
    /// The figure.
    pub estimate: Option<f64>,
    /// Lower bound.
    pub lower: Option<f64>,
    /// Upper bound.
    pub upper: Option<f64>,
    /// Confidence level of the bounds.
    pub level: Option<f64>,
    /// How the bounds were made.
    pub method: Option<String>,
    /// Rows used.
    pub n: usize,
    /// Rows with label 1.
    pub events: usize,
    /// Distinct accounts.
    pub accounts: usize,
    /// Accounts with at least one row of label 1.
    pub event_accounts: usize,
    /// Why there is no figure or no interval, or what to know about it.
    pub reason: Option<String>,
}

/// One band.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Band {
    /// Its name.
    pub name: String,
    /// Lowest score of the band.
    pub from: f64,
    /// Rows with a label.
    pub n: usize,
    /// Rows with label 1.
    pub events: usize,
    /// Distinct accounts.
    pub accounts: usize,
    /// Accounts with at least one row of label 1.
    pub event_accounts: usize,
    /// Share of the rows.
    pub share: f64,
    /// Sum of the accounts' value over the rows.
    pub value: Option<f64>,
    /// Share of that sum.
    pub value_share: Option<f64>,
    /// Share of rows with label 1.
    pub event_rate: Metric,
    /// Event rate over that of all rows.
    pub lift: Metric,
}

/// Rows of like probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ReliabilityBin {
    /// Lowest probability of its rows.
    pub lowest: f64,
    /// Highest probability of its rows.
    pub highest: f64,
    /// Mean probability of its rows.
    pub mean_probability: f64,
    /// Share of its rows with label 1.
    pub event_rate: f64,
    /// Lower bound of that share, by account.
    pub lower: f64,
    /// Upper bound.
    pub upper: f64,
    /// Rows.
    pub n: usize,
    /// Rows with label 1.
    pub events: usize,
    /// Distinct accounts.
    pub accounts: usize,
    /// Accounts with at least one row of label 1.
    pub event_accounts: usize,
}

/// Rows whose score lies in `from <= score < to`; the last bin holds 100 too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScoreBin {
    /// Lower edge.
    pub from: f64,
    /// Upper edge.
    pub to: f64,
    /// Rows with a label.
    pub n: usize,
    /// Of those, rows with label 1.
    pub events: usize,
    /// `events` among all rows with label 1; null where there is none.
    pub share_of_events: Option<f64>,
    /// The other rows among all rows with label 0; null where there is none.
    pub share_of_others: Option<f64>,
}

/// Two neighbouring bands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BandStep {
    /// The band with the lower scores.
    pub lower_band: String,
    /// The band with the higher scores.
    pub higher_band: String,
    /// Difference of the event rates in the direction that the label asks for.
    pub difference: Option<f64>,
    /// Lower bound.
    pub lower: Option<f64>,
    /// Upper bound.
    pub upper: Option<f64>,
    /// Two-sided p value.
    pub p_value: Option<f64>,
}
