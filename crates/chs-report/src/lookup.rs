//! Figures of a backtest by name.

use chs_backtest::backtest_json::v1::{Backtest, Comparison, Metric, Scorecard};

/// Name of the headline.
pub(crate) const WITHIN: &str = "auc_within_snapshot";
/// Name of the AUC over all rows at once.
pub(crate) const POOLED: &str = "auc_pooled";
/// Name of the share of rows with label 1.
pub(crate) const EVENT_RATE: &str = "event_rate";

/// The score that the verdict speaks of.
pub(crate) fn primary(backtest: &Backtest) -> Option<&Scorecard> {
    backtest.scorecards.first()
}

/// A figure over all rows.
pub(crate) fn overall<'a>(metrics: &'a [Metric], name: &str) -> Option<&'a Metric> {
    metrics.iter().find(|metric| metric.name == name && metric.slice.is_empty())
}

/// A figure of the rows where `key` is `level`.
pub(crate) fn of_slice<'a>(
    metrics: &'a [Metric],
    name: &str,
    (key, level): (&str, &str),
) -> Option<&'a Metric> {
    metrics.iter().find(|metric| {
        metric.name == name
            && metric.slice.len() == 1
            && metric.slice.get(key).is_some_and(|found| found == level)
    })
}

/// Days of the snapshots that a score has figures of, ascending.
pub(crate) fn snapshots(score: &Scorecard) -> Vec<&str> {
    let mut days: Vec<&str> = score
        .metrics
        .iter()
        .filter(|metric| metric.name == EVENT_RATE)
        .filter_map(|metric| metric.slice.get("snapshot").map(String::as_str))
        .collect();
    days.sort_unstable();
    days
}

/// A paired difference over all rows.
pub(crate) fn difference<'a>(
    backtest: &'a Backtest,
    a: &str,
    b: &str,
    name: &str,
) -> Option<&'a Comparison> {
    backtest.comparisons.iter().find(|comparison| {
        comparison.a == a
            && comparison.b == b
            && comparison.name == name
            && comparison.slice.is_empty()
    })
}
