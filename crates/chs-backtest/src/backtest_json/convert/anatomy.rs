//! What the primary score is made of, as it is written.

use super::{comparison, metric};
use crate::backtest_json::v1;
use crate::{Metric, SameRate, Sensitivity, Signal, SignalGroup, Variant};

pub(super) fn signal(found: &Signal, level: f64) -> v1::Signal {
    let group = |group: &SignalGroup| v1::SignalGroup {
        lowest: group.lowest,
        highest: group.highest,
        event_rate: metric(&group.event_rate, level),
    };
    v1::Signal {
        indicator: found.indicator.clone(),
        component: found.component.clone(),
        weight: found.weight,
        alone: found.alone.as_str().to_owned(),
        joint: found.joint.as_str().to_owned(),
        goes_with: found.goes_with.clone(),
        groups: found.groups.iter().map(group).collect(),
        metrics: metrics(&found.metrics, level),
    }
}

pub(super) fn same_rate(found: &SameRate, level: f64) -> v1::SameRate {
    v1::SameRate {
        segment: found.segment.clone(),
        alike: found.alike.as_str().to_owned(),
        metrics: metrics(&found.metrics, level),
        reason: found.reason.clone(),
    }
}

pub(super) fn sensitivity(found: &Sensitivity, level: f64) -> v1::Sensitivity {
    let optional = |found: &Option<Metric>| found.as_ref().map(|own| metric(own, level));
    v1::Sensitivity {
        variants: found.variants.iter().map(|own| variant(own, level)).collect(),
        by_weight_observed: metrics(&found.by_weight_observed, level),
        thin_rows: optional(&found.thin_rows),
        score_change: optional(&found.score_change),
    }
}

fn variant(found: &Variant, level: f64) -> v1::Variant {
    v1::Variant {
        kind: found.kind.as_str().to_owned(),
        name: found.name.clone(),
        indicators: found.indicators.clone(),
        metrics: metrics(&found.metrics, level),
        differences: found.differences.iter().map(|own| comparison(own, level)).collect(),
        reason: found.reason.clone(),
    }
}

fn metrics(found: &[Metric], level: f64) -> Vec<v1::Metric> {
    found.iter().map(|own| metric(own, level)).collect()
}
