//! Version 1 of `fit.json`.
//!
//! The file is open: a reader passes over keys it does not know. An absent figure is null, never NaN. No
//! value of the user's data stands here but names of columns and bands. Figures of the evidence are
//! written as in `backtest.json`.

use std::collections::BTreeMap;

use chs_backtest::backtest_json::v1::{Band, Baseline, Comparison, Label, Metric};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Name of the format.
pub const NAME: &str = "chs-fit";
/// Version of the format.
pub const VERSION: u32 = 1;

/// A whole file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fit {
    /// What this file is.
    pub schema: Schema,
    /// `validated` or `refused`.
    pub outcome: String,
    /// Why there is no model; empty where there is one.
    pub reasons: Vec<Reason>,
    /// The scorecard that was fitted.
    pub scorecard: Scorecard,
    /// The label that was asked for.
    pub label: Label,
    /// How the fit was run.
    pub settings: Settings,
    /// The rows that taught.
    pub data: Data,
    /// One per indicator in declared order.
    pub weights: Vec<Weight>,
    /// Percent of the weight that the data moved away from the prior.
    pub moved: Option<f64>,
    /// How lambda was chosen; null for the prior's weights.
    pub selection: Option<Selection>,
    /// How near the continuous weights are to the optimum; null for the prior's weights.
    pub certificate: Option<Certificate>,
    /// Indicators left out for there should be fewer, in this order.
    #[serde(default)]
    pub removed: Vec<Removed>,
    /// What rounding did; null for the prior's weights.
    pub rounding: Option<Rounding>,
    /// From the score to the probability; null where nothing was learned.
    pub calibration: Option<Calibration>,
    /// Where bands end.
    pub bands: Bands,
    /// How it was shown that this holds.
    pub evidence: Evidence,
    /// What had to be shown.
    pub gates: Vec<Gate>,
    /// Whether the probability of the model that is fitted again still holds; null where it is a scorecard.
    #[serde(default)]
    pub recalibration: Option<Recalibration>,
    /// Whether indicators of change help beside those of level; null where there are none.
    #[serde(default)]
    pub trends: Option<Trends>,
    /// Whether segments need weights or edges of their own, per segment.
    #[serde(default)]
    pub segments: Vec<Segment>,
    /// Figures of the training rows corrected for optimism; null unless events are few.
    #[serde(default)]
    pub optimism: Option<Optimism>,
}

/// What a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Schema {
    /// `chs-fit`.
    pub name: String,
    /// Version of the format; a reader refuses a newer one.
    pub version: u32,
}

/// Why there is no model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// What cannot be learned (`no_signal`, `wrong_way`, `separated`, `one_outcome`, `negative_weights`,
    /// `too_many_indicators`, `no_probability`), or the name of a closed gate.
    pub code: String,
    /// One sentence.
    pub sentence: String,
}

/// A scorecard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Scorecard {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// How a fit was run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Settings {
    /// `learned` or `prior`.
    pub weights: String,
    /// `constrained` or `logistic`.
    pub estimator: String,
    /// Seed of every random draw.
    pub seed: u64,
    /// Bootstrap replicates per figure.
    pub replicates: usize,
    /// Account resamples of the weights.
    pub resamples: usize,
    /// Confidence level of the intervals.
    pub level: f64,
}

/// The rows that taught.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// Rows with label 0 or 1 and a score.
    pub rows: usize,
    /// Of those, rows with label 1.
    pub events: usize,
    /// Distinct accounts.
    pub accounts: usize,
    /// Accounts with at least one row of label 1.
    pub event_accounts: usize,
    /// Labelled rows without a score, left out.
    pub unscored: usize,
    /// Snapshots with such rows; 0 in a cross-section.
    pub snapshots: usize,
    /// The first of them; null in a cross-section.
    pub from: Option<String>,
    /// The last of them.
    pub to: Option<String>,
}

/// What a fit would do: the answer to `--dry-run`, in no file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// Name of the scorecard.
    pub scorecard: String,
    /// Name of the label.
    pub label: String,
    /// Its indicators.
    pub indicators: usize,
    /// The rows that would teach.
    pub data: Data,
    /// `walk_forward` or `account_folds`.
    pub scheme: String,
    /// Where everything would be learned again.
    pub folds: Vec<PlannedFold>,
    /// Constrained regressions to solve.
    pub fits: usize,
}

/// One fold of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedFold {
    /// The day whose knowledge it would have; null where accounts are split.
    pub origin: Option<String>,
    /// Rows that it would learn from.
    pub training_rows: usize,
    /// Accounts with an event among them.
    pub training_event_accounts: usize,
    /// Rows that it would be tested on.
    pub test_rows: usize,
}

/// One indicator's weight, in percent of the score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Weight {
    /// Name of its component.
    pub component: String,
    /// Its name.
    pub indicator: String,
    /// The prior's weight.
    pub prior: f64,
    /// The final one.
    pub fitted: Option<f64>,
    /// Before it was rounded.
    pub continuous: Option<f64>,
    /// Log odds per 100 points of its sub-score.
    pub coefficient: Option<f64>,
    /// Lower end of its range over account resamples: stability, not confidence.
    pub range_lower: Option<f64>,
    /// Upper end of that range.
    pub range_upper: Option<f64>,
    /// Why it moved, or did not, in words.
    #[serde(default)]
    pub why: String,
    /// What keeping the prior's weight would cost, in nats per held-out row; null where it hardly moved.
    #[serde(default)]
    pub keeping: Option<f64>,
    /// Lower bound of that.
    #[serde(default)]
    pub keeping_lower: Option<f64>,
    /// Upper bound of that.
    #[serde(default)]
    pub keeping_upper: Option<f64>,
    /// Without a pull to the prior.
    pub unpenalised: Option<f64>,
    /// Lower bound of that, where it is on no bound.
    pub unpenalised_lower: Option<f64>,
    /// Upper bound of that.
    pub unpenalised_upper: Option<f64>,
    /// Whether it never varied in training: its weight is the prior's.
    pub silent: bool,
}

/// An indicator that was left out for the scorecard to have as few as asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Removed {
    /// Its name.
    pub indicator: String,
    /// The objective that its loss cost, in nats.
    pub cost: f64,
}

/// How lambda was chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Selection {
    /// `walk_forward` or `account_folds`; null where lambda was given.
    pub scheme: Option<String>,
    /// Folds that were used.
    pub folds: usize,
    /// The lambda with the smallest held-out loss.
    pub best: f64,
    /// The lambda that was taken.
    pub chosen: f64,
    /// Resamples at that lambda in which the fit had no optimum.
    pub undefined_resamples: usize,
    /// From the largest lambda to the smallest.
    pub path: Vec<PathPoint>,
}

/// One strength of the pull to the prior.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PathPoint {
    /// The strength.
    pub lambda: f64,
    /// Mean held-out log loss, in nats.
    pub loss: Option<f64>,
    /// Standard error of that loss minus the smallest one, clustered by account.
    pub standard_error: Option<f64>,
    /// Weights, percent, unrounded, in declared order of the indicators.
    pub weights: Vec<f64>,
}

/// How near continuous weights are to the optimum of the convex problem.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Certificate {
    /// Optimality residual, 0 exactly at the optimum.
    pub residual: f64,
    /// Descent that the last step promised, in nats.
    pub promised: f64,
    /// Newton steps.
    pub steps: usize,
}

/// What rounding did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rounding {
    /// Weights are multiples of this many percent; null where six decimals are kept.
    pub steps: Option<u32>,
    /// Objective above that of the continuous optimum, in nats.
    pub cost: f64,
}

/// From the score to the probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Calibration {
    /// `logistic`: `logit P = intercept + slope * score`; `isotonic`: straight lines between points.
    #[serde(default = "logistic")]
    pub method: String,
    /// Log odds at a score of 0; null for `isotonic`.
    pub intercept: Option<f64>,
    /// Log odds per point; null for `isotonic`.
    pub slope: Option<f64>,
    /// Score and probability, ascending; empty for `logistic`.
    #[serde(default)]
    pub points: Vec<[f64; 2]>,
    /// Share of the training rows with label 1.
    pub base_rate: f64,
}

/// The method of files that do not name one.
fn logistic() -> String {
    "logistic".to_owned()
}

/// Where bands end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bands {
    /// `likelihood`, `capacity`, `cost`, `precision`, `ratio` or `prior`.
    pub rule: String,
    /// Smallest share of the rows in each band, for `likelihood`.
    pub minimum_share: Option<f64>,
    /// Most accounts in the lowest band at any snapshot, for `capacity`.
    pub capacity: Option<u32>,
    /// What a missed outcome costs in false alarms, for `cost`.
    #[serde(default)]
    pub miss_costs: Option<f64>,
    /// Smallest outcome rate of the alert band, 0 to 1, for `precision`.
    #[serde(default)]
    pub precision: Option<f64>,
    /// Smallest multiple of the rate of all in the alert band, for `ratio`.
    #[serde(default)]
    pub ratio: Option<f64>,
    /// Whether the rule found edges; where not, the prior's are kept.
    pub found: bool,
    /// Account resamples in which the rule found none.
    #[serde(default)]
    pub undefined_resamples: usize,
    /// Lowest first.
    pub edges: Vec<Edge>,
}

/// The lower edge of a band.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Edge {
    /// Name of the band.
    pub band: String,
    /// The prior's edge.
    pub prior: f64,
    /// The final one.
    pub fitted: Option<f64>,
    /// Lower end of its interval over account resamples; null where it is not learned.
    #[serde(default)]
    pub lower: Option<f64>,
    /// Upper end of that.
    #[serde(default)]
    pub upper: Option<f64>,
}

/// How it was shown that the fit holds, on rows that it had not seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// `walk_forward` or `account_folds`.
    pub scheme: String,
    /// The same in words.
    pub design: String,
    /// What was learned in each fold.
    pub folds: Vec<Fold>,
    /// Name of the fitted score in figures and comparisons.
    pub candidate: String,
    /// Its figures over all held-out rows.
    pub metrics: Vec<Metric>,
    /// Its bands.
    pub bands: Vec<Band>,
    /// Its paired differences from the prior, recorded scores and baselines.
    pub comparisons: Vec<Comparison>,
    /// Trivial rivals on its rows.
    pub baselines: Vec<Baseline>,
}

/// What was learned in a fold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fold {
    /// The day whose knowledge it had; null where accounts are split.
    pub origin: Option<String>,
    /// Rows that it learned from.
    pub training_rows: usize,
    /// Accounts with an event among them.
    pub training_event_accounts: usize,
    /// Rows that it was tested on.
    pub test_rows: usize,
    /// The lambda that was chosen.
    pub lambda: Option<f64>,
    /// What turned its scores into probabilities, `logistic` or `isotonic`.
    #[serde(default)]
    pub probability: Option<String>,
    /// Rounded weights, percent, in declared order of the indicators.
    pub weights: Vec<f64>,
    /// Why the prior's weights were kept.
    pub kept_prior: Option<String>,
}

/// A figure with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bounded {
    /// The figure.
    pub estimate: f64,
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

/// The least change of an older model's probability that newer rows do not speak against (closed testing,
/// account-clustered Wald tests at 0.05).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Recalibration {
    /// `none`, `intercept`, `intercept_and_slope` or `refit`; null where it cannot be told.
    pub decision: Option<String>,
    /// The same in words, or why it cannot be told.
    pub sentence: String,
    /// The last snapshot that taught the model.
    pub trained_to: Option<String>,
    /// Labelled rows after it.
    pub rows: usize,
    /// Accounts with an event among them.
    pub event_accounts: usize,
    /// P value of "the model holds".
    pub p_none: Option<f64>,
    /// P value of "a new intercept is enough".
    pub p_intercept: Option<f64>,
    /// P value of "a new intercept and slope are enough".
    pub p_intercept_and_slope: Option<f64>,
}

/// The fit with and without indicators of change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trends {
    /// The indicators of change.
    pub indicators: Vec<String>,
    /// Held-out log loss with them less that without, in nats per row; null where it cannot be told.
    pub difference: Option<Bounded>,
    /// What that says.
    pub sentence: String,
}

/// What the levels of a segment ask for; a model has one set of weights and edges for all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Segment {
    /// Its name.
    pub segment: String,
    /// Levels with enough accounts to be fitted alone.
    pub levels: Vec<String>,
    /// Levels that keep the shared weights for want of accounts.
    pub shared: usize,
    /// Held-out log loss with each level's own weights less that with the shared ones, in nats per row.
    pub own_weights: Option<Bounded>,
    /// The same with deviations drawn to the shared weights.
    pub shrunken_weights: Option<Bounded>,
    /// What that says.
    pub sentence: String,
    /// Weights per level where shrunken deviations are shown to lose less.
    pub weights: Vec<SegmentWeights>,
    /// Whether a score means the same rate in all levels, out of time: `yes`, `no` or `cannot_tell`.
    pub same_rate: String,
    /// The same in words.
    pub edge_sentence: String,
    /// Edges per level where it does not.
    pub edges: Vec<SegmentEdges>,
}

/// The weights that a level would have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SegmentWeights {
    /// Name of the level.
    pub level: String,
    /// Percent, unrounded, in declared order of the indicators.
    pub weights: Vec<f64>,
}

/// The edges that a level would have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SegmentEdges {
    /// Name of the level.
    pub level: String,
    /// Lower edges, lowest first.
    pub edges: Vec<SegmentEdge>,
}

/// The lower edge of a band in one level.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SegmentEdge {
    /// Where it lies.
    pub edge: f64,
    /// Lower end of its interval over account resamples; null for the lowest band's.
    pub lower: Option<f64>,
    /// Upper end of that.
    pub upper: Option<f64>,
}

/// Figures of the training rows, corrected by resampling for what fitting them flatters; choosing lambda,
/// rounding and edges are not repeated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Optimism {
    /// Within-snapshot AUC.
    pub auc: Corrected,
    /// Calibration slope.
    pub slope: Corrected,
    /// Resamples of the accounts.
    pub resamples: usize,
    /// Those in which the fit had no optimum.
    pub undefined_resamples: usize,
}

/// A figure corrected for optimism.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Corrected {
    /// On the rows that taught.
    pub apparent: f64,
    /// What of that is flattery: the mean over resamples for the AUC, the median for the slope.
    pub optimism: f64,
    /// The rest.
    pub estimate: f64,
    /// Lower end over resamples.
    pub lower: f64,
    /// Upper end over resamples.
    pub upper: f64,
}

/// Something that had to be shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gate {
    /// Its name.
    pub name: String,
    /// `pass`, `fail`, `waived` or `not_evaluated`.
    pub status: String,
    /// What was asked and found.
    pub sentence: String,
    /// The figures that were tested.
    pub tested: BTreeMap<String, f64>,
    /// What they were held against.
    pub thresholds: BTreeMap<String, f64>,
    /// Why it is passed over and until when; null where it is not.
    pub waiver: Option<Waiver>,
}

/// A gate that is passed over on somebody's word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Waiver {
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub until: String,
}

/// A text that is no `fit.json` of a version known here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// Not JSON, or a key is missing or of another type.
    #[error("line {line} column {column}: {message}; expected a fit.json that `chs fit` wrote")]
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
        "the file is `{NAME}` version {found}, this program reads up to version {VERSION}; update chs, or run `chs fit` again"
    )]
    Newer {
        /// Version of the file.
        found: u32,
    },
}

impl Fit {
    /// Folds of the evidence whose probability is another than the final one, where there are any: they had
    /// too few accounts with an event for an isotonic one.
    pub fn folds_of_another_probability(&self) -> Option<usize> {
        let method = &self.calibration.as_ref()?.method;
        let differs = |fold: &&Fold| fold.probability.as_ref().is_some_and(|own| own != method);
        let count = self.evidence.folds.iter().filter(differs).count();
        (count > 0).then_some(count)
    }

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

#[cfg(test)]
mod tests {
    use super::{Fit, ReadError};

    #[test]
    fn other_files_are_told_by_name() {
        let head = |name: &str, version: u32| {
            Fit::read(&format!(r#"{{"schema": {{"name": "{name}", "version": {version}}}}}"#))
        };
        assert!(matches!(head("chs-backtest", 1), Err(ReadError::Name { .. })));
        assert!(matches!(head("chs-fit", 2), Err(ReadError::Newer { found: 2 })));
        assert!(matches!(head("chs-fit", 1), Err(ReadError::Malformed { line: 1, .. })));
    }
}
