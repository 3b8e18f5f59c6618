//! What the primary score is made of, and what its result hangs on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Comparison, Metric};

/// The tear sheet of an indicator of the primary scorecard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Signal {
    /// Its name.
    pub indicator: String,
    /// The component that it belongs to.
    pub component: String,
    /// Percent of the score.
    pub weight: f64,
    /// Which way it points alone: `right`, `wrong` or `cannot_tell`.
    pub alone: String,
    /// Which way it points after the others.
    pub joint: String,
    /// Indicators whose sub-scores correlate with its own above 0.6, or below -0.6, with the whole interval.
    pub goes_with: Vec<String>,
    /// Rows by sub-score in up to ten groups, ascending.
    pub groups: Vec<SignalGroup>,
    /// `coverage`, `information_value`, `auc_within_snapshot` (of all rows, per `snapshot`, by `days_before`
    /// the outcome), `auc_change` from the earlier to the later half of the events, `sub_score_difference` by
    /// `days_before`, `joint_log_odds`, `effect_of_one_sd`, `auc_lost_when_dropped`, `correlation` by `with`.
    pub metrics: Vec<Metric>,
}

/// Rows of like sub-score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SignalGroup {
    /// Lowest sub-score of its rows.
    pub lowest: f64,
    /// Highest sub-score of its rows.
    pub highest: f64,
    /// Share of its rows with label 1.
    pub event_rate: Metric,
}

/// The levels of a segment at the same score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SameRate {
    /// The segment, or `tenure_class`, `value_class`.
    pub segment: String,
    /// Whether the same score means the same outcome rate in all levels: `yes`, `no`, `cannot_tell`.
    pub alike: String,
    /// Per level `rate_at_same_score` and `odds_ratio_at_same_score`.
    pub metrics: Vec<Metric>,
    /// P value of "the level says nothing once the score is known".
    pub p_value: Option<f64>,
    /// Why there are no figures.
    pub reason: Option<String>,
}

/// How much of the primary score's result hangs on what was decided about it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sensitivity {
    /// The primary scorecard, changed in one thing each.
    pub variants: Vec<Variant>,
    /// `event_rate`, `auc_within_snapshot` and `alert_band_event_rate` by `weight_observed`.
    pub by_weight_observed: Vec<Metric>,
    /// `auc_difference` of the rows with the most of the weight observed and those with the least.
    pub thin_rows: Option<Metric>,
    /// `effect_of_score_change`: by how much the outcome rate moves when the score rose by one standard
    /// deviation of its changes, at the same score.
    pub score_change: Option<Metric>,
}

/// The primary scorecard, changed in one thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Variant {
    /// `missing_policy`, `stale_as_missing`, `without_trends` or `without_leak_suspects`.
    pub kind: String,
    /// The change in words.
    pub name: String,
    /// The indicators that it touches.
    pub indicators: Vec<String>,
    /// `scored`, `auc_within_snapshot`, `alert_band_event_rate`.
    pub metrics: Vec<Metric>,
    /// The score as it is minus the variant, on rows that both have.
    pub differences: Vec<Comparison>,
    /// Why there is no such variant.
    pub reason: Option<String>,
}

/// How the primary score and its indicators move over the snapshots.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Drift {
    /// The snapshot that distributions are held against.
    pub reference: Option<String>,
    /// Of the score at each later snapshot, and of its indicators at the last one.
    pub indices: Vec<DistributionShift>,
    /// `auc_decline` from the earlier half of the events to each later `snapshot`, and to all of them.
    pub decline: Vec<Metric>,
    /// The first snapshot whose decline is surely above 0.
    pub decayed_since: Option<String>,
    /// Why there are no figures.
    pub reason: Option<String>,
}

/// A distribution at a snapshot beside that of the reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DistributionShift {
    /// The score, or an indicator.
    pub subject: String,
    /// The snapshot.
    pub snapshot: String,
    /// Population stability index, in nats.
    pub index: f64,
    /// What chance exceeds in one of twenty cases at a level of 95 %; an index has no interval of its own.
    pub critical_value: f64,
    /// `stable` below 0.1, `moving` below 0.25, else `moved`.
    pub rule_of_thumb: String,
    /// Whether the index is above the critical value.
    pub beyond_chance: bool,
    /// Accounts with a value at the reference.
    pub accounts_at_reference: usize,
    /// Accounts with a value at the snapshot.
    pub accounts: usize,
}

/// What acting on the primary score is worth, and where its edge would lie.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// `net_benefit`, `net_benefit_of_everybody` and `net_benefit_gain` by `threshold`, per row.
    pub curve: Vec<Metric>,
    /// The edge of the band that is acted on, as it is; null without bands.
    pub current_edge: Option<f64>,
    /// Where it would lie.
    pub edges: Vec<EdgeChoice>,
    /// Why there are no edges.
    pub reason: Option<String>,
}

/// Where the edge would lie on one ground.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EdgeChoice {
    /// `cost` or `capacity`.
    pub ground: String,
    /// The ground in words.
    pub name: String,
    /// `edge`, `alert_share`, and for a cost `net_benefit_gain` over the edge as it is.
    pub metrics: Vec<Metric>,
}

/// A level of the calibration curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CalibrationLevel {
    /// Lowest probability of its rows.
    pub lowest: f64,
    /// Highest probability of its rows.
    pub highest: f64,
    /// Share of its rows with label 1.
    pub rate: f64,
    /// Rows.
    pub n: u64,
    /// Rows with label 1.
    pub events: u64,
}
