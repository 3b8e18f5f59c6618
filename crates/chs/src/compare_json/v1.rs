//! Version 1 of `compare.json`.
//!
//! The file is open: a reader passes over keys it does not know. Differences are `b` minus `a`: what
//! changes where `b` follows `a`. No value of the user's data stands here but names of columns and bands.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use chs_backtest::backtest_json::v1::{
    Comparison, Finding, Label, Metric, Schema, Settings, Sufficiency,
};

/// Name of the format.
pub const NAME: &str = "chs-compare";
/// Version of the format.
pub const VERSION: u32 = 1;

/// A whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Compare {
    /// What this file is.
    pub schema: Schema,
    /// The answer.
    pub verdict: Verdict,
    /// The label that was asked for.
    pub label: Label,
    /// How intervals and random draws were made.
    pub settings: Settings,
    /// Whether the history carries an answer at all.
    pub sufficiency: Sufficiency,
    /// The one there is.
    pub a: Side,
    /// The one that might follow it.
    pub b: Side,
    /// Paired differences on the rows that both score, as `backtest.json` writes them: the figure of the
    /// one that might follow minus that of the one there is.
    pub differences: Vec<Comparison>,
    /// Who changes band, at the last snapshot with known labels and at the last one.
    pub migrations: Vec<Migration>,
    /// Coded conclusions.
    pub findings: Vec<Finding>,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// `b_ranks_better`, `a_ranks_better`, `no_difference_shown` or `cannot_tell`.
    pub answer: String,
    /// One plain sentence with the figures.
    pub sentence: String,
}

/// One of the two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// Its name, made unlike the other's.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `scorecard` or `model`.
    pub kind: String,
    /// Sha256 of its file.
    pub sha256: String,
    /// `digests.model` of a model file; null for a scorecard.
    pub model_digest: Option<String>,
    /// Its figures over all labelled rows.
    pub metrics: Vec<Metric>,
}

/// Who changes band at a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Migration {
    /// `last_labelled` or `last`.
    pub at: String,
    /// The snapshot.
    pub snapshot: String,
    /// Accounts that both score.
    pub accounts: usize,
    /// Accounts that one of the two does not score.
    pub unscored: usize,
    /// Of the accounts that both score, those whose band has another name.
    pub moved: usize,
    /// Sum of the value of the accounts that both score, where the panel has values.
    pub value: Option<f64>,
    /// Of that, the value of those that move.
    pub moved_value: Option<f64>,
    /// One cell per pair of bands, empty ones included: bands of `a` from the lowest, within each those of
    /// `b`.
    pub cells: Vec<Cell>,
    /// Mean score by `a` of the accounts that both score.
    pub mean_a: Option<f64>,
    /// Mean score by `b` of those.
    pub mean_b: Option<f64>,
    /// What the change of the mean comes from, per component in the order of `a`, then those of `b` alone;
    /// the points sum to `mean_b` minus `mean_a`.
    pub components: Vec<Shift>,
    /// The same per indicator.
    pub indicators: Vec<Shift>,
}

/// Accounts in a band by `a` and one by `b`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Cell {
    /// Band by `a`.
    pub a: String,
    /// Band by `b`.
    pub b: String,
    /// Accounts.
    pub accounts: usize,
    /// Of those with a known label, those with label 1; null where no label is known.
    pub events: Option<usize>,
    /// Sum of their value, where the panel has values.
    pub value: Option<f64>,
}

/// Mean points that a component or an indicator adds to the score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Shift {
    /// Its name.
    pub name: String,
    /// Its weight in `a`, percent; null where `a` does not have it.
    pub weight_a: Option<f64>,
    /// Its weight in `b`, percent; null where `b` does not have it.
    pub weight_b: Option<f64>,
    /// Mean points in `a`.
    pub points_a: f64,
    /// Mean points in `b`.
    pub points_b: f64,
    /// Points in `b` minus those in `a`.
    pub change: f64,
}

impl Compare {
    /// Read a file.
    ///
    /// # Errors
    ///
    /// A lower-case fragment: not JSON, another kind of file, or of a newer version.
    pub fn read(text: &str) -> Result<Self, String> {
        crate::run_json::v1::read(text, NAME, VERSION)
    }

    /// The JSON Schema of the file (2020-12).
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(Self).to_value()
    }
}
