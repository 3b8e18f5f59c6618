//! The answers to further questions, from the domain to the file.

use chs_stats::Estimate;

use super::v1;
use crate::{Corrected, LevelEdges, LevelWeights, Optimism, Recalibration, SegmentFit, TrendTest};

pub(super) fn recalibration(own: &Recalibration) -> v1::Recalibration {
    let tested = own.tested.as_ref().ok();
    v1::Recalibration {
        decision: own.decision().map(str::to_owned),
        sentence: own.sentence(),
        trained_to: own.trained_to.map(|day| day.to_string()),
        rows: own.rows,
        event_accounts: own.event_accounts,
        p_none: tested.map(|own| own.keep.p_value),
        p_intercept: tested.map(|own| own.intercept.p_value),
        p_intercept_and_slope: tested.and_then(|own| own.slope).map(|own| own.p_value),
    }
}

pub(super) fn trends(own: &TrendTest) -> v1::Trends {
    v1::Trends {
        indicators: own.indicators.clone(),
        difference: own.difference.map(bounded),
        sentence: own.sentence(),
    }
}

pub(super) fn segment(own: &SegmentFit) -> v1::Segment {
    let weights = |own: &LevelWeights| v1::SegmentWeights {
        level: own.level.clone(),
        weights: own.weights.clone(),
    };
    v1::Segment {
        segment: own.segment.clone(),
        levels: own.levels.clone(),
        shared: own.shared,
        own_weights: own.own.map(bounded),
        shrunken_weights: own.shrunken.map(bounded),
        sentence: own.sentence(),
        weights: own.weights.iter().map(weights).collect(),
        same_rate: own.alike.as_str().to_owned(),
        edge_sentence: own.edge_sentence(),
        edges: own.edges.iter().map(level_edges).collect(),
    }
}

fn level_edges(own: &LevelEdges) -> v1::SegmentEdges {
    let edges = own.edges.iter().map(|(edge, interval)| v1::SegmentEdge {
        edge: *edge,
        lower: interval.map(|own| own.lower),
        upper: interval.map(|own| own.upper),
    });
    v1::SegmentEdges { level: own.level.clone(), edges: edges.collect() }
}

pub(super) fn optimism(own: &Optimism) -> v1::Optimism {
    v1::Optimism {
        auc: corrected(own.auc),
        slope: corrected(own.slope),
        resamples: own.resamples,
        undefined_resamples: own.undefined,
    }
}

fn corrected(own: Corrected) -> v1::Corrected {
    v1::Corrected {
        apparent: own.apparent,
        optimism: own.optimism,
        estimate: own.estimate,
        lower: own.interval.lower,
        upper: own.interval.upper,
    }
}

fn bounded(own: Estimate) -> v1::Bounded {
    v1::Bounded { estimate: own.estimate, lower: own.interval.lower, upper: own.interval.upper }
}
