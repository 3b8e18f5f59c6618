//! What the primary score is made of, as it is written.

use jiff::civil::Date;

use super::{comparison, metric};
use crate::backtest_json::v1;
use crate::{
    CalibrationLevel, Decision, DistributionShift, Drift, EdgeChoice, Metric, SameRate,
    Sensitivity, Signal, SignalGroup, Variant,
};

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
        p_value: found.p_value,
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

pub(super) fn drift(found: &Drift, level: f64) -> v1::Drift {
    let day = |day: Option<Date>| day.map(|day| day.to_string());
    let shift = |shift: &DistributionShift| v1::DistributionShift {
        subject: shift.subject.clone(),
        snapshot: shift.snapshot.to_string(),
        index: shift.index,
        critical_value: shift.critical_value,
        rule_of_thumb: shift.rule_of_thumb.to_owned(),
        beyond_chance: shift.beyond_chance,
        accounts_at_reference: shift.accounts[0],
        accounts: shift.accounts[1],
    };
    v1::Drift {
        reference: day(found.reference),
        indices: found.indices.iter().map(shift).collect(),
        decline: metrics(&found.decline, level),
        decayed_since: day(found.decayed_since),
        reason: found.reason.clone(),
    }
}

pub(super) fn decision(found: &Decision, level: f64) -> v1::Decision {
    let choice = |choice: &EdgeChoice| v1::EdgeChoice {
        ground: choice.ground.as_str().to_owned(),
        name: choice.name.clone(),
        metrics: metrics(&choice.metrics, level),
    };
    v1::Decision {
        curve: metrics(&found.curve, level),
        current_edge: found.current,
        edges: found.edges.iter().map(choice).collect(),
        reason: found.reason.clone(),
    }
}

pub(super) fn calibration_level(level: &CalibrationLevel) -> v1::CalibrationLevel {
    v1::CalibrationLevel {
        lowest: level.lowest,
        highest: level.highest,
        rate: level.rate,
        n: level.n,
        events: level.events,
    }
}

fn metrics(found: &[Metric], level: f64) -> Vec<v1::Metric> {
    found.iter().map(|own| metric(own, level)).collect()
}
