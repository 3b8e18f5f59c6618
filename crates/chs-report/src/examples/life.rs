//! What a score said along the life of the accounts, for tests.

use chs_backtest::backtest_json::v1::{
    Anchored, AnchoredOffset, BandMove, Interventions, LargestAccount, Life, Metric, Migration,
    MigrationRow, Misses, Policy, Portfolio, PortfolioPart, PortfolioStep, Shipping, ValueWeighted,
    WarningClock, WarningPoint, WarningTime,
};

use super::{Slice, metric, slice};

fn share(name: &str, estimate: f64) -> Metric {
    metric(name, Slice::new(), estimate)
}

fn clock(name: &str) -> WarningClock {
    let point = |days: u32, warned: f64| WarningPoint {
        days,
        warned: share("share_warned", warned),
        random: share("share_warned_at_random", 0.1),
        gain: share("share_warned_beyond_random", warned - 0.1),
    };
    WarningClock {
        clock: name.to_owned(),
        curve: vec![point(1, 0.7), point(30, 0.5), point(90, 0.3)],
        mean_days: share("mean_warning_days", 48.0),
    }
}

fn part(segment: &str, name: &str, points: f64) -> PortfolioPart {
    PortfolioPart { segment: segment.to_owned(), name: name.to_owned(), accounts: 700, points }
}

fn step() -> PortfolioStep {
    PortfolioStep {
        from: "2024-01-31".into(),
        to: "2024-02-29".into(),
        mean_from: 61.0,
        mean_to: 59.5,
        change: Some(share("mean_score_change", -1.5)),
        parts: vec![part("", "stayed", -1.8), part("", "came", 0.1), part("", "went", 0.2)],
        segments: vec![part("plan", "pro", -1.8)],
        components: vec![part("", "activity", -1.8)],
        fell_share: Some(0.6),
        largest: Some(LargestAccount { change: -40.0, points: -0.06 }),
        by_value: Some(ValueWeighted {
            mean_from: 63.0,
            mean_to: 62.0,
            by_score: -1.2,
            by_value: 0.2,
        }),
    }
}

fn portfolio() -> Portfolio {
    let mean = |day: &str, value: f64| metric("mean_score", slice("snapshot", day), value);
    Portfolio {
        means: vec![mean("2024-01-31", 61.0), mean("2024-02-29", 59.5)],
        steps: vec![step()],
        whole: Some(step()),
        correlation: share("health_renewal_correlation", 0.4),
        forecast: vec![share("revenue_forecast_error", 0.011)],
    }
}

fn misses() -> Misses {
    Misses {
        healthy_band: "healthy".into(),
        alert_band: "at-risk".into(),
        false_green_share: share("false_green_share", 0.21),
        false_green_share_of_value: share("false_green_share_of_value", 0.3),
        healthy_share: share("healthy_share", 0.4),
        unread: 12,
        false_greens: 31,
        alerts_stayed: ["all", "yes", "no"]
            .map(|touched| metric("alerts_stayed", slice("touched", touched), 0.8))
            .into(),
    }
}

/// Every part with a figure.
pub(super) fn life() -> Life {
    let offset = |days: u32| AnchoredOffset {
        days,
        metrics: [
            ("mean_score_lost", 41.0),
            ("mean_score_kept", 66.0),
            ("mean_score_difference", -25.0),
            ("median_score_lost", 40.0),
            ("median_score_kept", 67.0),
            ("auc_within_snapshot", 0.77),
        ]
        .map(|(name, estimate)| share(name, estimate))
        .into(),
    };
    let policy = |name: &str| Policy {
        policy: name.to_owned(),
        fall: None,
        alerts: 310,
        metrics: [
            ("alerts_per_week", 3.1),
            ("precision", 0.3),
            ("recall", 0.6),
            ("mean_warning_days", 45.0),
            ("warned_30_days", 0.5),
            ("net_benefit", 0.011),
        ]
        .map(|(name, estimate)| share(name, estimate))
        .into(),
    };
    let row = |band: &str| MigrationRow {
        band: band.to_owned(),
        readings: 9_000,
        to: vec![share("migration_rate", 0.7), share("migration_rate", 0.2)],
        lost: share("migration_rate", 0.05),
        unread: share("migration_rate", 0.05),
    };
    let three = |name: &str| vec![share(name, 0.7), share(name, 0.72), share(name, 0.75)];
    Life {
        no_outcomes: None,
        no_bands: None,
        renewal_anchored: Some(Anchored {
            against: "stayed".into(),
            offsets: [180, 90, 60, 30].map(offset).into(),
        }),
        warning_time: Some(WarningTime {
            band: "at-risk".into(),
            consecutive: 2,
            clocks: vec![clock("outcome"), clock("notice")],
            burden: share("alerts_per_100_account_months", 4.2),
        }),
        misses: Some(misses()),
        alerts: ["level", "sustained", "drop", "level_or_drop"].map(policy).into(),
        migration: Some(Migration {
            rows: vec![row("at-risk"), row("healthy")],
            flap_rate: share("flap_rate", 0.3),
        }),
        interventions: Some(Interventions {
            indicator: "calls".into(),
            touched_share: share("touched_share", 0.5),
            alert_event_rates: three("alert_event_rate"),
            aucs: three("auc_within_snapshot"),
        }),
        portfolio: Some(portfolio()),
    }
}

/// Another score beside the first.
pub(super) fn shipping() -> Shipping {
    Shipping {
        from: "acme".into(),
        to: "vendor".into(),
        snapshot: "2024-02-29".into(),
        accounts: 900,
        value: Some(9_000_000.0),
        moves: vec![BandMove {
            from: "at-risk".into(),
            to: "healthy".into(),
            accounts: 80,
            value: Some(700_000.0),
        }],
        share_moved: share("share_moved", 0.2),
        event_rates: vec![
            share("event_rate", 0.1),
            share("event_rate", 0.03),
            share("event_rate", 0.06),
        ],
    }
}
