//! Version 1 of `backtest.json`.
//!
//! The file is open: a reader passes over keys it does not know. An absent figure is null with a reason,
//! never NaN. No value of the user's data stands here but names of columns, bands and segment levels.

mod anatomy;
mod life;
mod scorecard;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use anatomy::{
    CalibrationLevel, Decision, DistributionShift, Drift, EdgeChoice, SameRate, Sensitivity,
    Signal, SignalGroup, Variant,
};
pub use life::{
    Anchored, AnchoredOffset, BandMove, Interventions, LargestAccount, Life, Migration,
    MigrationRow, Misses, Policy, Portfolio, PortfolioPart, PortfolioStep, Shipping, ValueWeighted,
    WarningClock, WarningPoint, WarningTime,
};
pub use scorecard::{Band, BandStep, Coverage, Metric, ReliabilityBin, ScoreBin, Scorecard};

/// Name of the format.
pub const NAME: &str = "chs-backtest";
/// Version of the format.
pub const VERSION: u32 = 1;

/// A whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Backtest {
    /// What this file is.
    pub schema: Schema,
    /// The answer.
    pub verdict: Verdict,
    /// The label that was asked for.
    pub label: Label,
    /// How intervals and random draws were made.
    pub settings: Settings,
    /// Rows of the panel by state of the label.
    pub row_states: RowStates,
    /// Whether the history carries an answer at all.
    pub sufficiency: Sufficiency,
    /// Coded conclusions.
    pub findings: Vec<Finding>,
    /// The scores under test; the first one is the primary.
    pub scorecards: Vec<Scorecard>,
    /// Paired differences, `a` minus `b`, on rows that both have.
    pub comparisons: Vec<Comparison>,
    /// Trivial rivals on the rows of the primary score.
    pub baselines: Vec<Baseline>,
    /// What each indicator of the primary scorecard says; empty for a score that was not computed here.
    #[serde(default)]
    pub signals: Vec<Signal>,
    /// Whether the same primary score means the same outcome rate everywhere, per segment and class.
    #[serde(default)]
    pub same_rates: Vec<SameRate>,
    /// How much of the primary score's result hangs on what was decided about it.
    #[serde(default)]
    pub sensitivity: Sensitivity,
    /// How the primary score and its indicators move over time.
    #[serde(default)]
    pub drift: Drift,
    /// What acting on the primary score is worth, and where its edge would lie.
    #[serde(default)]
    pub decision: Decision,
    /// What changes if another score takes the place of the primary one, one for each other score.
    #[serde(default)]
    pub shipping: Vec<Shipping>,
    /// The questions that a score has to answer, in the order in which they are asked.
    #[serde(default)]
    pub questions: Vec<Question>,
}

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Schema {
    /// `chs-backtest`.
    pub name: String,
    /// Version of the format; a reader refuses a newer one.
    pub version: u32,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// `works`, `weak`, `does_not_work`, `wrong_way` or `cannot_tell`.
    pub answer: String,
    /// The score that it speaks of.
    pub scorecard: String,
    /// One plain sentence with the figures.
    pub sentence: String,
}

/// The label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// The outcome in words.
    pub outcome: String,
    /// `adverse` or `favourable`.
    pub polarity: String,
    /// Time between the snapshot and the label window, such as `14d`; null in a cross-section.
    pub lead_time: Option<String>,
    /// Length of the label window, such as `90d`; null in a cross-section.
    pub horizon: Option<String>,
    /// The last day up to whose end outcomes are completely known; null in a cross-section.
    pub follow_up_end: Option<String>,
    /// Whether that day was declared rather than taken from the latest row.
    pub follow_up_declared: bool,
}

/// How intervals and random draws were made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Settings {
    /// Seed of every random draw.
    pub seed: u64,
    /// Bootstrap replicates per figure.
    pub replicates: usize,
    /// Confidence level of the intervals.
    pub level: f64,
}

/// Rows of the panel by state of the label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RowStates {
    /// Rows of the panel; the other counts add up to it.
    pub rows: usize,
    /// Label 1.
    pub positive: usize,
    /// Label 0.
    pub negative: usize,
    /// Follow-up ends before the window does, or a ready panel leaves the label empty.
    pub censored: usize,
    /// An outcome fell into the lead time, or had come unknown before the snapshot.
    pub excluded: usize,
    /// A competing outcome came first: label 0.
    pub competing: usize,
    /// The account was not at risk for this label.
    pub not_at_risk: usize,
}

/// Whether the history carries an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sufficiency {
    /// Rows with label 0 or 1.
    pub rows: usize,
    /// Rows with label 1.
    pub events: usize,
    /// Distinct accounts.
    pub accounts: usize,
    /// Accounts with at least one row of label 1.
    pub event_accounts: usize,
    /// Snapshots with at least one such row; 0 in a cross-section.
    pub snapshots: usize,
    /// Calendar months from the first to the last of those snapshots; 0 in a cross-section.
    pub months: u32,
    /// Indicators of the primary scorecard.
    pub indicators: usize,
    /// Accounts with events per indicator of the primary scorecard.
    pub event_accounts_per_indicator: Option<f64>,
    /// Smallest distance from 0.5 that an AUC would show with probability 0.8.
    pub detectable_auc_difference: Option<f64>,
    /// Floors in accounts with events.
    pub floors: Vec<Floor>,
    /// Counts per segment level.
    pub segments: Vec<Segment>,
}

/// A floor held against the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Floor {
    /// What it guards.
    pub name: String,
    /// Accounts with events that are needed.
    pub needed: usize,
    /// Accounts with events that were found.
    pub found: usize,
    /// Whether it is met.
    pub met: bool,
    /// What it is for.
    pub purpose: String,
}

/// What a segment level rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Segment {
    /// The segment and its level.
    pub slice: BTreeMap<String, String>,
    /// Rows with label 0 or 1.
    pub n: usize,
    /// Rows with label 1.
    pub events: usize,
    /// Distinct accounts.
    pub accounts: usize,
    /// Accounts with at least one row of label 1.
    pub event_accounts: usize,
    /// Whether an AUC is reported for it.
    pub sufficient: bool,
}

/// A coded conclusion.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Code, such as `CHS204`.
    pub code: String,
    /// Name of the code.
    pub name: String,
    /// Part of the result that it belongs to.
    pub section: String,
    /// `error`, `warning`, `note`, `passed` or `not_applicable`.
    pub level: String,
    /// What it is about.
    pub subject: String,
    /// One sentence with the figures.
    pub sentence: String,
    /// The figures that decided it.
    pub figures: BTreeMap<String, f64>,
}

/// A question with its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Question {
    /// Its number, from 1.
    pub number: usize,
    /// What is asked.
    pub question: String,
    /// `yes`, `no`, `figure` or `cannot_tell`.
    pub answer: String,
    /// The answer with its figures.
    pub sentence: String,
    /// Codes of the findings that it rests on.
    pub findings: Vec<String>,
    /// What would be needed where the answer is `cannot_tell`.
    pub needed: Option<String>,
}

/// A paired difference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// A score under test.
    pub a: String,
    /// Another one, or a baseline.
    pub b: String,
    /// Name of the metric that both sides were given.
    pub name: String,
    /// Rows it speaks of; empty for all.
    pub slice: BTreeMap<String, String>,
    /// The metric of `a` minus that of `b`.
    pub estimate: Option<f64>,
    /// Lower bound.
    pub lower: Option<f64>,
    /// Upper bound.
    pub upper: Option<f64>,
    /// Confidence level of the bounds.
    pub level: Option<f64>,
    /// How the bounds were made.
    pub method: Option<String>,
    /// Two-sided p value, where the method has one.
    pub p_value: Option<f64>,
    /// Rows that both sides have.
    pub n: usize,
    /// Rows with label 1.
    pub events: usize,
    /// Distinct accounts.
    pub accounts: usize,
    /// Accounts with at least one row of label 1.
    pub event_accounts: usize,
    /// Why there is no figure or no interval.
    pub reason: Option<String>,
}

/// A trivial rival of the primary score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Baseline {
    /// `base_rate`, `recency`, `tenure`, `equal_weights` or `shuffled_labels`.
    pub name: String,
    /// Indicator that it rests on.
    pub indicator: Option<String>,
    /// Its figures.
    pub metrics: Vec<Metric>,
    /// Why it could not be made.
    pub reason: Option<String>,
}

/// A text that is no `backtest.json` of a version known here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Not JSON, or a key is missing or of another type.
    #[error(
        "line {line} column {column}: {message}; expected a backtest.json that `chs backtest` wrote"
    )]
    Malformed {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// Another kind of file.
    #[error("the file is a `{found}`, expected a `{NAME}`")]
    Name {
        /// What it says it is.
        found: String,
    },
    /// Written by a newer program.
    #[error(
        "the file is `{NAME}` version {found}, this program reads up to version {VERSION}; update chs, or run `chs backtest` again"
    )]
    Newer {
        /// Version of the file.
        found: u32,
    },
}

impl Backtest {
    /// Read a file.
    ///
    /// # Errors
    ///
    /// [`ReadError`] where the text is not JSON, is another kind of file, or of a newer version.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        #[derive(Deserialize)]
        struct Head {
            schema: Schema,
        }
        let head: Head = serde_json::from_str(text).map_err(|error| malformed(&error))?;
        if head.schema.name != NAME {
            return Err(ReadError::Name { found: head.schema.name });
        }
        if head.schema.version > VERSION {
            return Err(ReadError::Newer { found: head.schema.version });
        }
        serde_json::from_str(text).map_err(|error| malformed(&error))
    }
}

fn malformed(error: &serde_json::Error) -> ReadError {
    ReadError::Malformed { line: error.line(), column: error.column(), message: error.to_string() }
}
