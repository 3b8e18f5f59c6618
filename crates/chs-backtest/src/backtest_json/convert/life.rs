//! The life of accounts, from the domain to the file.

use super::{metric, v1};
use crate::{
    Anchored, Interventions, Life, Migration, Misses, PolicyResult, Portfolio, PortfolioPart,
    PortfolioStep, Shipping, WarningClock, WarningTime,
};

pub(super) fn life(found: &Life, level: f64) -> v1::Life {
    v1::Life {
        no_outcomes: found.no_outcomes.clone(),
        no_bands: found.no_bands.clone(),
        renewal_anchored: found.renewal_anchored.as_ref().map(|own| anchored(own, level)),
        warning_time: found.warning_time.as_ref().map(|own| warning_time(own, level)),
        misses: found.misses.as_ref().map(|own| misses(own, level)),
        alerts: found.alerts.iter().map(|own| policy(own, level)).collect(),
        migration: found.migration.as_ref().map(|own| migration(own, level)),
        interventions: found.interventions.as_ref().map(|own| interventions(own, level)),
        portfolio: found.portfolio.as_ref().map(|own| portfolio(own, level)),
    }
}

fn metrics(found: &[crate::Metric], level: f64) -> Vec<v1::Metric> {
    found.iter().map(|own| metric(own, level)).collect()
}

fn anchored(found: &Anchored, level: f64) -> v1::Anchored {
    let offset = |own: &crate::AnchoredOffset| v1::AnchoredOffset {
        days: own.days,
        metrics: metrics(&own.metrics, level),
    };
    v1::Anchored {
        against: found.against.to_owned(),
        offsets: found.offsets.iter().map(offset).collect(),
    }
}

fn warning_time(found: &WarningTime, level: f64) -> v1::WarningTime {
    let point = |own: &crate::WarningPoint| v1::WarningPoint {
        days: own.days,
        warned: metric(&own.warned, level),
        random: metric(&own.random, level),
        gain: metric(&own.gain, level),
    };
    let clock = |own: &WarningClock| v1::WarningClock {
        clock: own.clock.to_owned(),
        curve: own.curve.iter().map(point).collect(),
        mean_days: metric(&own.mean_days, level),
    };
    v1::WarningTime {
        band: found.band.clone(),
        consecutive: found.consecutive,
        clocks: found.clocks.iter().map(clock).collect(),
        burden: metric(&found.burden, level),
    }
}

fn misses(found: &Misses, level: f64) -> v1::Misses {
    v1::Misses {
        healthy_band: found.healthy_band.clone(),
        alert_band: found.alert_band.clone(),
        false_green_share: metric(&found.false_green_share, level),
        false_green_share_of_value: metric(&found.false_green_share_of_value, level),
        healthy_share: metric(&found.healthy_share, level),
        unread: found.unread,
        false_greens: found.accounts.len(),
        alerts_stayed: metrics(&found.alerts_stayed, level),
    }
}

fn policy(found: &PolicyResult, level: f64) -> v1::Policy {
    v1::Policy {
        policy: found.policy.as_str().to_owned(),
        fall: found.fall,
        alerts: found.alerts,
        metrics: metrics(&found.metrics, level),
    }
}

fn migration(found: &Migration, level: f64) -> v1::Migration {
    let row = |own: &crate::MigrationRow| v1::MigrationRow {
        band: own.band.clone(),
        readings: own.readings,
        to: metrics(&own.to, level),
        lost: metric(&own.lost, level),
        unread: metric(&own.unread, level),
    };
    v1::Migration {
        rows: found.rows.iter().map(row).collect(),
        flap_rate: metric(&found.flap_rate, level),
    }
}

fn interventions(found: &Interventions, level: f64) -> v1::Interventions {
    v1::Interventions {
        indicator: found.indicator.clone(),
        touched_share: metric(&found.touched_share, level),
        alert_event_rates: metrics(&found.alert_event_rates, level),
        aucs: metrics(&found.aucs, level),
    }
}

fn portfolio(found: &Portfolio, level: f64) -> v1::Portfolio {
    v1::Portfolio {
        means: metrics(&found.means, level),
        steps: found.steps.iter().map(|own| step(own, level)).collect(),
        whole: found.whole.as_ref().map(|own| step(own, level)),
        correlation: metric(&found.correlation, level),
        forecast: metrics(&found.forecast, level),
    }
}

fn step(found: &PortfolioStep, level: f64) -> v1::PortfolioStep {
    let part = |own: &PortfolioPart| v1::PortfolioPart {
        segment: own.segment.clone(),
        name: own.name.clone(),
        accounts: own.accounts,
        points: own.points,
    };
    let parts = |own: &[PortfolioPart]| own.iter().map(part).collect();
    v1::PortfolioStep {
        from: found.from.to_string(),
        to: found.to.to_string(),
        mean_from: found.mean_from,
        mean_to: found.mean_to,
        change: found.change.as_ref().map(|own| metric(own, level)),
        parts: parts(&found.parts),
        segments: parts(&found.segments),
        components: parts(&found.components),
        fell_share: found.fell_share,
        largest: found
            .largest
            .as_ref()
            .map(|own| v1::LargestAccount { change: own.change, points: own.points }),
        by_value: found.by_value.as_ref().map(|own| v1::ValueWeighted {
            mean_from: own.mean_from,
            mean_to: own.mean_to,
            by_score: own.by_score,
            by_value: own.by_value,
        }),
    }
}

pub(super) fn shipping(found: &Shipping, level: f64) -> v1::Shipping {
    let band_move = |own: &crate::BandMove| v1::BandMove {
        from: own.from.clone(),
        to: own.to.clone(),
        accounts: own.accounts,
        value: own.value,
    };
    v1::Shipping {
        from: found.from.clone(),
        to: found.to.clone(),
        snapshot: found.snapshot.to_string(),
        accounts: found.accounts,
        value: found.value,
        moves: found.moves.iter().map(band_move).collect(),
        share_moved: metric(&found.share_moved, level),
        event_rates: metrics(&found.event_rates, level),
    }
}
