//! Version 1.0 of the evidence in a model file: provenance, validation, reference, model card.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The rows that a figure speaks of, column by column; empty for all.
pub type Slice = BTreeMap<String, String>;

/// Where a model comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// The program that wrote the file.
    pub tool: Tool,
    /// Where its weights come from.
    pub weights: WeightOrigin,
    /// Digest of the project file, SHA-256 in hexadecimal.
    pub project_digest: Option<String>,
    /// Digest of the scorecard that it started from.
    pub scorecard_digest: Option<String>,
    /// The data.
    pub data: Vec<DataFile>,
    /// Rows of the panel with a known label.
    pub rows: u64,
    /// Distinct accounts in them.
    pub accounts: u64,
    /// First and last snapshot in them.
    pub window: Option<Window>,
    /// The label.
    pub label: Label,
    /// Nothing known at the end of this day or later was read, YYYY-MM-DD.
    pub as_of: Option<String>,
    /// Seed of every random draw, in decimal digits.
    pub seed: Option<String>,
    /// `digests.model` of the model that it follows.
    pub parent_model_digest: Option<String>,
}

/// A program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Where weights come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WeightOrigin {
    /// From data.
    Learned,
    /// From whoever wrote the scorecard.
    Prior,
}

/// One file of the data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DataFile {
    /// Name of the source.
    pub name: String,
    /// SHA-256 of its bytes in hexadecimal.
    pub digest: String,
    /// Rows in it, where known.
    pub rows: Option<u64>,
}

/// A span of days, both included, YYYY-MM-DD.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// First day.
    pub from: String,
    /// Last day.
    pub to: String,
}

/// The label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// The outcome that it asks for, in words.
    pub outcome: String,
    /// Time between the snapshot and the label window.
    pub lead_time: String,
    /// Length of the label window.
    pub horizon: String,
    /// The day up to which outcomes are completely known, YYYY-MM-DD; null for a cross-section.
    pub follow_up_end: Option<String>,
}

/// What held-out data said about a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// How rows were held out, in words.
    pub design: String,
    /// Figures on rows that the model had not seen.
    pub metrics: Vec<Metric>,
    /// Paired differences on those rows.
    pub comparisons: Vec<Comparison>,
    /// What had to be shown.
    pub gates: Vec<Gate>,
}

/// A figure of a slice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Metric {
    /// Lower snake case.
    pub name: String,
    /// Rows it speaks of.
    pub slice: Slice,
    /// The figure; null with a reason.
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
    pub n: u64,
    /// Rows with the outcome.
    pub events: u64,
    /// Distinct accounts.
    pub accounts: u64,
    /// Accounts with at least one row with the outcome.
    pub event_accounts: u64,
    /// Why there is no figure or no interval, or what to know about it.
    pub reason: Option<String>,
}

/// A paired difference, `a` minus `b`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// One score.
    pub a: String,
    /// The other.
    pub b: String,
    /// The difference.
    pub metric: Metric,
    /// Two-sided p value, where the method has one.
    pub p_value: Option<f64>,
}

/// Something that held-out data had to show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Its name.
    pub name: String,
    /// What was asked, in words.
    pub policy: String,
    /// The figures that were tested (`lower`, `estimate`, ...).
    pub tested: BTreeMap<String, f64>,
    /// What they were held against (`above`, `at_least`, `at_most`, ...).
    pub thresholds: BTreeMap<String, f64>,
    /// The result.
    pub status: GateStatus,
}

/// Result of a gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum GateStatus {
    /// Shown.
    Pass,
    /// Not shown.
    Fail,
    /// Not asked for, by somebody's decision.
    Waived {
        /// Why.
        reason: String,
        /// The last day of the decision, YYYY-MM-DD.
        until: String,
    },
    /// The data cannot tell, which is not a pass.
    NotEvaluated {
        /// Why.
        reason: String,
    },
}

/// The distributions that drift is measured against.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Of the score.
    pub score: Distribution,
    /// Of each indicator.
    pub indicators: BTreeMap<String, Distribution>,
}

/// A frozen distribution.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Distribution {
    /// Values, missing ones included.
    pub n: u64,
    /// Share of missing ones; 0 where there is no value at all.
    pub missing_share: f64,
    /// Points `[share below, value]` of a number, both ascending; none with fewer than 10 values on
    /// either side.
    pub quantiles: Vec<(f64, f64)>,
    /// Share of each word among the values that are there; words of fewer than 10 values are left out.
    pub words: BTreeMap<String, f64>,
}

/// What a model is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ModelCard {
    /// Role that answers for it; no person's name or address.
    pub owner: String,
    /// What it is meant for.
    pub intended_use: String,
    /// What it is not meant for.
    pub out_of_scope: Vec<String>,
    /// What to know before relying on it.
    pub limitations: Vec<String>,
    /// How it is watched.
    pub monitoring_plan: String,
    /// The day by which it has to be looked at again, YYYY-MM-DD; null where nothing dates the data.
    pub review_due: Option<String>,
}
