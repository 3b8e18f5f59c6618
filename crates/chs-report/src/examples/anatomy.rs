//! What the primary score is made of, for tests.

use chs_backtest::backtest_json::v1::{
    CalibrationLevel, Decision, DistributionShift, Drift, EdgeChoice, SameRate, Sensitivity,
    Signal, SignalGroup, Variant,
};

use super::{Slice, comparison, metric, slice};

pub(super) fn calibration_level(number: f64) -> CalibrationLevel {
    CalibrationLevel {
        lowest: 0.04 * number,
        highest: 0.04 * number + 0.03,
        rate: 0.02 + 0.04 * number,
        n: 7_000,
        events: 420,
    }
}

pub(super) fn drift() -> Drift {
    let shift = |subject: &str, snapshot: &str, index: f64| DistributionShift {
        subject: subject.to_owned(),
        snapshot: snapshot.to_owned(),
        index,
        critical_value: 0.02,
        rule_of_thumb: if index > 0.1 { "moving" } else { "stable" }.to_owned(),
        beyond_chance: index > 0.02,
        accounts_at_reference: 1_200,
        accounts: 1_900,
    };
    Drift {
        reference: Some("2024-01-31".into()),
        indices: vec![
            shift("acme", "2024-02-29", 0.01),
            shift("acme", "2024-03-31", 0.03),
            shift("nps_last", "2024-03-31", 0.14),
        ],
        decline: vec![
            metric("auc_decline", slice("snapshot", "2024-03-31"), 0.01),
            metric("auc_decline", Slice::new(), 0.012),
        ],
        decayed_since: None,
        reason: None,
    }
}

pub(super) fn decision() -> Decision {
    let by_threshold = |threshold: &str| {
        ["net_benefit", "net_benefit_of_everybody", "net_benefit_gain"]
            .map(|name| metric(name, slice("threshold", threshold), 0.021))
    };
    let choice = |ground: &str, name: &str, kinds: &[&str]| EdgeChoice {
        ground: ground.to_owned(),
        name: name.to_owned(),
        metrics: kinds.iter().map(|kind| metric(kind, Slice::new(), 0.3)).collect(),
    };
    Decision {
        curve: ["5 %", "10 %"].into_iter().flat_map(by_threshold).collect(),
        current_edge: Some(40.0),
        edges: vec![
            choice(
                "cost",
                "9 needless alerts per needed one",
                &["edge", "alert_share", "net_benefit_gain"],
            ),
            choice("capacity", "room for 10 % of the accounts", &["edge", "alert_share"]),
        ],
        reason: None,
    }
}

/// An indicator that points the right way for a sign of 1.
pub(super) fn signal(name: &str, sign: f64) -> Signal {
    let all = Slice::new;
    let mut metrics = vec![
        metric("coverage", all(), 0.91),
        metric("auc_within_snapshot", all(), 0.5 + 0.12 * sign),
        metric("auc_change", all(), 0.01),
        metric("joint_log_odds", all(), -0.4 * sign),
        metric("effect_of_one_sd", all(), -0.021 * sign),
        metric("auc_lost_when_dropped", all(), 0.013 * sign),
        metric("correlation", slice("with", "other"), 0.7),
    ];
    for (days, area) in [("0 to 29", 0.72), ("30 to 59", 0.66)] {
        metrics.push(metric("auc_within_snapshot", slice("days_before", days), area));
        metrics.push(metric("sub_score_difference", slice("days_before", days), -8.5));
    }
    Signal {
        indicator: name.to_owned(),
        component: "activity".into(),
        weight: 50.0,
        alone: if sign > 0.0 { "right" } else { "wrong" }.to_owned(),
        joint: "cannot_tell".into(),
        goes_with: vec!["other".into()],
        groups: (0..3)
            .map(f64::from)
            .map(|group| SignalGroup {
                lowest: 30.0 * group,
                highest: 30.0 * group + 25.0,
                event_rate: metric("event_rate", slice("group", "1"), 0.12 - 0.03 * group),
            })
            .collect(),
        metrics,
    }
}

pub(super) fn same_rate(reason: Option<&str>) -> SameRate {
    let figures = ["basic", "pro"].into_iter().flat_map(|plan| {
        [
            metric("rate_at_same_score", slice("plan", plan), 0.06),
            metric("odds_ratio_at_same_score", slice("plan", plan), 1.1),
        ]
    });
    SameRate {
        segment: "plan".into(),
        alike: if reason.is_some() { "cannot_tell" } else { "yes" }.to_owned(),
        metrics: if reason.is_some() { Vec::new() } else { figures.collect() },
        p_value: reason.is_none().then_some(0.21),
        reason: reason.map(str::to_owned),
    }
}

pub(super) fn sensitivity() -> Sensitivity {
    let variant = |kind: &str, name: &str, reason: Option<&str>| Variant {
        kind: kind.to_owned(),
        name: name.to_owned(),
        indicators: vec!["nps_last".into()],
        metrics: ["scored", "auc_within_snapshot", "alert_band_event_rate"]
            .map(|name| metric(name, Slice::new(), 0.7))
            .into(),
        differences: vec![
            comparison(name, "auc_within_snapshot", 0.002),
            comparison(name, "alert_band_event_rate", 0.004),
        ],
        reason: reason.map(str::to_owned),
    };
    Sensitivity {
        variants: vec![
            variant("missing_policy", "missing = 50", None),
            variant("without_trends", "without trends", Some("no such indicator")),
        ],
        by_weight_observed: ["event_rate", "auc_within_snapshot", "alert_band_event_rate"]
            .map(|name| metric(name, slice("weight_observed", "all"), 0.6))
            .into(),
        thin_rows: Some(metric("auc_difference", slice("weight_observed", "under 50 %"), 0.03)),
        score_change: Some(metric("effect_of_score_change", Slice::new(), -0.004)),
    }
}
