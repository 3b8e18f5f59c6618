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
