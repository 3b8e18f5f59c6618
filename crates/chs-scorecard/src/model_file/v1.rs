//! Version 1.0 of the model file.
//!
//! The file is closed: a reader refuses keys it does not know, except under `extensions`. Numbers are
//! finite and written in the shortest form that reads back as the same double; an absent figure is null.
//! Nothing here names or counts out single accounts.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use super::evidence::v1::{
    Comparison, DataFile, Distribution, Gate, GateStatus, Label, Metric, ModelCard, Provenance,
    Reference, Slice, Tool, Validation, WeightOrigin, Window,
};
pub use super::golden::v1::{
    Cell, Driver, Expected, PreviousScore, Record, ScoreRecord, Tolerances, Verification,
};

/// Name of the format.
pub const FORMAT: &str = "chs-model";
/// Version of the format.
pub const FORMAT_VERSION: &str = "1.0";

/// A whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// `chs-model`.
    pub format: String,
    /// `1.0`; a reader refuses a newer one.
    pub format_version: String,
    /// Features without which the file must not be used; a reader that lacks one refuses the file.
    pub required_features: Vec<String>,
    /// Everything that scoring needs.
    pub model: Model,
    /// Where it comes from.
    pub provenance: Provenance,
    /// What held-out data said about it.
    pub validation: Validation,
    /// The distributions that drift is measured against.
    pub reference: Reference,
    /// What it is for.
    pub model_card: ModelCard,
    /// Records that every implementation has to reproduce.
    pub verification: Verification,
    /// Digests of the file itself.
    pub digests: Digests,
    /// What others added.
    #[serde(default)]
    pub extensions: Map<String, Value>,
}

/// Everything that scoring needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// Its version, semver.
    pub version: String,
    /// What a score means.
    pub semantics: Semantics,
    /// What has to be known of an account, in the order of the indicators.
    pub inputs: Vec<Input>,
    /// What is weighed.
    pub components: Vec<Component>,
    /// Bands of the score, lowest first.
    pub bands: Vec<Band>,
    /// How a trend is read.
    pub trend: Trend,
    /// From score to probability.
    pub calibration: Calibration,
    /// What differs by segment.
    pub segments: Option<Segments>,
}

/// What a score means, spelled out; version 1.0 knows these sentences only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Semantics {
    /// Which scores are good.
    pub direction: String,
    /// From indicators to the score.
    pub aggregation: String,
    /// What a missing value is and does.
    pub missing: String,
    /// Which band a score is in.
    pub bands: String,
    /// In which arithmetic.
    pub arithmetic: String,
}

/// One input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Name of the indicator.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: InputKind,
    /// Unit of a number, for readers.
    pub unit: Option<String>,
    /// Whether there is no score without it.
    pub required: bool,
    /// Smallest and largest number to expect; those outside are scored all the same.
    pub valid_range: Option<(f64, f64)>,
}

/// Type of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// A double.
    Number,
    /// A word, compared byte by byte.
    Text,
}

/// A weighted group of indicators.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Its name.
    pub name: String,
    /// Percent of the score: the sum of its indicators' weights.
    pub weight: f64,
    /// What kind of signal it holds.
    pub category: Option<Category>,
    /// Its own bands, lowest first.
    pub bands: Option<Vec<Band>>,
    /// What is due when its sub-score falls.
    pub on_decline: Vec<Action>,
    /// Its indicators.
    pub indicators: Vec<Indicator>,
}

/// The kind of signal that a component holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(
    missing_docs,
    reason = "the words speak for themselves and are explained at the domain type"
)]
pub enum Category {
    Declarative,
    Behavioral,
    Operational,
    Financial,
    Qualitative,
    Relationship,
}

/// One indicator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Its name, that of an input.
    pub name: String,
    /// Percent of the score.
    pub weight: f64,
    /// From its value to its sub-score, 0 to 100.
    pub normalisation: Normalisation,
    /// Which values are better, derived from the normalisation.
    pub direction: Direction,
    /// What a missing value does.
    pub missing: Missing,
    /// What names it as a driver; once per model.
    pub reason_code: String,
    /// The sub-score that contributions are measured against.
    pub reference_sub_score: f64,
    /// What is due when its sub-score falls.
    pub on_decline: Vec<Action>,
}

/// From an indicator's value to its sub-score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Normalisation {
    /// Points `[value, sub-score]`, linear between, clamped outside.
    Knots(Vec<(f64, f64)>),
    /// One sub-score per interval; an edge belongs to the interval on its right.
    Bins {
        /// Strictly increasing.
        edges: Vec<f64>,
        /// One more than edges.
        scores: Vec<f64>,
    },
    /// One sub-score per word; an unknown word is missing.
    Map(BTreeMap<String, f64>),
}

/// Which values of an indicator are better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words speak for themselves")]
pub enum Direction {
    HigherIsBetter,
    LowerIsBetter,
    Neither,
}

/// What a missing value does to the score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The others share its weight.
    Reweight,
    /// There is no score.
    Reject,
    /// It counts with this sub-score.
    SubScore(f64),
}

/// A named interval of the score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Its label.
    pub name: String,
    /// Lower edge, which belongs to it.
    pub from: f64,
    /// Colour to show.
    pub color: Option<String>,
    /// Grade to show.
    pub grade: Option<String>,
    /// What is due in it.
    pub actions: Vec<Action>,
}

/// Something that somebody does for an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// What to do.
    #[serde(rename = "do")]
    pub what: String,
    /// Role that does it.
    pub owner: Option<String>,
    /// Days after which it is overdue.
    pub within_days: Option<u32>,
}

/// How a trend is read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trend {
    /// Days back to the score to compare with; null is one snapshot step.
    pub window_days: Option<u32>,
    /// Points of change from which a trend is not stable.
    pub threshold: f64,
    /// Falls that cap the band.
    pub rules: Vec<TrendRule>,
}

/// A fall that caps the band.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrendRule {
    /// Points of fall from which it fires.
    pub fall: f64,
    /// Name of the best band that is left.
    pub at_best: String,
}

/// From score S to probability: `logit P(outcome) = intercept + slope * S`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// `logistic` or `isotonic`.
    pub method: CalibrationMethod,
    /// Log-odds at score 0; `logistic` alone has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intercept: Option<f64>,
    /// Change of the log-odds per point of the score; `logistic` alone has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slope: Option<f64>,
    /// Scores, ascending, each with its probability, straight lines between them, level beyond them;
    /// `isotonic` alone has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Vec<[f64; 2]>>,
    /// The outcome in words.
    pub outcome: String,
    /// Bad or good news.
    pub polarity: Polarity,
    /// Time between the snapshot and the label window (`14d`).
    pub lead_time: String,
    /// Length of the label window (`90d`).
    pub horizon: String,
    /// Share of the training rows with the outcome.
    pub base_rate: f64,
}

/// How a score becomes a probability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationMethod {
    /// Log-odds linear in the score.
    Logistic,
    /// Straight lines between points; a file with it requires the feature `isotonic_calibration`.
    Isotonic,
}

/// Whether an outcome is bad news or good news.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the words speak for themselves")]
pub enum Polarity {
    Adverse,
    Favourable,
}

/// What differs by segment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Segments {
    /// Name of the column that holds the segment.
    pub column: String,
    /// Reference sub-scores by level and indicator; other levels take those of the indicators.
    pub reference_sub_scores: BTreeMap<String, BTreeMap<String, f64>>,
}

/// Digests of the file: SHA-256 of canonical JSON (RFC 8785), 64 lower-case hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Digests {
    /// Of `model`: evidence that is added does not change it.
    pub model: String,
    /// Of everything but `digests`.
    pub document: String,
}
